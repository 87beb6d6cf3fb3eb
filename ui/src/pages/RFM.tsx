/** RFM: the grid as a heat map that is a table, each cell the way to its people; names beside it. */
import { Button, Group, Paper, Tabs, Text, TextInput } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { query, useGet, type Band, type RFM, type RFMMovement, type RFMRevenue } from "../api";
import { useFormat } from "../format";
import { useSay } from "../i18n";
import { Bar, Head, Rows, Section } from "../parts/common";
import { RefreshButton } from "../parts/jobs";
import { Answer, Failed, Loading, Message } from "../parts/states";
import { useMay } from "../session";

const Sankey = lazy(() => import("../parts/FlowChart"));
const SCORES = [1, 2, 3, 4, 5];
const VIEWS = ["grid", "movement", "thresholds"] as const;
// the people in none of the names, as the API calls them
const NOWHERE = "-";

export default function RFMPage() {
  const say = useSay();
  const rfm = useGet<RFM>("/rfm");
  if (rfm.error && (rfm.error.status === 404 || rfm.error.status === 409))
    return (
      <>
        <Head title={say("rfm.title")} />
        <Message icon="rfm" title={say("rfm.empty")} action={<RefreshButton variant="filled" />}>{say("rfm.empty.hint")}</Message>
      </>
    );
  return (
    <>
      <Head title={say("rfm.title")} about={say("rfm.about")} asOf={rfm.data?.as_of} />
      {rfm.error ? <Failed problem={rfm.error} again={() => void rfm.refetch()} /> : rfm.data ? <Views told={rfm.data} /> : <Loading rows={6} />}
    </>
  );
}

function Views({ told }: { told: RFM }) {
  const say = useSay();
  const [params, setParams] = useSearchParams();
  return (
    <Tabs value={params.get("view") ?? "grid"} onChange={(view) => setParams(view && view !== "grid" ? { view } : {})} keepMounted={false}>
      <Tabs.List aria-label={say("rfm.title")}>
        {VIEWS.map((view) => <Tabs.Tab key={view} value={view}>{say(`rfm.view.${view}`)}</Tabs.Tab>)}
      </Tabs.List>
      <Tabs.Panel value="grid" pt="md"><Grid told={told} /></Tabs.Panel>
      <Tabs.Panel value="movement" pt="md"><Movement told={told} /></Tabs.Panel>
      <Tabs.Panel value="thresholds" pt="md"><Thresholds told={told} /></Tabs.Panel>
    </Tabs>
  );
}

/** Who was under which name then and is under which now: the turnover of each name, the flows, and a table of them. */
function Movement({ told }: { told: RFM }) {
  const say = useSay();
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  const [start, setStart] = useState(params.get("start") ?? "");
  const [end, setEnd] = useState(params.get("end") ?? "");
  const movement = useGet<RFMMovement>(`/rfm/movement${query({ start: params.get("start"), end: params.get("end") })}`, { keep: true });
  const show = () => setParams((now) => { start ? now.set("start", start) : now.delete("start"); end ? now.set("end", end) : now.delete("end"); return now; });
  const people = (count: number | null | undefined) => (count === null ? say("few_hidden") : format.count(count));
  return (
    <Section title={say("rfm.view.movement")} about={say("rfm.movement.about", { when: format.date(told.fitted_at) })}>
      <form onSubmit={(event) => { event.preventDefault(); show(); }}>
        <Group align="flex-end" mb="md">
          <TextInput type="date" label={say("map.from")} value={start} onChange={(event) => setStart(event.currentTarget.value)} />
          <TextInput type="date" label={say("map.to")} value={end} onChange={(event) => setEnd(event.currentTarget.value)} />
          <Button type="submit" variant="default">{say("map.show")}</Button>
        </Group>
      </form>
      <Answer of={movement} rows={8}>
        {(found) => {
          const names: Record<string, string> = { ...found.names, [NOWHERE]: say("rfm.not_in_base") };
          const flows = { ...found, names };
          const moved = found.flows.filter((flow) => flow.source !== flow.target && flow.moved !== 0).sort((one, other) => (other.moved ?? 0) - (one.moved ?? 0));
          const drawn = moved.filter((flow) => flow.moved);
          const groups = found.segments.filter((name) => found.before[name] !== 0 || found.after[name] !== 0);
          return (
            <div aria-busy={movement.isPlaceholderData}>
              <Text size="sm" c="dimmed" mb="sm">{say("map.period", { from: format.date(found.start), to: format.date(found.end) })}</Text>
              {drawn.length > 0 && <Paper p="md" mb="md"><Suspense fallback={<Loading rows={5} />}><Sankey flows={flows} moved={drawn} /></Suspense></Paper>}
              <Paper mb="md">
                <Rows
                  caption={say("rfm.turnover")}
                  rows={groups}
                  rowKey={(name) => name}
                  empty={<Message icon="rfm" title={say("rfm.nobody")} />}
                  columns={[
                    { key: "name", name: say("rfm.group"), cell: (name) => found.names[name] ?? name },
                    { key: "before", name: say("rfm.before"), isNumber: true, cell: (name) => people(found.before[name]) },
                    { key: "after", name: say("rfm.after"), isNumber: true, cell: (name) => people(found.after[name]) },
                    { key: "change", name: say("segments.change"), isNumber: true, cell: (name) => <Balance before={found.before[name] ?? null} after={found.after[name] ?? null} /> },
                  ]}
                />
              </Paper>
              <Paper>
                <Rows
                  caption={say("rfm.moves")}
                  rows={moved}
                  rowKey={(flow) => flow.source + flow.target}
                  empty={<Message icon="rfm" title={say("rfm.moves.none")}>{say("rfm.moves.none.hint")}</Message>}
                  columns={[
                    { key: "source", name: say("map.was_in"), cell: (flow) => names[flow.source] ?? flow.source },
                    { key: "target", name: say("map.is_in"), cell: (flow) => names[flow.target] ?? flow.target },
                    { key: "moved", name: say("map.moved"), isNumber: true, cell: (flow) => people(flow.moved) },
                  ]}
                />
              </Paper>
            </div>
          );
        }}
      </Answer>
    </Section>
  );
}

function Balance({ before, after }: { before: number | null; after: number | null }) {
  const format = useFormat();
  if (before === null || after === null) return <>–</>;
  const change = after - before;
  // more of them is good of champions and bad of sleepers: no colour
  return <span className={change ? undefined : "dim"}>{format.signed(change)}</span>;
}

/** From where to where each score reaches, and what is counted. */
function Thresholds({ told }: { told: RFM }) {
  const say = useSay();
  const format = useFormat();
  const count = (band: Band | undefined, least: number) => {
    if (!band) return "–";
    if (band.low !== null && band.high !== null && band.low > band.high) return say("rfm.band.nobody");
    if (band.high === null) return say("rfm.band.from", { low: format.count(Math.max(band.low ?? least, least)) });
    const low = Math.max(band.low ?? least, least);
    return low >= band.high ? format.count(band.high) : say("rfm.band.between", { low: format.count(low), high: format.count(band.high) });
  };
  const money = (band: Band | undefined) => {
    if (!band || (band.low === null && band.high === null)) return say("rfm.band.all");
    if (band.low !== null && band.high !== null && band.low > band.high) return say("rfm.band.nobody");
    if (band.low === null) return say("rfm.band.up_to", { high: format.money(band.high) });
    if (band.high === null) return say("rfm.band.above", { low: format.money(band.low) });
    return say("rfm.band.above_to", { low: format.money(band.low), high: format.money(band.high) });
  };
  const at = (bands: Band[], score: number) => bands.find((band) => band.score === score);
  const window = told.window === "ever" ? say("rfm.counted.ever") : say("rfm.counted.window", { window: told.window });
  return (
    <Section title={say("rfm.view.thresholds")} about={say("rfm.thresholds.about", { when: format.dateTime(told.fitted_at), counted: window, money: say(told.is_net ? "rfm.counted.net" : "rfm.counted.gross") })}>
      <Paper>
        <Rows
          caption={say("rfm.view.thresholds")}
          rows={[...SCORES].reverse()}
          rowKey={(score) => score}
          columns={[
            { key: "score", name: say("rfm.score"), cell: (score) => score },
            { key: "r", name: say("rfm.days_since"), isNumber: true, cell: (score) => count(at(told.days, score), 0) },
            { key: "f", name: say("rfm.orders_count"), isNumber: true, cell: (score) => count(at(told.orders, score), 0) },
            { key: "m", name: say("rfm.money_count"), isNumber: true, cell: (score) => money(at(told.money, score)) },
          ]}
        />
      </Paper>
      <Text size="sm" c="dimmed" mt="xs">{say("rfm.how")}</Text>
    </Section>
  );
}

function Grid({ told }: { told: RFM }) {
  const say = useSay();
  const revenue = useGet<RFMRevenue>("/rfm/revenue");
  const format = useFormat();
  const mayWrite = useMay("write");
  const at = new Map(told.cells.map((cell) => [`${cell.r}-${cell.f}`, cell]));
  const range = (bands: Band[], score: number, least: number) => {
    const band = bands.find((each) => each.score === score);
    if (!band) return "";
    if (band.high === null) return `≥ ${format.count(band.low)}`;
    const low = band.low ?? least;
    return low === band.high ? format.count(low) : `${format.count(low)}–${format.count(band.high)}`;
  };
  const most = Math.max(1, ...told.cells.map((cell) => cell.buyers ?? 0));
  const brought = new Map(revenue.data?.cells.map((cell) => [`${cell.r}-${cell.f}`, cell.revenue]));
  const inGrid = new Set(told.cells.map((cell) => cell.segment));
  const named = Object.entries(told.by_segment).filter(([slug]) => inGrid.has(slug)).sort(([, one], [, other]) => (other ?? 0) - (one ?? 0));
  return (
    <>
      <Section title={say("rfm.grid")} about={mayWrite ? say("rfm.grid.about") : undefined}>
        <Paper p="md" className="rfm-frame">
          <table className="rfm">
            <caption className="unseen">{say("rfm.grid")}</caption>
            <thead>
              <tr>
                <th scope="col"><span className="dim">{say("rfm.axes")}</span></th>
                {SCORES.map((r) => (
                  <th scope="col" key={r}><span className="unseen">{say("rfm.r")} </span>{r}<span className="row-about"><span className="unseen">{say("rfm.days")} </span>{range(told.days, r, 0)}</span></th>
                ))}
              </tr>
            </thead>
            <tbody>
              {[...SCORES].reverse().map((f) => (
                <tr key={f}>
                  <th scope="row"><span className="unseen">{say("rfm.f")} </span>{f}<span className="row-about"><span className="unseen">{say("rfm.orders")} </span>{range(told.orders, f, 1)}</span></th>
                  {SCORES.map((r) => {
                    const cell = at.get(`${r}-${f}`);
                    const step = cell?.buyers ? Math.min(5, 1 + Math.floor((Math.sqrt(cell.buyers / most)) * 4.999)) : 0;
                    return (
                      <td key={r}>
                        {cell && !mayWrite ? (
                          <span className={`cell heat-${step}`}>
                            <strong>{cell.buyers === null ? say("few_hidden") : format.count(cell.buyers)}</strong>
                            <span>{cell.name}</span>
                            {brought.get(`${r}-${f}`) != null && <span className="cell-money">{format.wholeMoney(brought.get(`${r}-${f}`))}</span>}
                          </span>
                        ) : cell ? (
                          <Link className={`cell heat-${step}`} to={`/segments/new${query({ rule: `rfm.r = ${r} and rfm.f = ${f}`, name: `${cell.name} (R${r} F${f})` })}`} aria-label={say("rfm.cell", { r, f, name: cell.name, n: format.count(cell.buyers) })}>
                            <strong>{cell.buyers === null ? say("few_hidden") : format.count(cell.buyers)}</strong>
                            <span>{cell.name}</span>
                            {brought.get(`${r}-${f}`) != null && <span className="cell-money">{format.wholeMoney(brought.get(`${r}-${f}`))}</span>}
                          </Link>
                        ) : (
                          <span className="cell heat-0">–</span>
                        )}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </Paper>
      </Section>
      <Section title={say("rfm.names")} about={say("rfm.names.about", { n: format.count(told.buyers) })}>
        <Paper>
          <Rows
            caption={say("rfm.names")}
            rows={named}
            rowKey={([slug]) => slug}
            columns={[
              { key: "name", name: say("segment"), cell: ([slug]) => !mayWrite ? (told.names[slug] ?? slug) : <Link to={`/segments/new${query({ rule: `rfm.segment = "${slug}"`, name: told.names[slug] })}`}>{told.names[slug] ?? slug}</Link> },
              { key: "buyers", name: say("home.buyers"), isNumber: true, cell: ([, buyers]) => format.count(buyers) },
              { key: "share", name: say("rfm.share"), isNumber: true, cell: ([, buyers]) => <span className="with-bar"><Bar share={told.buyers ? (buyers ?? 0) / told.buyers : 0} />{format.share(told.buyers && buyers !== null ? buyers / told.buyers : null)}</span> },
              { key: "revenue", name: say("rfm.revenue"), isNumber: true, cell: ([slug]) => format.wholeMoney(revenue.data?.by_segment[slug]) },
            ]}
          />
        </Paper>
        <Text size="sm" c="dimmed" mt="xs">{say("rfm.how")}</Text>
      </Section>
    </>
  );
}
