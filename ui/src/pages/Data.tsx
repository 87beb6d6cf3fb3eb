/** Data: what came in and how; import by drag and drop with the mapping shown and corrected; work in the background. */
import { Button, FileButton, Group as Row, NativeSelect, Paper, Progress, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useEffect, useState, type DragEvent } from "react";
import { Link, useSearchParams } from "react-router";
import { ask, Problem, queries, useGet, type Job, type Load, type Proposal } from "../api";
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { Head, Rows, Section } from "../parts/common";
import { Confirm } from "../parts/Confirm";
import { FieldChoice } from "../parts/FieldChoice";
import { Icon } from "../parts/Icon";
import { begin, isOpen, JobCard, RefreshButton, useJobs, useWatched } from "../parts/jobs";
import { Answer, Message, Trouble } from "../parts/states";
import { Imported } from "../parts/imported";
import { send } from "../parts/upload";
import { useMay } from "../session";
import { RejectedRows } from "./Rejected";

const KINDS = ["contacts", "orders", "order-lines", "products", "consents", "email-events", "events"] as const;
type Kind = (typeof KINDS)[number];

export default function Data() {
  const say = useSay();
  const mayWrite = useMay("write");
  const [params] = useSearchParams();
  const rejected = Number(params.get("rejected"));
  if (rejected) return <RejectedRows load={rejected} key={rejected} />;
  return (
    <>
      <Head title={say("nav.data")} about={say("data.about")} action={<RefreshButton />} />
      {mayWrite && <Import />}
      <Jobs />
      <Sources />
      <Loads />
    </>
  );
}

/** Which kind of file a name, or its headers, speaks of: a first guess that can be changed. */
function guess(name: string): Kind {
  const told = name.toLowerCase();
  if (/line|linea|detalle|items/.test(told)) return "order-lines";
  if (/order|pedido|venta|sale/.test(told)) return "orders";
  if (/product|catalog|articulo/.test(told)) return "products";
  if (/consent|permis|suscri|subscri/.test(told)) return "consents";
  if (/mail.*event|event.*mail|campa/.test(told)) return "email-events";
  if (/event|web|survey|encuesta/.test(told)) return "events";
  return "contacts";
}

function Import() {
  const say = useSay();
  const format = useFormat();
  const [over, setOver] = useState(false);
  const [share, setShare] = useState<number | null>(null);
  const [file, setFile] = useState<{ upload: string; name: string } | null>(null);
  const [kind, setKind] = useState<Kind>("contacts");
  const [source, setSource] = useState("");
  const [changes, setChanges] = useState<Record<string, string | null>>({});
  const [proposal, setProposal] = useState<Proposal | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [job, setJob] = useState<Job | null>(null);
  const watched = useWatched(job?.id) ?? job;

  async function take(chosen: File | null | undefined) {
    if (!chosen) return;
    setProblem(null);
    setProposal(null);
    setJob(null);
    setChanges({});
    setShare(0);
    try {
      const kept = await send(chosen, setShare);
      setKind(guess(chosen.name));
      setFile(kept);
    } catch (error) {
      setProblem(error as Problem);
    }
    setShare(null);
  }
  useEffect(() => {
    if (!file) return;
    const stop = new AbortController();
    ask<Proposal>("/imports/propose", { body: { upload: file.upload, kind, fields: changes }, signal: stop.signal }).then(
      (told) => {
        setProblem(null);
        setProposal(told);
      },
      (error: unknown) => error instanceof Problem && setProblem(error),
    );
    return () => stop.abort();
  }, [file, kind, changes]);
  async function start() {
    if (!file) return;
    setProblem(null);
    try {
      setJob(await begin("/imports", { upload: file.upload, kind, fields: changes, source: source.trim() || null }));
    } catch (error) {
      setProblem(error as Problem);
    }
  }
  function reset() {
    setFile(null);
    setProposal(null);
    setProblem(null);
    setJob(null);
  }
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  if (!file)
    return (
      <Section title={say("import.title")}>
        <div className={`drop${over ? " drop-over" : ""}`} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
          <Icon name="data" size={28} />
          <Text fw={600}>{say("import.drop")}</Text>
          <Text size="sm" c="dimmed">{say("import.forms")}</Text>
          {share === null ? (
            <FileButton onChange={(chosen) => void take(chosen)} accept=".csv,.tsv,.txt,.xlsx,.xls,.ods,.json,.jsonl,.ndjson,.parquet,.gz,.zip" inputProps={{ "aria-label": say("import.choose") }}>
              {(props) => <Button mt="xs" {...props}>{say("import.choose")}</Button>}
            </FileButton>
          ) : (
            <Progress value={share * 100} w={240} aria-label={say("import.uploading")} />
          )}
        </div>
        <Trouble of={problem} />
      </Section>
    );
  const isDone = watched && !isOpen(watched);
  return (
    <Section title={say("import.of", { file: file.name })} action={<Button variant="default" size="sm" onClick={reset}>{say(watched ? "import.another" : "cancel")}</Button>}>
      <Paper p="md" className="card">
        {watched ? (
          <Stack>
            <JobCard job={watched} />
            {isDone && watched.state === "done" && watched.result && <Imported result={watched.result} />}
          </Stack>
        ) : (
          <Stack>
            <div className="pair">
              <NativeSelect label={say("import.kind")} value={kind} onChange={(event) => { setKind(event.currentTarget.value as Kind); setChanges({}); }} data={KINDS.map((value) => ({ value, label: say(`kind.${value}`) }))} />
              <TextInput label={say("import.source")} description={say("import.source.about")} value={source} onChange={(event) => setSource(event.currentTarget.value)} maxLength={60} />
            </div>
            {proposal && (
              <>
                <div>
                  <h3>{say("import.columns")}</h3>
                  <Text size="sm" c="dimmed">{say(proposal.is_saved ? "import.columns.saved" : "import.columns.about")}</Text>
                </div>
                <Rows
                  caption={say("import.columns")}
                  rows={proposal.columns}
                  rowKey={(each) => each.header}
                  columns={[
                    { key: "header", name: say("import.column"), cell: (each) => each.header },
                    {
                      key: "field",
                      name: say("import.read_as"),
                      cell: (each) => <FieldChoice column={each.header} field={each.field} fields={proposal.fields} choose={(field) => setChanges((now) => ({ ...now, [each.header]: field }))} />,
                    },
                    { key: "samples", name: say("import.samples"), cell: (each) => <span className="samples">{each.samples.length ? each.samples.slice(0, 3).join(" · ") : "–"}</span> },
                  ]}
                />
                {proposal.notes.length > 0 && (
                  <details className="more">
                    <summary>{say("import.notes", { n: format.count(proposal.notes.length) })}</summary>
                    <ul className="plain small">{proposal.notes.map((note) => <li key={note}>{note}</li>)}</ul>
                  </details>
                )}
              </>
            )}
            <Trouble of={problem} />
            <Row justify="flex-end">
              <Button onClick={() => void start()} disabled={!proposal}>{say("import.go")}</Button>
            </Row>
          </Stack>
        )}
      </Paper>
    </Section>
  );
}

function Jobs() {
  const say = useSay();
  const jobs = useJobs();
  const [all, setAll] = useState(false);
  if (!jobs.data?.length) return jobs.error ? <Trouble of={jobs.error} /> : null;
  const shown = all ? jobs.data : jobs.data.slice(0, 4);
  return (
    <Section title={say("jobs.title")} action={jobs.data.length > 4 && <UnstyledButton className="textual" aria-expanded={all} onClick={() => setAll(!all)}>{say(all ? "worth.fewer" : "jobs.all", { n: jobs.data.length })}</UnstyledButton>}>
      <Paper className="jobs">{shown.map((job) => <JobCard key={job.id} job={job} />)}</Paper>
    </Section>
  );
}

/** Where things come from, and how fresh they are. */
function Sources() {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  const loads = useGet<Load[]>("/imports");
  const standing = (loads.data ?? []).filter((each) => !each.is_undone);
  if (!standing.length) return null;
  const sources = [...Map.groupBy(standing, (each) => each.source)].map(([source, own]) => ({ source, kinds: [...new Set(own.map((each) => each.kind))], stored: own.reduce((sum, each) => sum + each.stored, 0), newest: own.map((each) => each.received_at).sort().at(-1) ?? "" }));
  return (
    <Section title={say("sources")} about={say("sources.about")}>
      <Paper>
        <Rows
          caption={say("sources")}
          rows={sources}
          rowKey={(each) => each.source}
          columns={[
            { key: "source", name: say("sources.source"), cell: (each) => named("source", each.source) },
            { key: "kinds", name: say("import.kind"), cell: (each) => format.rows(each.kinds.map((kind) => say(`kind.${kind}` as "kind.contacts"))) },
            { key: "newest", name: say("sources.newest"), cell: (each) => format.dateTime(each.newest) },
            { key: "stored", name: say("load.stored"), isNumber: true, cell: (each) => format.count(each.stored) },
          ]}
        />
      </Paper>
    </Section>
  );
}

function Loads() {
  const say = useSay();
  const format = useFormat();
  const mayWrite = useMay("write");
  const loads = useGet<Load[]>("/imports");
  async function undo(load: Load) {
    await begin(`/imports/${load.load_id}/undo`, {});
    await queries.invalidateQueries({ queryKey: ["/imports"] });
  }
  return (
    <Section title={say("loads.title")} about={say("loads.about")}>
      <Answer of={loads} rows={6}>
        {(told) => (
          <Paper>
            <Rows<Load>
              caption={say("loads.title")}
              rows={told}
              rowKey={(each) => each.load_id}
              empty={<Message icon="data" title={say("loads.empty")}>{say("home.empty.hint")}</Message>}
              columns={[
                { key: "origin", name: say("loads.file"), cell: (each) => <span className={each.is_undone ? "undone" : undefined}><span className="breakable">{each.origin}</span><span className="row-about">{say(`kind.${each.kind}` as "kind.contacts")} · {each.source}</span></span> },
                { key: "when", name: say("history.when"), cell: (each) => format.dateTime(each.received_at) },
                { key: "stored", name: say("load.stored"), isNumber: true, cell: (each) => format.count(each.stored) },
                { key: "duplicate", name: say("load.duplicate"), isNumber: true, hideBelow: "sm", cell: (each) => format.count(each.duplicate) },
                { key: "rejected", name: say("load.rejected"), isNumber: true, cell: (each) => (each.rejected ? <div>{each.is_undone ? <span className="bad">{format.count(each.rejected)}</span> : <Link className="bad" to={`/data?rejected=${each.load_id}`} aria-label={say("rejected.see", { n: format.count(each.rejected), file: each.origin })}>{format.count(each.rejected)}</Link>}{Object.entries(each.reasons).map(([reason, rows]) => <span className="row-about" key={reason}>{format.count(rows)} · {each.reasons_said[reason]}</span>)}</div> : "0") },
                ...(mayWrite ? [{ key: "undo", name: say("loads.undo"), isAction: true, isNumber: true, cell: (each: Load) => (each.is_undone ? <span className="dim">{say("loads.undone")}</span> : <Confirm title={say("loads.undo.of", { file: each.origin })} about={say("loads.undo.about")} go={say("loads.undo")} label={say("loads.undo.of", { file: each.origin })} act={() => undo(each)}>{say("loads.undo")}</Confirm>) }] : []),
              ]}
            />
          </Paper>
        )}
      </Answer>
    </Section>
  );
}
