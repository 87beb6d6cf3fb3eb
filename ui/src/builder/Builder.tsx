/** The builder: a segment as groups, as text and as a sentence, counted while it is written, and what saving would do. */
import { ActionIcon, Button, Checkbox, Paper, Skeleton, Text, Textarea, TextInput, Title, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { ask, queries, query, useGet, type Figures, type Names, type Preview, type Problem, type Segment, type SegmentList, type SegmentRow, type Words } from "../api";
import { useFormat } from "../format";
import { useLanguage, useSay } from "../i18n";
import { Bar, Head } from "../parts/common";
import { EffectFacts } from "../parts/effect";
import { useIsHere } from "../parts/here";
import { Icon } from "../parts/Icon";
import { begin } from "../parts/jobs";
import { Answer, Message, Trouble } from "../parts/states";
import { useMay } from "../session";
import { Editor } from "./Editor";
import { useRule, type Counted } from "./useRule";
import { Visual } from "./Visual";

const UNSAVED = "untitled_segment";
const QUIET_MS = 500;
const PATIENCE_MS = 600;
const FEW = 100;

export function slugOf(name: string): string {
  const told = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, "");
  return told.slice(0, 63).replace(/_+$/, "");
}

export default function Builder() {
  const { slug } = useParams();
  const say = useSay();
  const segment = useGet<Segment>(`/segments/${slug}`, { enabled: !!slug });
  if (!useMay("write"))
    return (
      <Message whole icon="lock" title={say("builder.refused")} action={<Link to="/segments">{say("people.refused.go")}</Link>}>
        {say("builder.refused.hint")}
      </Message>
    );
  if (!slug) return <Writing segment={null} />;
  return <Answer of={segment} whole rows={6} up={{ to: "/segments", name: say("people.refused.go") }}>{(told) => <Writing segment={told} key={told.slug} />}</Answer>;
}

function Writing({ segment }: { segment: Segment | null }) {
  const say = useSay();
  const language = useLanguage();
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const isHere = useIsHere();
  const rule = useRule(language);
  const names = useGet<Names>("/rules/names", { staleTime: 300_000 });
  const list = useGet<SegmentList>("/segments");
  const [name, setName] = useState(segment?.name[language] ?? params.get("name") ?? "");
  const [about, setAbout] = useState(segment?.description[language] ?? "");
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const saved = useRef(segment?.rule ?? "");
  const nameField = useRef<HTMLInputElement>(null);
  const mistakeId = useId();
  const { begin: start, text, isValid } = rule;
  // what is half written is not yet wrong
  const [settledMistake] = useDebouncedValue(rule.mistake, PATIENCE_MS);
  const mistake = rule.mistake && settledMistake;

  const addressed = params.get("rule") ?? segment?.rule ?? "";
  const written = useRef("");
  useEffect(() => {
    // another address (a link, back and forward) is another rule; one that the rule itself made is not
    if (addressed === written.current) return;
    written.current = addressed;
    start(addressed);
  }, [addressed, start]);
  const [settled] = useDebouncedValue(isValid ? text : "", QUIET_MS);
  // whoever writes on waits for no figures of the rule before: what is asked of it stops, and what was told stays
  const still = settled === text && !rule.isCounting ? settled : "";
  useEffect(() => {
    if (settled && settled !== addressed && isHere()) {
      written.current = settled;
      setParams((now) => (settled === segment?.rule ? now.delete("rule") : now.set("rule", settled), now), { replace: true });
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the address follows the rule, not the other way round
  }, [settled]);
  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent) => {
      if (text.trim() && text !== saved.current) event.preventDefault();
    };
    addEventListener("beforeunload", leaving);
    return () => removeEventListener("beforeunload", leaving);
  }, [text]);
  const { undo, redo } = rule;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      if (key === "s") {
        event.preventDefault();
        document.querySelector<HTMLButtonElement>("#save")?.click();
        return;
      }
      // a field that is being written takes back its own letters first
      if ((event.target as HTMLElement).closest("input:not([type=checkbox]), textarea, .cm-content")) return;
      if (key === "z") {
        event.preventDefault();
        if (event.shiftKey) redo();
        else undo();
      } else if (key === "y") {
        event.preventDefault();
        redo();
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [undo, redo]);

  const slug = segment?.slug ?? slugOf(name);
  async function save() {
    if (!slug) {
      nameField.current?.focus();
      return;
    }
    setSaving(true);
    setProblem(null);
    const words = (before: Words | undefined, told: string): Words => (told.trim() ? { ...before, [language]: told.trim() } : (before ?? {}));
    try {
      await ask<Segment>(`/segments/${slug}`, { method: "PUT", body: { rule: text, name: words(segment?.name, name), description: words(segment?.description, about), replace: !!segment } });
      saved.current = text;
      await begin("/jobs", { kind: "refresh" }).catch(() => undefined);
      await queries.invalidateQueries({ predicate: (each) => /^\/(segments|rules\/names|catalog)/.test(String(each.queryKey[0])) });
      await navigate(`/segments/${slug}`);
    } catch (error) {
      setProblem(error as Problem);
      setSaving(false);
    }
  }

  const title = segment ? say("builder.edit", { name: segment.name[language] ?? segment.slug }) : say("segment.new");
  return (
    <>
      <Head
        title={title}
        back={segment ? { to: `/segments/${segment.slug}`, name: segment.name[language] ?? segment.slug } : { to: "/segments", name: say("nav.segments") }}
        action={
          <>
            <StepButton icon="undo" label={say("builder.undo")} disabled={!rule.canUndo} onClick={undo} />
            <StepButton icon="redo" label={say("builder.redo")} disabled={!rule.canRedo} onClick={redo} />
            <Button id="save" onClick={() => void save()} loading={saving} disabled={!isValid}>
              {say("save")}
            </Button>
          </>
        }
      />
      <Trouble of={problem} />
      <div className="builder">
        <div className="builder-rule">
          <Paper p="md" className="card">
            <div className="pair">
              <TextInput ref={nameField} label={say("builder.name")} placeholder={say("builder.name.example")} value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={200} error={isValid && !segment && name.trim() !== "" && !slug ? say("builder.name.letters") : undefined} required />
              <Textarea label={say("builder.about")} autosize minRows={1} value={about} onChange={(event) => setAbout(event.currentTarget.value)} maxLength={2000} />
            </div>
          </Paper>
          <Paper p="md" className="card">
            <Title order={2} mb="xs">{say("builder.who")}</Title>
            <p className={`sentence${mistake ? " sentence-old" : ""}`} aria-live="polite">
              {rule.sentence ?? <span className="dim">{say("builder.blank")}</span>}
            </p>
            {mistake && rule.group.rules.length > 0 && <p className="stale">{say("builder.stale")}</p>}
            <div inert={!!mistake} className={mistake ? "drawn drawn-old" : "drawn"}>
              <Visual group={rule.group} names={names.data} segments={list.data?.rows ?? []} own={segment?.slug ?? ""} change={rule.setGroup} />
            </div>
            {!!rule.group.rules.length && <Checkbox mt="md" size="sm" label={say("builder.everyone")} checked={rule.everyone} disabled={!!mistake} onChange={(event) => rule.setGroup(rule.group, event.currentTarget.checked)} />}
          </Paper>
          <Paper p="md" className="card">
            <Title order={2} mb={4}>{say("builder.as_text")}</Title>
            <Text size="sm" c="dimmed" mb="xs">{say("builder.as_text.about")}</Text>
            <Editor text={text} mistake={mistake} names={names.data} label={say("builder.as_text")} hint="did order_completed in last 6 months" describedBy={mistakeId} onText={rule.setText} />
            <div id={mistakeId} role="status" className="mistake">
              {mistake && (
                <>
                  <strong>{mistake.message}</strong> {mistake.hint}
                </>
              )}
            </div>
          </Paper>
        </div>
        <aside className="builder-side" aria-label={say("builder.result")}>
          <Counter count={rule.count} isCounting={rule.isCounting} isStale={!!mistake} problem={rule.problem} isEmpty={!text.trim()} />
          {settled && <Worth rule={still} />}
          {settled && <Effect slug={segment?.slug ?? UNSAVED} rule={still} names={list.data?.rows ?? []} isNew={!segment} />}
        </aside>
      </div>
    </>
  );
}

function StepButton({ icon, label, disabled, onClick }: { icon: "undo" | "redo"; label: string; disabled: boolean; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={36} aria-label={label} disabled={disabled} onClick={onClick}>
        <Icon name={icon} />
      </ActionIcon>
    </Tooltip>
  );
}

function Counter({ count, isCounting, isStale, problem, isEmpty }: { count: Counted | null; isCounting: boolean; isStale: boolean; problem: Problem | null; isEmpty: boolean }) {
  const say = useSay();
  const format = useFormat();
  const few = count?.count != null && count.count > 0 && count.count < FEW;
  return (
    <Paper p="md" className={`card counter${isStale ? " counter-old" : ""}`} role="status" aria-label={say("builder.count")} aria-busy={isCounting} data-ms={count ? Math.round(count.ms) : undefined}>
      <div className="stat-name">{say("builder.count")}</div>
      {count ? (
        <>
          <div className={`counter-value${isCounting ? " counting" : ""}`}>{count.count === null ? say("few_hidden") : format.count(count.count)}</div>
          <div className="dim">{say("builder.of_base", { base: format.count(count.base), share: format.share(count.share) })}</div>
          <Bar share={count.share} />
          {!!count.anonymous && <div className="dim">{say("builder.anonymous", { n: format.count(count.anonymous) })}</div>}
          <div className="as-of dim">{say("builder.count.as_of", { when: format.dateTime(count.as_of), ms: format.count(count.ms) })}</div>
          {few && (
            <div className="note">
              <Icon name="warn" size={16} /> {say("segments.few")}
            </div>
          )}
          {count.count === 0 && <div className="note"><Icon name="info" size={16} /> {say("builder.nobody")}</div>}
        </>
      ) : isEmpty ? (
        <Text c="dimmed">{say("builder.count.empty")}</Text>
      ) : isStale && !isCounting ? (
        <Text c="dimmed">{say("builder.count.wrong")}</Text>
      ) : (
        <Skeleton height={40} width={120} my={6} />
      )}
      <Trouble of={problem} />
    </Paper>
  );
}

/** What these people are worth beside the others, before anything is saved. */
function Worth({ rule }: { rule: string }) {
  const say = useSay();
  const format = useFormat();
  const figures = useQuery<Figures, Problem>({
    queryKey: ["/rules/kpis", rule],
    queryFn: ({ signal }) => ask<Figures>("/rules/kpis", { body: { rule }, signal }),
    enabled: !!rule,
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
  if (!figures.data) return figures.error ? null : <Skeleton height={120} radius="lg" mt={14} />;
  return (
    <Paper p="md" className="card" aria-busy={figures.isPlaceholderData}>
      <Title order={2} mb="xs">{say("builder.worth")}</Title>
      <table className="beside">
        <thead>
          <tr>
            <th scope="col"><span className="unseen">{say("worth.metric")}</span></th>
            <th scope="col">{say("builder.worth.these")}</th>
            <th scope="col">{say("worth.rest")}</th>
          </tr>
        </thead>
        <tbody>
          {figures.data.figures.map((each) => (
            <tr key={each.metric}>
              <th scope="row">{each.name}</th>
              <td className="number">
                <strong>{format.unit(each.value, each.unit)}</strong>
                {each.low !== null && <span className="row-about">{format.unit(each.low, each.unit)} – {format.unit(each.high, each.unit)}</span>}
              </td>
              <td className="number">{format.unit(each.other, each.unit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Text size="xs" c="dimmed" mt="xs">{say("builder.worth.about")}</Text>
    </Paper>
  );
}

/** Who would come and go, what becomes of segments that name this one, and some of the people. */
function Effect({ slug, rule, names, isNew }: { slug: string; rule: string; names: SegmentRow[]; isNew: boolean }) {
  const say = useSay();
  const seesPeople = useMay("personal");
  const preview = useQuery<Preview, Problem>({
    queryKey: [`/segments/${slug}/preview`, rule],
    queryFn: ({ signal }) => ask<Preview>(`/segments/${slug}/preview`, { body: { rule }, signal }),
    enabled: !!rule,
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
  const told = preview.data;
  if (preview.error) return <Trouble of={preview.error} />;
  if (!told) return <Skeleton height={120} radius="lg" />;
  const { change } = told;
  const people = [...change.entering_sample.map((person) => ({ person, comes: true })), ...change.leaving_sample.map((person) => ({ person, comes: false }))];
  return (
    <>
      {!isNew && (
        <Paper p="md" className="card" aria-busy={preview.isPlaceholderData}>
          <Title order={2} mb="xs">{say("builder.effect")}</Title>
          <EffectFacts preview={told} names={names} before={say("builder.effect.before")} after={say("builder.effect.after")} />
        </Paper>
      )}
      <Paper p="md" className="card">
        <Title order={2} mb="xs">{isNew ? say("builder.sample") : say("builder.sample.changed")}</Title>
        {!seesPeople ? (
          <Text c="dimmed" size="sm">{say("builder.sample.refused")}</Text>
        ) : people.length ? (
          <ul className="people">
            {people.map(({ person, comes }) => (
              <li key={String(person.profile_id)}>
                <Link to={`/people/${person.profile_id}${query({ segment: isNew ? "" : slug })}`}>{String(person.email ?? person.phone ?? person.customer_id ?? `#${person.profile_id}`)}</Link>
                {!isNew && <span className={comes ? "good" : "bad"}>{say(comes ? "builder.comes" : "builder.goes")}</span>}
              </li>
            ))}
          </ul>
        ) : (
          <Text c="dimmed" size="sm">{say("builder.sample.none")}</Text>
        )}
      </Paper>
    </>
  );
}
