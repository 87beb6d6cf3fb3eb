/** RFM: the grid as a heat map that is a table, each cell the way to its people; names beside it. */
import { Paper, Text } from "@mantine/core";
import { Link } from "react-router";
import { query, useGet, type Band, type RFM } from "../api";
import { useFormat } from "../format";
import { useSay } from "../i18n";
import { Bar, Head, Rows, Section } from "../parts/common";
import { RefreshButton } from "../parts/jobs";
import { Failed, Loading, Message } from "../parts/states";
import { useMay } from "../session";

const SCORES = [1, 2, 3, 4, 5];

export default function RFMPage() {
  const say = useSay();
  const rfm = useGet<RFM>("/rfm");
  if (rfm.error && (rfm.error.status === 404 || rfm.error.status === 409))
    return (
      <>
        <Head title={say("rfm.title")} />
        <Message icon="rfm" title={say("rfm.empty")} action={<RefreshButton variant="filled" />}>{rfm.error.title} {rfm.error.detail}</Message>
      </>
    );
  return (
    <>
      <Head title={say("rfm.title")} about={say("rfm.about")} asOf={rfm.data?.as_of} />
      {rfm.error ? <Failed problem={rfm.error} again={() => void rfm.refetch()} /> : rfm.data ? <Grid told={rfm.data} /> : <Loading rows={6} />}
    </>
  );
}

function Grid({ told }: { told: RFM }) {
  const say = useSay();
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
  const inGrid = new Set(told.cells.map((cell) => cell.segment));
  const named = Object.entries(told.by_segment).filter(([slug]) => inGrid.has(slug)).sort(([, one], [, other]) => (other ?? 0) - (one ?? 0));
  return (
    <div className="two two-wide">
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
                            <strong>{format.count(cell.buyers)}</strong>
                            <span>{cell.name}</span>
                          </span>
                        ) : cell ? (
                          <Link className={`cell heat-${step}`} to={`/segments/new${query({ rule: `rfm.r = ${r} and rfm.f = ${f}`, name: `${cell.name} (R${r} F${f})` })}`} aria-label={say("rfm.cell", { r, f, name: cell.name, n: format.count(cell.buyers) })}>
                            <strong>{format.count(cell.buyers)}</strong>
                            <span>{cell.name}</span>
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
            ]}
          />
        </Paper>
        <Text size="sm" c="dimmed" mt="xs">{say("rfm.how")}</Text>
      </Section>
    </div>
  );
}
