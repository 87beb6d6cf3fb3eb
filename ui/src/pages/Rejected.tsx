/** Rejected rows of an import: each with its reason and as it came; taken out to be mended, or read otherwise, and imported again. */
import { Button, FileButton, Group, NativeSelect, Paper, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { download, Problem, query, useGet, type Job, type Rejected, type RejectedRow } from "../api";
import { useFormat } from "../format";
import { useSay } from "../i18n";
import { Head, Pages, Rows, Section } from "../parts/common";
import { FieldChoice } from "../parts/FieldChoice";
import { Icon } from "../parts/Icon";
import { Imported } from "../parts/imported";
import { begin, isOpen, JobCard, useWatched } from "../parts/jobs";
import { Answer, Message, Trouble } from "../parts/states";
import { send } from "../parts/upload";
import { useMay } from "../session";

export function RejectedRows({ load }: { load: number }) {
  const say = useSay();
  const format = useFormat();
  const seesPeople = useMay("personal");
  const mayWrite = useMay("write");
  const [params, setParams] = useSearchParams();
  const [offset, setOffset] = useState(0);
  const [limit, setLimit] = useState(25);
  const [problem, setProblem] = useState<Problem | null>(null);
  const reason = params.get("reason");
  const found = useGet<Rejected>(`/imports/${load}/rejected${query({ reason, offset, limit })}`, { keep: true });
  async function take() {
    setProblem(null);
    try {
      await download(`/imports/${load}/rejected/export`, {}, `rejected-${load}.csv`);
    } catch (error) {
      setProblem(error as Problem);
    }
  }
  return (
    <>
      <Head
        title={say("rejected.title")}
        about={found.data && say("rejected.of", { file: found.data.origin, n: load })}
        back={{ to: "/data", name: say("nav.data") }}
        action={seesPeople && found.data?.total ? <Button variant="default" leftSection={<Icon name="download" size={16} />} onClick={() => void take()}>{say("rejected.download")}</Button> : undefined}
      />
      <Trouble of={problem} />
      <Answer of={found} rows={8}>
        {(told) => (
          <>
            {told.replays.length > 0 && (
              <div className="note-plain">
                <Icon name="info" size={16} />
                <span>{told.replays.map((each) => say("rejected.replayed", { n: each.load_id, stored: format.count(each.stored), rejected: format.count(each.rejected) })).join(" ")}</span>
              </div>
            )}
            <Section
              title={say("rejected.rows")}
              action={
                Object.keys(told.reasons).length > 1 && (
                  <NativeSelect
                    size="sm"
                    aria-label={say("rejected.reason")}
                    value={reason ?? ""}
                    onChange={(event) => { const value = event.currentTarget.value; setOffset(0); setParams((now) => { if (value) now.set("reason", value); else now.delete("reason"); return now; }); }}
                    data={[{ value: "", label: say("rejected.reason.all") }, ...Object.entries(told.reasons).map(([code, each]) => ({ value: code, label: `${each.said} (${format.count(each.rows)})` }))]}
                  />
                )
              }
            >
              {!seesPeople && <Text size="sm" c="dimmed" mb="sm">{say("rejected.hidden")}</Text>}
              <Paper aria-busy={found.isPlaceholderData}>
                <Rows<RejectedRow>
                  caption={say("rejected.rows")}
                  rows={told.rows}
                  rowKey={(each) => each.row_number}
                  empty={<Message icon="check" title={say("rejected.none")} />}
                  columns={[
                    { key: "row", name: say("rejected.row"), cell: (each) => format.count(each.row_number) },
                    { key: "why", name: say("rejected.reason"), cell: (each) => <span>{each.said}{each.detail && <span className="row-about">{each.detail}</span>}</span> },
                    ...(seesPeople ? [{ key: "came", name: say("rejected.came"), cell: (each: RejectedRow) => <Came row={each} /> }] : []),
                  ]}
                />
              </Paper>
              <Pages total={told.total} offset={offset} limit={limit} onPage={setOffset} onLimit={(each) => { setLimit(each); setOffset(0); }} />
            </Section>
            {mayWrite && Object.keys(told.reasons).length > 0 && <Replay load={load} told={told} />}
          </>
        )}
      </Answer>
    </>
  );
}

function Came({ row }: { row: RejectedRow }) {
  const say = useSay();
  if (row.cells)
    return (
      <dl className="came">
        {Object.entries(row.cells).filter(([, cell]) => cell).map(([header, cell]) => <div key={header}><dt>{header}</dt><dd>{cell}</dd></div>)}
      </dl>
    );
  return row.raw ? <code className="breakable">{row.raw}</code> : <span className="dim">{say("rejected.gone")}</span>;
}

function Replay({ load, told }: { load: number; told: Rejected }) {
  const say = useSay();
  const format = useFormat();
  const [changes, setChanges] = useState<Record<string, string | null>>({});
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [job, setJob] = useState<Job | null>(null);
  const watched = useWatched(job?.id) ?? job;
  async function replay(file: File | null) {
    setBusy(true);
    setProblem(null);
    try {
      const kept = file ? await send(file, () => undefined) : null;
      setJob(await begin(`/imports/${load}/replay`, { fields: changes, upload: kept?.upload ?? null }));
    } catch (error) {
      setProblem(error as Problem);
    }
    setBusy(false);
  }
  if (watched) {
    const left = typeof watched.result?.left_out === "number" ? watched.result.left_out : 0;
    return (
      <Section title={say("rejected.again")} action={!isOpen(watched) && <Button variant="default" size="sm" onClick={() => { setJob(null); setChanges({}); }}>{say("rejected.once_more")}</Button>}>
        <Paper p="md" className="card">
          <Stack>
            <JobCard job={watched} />
            {watched.state === "done" && watched.result && <Imported result={watched.result} />}
            {left > 0 && <div className="note"><Icon name="warn" size={16} /> <span>{say("rejected.left_out", { n: format.count(left) })}</span></div>}
          </Stack>
        </Paper>
      </Section>
    );
  }
  const field = (header: string, before: string | null) => (header in changes ? (changes[header] ?? null) : before);
  return (
    <Section title={say("rejected.again")} about={say("rejected.again.about")}>
      <Paper p="md" className="card">
        <Stack>
          <Rows
            caption={say("import.columns")}
            rows={told.columns}
            rowKey={(each) => each.header}
            columns={[
              { key: "header", name: say("import.column"), cell: (each) => each.header },
              {
                key: "field",
                name: say("import.read_as"),
                cell: (each) => <FieldChoice column={each.header} field={field(each.header, each.field)} fields={[...(each.field ? [each.field] : []), ...told.fields]} choose={(chosen) => setChanges((now) => ({ ...now, [each.header]: chosen }))} />,
              },
            ]}
          />
          <Trouble of={problem} />
          <Group justify="flex-end">
            <FileButton onChange={(file) => file && void replay(file)} accept=".csv,.tsv,.txt,.xlsx,.xls,.ods" inputProps={{ "aria-label": say("rejected.mended") }}>
              {(props) => <Button variant="default" loading={busy} {...props}>{say("rejected.mended")}</Button>}
            </FileButton>
            <Button loading={busy} onClick={() => void replay(null)}>{say("rejected.go")}</Button>
          </Group>
        </Stack>
      </Paper>
    </Section>
  );
}
