/** Map of segments: what they cover, who is in several of them, and how people move between them. */
import { Button, Checkbox, Group as Row, Paper, Popover, ScrollArea, Stack, Tabs, Text, TextInput } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useGet, type Flows, type Overlap, type SegmentList } from "../api";
import { useFormat } from "../format";
import { useSay } from "../i18n";
import { Bar, Head, Rows, Section, Stat } from "../parts/common";
import { Answer, Loading, Message } from "../parts/states";

const Sankey = lazy(() => import("../parts/FlowChart"));
const DEFAULT = 6;

export default function MapPage() {
  const say = useSay();
  const list = useGet<SegmentList>("/segments");
  return (
    <Answer of={list} whole>
      {(told) => {
        const published = told.rows.filter((row) => row.is_published);
        if (published.length < 2)
          return (
            <>
              <Head title={say("nav.map")} about={say("map.about")} />
              <Message icon="map" title={say("map.empty")} action={<Button component={Link} to="/catalog">{say("segments.empty.go")}</Button>}>{say("map.empty.hint")}</Message>
            </>
          );
        return <Shown list={told} published={published.map((row) => row.slug)} />;
      }}
    </Answer>
  );
}

function Shown({ list, published }: { list: SegmentList; published: string[] }) {
  const say = useSay();
  const [params, setParams] = useSearchParams();
  const of = params.get("of")?.split(",").filter((slug) => published.includes(slug)) ?? [];
  const preferred = ["buyers", "frequent_buyers_30d", "loyal_6m", "big_spenders", "one_time_buyers", "cooling", "lost", "openers_30d"].filter((slug) => published.includes(slug));
  const filled = [...new Set([...of, ...(of.length >= 2 ? [] : [...preferred, ...published])])].slice(0, Math.max(DEFAULT, of.length));
  const set = (changes: Record<string, string>) => setParams((now) => { for (const [name, value] of Object.entries(changes)) now.set(name, value); return now; }, { replace: true });
  return (
    <>
      <Head
        title={say("nav.map")}
        about={say("map.about")}
        asOf={list.as_of}
        action={
          <Popover width={320} position="bottom-end" withArrow trapFocus>
            <Popover.Target>
              <Button variant="default">{say("map.choose", { n: filled.length })}</Button>
            </Popover.Target>
            <Popover.Dropdown>
              <ScrollArea.Autosize mah={360}>
                <Checkbox.Group value={filled} onChange={(chosen) => chosen.length >= 2 && chosen.length <= 12 && set({ of: chosen.join(",") })} label={say("map.choose.about")}>
                  <Stack gap={6} mt={6}>
                    {list.rows.filter((row) => row.is_published).map((row) => <Checkbox key={row.slug} value={row.slug} label={row.name} size="sm" />)}
                  </Stack>
                </Checkbox.Group>
              </ScrollArea.Autosize>
            </Popover.Dropdown>
          </Popover>
        }
      />
      <Tabs value={params.get("view") ?? "overlap"} onChange={(view) => set({ view: view ?? "overlap" })} keepMounted={false}>
        <Tabs.List aria-label={say("nav.map")}>
          <Tabs.Tab value="overlap">{say("map.overlap")}</Tabs.Tab>
          <Tabs.Tab value="pairs">{say("map.pairs")}</Tabs.Tab>
          <Tabs.Tab value="flows">{say("map.flows")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overlap" pt="md"><OverlapView of={filled} /></Tabs.Panel>
        <Tabs.Panel value="pairs" pt="md"><Pairs of={filled} /></Tabs.Panel>
        <Tabs.Panel value="flows" pt="md"><FlowsView of={filled} /></Tabs.Panel>
      </Tabs>
    </>
  );
}

const asked = (of: string[]) => `?${new URLSearchParams(of.map((slug) => ["segment", slug]))}`;

function OverlapView({ of }: { of: string[] }) {
  const say = useSay();
  const format = useFormat();
  const overlap = useGet<Overlap>(`/map/overlap${asked(of)}`, { keep: true });
  return (
    <Answer of={overlap} rows={8}>
      {(told) => {
        const most = Math.max(1, ...told.combinations.map((each) => each.people ?? 0));
        return (
          <>
            <div className="stats">
              <Stat name={say("map.covered")} value={format.share(told.base && told.covered !== null ? told.covered / told.base : null)} beside={say("map.covered.of", { n: format.count(told.covered), base: format.count(told.base) })} />
              <Stat name={say("map.outside")} value={format.count(told.base !== null && told.covered !== null ? told.base - told.covered : null)} beside={say("map.outside.about")} />
              <Stat name={say("map.pressure")} value={format.count(Object.entries(told.pressure).reduce((sum, [n, people]) => sum + (Number(n) >= 3 ? (people ?? 0) : 0), 0))} beside={say("map.pressure.about")} />
            </div>
            <Section title={say("map.combinations")} about={say("map.combinations.about")}>
              <Paper><div className="table-frame" tabIndex={0} role="region" aria-label={say("map.combinations")}>
                <table className="upset">
                  <caption className="unseen">{say("map.combinations")}</caption>
                  <thead>
                    <tr>
                      <th scope="col" className="number">{say("map.people")}</th>
                      <th scope="col"><span className="unseen">{say("map.bar")}</span></th>
                      {told.segments.map((slug) => (
                        <th scope="col" key={slug} className="slanted"><Link to={`/segments/${slug}`}>{told.names[slug]}</Link><span className="row-about">{format.count(told.sizes[slug])}</span></th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {told.combinations.slice(0, 16).map((each) => (
                      <tr key={each.segments.join()}>
                        <th scope="row" className="number">{format.count(each.people)}</th>
                        <td className="upset-bar"><Bar share={(each.people ?? 0) / most} /></td>
                        {told.segments.map((slug) => (
                          <td key={slug} className="upset-dot">
                            {each.segments.includes(slug) ? <><span className="dot dot-on" aria-hidden="true" /><span className="unseen">{say("yes")}</span></> : <><span className="dot" aria-hidden="true" /><span className="unseen">{say("no")}</span></>}
                          </td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div></Paper>
            </Section>
          </>
        );
      }}
    </Answer>
  );
}

function Pairs({ of }: { of: string[] }) {
  const say = useSay();
  const format = useFormat();
  const overlap = useGet<Overlap>(`/map/overlap${asked(of)}`, { keep: true });
  return (
    <Section title={say("map.pairs")} about={say("map.pairs.about")}>
      <Answer of={overlap} rows={8}>
        {(told) => {
          const pairs = told.segments.flatMap((one, row) => told.segments.slice(row + 1).map((other, column) => ({ one, other, shared: told.shared[row]?.[row + 1 + column] ?? null })));
          const sorted = pairs.filter((pair) => pair.shared).sort((left, right) => (right.shared ?? 0) - (left.shared ?? 0));
          return (
            <Paper>
              <Rows
                caption={say("map.pairs")}
                rows={sorted}
                rowKey={(pair) => pair.one + pair.other}
                empty={<Message icon="map" title={say("map.pairs.none")} />}
                columns={[
                  { key: "one", name: say("segment"), cell: (pair) => <Link to={`/segments/${pair.one}`}>{told.names[pair.one]}</Link> },
                  { key: "other", name: say("map.and"), cell: (pair) => <Link to={`/segments/${pair.other}`}>{told.names[pair.other]}</Link> },
                  { key: "shared", name: say("map.shared"), isNumber: true, cell: (pair) => format.count(pair.shared) },
                  { key: "of_one", name: say("map.of_first"), isNumber: true, cell: (pair) => <Part part={pair.shared} whole={told.sizes[pair.one] ?? null} /> },
                  { key: "of_other", name: say("map.of_second"), isNumber: true, cell: (pair) => <Part part={pair.shared} whole={told.sizes[pair.other] ?? null} /> },
                ]}
              />
            </Paper>
          );
        }}
      </Answer>
    </Section>
  );
}

function Part({ part, whole }: { part: number | null; whole: number | null }) {
  const format = useFormat();
  const share = part !== null && whole ? part / whole : null;
  return <span className="with-bar"><Bar share={share} />{format.share(share)}</span>;
}

function FlowsView({ of }: { of: string[] }) {
  const say = useSay();
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  const [start, setStart] = useState(params.get("start") ?? "");
  const [end, setEnd] = useState(params.get("end") ?? "");
  const told = new URLSearchParams(of.map((slug) => ["segment", slug]));
  if (params.get("start")) told.set("start", params.get("start")!);
  if (params.get("end")) told.set("end", params.get("end")!);
  const flows = useGet<Flows>(`/map/flows?${told}`, { keep: true });
  const show = () => setParams((now) => { start ? now.set("start", start) : now.delete("start"); end ? now.set("end", end) : now.delete("end"); return now; });
  return (
    <Section title={say("map.flows")} about={say("map.flows.about")}>
      <form onSubmit={(event) => { event.preventDefault(); show(); }}>
        <Row align="flex-end" mb="md">
          <TextInput type="date" label={say("map.from")} value={start} onChange={(event) => setStart(event.currentTarget.value)} />
          <TextInput type="date" label={say("map.to")} value={end} onChange={(event) => setEnd(event.currentTarget.value)} />
          <Button type="submit" variant="default">{say("map.show")}</Button>
        </Row>
      </form>
      <Answer of={flows} rows={8}>
        {(found) => {
          const moved = found.flows.filter((flow) => flow.source !== flow.target && flow.moved).sort((one, other) => (other.moved ?? 0) - (one.moved ?? 0));
          return (
            <>
              <Text size="sm" c="dimmed" mb="sm">{say("map.period", { from: format.date(found.start), to: format.date(found.end) })}</Text>
              {moved.length > 0 && <Paper p="md" mb="md"><Suspense fallback={<Loading rows={5} />}><Sankey flows={found} moved={moved} /></Suspense></Paper>}
              <Paper>
                <Rows
                  caption={say("map.flows")}
                  rows={moved}
                  rowKey={(flow) => flow.source + flow.target}
                  empty={<Message icon="map" title={say("map.flows.none")}>{say("map.flows.none.hint")}</Message>}
                  columns={[
                    { key: "source", name: say("map.was_in"), cell: (flow) => found.names[flow.source] ?? say(flow.source === "" ? "map.nowhere" : "map.nowhere") },
                    { key: "target", name: say("map.is_in"), cell: (flow) => found.names[flow.target] ?? say("map.nowhere") },
                    { key: "moved", name: say("map.moved"), isNumber: true, cell: (flow) => format.count(flow.moved) },
                  ]}
                />
              </Paper>
            </>
          );
        }}
      </Answer>
    </Section>
  );
}
