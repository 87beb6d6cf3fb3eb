/** Catalogue: segments ready to use, what each is for, added with one click. */
import { Button, NativeSelect, Paper, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { ask, Problem, queries, useGet, type Entry } from "../api";
import { useNamed, useSay } from "../i18n";
import { Head, Section } from "../parts/common";
import { Icon } from "../parts/Icon";
import { begin } from "../parts/jobs";
import { Answer, Message, Trouble } from "../parts/states";
import { useMay } from "../session";

const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export default function Catalog() {
  const say = useSay();
  const named = useNamed();
  const [params, setParams] = useSearchParams();
  const entries = useGet<Entry[]>("/catalog");
  const q = params.get("q") ?? "";
  const family = params.get("family") ?? "";
  const set = (name: string, value: string) => setParams((now) => { value ? now.set(name, value) : now.delete(name); return now; }, { replace: true });
  return (
    <>
      <Head title={say("nav.catalog")} about={say("catalog.about")} />
      <Answer of={entries} rows={8}>
        {(told) => {
          const families = [...new Set(told.map((each) => each.family))];
          const shown = told.filter((each) => (!family || each.family === family) && plain(`${each.name} ${each.description} ${each.objective} ${each.slug}`).includes(plain(q)));
          return (
            <>
              <div className="filters">
                <TextInput type="search" leftSection={<Icon name="search" size={16} />} aria-label={say("catalog.search")} placeholder={say("catalog.search")} value={q} onChange={(event) => set("q", event.currentTarget.value)} />
                <NativeSelect aria-label={say("catalog.family")} value={family} onChange={(event) => set("family", event.currentTarget.value)} data={[{ value: "", label: say("catalog.all") }, ...families.map((value) => ({ value, label: named("family", value) }))]} />
              </div>
              {!shown.length && <Message icon="search" title={say("segments.none_found", { q })} action={<Button variant="default" onClick={() => setParams({})}>{say("segments.show_all")}</Button>} />}
              {families.filter((each) => shown.some((entry) => entry.family === each)).map((each) => (
                <Section key={each} title={named("family", each)}>
                  <ul className="cards">{shown.filter((entry) => entry.family === each).map((entry) => <Card key={entry.slug} entry={entry} />)}</ul>
                </Section>
              ))}
            </>
          );
        }}
      </Answer>
    </>
  );
}

function Card({ entry }: { entry: Entry }) {
  const say = useSay();
  const mayWrite = useMay("write");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function add() {
    setBusy(true);
    setProblem(null);
    try {
      await ask<string[]>(`/catalog/${entry.slug}`, { body: {} });
      await begin("/jobs", { kind: "refresh" }).catch(() => undefined);
      await queries.invalidateQueries({ predicate: (each) => /^\/(segments|rules\/names|catalog)/.test(String(each.queryKey[0])) });
    } catch (error) {
      setProblem(error as Problem);
    }
    setBusy(false);
  }
  return (
    <li>
      <Paper p="md" className="entry">
        <h3>{entry.name}</h3>
        <p>{entry.description}</p>
        <p className="objective"><strong>{say("catalog.for")}</strong> {entry.objective}</p>
        <details className="more">
          <summary>{say("catalog.more")}<span className="unseen"> {entry.name}</span></summary>
          <ul className="plain small">{entry.actions.map((action) => <li key={action.words}><strong>{action.channels.map((each) => say(`channel.${each}` as "channel.email")).join(", ")}:</strong> {action.words}</li>)}</ul>
          {entry.warning && <p className="small dim">{entry.warning}</p>}
        </details>
        <div className="entry-foot">
          {entry.is_added ? (
            <Link to={`/segments/${entry.slug}`}><Icon name="check" size={14} /> {say("catalog.added")}</Link>
          ) : !entry.is_possible ? (
            <span className="dim small">{say("catalog.missing", { what: entry.missing.join(", ") })}</span>
          ) : mayWrite ? (
            <Button size="compact-md" variant="light" loading={busy} onClick={() => void add()} aria-label={say("catalog.add.of", { name: entry.name })}>{say("catalog.add")}</Button>
          ) : null}
        </div>
        <Trouble of={problem} />
      </Paper>
    </li>
  );
}
