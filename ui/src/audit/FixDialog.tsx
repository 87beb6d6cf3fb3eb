/** A fix: what there is to choose, exactly what it would do, then done, then taken back. */
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import { Link } from "react-router";
import { ask, Problem, queries } from "../api";
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { Rows } from "../parts/common";
import { Loading, Trouble } from "../parts/states";
import { useMay } from "../session";
import type { Change, Finding, KeptFix, Preview } from "./told";

type Choice = { words: Record<string, string>; above: string; tag: string };

/** Which of its choices a fix takes: the API ignores the others. */
const takes = (finding: Finding) => ({
  words: finding.fix === "normalise" && finding.check !== "region_variants",
  above: finding.check === "duplicates_probable",
  tag: finding.fix === "tag" || finding.fix === "ask_permission",
});

function told(choice: Choice) {
  const words = Object.fromEntries(Object.entries(choice.words).filter(([value, meant]) => value.trim() && meant.trim()));
  const above = Number(choice.above.replace(",", "."));
  return { words, tag: choice.tag.trim(), ...(choice.above.trim() && !Number.isNaN(above) ? { above: above / 100 } : {}) };
}

export const everything = { predicate: (each: { queryKey: readonly unknown[] }) => each.queryKey[0] !== "/session" };

export function FixDialog({ finding, close }: { finding: Finding | null; close: () => void }) {
  const say = useSay();
  return (
    <Modal opened={finding !== null} onClose={close} size="xl" title={finding && say("audit.fix.of", { name: finding.name })} closeButtonProps={{ "aria-label": say("close") }}>
      {finding && <Fix key={finding.check} finding={finding} close={close} />}
    </Modal>
  );
}

function Fix({ finding, close }: { finding: Finding; close: () => void }) {
  const say = useSay();
  const named = useNamed();
  const format = useFormat();
  const mayWrite = useMay("write");
  const [choice, setChoice] = useState<Choice>({ words: {}, above: "", tag: "" });
  const [note, setNote] = useState("");
  const [looked, setLooked] = useState<{ preview: Preview; choice: string } | null>(null);
  const [kept, setKept] = useState<KeptFix | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = JSON.stringify(told(choice));
  const needsWords = takes(finding).words && !Object.keys(told(choice).words).length;
  const run = useCallback(async (what: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await what();
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
    }
    setBusy(false);
  }, []);
  const look = useCallback((body: string, signal?: AbortSignal) => run(async () => setLooked({ preview: await ask<Preview>(`/audit/fixes/${finding.check}/preview`, { body: JSON.parse(body) as unknown, signal }), choice: body })), [finding.check, run]);
  useEffect(() => {
    if (takes(finding).words) return;
    const stop = new AbortController();
    void look(JSON.stringify(told({ words: {}, above: "", tag: "" })), stop.signal);
    return () => stop.abort();
  }, [finding, look]);
  const apply = () =>
    run(async () => {
      setKept(await ask<KeptFix>(`/audit/fixes/${finding.check}`, { body: { ...told(choice), note: note.trim() } }));
      void queries.invalidateQueries(everything);
    });
  const undo = () =>
    run(async () => {
      setKept(await ask<KeptFix>(`/audit/fixes/${kept?.number}/undo`, { method: "POST" }));
      void queries.invalidateQueries(everything);
    });
  const preview = looked?.preview;
  const isCurrent = looked?.choice === asked;
  if (kept)
    return (
      <Stack>
        <Text fw={600} role="status">{say(kept.undone_at ? "audit.fix.undone" : "audit.fix.done", { number: kept.number })}</Text>
        {preview && !kept.undone_at && <Difference preview={preview} />}
        {kept.tag && !kept.undone_at && <Text>{say("audit.fix.tagged", { tag: kept.tag })}</Text>}
        <Trouble of={problem} />
        <Group justify="space-between">
          <Link to="/audit?view=fixes" onClick={close}>{say("audit.fixes.see")}</Link>
          <Group>
            {!kept.undone_at && <Button variant="default" loading={busy} onClick={() => void undo()}>{say("audit.fix.undo")}</Button>}
            <Button onClick={close}>{say("close")}</Button>
          </Group>
        </Group>
      </Stack>
    );
  return (
    <Stack>
      <Text>{say("audit.fix.what", { what: named("audit.fixes.kind", finding.fix ?? "") })}</Text>
      <Choices finding={finding} choice={choice} set={setChoice} />
      {!isCurrent && !busy && <Group><Button variant="default" disabled={needsWords} onClick={() => void look(asked)}>{say("audit.fix.look")}</Button></Group>}
      {busy && !preview && <><Text c="dimmed" size="sm">{say("audit.fix.looking")}</Text><Loading rows={3} /></>}
      {preview && isCurrent && <Effect preview={preview} />}
      {mayWrite && preview && isCurrent && preview.people > 0 && <TextInput label={say("audit.fix.note")} value={note} onChange={(event) => setNote(event.currentTarget.value)} maxLength={500} />}
      <Trouble of={problem} />
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>{say("cancel")}</Button>
        {mayWrite && <Button loading={busy && !!preview} disabled={!preview || !isCurrent || !preview.people} onClick={() => void apply()}>{preview && isCurrent ? preview.people === 1 ? say("audit.fix.apply.one") : say("audit.fix.apply", { n: format.count(preview.people) }) : say("audit.fix.apply.none")}</Button>}
      </Group>
    </Stack>
  );
}

function Choices({ finding, choice, set }: { finding: Finding; choice: Choice; set: (choice: Choice) => void }) {
  const say = useSay();
  const [other, setOther] = useState("");
  const takesWhat = takes(finding);
  const meant = (value: string, means: string) => set({ ...choice, words: { ...choice.words, [value]: means } });
  if (takesWhat.words)
    return (
      <fieldset className="words">
        <legend>{say("audit.fix.words")}</legend>
        {finding.samples.map((value) => <TextInput key={value} label={say("audit.fix.means", { value })} value={choice.words[value] ?? ""} onChange={(event) => meant(value, event.currentTarget.value)} maxLength={200} />)}
        <TextInput label={say("audit.fix.other")} value={other} onChange={(event) => { const words = { ...choice.words }; const means = words[other] ?? ""; delete words[other]; setOther(event.currentTarget.value); set({ ...choice, words: { ...words, ...(event.currentTarget.value ? { [event.currentTarget.value]: means } : {}) } }); }} maxLength={200} />
        {other && !finding.samples.includes(other) && <TextInput label={say("audit.fix.means", { value: other })} value={choice.words[other] ?? ""} onChange={(event) => meant(other, event.currentTarget.value)} maxLength={200} />}
      </fieldset>
    );
  if (takesWhat.above) return <TextInput label={say("audit.fix.above")} description={say("audit.fix.above.about")} placeholder="95" inputMode="decimal" value={choice.above} onChange={(event) => set({ ...choice, above: event.currentTarget.value })} maxLength={6} />;
  if (takesWhat.tag) return <TextInput label={say("audit.fix.tag")} description={say("audit.fix.tag.about")} placeholder={finding.fix === "ask_permission" ? `ask_${finding.check}` : finding.check} value={choice.tag} onChange={(event) => set({ ...choice, tag: event.currentTarget.value })} maxLength={60} />;
  return null;
}

/** What becomes of the finding and of the score. */
function Difference({ preview }: { preview: Preview }) {
  const say = useSay();
  const format = useFormat();
  const rows = [
    { key: "people", name: say("audit.fix.people"), value: format.count(preview.people) },
    { key: "count", name: say("audit.fix.count"), value: `${format.count(preview.count_before)} → ${format.count(preview.count_after)}` },
    { key: "score", name: say("audit.fix.score"), value: `${format.number(preview.score_before.value)} → ${format.number(preview.score_after.value)}` },
  ];
  return (
    <dl className="facts facts-row difference">
      {rows.map((each) => (
        <div key={each.key}>
          <dt>{each.name}</dt>
          <dd data-figure={each.key}>{each.value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Effect({ preview }: { preview: Preview }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  return (
    <>
      <Difference preview={preview} />
      {Object.entries(preview.left).map(([reason, count]) => <Text key={reason} size="sm">{say(`audit.fixes.left.${reason}` as "audit.fixes.left.no_suggestion", { count: format.count(count) })}</Text>)}
      {preview.changes.length > 0 && (
        <div className="changes">
          <Rows<Change>
            caption={say("audit.fix.changes")}
            rows={preview.changes}
            rowKey={(each) => `${each.profile_id} ${each.what} ${each.before}`}
            columns={[
              { key: "who", name: say("person.name"), cell: (each) => <Link to={`/people/${each.profile_id}`} className="breakable">{each.known_as}</Link> },
              { key: "what", name: say("audit.fix.field"), cell: (each) => (["stop", "merge", "tag"].includes(each.what) ? say(`audit.fix.${each.what}` as "audit.fix.stop") : named("audit.report.field", each.what)) },
              { key: "before", name: say("audit.fix.before"), cell: (each) => <span className="breakable">{each.before || "–"}</span> },
              { key: "after", name: say("audit.fix.after"), cell: (each) => <span className="breakable">{each.after || (each.what === "stop" ? say("audit.fix.stopped") : "–")}</span> },
            ]}
          />
        </div>
      )}
      {preview.people > new Set(preview.changes.map((each) => each.profile_id)).size && <Text size="sm" c="dimmed">{say("audit.fix.first", { n: format.count(preview.changes.length) })}</Text>}
    </>
  );
}
