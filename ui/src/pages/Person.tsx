/** One person: why she is in a segment or not, what she did, what she allows, who she is and how one knows. */
import { Button, Group as Row, Modal, NativeSelect, Paper, Stack, Tabs, Text, Textarea, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { ask, Problem, queries, query, useGet, type Condition, type Explanation, type Person, type SegmentList } from "../api";
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { Head, Rows, Section } from "../parts/common";
import { Icon } from "../parts/Icon";
import { Answer, Message, Trouble } from "../parts/states";
import { useMay } from "../session";

export default function PersonPage() {
  const { id = "" } = useParams();
  const say = useSay();
  const person = useGet<Person>(`/people/${id}`);
  return <Answer of={person} whole rows={8} up={{ to: "/people", name: say("people.go") }}>{(told) => <Shown person={told} key={told.profile_id} />}</Answer>;
}

const valueOf = (person: Person, field: string) => person.attributes.find((each) => each.field === field)?.value;

function Shown({ person }: { person: Person }) {
  const say = useSay();
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  const list = useGet<SegmentList>("/segments");
  const mayWrite = useMay("write");
  const isAdmin = useMay("admin");
  const chosen = params.get("view") ?? "segments";
  const email = person.identifiers.find((each) => each.kind === "email")?.value;
  const title = [valueOf(person, "first_name"), valueOf(person, "last_name")].filter(Boolean).join(" ") || email || `#${person.profile_id}`;
  const facts = [email, person.identifiers.find((each) => each.kind === "phone")?.value, [valueOf(person, "city"), valueOf(person, "country")].filter(Boolean).join(", ")].filter(Boolean);
  return (
    <>
      <Head title={title} asOf={person.as_of} back={{ to: "/people", name: say("nav.people") }} about={<>{facts.join(" · ")}<br />{say("person.since.when", { when: format.date(person.first_seen_at), n: format.count(person.event_count) })}</>} />
      <Tabs value={chosen} onChange={(tab) => setParams((now) => (now.set("view", tab ?? "segments"), now))} keepMounted={false}>
        <Tabs.List aria-label={title}>
          {(["segments", "timeline", "consents", "traits", "identity"] as const).map((tab) => (
            <Tabs.Tab key={tab} value={tab}>{say(`person.tab.${tab}`)}</Tabs.Tab>
          ))}
          {isAdmin && <Tabs.Tab value="privacy">{say("person.tab.privacy")}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="segments" pt="md">{list.data ? <Why person={person} list={list.data} /> : <Answer of={list}>{() => null}</Answer>}</Tabs.Panel>
        <Tabs.Panel value="timeline" pt="md"><Timeline person={person} /></Tabs.Panel>
        <Tabs.Panel value="consents" pt="md"><Consents person={person} /></Tabs.Panel>
        <Tabs.Panel value="traits" pt="md"><Traits person={person} /></Tabs.Panel>
        <Tabs.Panel value="identity" pt="md"><Identity person={person} mayWrite={mayWrite} /></Tabs.Panel>
        {isAdmin && <Tabs.Panel value="privacy" pt="md"><Privacy person={person} /></Tabs.Panel>}
      </Tabs>
    </>
  );
}

function Why({ person, list }: { person: Person; list: SegmentList }) {
  const say = useSay();
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  const inside = list.rows.filter((row) => row.slug in person.segments);
  const outside = list.rows.filter((row) => !(row.slug in person.segments));
  const asked = params.get("segment") ?? inside[0]?.slug ?? outside[0]?.slug ?? "";
  const choose = (slug: string) => setParams((now) => (now.set("segment", slug), now), { replace: true });
  const explanation = useGet<Explanation>(`/people/${person.profile_id}/explain${query({ segment: asked })}`, { enabled: !!asked, keep: true });
  const chip = (slug: string, name: string, since: string | null | undefined) => (
    <li key={slug}>
      <button type="button" className={`chip${slug === asked ? " chip-on" : ""}`} aria-pressed={slug === asked} onClick={() => choose(slug)}>
        {name}
        {since && <span className="dim"> · {format.shortDate(since)}</span>}
      </button>
    </li>
  );
  const title = list.rows.find((row) => row.slug === asked)?.name ?? asked;
  return (
    <div className="why">
      <Section title={say("why.in", { n: inside.length })}>
        {inside.length ? <ul className="chips">{inside.map((row) => chip(row.slug, row.name, person.segments[row.slug]))}</ul> : <Text c="dimmed">{say("why.in.none")}</Text>}
        <NativeSelect mt="md" label={say("why.ask")} value={outside.some((row) => row.slug === asked) ? asked : ""} onChange={(event) => event.currentTarget.value && choose(event.currentTarget.value)} data={[{ value: "", label: say("why.choose") }, ...outside.map((row) => ({ value: row.slug, label: row.name }))]} />
      </Section>
      {asked && (
        <Answer of={explanation}>
          {(told) => (
            <Paper p="lg" className="card" aria-live="polite" aria-busy={explanation.isPlaceholderData}>
              <div className={`verdict ${told.is_member ? "verdict-in" : "verdict-out"}`}>
                <Icon name={told.is_member ? "check" : "close"} size={22} />
                <h2>{say(told.is_member ? "why.is_in" : "why.is_out", { name: title })}</h2>
              </div>
              <Text size="sm" c="dimmed" mb="sm">
                {told.turns_at ? say(told.is_member ? "why.leaves" : "why.enters", { when: format.dateTime(told.turns_at) }) : say(told.asks_others ? "why.others" : "why.stays")}{" "}
                {say("as_of", { when: format.dateTime(told.as_of) })}
              </Text>
              <ul className="conditions"><ConditionLine of={told.condition} /></ul>
              <Link to={`/segments/${asked}`}>{say("why.segment", { name: title })}</Link>
            </Paper>
          )}
        </Answer>
      )}
    </div>
  );
}

function ConditionLine({ of }: { of: Condition }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  const isMoney = of.text.includes("amount") || of.text.includes("revenue");
  const value = (told: unknown) => (typeof told === "number" ? (isMoney ? format.money(told) : format.number(told)) : typeof told === "string" ? (/^\d{4}-\d\d-\d\dT/.test(told) ? format.dateTime(told) : told) : told === null ? say("none") : say(told ? "yes" : "no"));
  return (
    <li className={of.holds ? "holds" : "fails"}>
      <span className="sign"><Icon name={of.holds ? "check" : "close"} size={16} /><span className="unseen">{say(of.holds ? "why.holds" : "why.fails")}</span></span>
      <div>
        <div className="said">{of.parts.length > 1 && (of.join === "all" || of.join === "any") ? say(`why.join.${of.join}`) : of.said}</div>
        {of.parts.length > 0 ? (
          <ul className="conditions">{of.parts.map((part) => <ConditionLine key={part.text} of={part} />)}</ul>
        ) : (
          <>
            {Object.keys(of.values).length > 0 && <div className="dim small">{say("why.values")} {Object.entries(of.values).map(([name, told], index) => <span key={name}>{index > 0 && " · "}{Object.keys(of.values).length > 1 ? `${name} = ` : ""}<strong>{value(told)}</strong></span>)}</div>}
            {of.so_many && <div className="small">{say(of.way === "less" ? "why.too_many" : "why.missing", { n: of.so_many })}</div>}
            {of.events.length > 0 && (
              <details className="more" open={of.events.length <= 3}>
                <summary>{say("why.events", { n: of.events.length })}</summary>
                <ul className="plain small">
                  {of.events.map((event, index) => (
                    <li key={index}>
                      {format.dateTime(event.occurred_at)} · {named("event", event.name)}
                      {event.amount_e4 !== null && ` · ${format.money(event.amount_e4 / 10_000)}`}
                      {event.order_id && ` · ${event.order_id}`}
                    </li>
                  ))}
                </ul>
              </details>
            )}
          </>
        )}
      </div>
    </li>
  );
}

function Timeline({ person }: { person: Person }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  if (!person.events.length) return <Message icon="clock" title={say("person.no_events")} />;
  const days = Map.groupBy(person.events, (event) => format.date(event.occurred_at));
  return (
    <Section title={say("person.tab.timeline")} about={person.event_count > person.events.length ? say("person.newest", { n: format.count(person.events.length), total: format.count(person.event_count) }) : undefined}>
      <Paper p="md">
        <ol className="timeline">
          {[...days].map(([day, events]) => (
            <li key={day}>
              <h3>{day}</h3>
              <ul>
                {events.map((event, index) => (
                  <li key={index}>
                    <span className="dim number">{format.dateTime(event.occurred_at).split(", ").at(-1)}</span>
                    <span>
                      <strong>{named("event", event.name)}</strong>
                      <span className="dim">{[event.order_id, event.category ?? event.product_id, event.campaign_id, event.url, event.source].filter(Boolean).map((each) => ` · ${each}`)}</span>
                    </span>
                    {event.amount_e4 !== null && <span className="number">{format.money(event.amount_e4 / 10_000)}</span>}
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ol>
      </Paper>
    </Section>
  );
}

function Consents({ person }: { person: Person }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  return (
    <>
      <Section title={say("person.tab.consents")} about={say("consents.about")}>
        <Paper>
          <Rows
            caption={say("person.tab.consents")}
            rows={person.consents}
            rowKey={(each) => `${each.occurred_at}${each.channel}${each.purpose}${each.status}`}
            empty={<Message icon="lock" title={say("consents.none")}>{say("consents.none.hint")}</Message>}
            columns={[
              { key: "channel", name: say("channel"), cell: (each) => named("channel", each.channel) },
              { key: "status", name: say("consents.status"), cell: (each) => <strong className={each.status === "yes" ? "good" : "bad"}>{named("consent", each.status)}</strong> },
              { key: "purpose", name: say("purpose"), cell: (each) => named("purpose", each.purpose) },
              { key: "when", name: say("history.when"), cell: (each) => format.dateTime(each.occurred_at) },
              { key: "proof", name: say("consents.proof"), hideBelow: "sm", cell: (each) => [each.wording, each.method && named("method", each.method), each.source].filter(Boolean).join(" · ") },
            ]}
          />
        </Paper>
      </Section>
      {person.suppressions.length > 0 && (
        <Section title={say("suppressions")}>
          <Paper>
            <Rows
              caption={say("suppressions")}
              rows={person.suppressions}
              rowKey={(each) => JSON.stringify(each)}
              columns={[
                { key: "reason", name: say("suppressions.why"), cell: (each) => named("suppressed", String(each.reason ?? "")) },
                { key: "address", name: say("suppressions.address"), cell: (each) => String(each.address ?? each.value ?? "–") },
                { key: "when", name: say("history.when"), cell: (each) => format.dateTime((each.since ?? each.occurred_at ?? each.suppressed_at) as string | null) },
              ]}
            />
          </Paper>
        </Section>
      )}
    </>
  );
}

function Traits({ person }: { person: Person }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  return (
    <div className="two">
      <Section title={say("person.traits")}>
        <Paper p="md"><Facts rows={Object.entries(person.traits).map(([name, told]) => [named("field", name), typeof told === "number" ? format.number(told) : (told ?? "–")])} none={say("person.traits.none")} /></Paper>
      </Section>
      <Section title={say("person.attributes")}>
        <Paper p="md"><Facts rows={person.attributes.map((each) => [named("field", each.field), <>{each.value}{each.original && each.original !== each.value && <span className="row-about">{say("person.original", { value: each.original })}</span>}<span className="row-about">{each.source} · {format.date(each.valid_from)}</span></>])} none={say("none")} /></Paper>
      </Section>
    </div>
  );
}

function Facts({ rows, none }: { rows: [string, ReactNode][]; none: string }) {
  if (!rows.length) return <Text c="dimmed">{none}</Text>;
  return (
    <dl className="facts">
      {rows.map(([name, told], index) => (
        <div key={index}>
          <dt>{name}</dt>
          <dd>{told}</dd>
        </div>
      ))}
    </dl>
  );
}

function Identity({ person, mayWrite }: { person: Person; mayWrite: boolean }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  const [other, setOther] = useState("");
  const [note, setNote] = useState("");
  const [act, setAct] = useState<"merge" | "unmerge" | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function decide(path: string, body: unknown) {
    setBusy(true);
    setProblem(null);
    try {
      await ask(path, { method: "POST", body });
      await queries.invalidateQueries({ predicate: (each) => String(each.queryKey[0]).startsWith("/people") });
      setAct(null);
      setOther("");
      setNote("");
    } catch (error) {
      setProblem(error as Problem);
    }
    setBusy(false);
  }
  const [first, ...rest] = person.identifiers;
  return (
    <>
      <Section
        title={say("identity.identifiers")}
        about={say("identity.about")}
        action={mayWrite && (
          <Row gap="xs">
            <Button variant="default" size="sm" onClick={() => { setAct("merge"); setOther(""); }}>{say("identity.merge")}</Button>
            {rest.length > 0 && <Button variant="default" size="sm" onClick={() => { setAct("unmerge"); setOther(rest[0]?.value ?? ""); }}>{say("identity.unmerge")}</Button>}
          </Row>
        )}
      >
        <Paper>
          <Rows
            caption={say("identity.identifiers")}
            rows={person.identifiers}
            rowKey={(each) => each.kind + each.value}
            columns={[
              { key: "value", name: say("identity.value"), cell: (each) => <span className="breakable">{each.value}</span> },
              { key: "kind", name: say("identity.kind"), cell: (each) => named("identifier", each.kind) },
              { key: "since", name: say("person.since"), cell: (each) => format.date(each.since) },
              { key: "sources", name: say("identity.sources"), cell: (each) => each.sources.map((source) => named("source", source)).join(", ") },
            ]}
          />
        </Paper>
      </Section>
      <Section title={say("identity.merges")} about={say("identity.merges.about")}>
        <Paper>
          <Rows
            caption={say("identity.merges")}
            rows={person.merges.filter((each) => !each.unmerged_at)}
            rowKey={(each) => each.one + each.other + each.merged_at}
            empty={<Text p="md" c="dimmed">{say("identity.merges.none")}</Text>}
            columns={[
              { key: "one", name: say("identity.one"), cell: (each) => <span className="breakable">{each.one.replace(":", ": ")}</span> },
              { key: "other", name: say("identity.other"), cell: (each) => <span className="breakable">{each.other.replace(":", ": ")}</span> },
              { key: "evidence", name: say("identity.evidence"), cell: (each) => `${named("identifier", each.kind)} ${each.value}` },
              { key: "when", name: say("history.when"), cell: (each) => format.date(each.merged_at) },
            ]}
          />
        </Paper>
      </Section>
      {person.acts.length > 0 && (
        <Section title={say("identity.acts")}>
          <Paper>
            <Rows
              caption={say("identity.acts")}
              rows={person.acts}
              rowKey={(each) => each.number}
              columns={[
                { key: "name", name: say("identity.act"), cell: (each) => named("act", each.name) },
                { key: "actor", name: say("by"), cell: (each) => each.actor },
                { key: "note", name: say("note"), cell: (each) => each.note || "–" },
                { key: "undo", name: say("identity.undo"), isAction: true, cell: (each) => (mayWrite && !each.undoes && !person.acts.some((other) => other.undoes === each.number) ? <Button size="compact-sm" variant="default" onClick={() => void decide(`/people/acts/${each.number}/undo`, undefined)}>{say("identity.undo")}</Button> : "–") },
              ]}
            />
          </Paper>
        </Section>
      )}
      <Trouble of={act ? null : problem} />
      <Modal opened={act !== null} onClose={() => setAct(null)} title={act && say(`identity.${act}`)} closeButtonProps={{ "aria-label": say("close") }}>
        <form onSubmit={(event) => { event.preventDefault(); void decide(`/people/${act}`, { one: act === "merge" ? `#${person.profile_id}` : first?.value, other, note }); }}>
          <Stack>
            <Text c="dimmed">{act && say(`identity.${act}.about`)}</Text>
            {act === "unmerge" ? (
              <NativeSelect label={say("identity.part")} value={other} onChange={(event) => setOther(event.currentTarget.value)} data={rest.map((each) => ({ value: each.value, label: `${named("identifier", each.kind)}: ${each.value}` }))} />
            ) : (
              <TextInput label={say("identity.who")} placeholder={say("people.search.example")} value={other} onChange={(event) => setOther(event.currentTarget.value)} required />
            )}
            <Textarea label={say("note")} value={note} onChange={(event) => setNote(event.currentTarget.value)} maxLength={500} />
            <Trouble of={problem} />
            <Row justify="flex-end">
              <Button variant="default" onClick={() => setAct(null)}>{say("cancel")}</Button>
              <Button type="submit" loading={busy} disabled={!other.trim()}>{act && say(`identity.${act}.go`)}</Button>
            </Row>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

function Privacy({ person }: { person: Person }) {
  const say = useSay();
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  const [word, setWord] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const who = `#${person.profile_id}`;
  async function run(act: () => Promise<void>) {
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(error as Problem);
    }
    setBusy(false);
  }
  const take = () =>
    run(async () => {
      const told = await ask<unknown>("/people/export", { body: { who, note: say("privacy.export") } });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([JSON.stringify(told, null, 2)], { type: "application/json" }));
      link.download = `${person.profile_id}.json`;
      link.click();
    });
  const erase = () =>
    run(async () => {
      await ask("/people/erase", { body: { who, note: "" } });
      queries.removeQueries({ predicate: (each) => String(each.queryKey[0]).startsWith("/people") });
      await navigate("/people");
    });
  return (
    <Section title={say("person.tab.privacy")} about={say("privacy.about")}>
      <Trouble of={asked ? null : problem} />
      <Row>
        <Button variant="default" loading={busy && !asked} onClick={() => void take()} leftSection={<Icon name="download" size={16} />}>{say("privacy.export")}</Button>
        <Button variant="outline" color="red.9" className="danger" onClick={() => setAsked(true)}>{say("privacy.erase")}</Button>
      </Row>
      <Modal opened={asked} onClose={() => setAsked(false)} title={say("privacy.erase.sure")} closeButtonProps={{ "aria-label": say("close") }}>
        <Stack>
          <Text>{say("privacy.erase.about")}</Text>
          <TextInput label={say("privacy.erase.type", { word: say("privacy.erase.word") })} value={word} onChange={(event) => setWord(event.currentTarget.value)} />
          <Trouble of={problem} />
          <Row justify="flex-end">
            <Button variant="default" onClick={() => setAsked(false)}>{say("cancel")}</Button>
            <Button color="red.9" loading={busy} disabled={word.trim().toLowerCase() !== say("privacy.erase.word")} onClick={() => void erase()}>{say("privacy.erase")}</Button>
          </Row>
        </Stack>
      </Modal>
    </Section>
  );
}
