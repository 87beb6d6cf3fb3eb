/** A segment: what it is worth against the rest, its members, its history, who may be written to, and the way out. */
import { Button, Checkbox, Menu, Modal, NativeSelect, Paper, Radio, Group as Row, Stack, Tabs, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { lazy, Suspense, useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { ask, download, Problem, queries, query, useGet, type Entry, type Figure, type Figures, type Rows as Told, type Segment, type SegmentList, type Size, type Waterfall } from "../api";
import { CHANNELS } from "../builder/rows";
import { useFormat } from "../format";
import { useLanguage, useNamed, useSay } from "../i18n";
import { Bar, Change, Head, Pages, Rows, Section, Stat } from "../parts/common";
import { Icon } from "../parts/Icon";
import { RefreshButton } from "../parts/jobs";
import { PeopleTable } from "../parts/people";
import { Answer, Loading, Message, Trouble } from "../parts/states";
import { useMay } from "../session";
import { Versions } from "./Versions";

const History = lazy(() => import("../parts/HistoryChart"));
const TABS = ["worth", "members", "history", "versions", "reach", "play"] as const;

export default function SegmentPage() {
  const { slug = "" } = useParams();
  const say = useSay();
  const language = useLanguage();
  const segment = useGet<Segment>(`/segments/${slug}`);
  return (
    <Answer of={segment} whole rows={6} up={{ to: "/segments", name: say("people.refused.go") }}>
      {(told) => <Shown segment={told} title={told.name[language] ?? told.name.es ?? told.name.en ?? told.slug} about={told.description[language] ?? ""} key={say("segment") + slug} />}
    </Answer>
  );
}

function Shown({ segment, title, about }: { segment: Segment; title: string; about: string }) {
  const say = useSay();
  const format = useFormat();
  const mayWrite = useMay("write");
  const seesPeople = useMay("personal");
  const [params, setParams] = useSearchParams();
  const list = useGet<SegmentList>("/segments");
  const row = list.data?.rows.find((each) => each.slug === segment.slug);
  const [exporting, setExporting] = useState(false);
  const chosen = params.get("view") ?? "worth";
  const tabs = TABS.filter((tab) => tab !== "members" || seesPeople);
  return (
    <>
      <Head
        title={title}
        about={about}
        asOf={row?.is_published ? list.data?.as_of : null}
        back={{ to: "/segments", name: say("nav.segments") }}
        action={
          <>
            {mayWrite && <Button component={Link} to={`/segments/${segment.slug}/edit`} variant="default" leftSection={<Icon name="edit" size={16} />}>{say("segment.edit")}</Button>}
            {seesPeople && <Button onClick={() => setExporting(true)} leftSection={<Icon name="download" size={16} />}>{say("export")}</Button>}
            {mayWrite && <More segment={segment} title={title} />}
          </>
        }
      />
      <Paper p="md" className="card">
        <p className="sentence">{segment.sentence}</p>
        <details className="more">
          <summary>{say("segment.rule")}</summary>
          <code className="rule">{segment.rule}</code>
        </details>
      </Paper>
      {row && !row.is_published ? (
        <Message icon="clock" title={say("segment.unpublished")} action={<RefreshButton variant="filled" />}>{say("segment.unpublished.hint")}</Message>
      ) : (
        <div className="stats">
          <Stat name={say("segments.size")} value={format.count(row?.size)} beside={row ? <Change entered={row.entered} left={row.left} /> : undefined} />
          <Stat name={say("segments.share_of_base")} value={format.share(row?.share_of_base)} beside={<Bar share={row?.share_of_base ?? null} />} />
          <Stat name={say("segments.share_of_revenue")} value={format.share(row?.share_of_revenue)} beside={<Bar share={row?.share_of_revenue ?? null} />} />
          <Stat name={say("segment.revenue")} value={format.wholeMoney(row?.revenue)} />
        </div>
      )}
      <Tabs value={chosen} onChange={(tab) => setParams({ view: tab ?? "worth" })} keepMounted={false} mt="md">
        <Tabs.List aria-label={title}>
          {tabs.map((tab) => (
            <Tabs.Tab key={tab} value={tab}>{say(`segment.tab.${tab}`)}</Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="worth" pt="md"><Worth slug={segment.slug} /></Tabs.Panel>
        {seesPeople && <Tabs.Panel value="members" pt="md"><Members slug={segment.slug} /></Tabs.Panel>}
        {!seesPeople && chosen === "members" && <Message icon="lock" title={say("people.refused")}>{say("people.refused.hint")}</Message>}
        <Tabs.Panel value="history" pt="md"><Past slug={segment.slug} title={title} /></Tabs.Panel>
        <Tabs.Panel value="versions" pt="md"><Versions slug={segment.slug} /></Tabs.Panel>
        <Tabs.Panel value="reach" pt="md"><Reach slug={segment.slug} /></Tabs.Panel>
        <Tabs.Panel value="play" pt="md"><Playbook slug={segment.slug} /></Tabs.Panel>
      </Tabs>
      <Modal opened={exporting} onClose={() => setExporting(false)} title={say("export.title", { name: title })} size="lg" closeButtonProps={{ "aria-label": say("close") }}>
        <Export slug={segment.slug} done={() => setExporting(false)} />
      </Modal>
    </>
  );
}

function More({ segment, title }: { segment: Segment; title: string }) {
  const say = useSay();
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function remove() {
    try {
      await ask(`/segments/${segment.slug}`, { method: "DELETE" });
      await queries.invalidateQueries({ queryKey: ["/segments"] });
      await navigate("/segments");
    } catch (error) {
      setProblem(error as Problem);
    }
  }
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px="sm" aria-label={say("more")}>···</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to={`/segments/new${query({ rule: segment.rule, name: say("segment.copy_of", { name: title }) })}`}>{say("segment.copy")}</Menu.Item>
          <Menu.Item component={Link} to={`/map${query({ of: segment.slug })}`}>{say("segment.overlap")}</Menu.Item>
          <Menu.Item className="bad" onClick={() => setAsked(true)}>{say("segment.remove")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asked} onClose={() => setAsked(false)} title={say("segment.remove.sure", { name: title })} closeButtonProps={{ "aria-label": say("close") }}>
        <Stack>
          <Text>{say("segment.remove.about")}</Text>
          <Trouble of={problem} />
          <Row justify="flex-end">
            <Button variant="default" onClick={() => setAsked(false)}>{say("cancel")}</Button>
            <Button color="red.9" onClick={() => void remove()}>{say("segment.remove")}</Button>
          </Row>
        </Stack>
      </Modal>
    </>
  );
}

const FIRST = ["conversion", "average_order_value", "revenue_per_profile", "repeat_rate", "days_since_last_order", "reachable_email", "open_rate", "click_rate"];

function Worth({ slug }: { slug: string }) {
  const say = useSay();
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  const window = params.get("window") ?? "90 days";
  const [all, setAll] = useState(false);
  const figures = useGet<Figures>(`/segments/${slug}/kpis${query({ window })}`, { keep: true });
  return (
    <Section
      title={say("worth.title")}
      about={say("worth.about")}
      action={
        <NativeSelect size="sm" aria-label={say("worth.window")} value={window} onChange={(event) => { const value = event.currentTarget.value; setParams((now) => (now.set("window", value), now), { replace: true }); }} data={["30 days", "90 days", "180 days", "365 days"].map((value) => ({ value, label: say("worth.last_days", { n: value.split(" ")[0]! }) }))} />
      }
    >
      <Answer of={figures} rows={8}>
        {(told) => {
          const shown = told.figures.filter((each) => (all ? each.value !== null : FIRST.includes(each.metric)));
          return (
            <>
              <Paper>
                <Rows<Figure>
                  caption={say("worth.title")}
                  rows={shown}
                  rowKey={(each) => each.metric}
                  columns={[
                    { key: "name", name: say("worth.metric"), cell: (each) => <span>{each.name}{each.caution && <span className="warned" title={say(`caution.${each.caution}`)}> <Icon name="warn" size={14} /><span className="unseen">{say(`caution.${each.caution}`)}</span></span>}</span> },
                    { key: "value", name: say("worth.segment"), isNumber: true, cell: (each) => <strong>{format.unit(each.value, each.unit)}</strong> },
                    { key: "interval", name: say("worth.interval"), isNumber: true, cell: (each) => (each.low === null ? "–" : `${format.unit(each.low, each.unit)} – ${format.unit(each.high, each.unit)}`) },
                    { key: "other", name: say("worth.rest"), isNumber: true, cell: (each) => format.unit(each.other, each.unit) },
                    { key: "change", name: say("worth.difference"), isNumber: true, cell: (each) => <Difference figure={each} /> },
                  ]}
                />
              </Paper>
              <Row justify="space-between" mt="sm">
                <Text size="sm" c="dimmed">{say("worth.period", { from: format.date(told.since), to: format.dateTime(told.as_of) })}</Text>
                <Button variant="subtle" size="sm" onClick={() => setAll(!all)} aria-expanded={all}>{say(all ? "worth.fewer" : "worth.all")}</Button>
              </Row>
            </>
          );
        }}
      </Answer>
    </Section>
  );
}

function Difference({ figure }: { figure: Figure }) {
  const say = useSay();
  const format = useFormat();
  if (figure.change === null) return <>–</>;
  const sure = figure.p_value !== null && figure.p_value < 0.05;
  return (
    <span className={sure ? "sure" : "dim"}>
      {format.signedShare(figure.change)}
      {figure.p_value !== null && <span className="row-about">{say(sure ? "worth.sure" : "worth.unsure")}</span>}
    </span>
  );
}

function Members({ slug }: { slug: string }) {
  const say = useSay();
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  const [search, setSearch] = useState(params.get("q") ?? "");
  const [q] = useDebouncedValue(search, 100);
  const [offset, setOffset] = useState(0);
  const [limit, setLimit] = useState(25);
  const sort = { key: params.get("sort") ?? "profile_id", descending: params.get("down") === "1" };
  const members = useGet<Told>(`/segments/${slug}/members${query({ search: q, sort: sort.key, descending: sort.descending || null, offset, limit })}`, { keep: true });
  return (
    <Section title={say("segment.tab.members")} about={members.data?.as_of && say("as_of", { when: format.dateTime(members.data.as_of) })}>
      <TextInput type="search" leftSection={<Icon name="search" size={16} />} aria-label={say("members.search")} placeholder={say("people.search.example")} value={search} onChange={(event) => { setSearch(event.currentTarget.value); setOffset(0); }} maw={360} mb="md" />
      <Answer of={members} rows={8}>
        {(told) => (
          <>
            <Paper aria-busy={members.isPlaceholderData}>
              <PeopleTable
                caption={say("segment.tab.members")}
                rows={told.rows}
                segment={slug}
                sort={sort}
                onSort={(key) => { setOffset(0); setParams((now) => (now.set("sort", key), key === sort.key && !sort.descending ? now.set("down", "1") : now.delete("down"), now), { replace: true }); }}
                empty={<Message icon="search" title={q ? say("people.none", { q }) : say("members.empty")} />}
              />
            </Paper>
            <Pages total={told.total} offset={offset} limit={limit} onPage={setOffset} onLimit={(each) => { setLimit(each); setOffset(0); }} />
          </>
        )}
      </Answer>
    </Section>
  );
}

function Past({ slug, title }: { slug: string; title: string }) {
  const say = useSay();
  const format = useFormat();
  const history = useGet<Size[]>(`/segments/${slug}/history`);
  return (
    <Section title={say("segment.tab.history")} about={say("history.about")}>
      <Answer of={history}>
        {(told) =>
          told.length ? (
            <>
              {told.length > 1 && <Paper p="md" mb="md"><Suspense fallback={<Loading rows={4} />}><History sizes={told} title={title} /></Suspense></Paper>}
              <Paper>
                <Rows<Size>
                  caption={say("segment.tab.history")}
                  rows={[...told].reverse()}
                  rowKey={(each) => each.as_of}
                  columns={[
                    { key: "as_of", name: say("history.when"), cell: (each) => format.dateTime(each.as_of) },
                    { key: "size", name: say("segments.size"), isNumber: true, cell: (each) => format.count(each.size) },
                    { key: "change", name: say("segments.change"), isNumber: true, cell: (each) => <Change entered={each.entered} left={each.left} /> },
                    { key: "rule", name: say("history.rule"), hideBelow: "sm", cell: (each) => <code>{each.fingerprint.slice(0, 8)}</code> },
                  ]}
                />
              </Paper>
            </>
          ) : (
            <Message icon="clock" title={say("history.empty")}>{say("segment.unpublished.hint")}</Message>
          )
        }
      </Answer>
    </Section>
  );
}

export function WaterfallTable({ told }: { told: Waterfall }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  const size = told.size ?? 0;
  const steps = told.steps.filter((step) => step.people);
  const reason = (each: string) => (each.startsWith("suppressed:") ? say("waterfall.suppressed", { why: named("suppressed", each.slice(11)) }) : named("waterfall", each));
  return (
    <table className="waterfall">
      <caption className="unseen">{say("waterfall")}</caption>
      <tbody>
        <tr><th scope="row">{say("waterfall.segment")}</th><td className="number">{format.count(told.size)}</td><td className="waterfall-bar"><Bar share={1} /></td></tr>
        {steps.map((step) => (
          <tr key={step.reason} className="lost"><th scope="row">− {reason(step.reason)}</th><td className="number">−{format.count(step.people)}</td><td className="waterfall-bar"><Bar share={size ? (step.people ?? 0) / size : 0} /></td></tr>
        ))}
        <tr className="sum"><th scope="row">= {say("waterfall.reachable")}</th><td className="number">{format.count(told.reachable)}</td><td className="waterfall-bar"><Bar share={size ? (told.reachable ?? 0) / size : 0} /></td></tr>
      </tbody>
    </table>
  );
}

function ChannelAndPurpose({ channel, purpose, set }: { channel: string; purpose: string; set: (channel: string, purpose: string) => void }) {
  const say = useSay();
  return (
    <Row grow align="flex-start">
      <NativeSelect label={say("channel")} value={channel} onChange={(event) => set(event.currentTarget.value, purpose)} data={CHANNELS.map((value) => ({ value, label: say(`channel.${value}`) }))} />
      <NativeSelect label={say("purpose")} value={purpose} onChange={(event) => set(channel, event.currentTarget.value)} data={[{ value: "marketing", label: say("purpose.marketing") }, { value: "transactional", label: say("purpose.transactional") }]} />
    </Row>
  );
}

function Reach({ slug }: { slug: string }) {
  const say = useSay();
  const format = useFormat();
  const [channel, setChannel] = useState("email");
  const [purpose, setPurpose] = useState("marketing");
  const reach = useGet<Waterfall>(`/segments/${slug}/reachable${query({ channel, purpose })}`, { keep: true });
  return (
    <Section title={say("reach.title")} about={say("reach.about")}>
      <Paper p="md" className="card" maw={720}>
        <Stack>
          <ChannelAndPurpose channel={channel} purpose={purpose} set={(one, other) => { setChannel(one); setPurpose(other); }} />
          <Answer of={reach}>{(told) => <><WaterfallTable told={told} /><Text size="sm" c="dimmed">{say("as_of", { when: format.dateTime(told.as_of) })}</Text></>}</Answer>
        </Stack>
      </Paper>
    </Section>
  );
}

function Playbook({ slug }: { slug: string }) {
  const say = useSay();
  const entries = useGet<Entry[]>("/catalog", { staleTime: 300_000 });
  return (
    <Section title={say("segment.tab.play")}>
      <Answer of={entries}>
        {(told) => {
          const entry = told.find((each) => each.slug === slug);
          if (!entry) return <Message icon="catalog" title={say("play.none")}>{say("play.none.hint")}</Message>;
          return (
            <Paper p="md" className="card" maw={720}>
              <h3>{say("play.objective")}</h3>
              <p>{entry.objective}</p>
              <h3>{say("play.actions")}</h3>
              <ul>{entry.actions.map((action) => <li key={action.words}><strong>{action.channels.map((each) => say(`channel.${each}` as "channel.email")).join(", ")}:</strong> {action.words}</li>)}</ul>
              {entry.warning && <div className="note"><Icon name="warn" size={16} /> {entry.warning}</div>}
            </Paper>
          );
        }}
      </Answer>
    </Section>
  );
}

type Form = "csv" | "xlsx" | "parquet";

function Export({ slug, done }: { slug: string; done: () => void }) {
  const say = useSay();
  const format = useFormat();
  const isAdmin = useMay("admin");
  const [form, setForm] = useState<Form>("csv");
  const [channel, setChannel] = useState("email");
  const [purpose, setPurpose] = useState("marketing");
  const [isRaw, setRaw] = useState(false);
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const reach = useGet<Waterfall>(`/segments/${slug}/reachable${query({ channel, purpose })}`, { keep: true });
  async function take() {
    setBusy(true);
    setProblem(null);
    try {
      await download(`/segments/${slug}/export`, { form, channel: isRaw ? null : channel, purpose, is_raw: isRaw, reason }, `${slug}.${form}`);
      await queries.invalidateQueries({ queryKey: ["/taken-out"] });
      done();
    } catch (error) {
      setProblem(error as Problem);
    }
    setBusy(false);
  }
  const people = isRaw ? reach.data?.size : reach.data?.reachable;
  return (
    <Stack>
      <Text c="dimmed">{say("export.about")}</Text>
      <ChannelAndPurpose channel={channel} purpose={purpose} set={(one, other) => { setChannel(one); setPurpose(other); }} />
      {!isRaw && <Answer of={reach}>{(told) => <WaterfallTable told={told} />}</Answer>}
      <Radio.Group label={say("export.form")} value={form} onChange={(value) => setForm(value as Form)}>
        <Row mt={6}>
          <Radio value="csv" label="CSV" />
          <Radio value="xlsx" label="Excel" />
          <Radio value="parquet" label="Parquet" />
        </Row>
      </Radio.Group>
      {isAdmin && (
        <>
          <Checkbox label={say("export.raw")} description={say("export.raw.about")} checked={isRaw} onChange={(event) => setRaw(event.currentTarget.checked)} />
          {isRaw && <Textarea label={say("export.reason")} description={say("export.reason.about")} value={reason} onChange={(event) => setReason(event.currentTarget.value)} required maxLength={500} autosize minRows={2} />}
        </>
      )}
      <Trouble of={problem} />
      <Row justify="flex-end">
        <Button variant="default" onClick={done}>{say("cancel")}</Button>
        <Button onClick={() => void take()} loading={busy} disabled={isRaw ? reason.trim().split(/\s+/).length < 2 : !people}>
          {say("export.go", { n: format.count(people) })}
        </Button>
      </Row>
    </Stack>
  );
}
