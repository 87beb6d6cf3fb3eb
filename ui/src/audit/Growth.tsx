/** How the base grew and wore away, by month and by source, and what became of those who came each way. */
import { Paper } from "@mantine/core";
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { Rows, Section, type Column } from "../parts/common";
import { Message } from "../parts/states";
import { Drawing, Picture } from "./Picture";
import { useSaid } from "./said";
import type { Audit, Month, Source } from "./told";

const PER_UNIT = 10_000;

export function Growth({ told: { pictures } }: { told: Audit }) {
  const say = useSay();
  const format = useFormat();
  const months = [...pictures.months].reverse();
  return (
    <>
      <Section title={say("audit.report.section.growing")}>
        <Picture
          of="growth"
          rows={pictures.months}
          rowKey={(each) => each.first_day}
          place={(each) => format.month(each.first_day)}
          drawn={[{ name: say("audit.report.word.arrived"), of: (each) => each.arrived }, { name: say("audit.report.word.gone"), of: (each) => each.gone }]}
          apart={[{ name: say("audit.report.word.base"), of: (each) => each.base, isLine: true }]}
          table={months}
          columns={[
            { key: "month", name: say("audit.report.word.month"), cell: (each) => format.month(each.first_day) },
            { key: "arrived", name: say("audit.report.word.arrived"), isNumber: true, cell: (each) => format.few(each.arrived) },
            { key: "gone", name: say("audit.report.word.gone"), isNumber: true, cell: (each) => format.few(each.gone) },
            { key: "decay", name: say("audit.report.word.decay"), isNumber: true, cell: (each) => format.share(each.decay) },
            { key: "base", name: say("audit.report.word.base"), isNumber: true, cell: (each) => format.few(each.base) },
          ]}
        />
      </Section>
      <Sources sources={pictures.sources} />
      <BySource rows={pictures.source_months} />
    </>
  );
}

function useOrigin() {
  const say = useSay();
  const named = useNamed();
  return (name: string) => (name ? named("source", name) : say("audit.report.word.unknown"));
}

/** Ranked by what they became: the most revenue for each person first, as the API orders them. */
function Sources({ sources }: { sources: Source[] }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  const said = useSaid();
  const origin = useOrigin();
  const perPerson = (source: Source) => (source.people && source.revenue_e4 !== null ? Math.floor(source.revenue_e4 / source.people) / PER_UNIT : null);
  const of = (part: number | null, each: Source) => format.share(part === null || !each.people ? null : part / each.people);
  return (
    <Section title={say("audit.report.section.sources")} about={say("audit.report.sources_lead")}>
      <Paper className="wordy-heads">
        {sources.length > 0 && <div className="picture-chart"><Drawing name={say("audit.report.word.per_person")} places={sources.map((each) => origin(each.name))} series={[{ name: say("audit.report.word.per_person"), values: sources.map(perPerson) }]} write={format.wholeMoney} lying /></div>}
        <Rows<Source>
          caption={say("audit.report.section.sources")}
          rows={sources}
          rowKey={(each) => each.name}
          empty={<Message icon="people" title={say("audit.report.chart.growth.empty")} />}
          columns={[
            { key: "origin", name: say("audit.report.word.origin"), cell: (each) => <>{origin(each.name)}{each.signs.length > 0 && <span className="row-about warned">{say("audit.report.word.signs")}: {each.signs.map((sign) => named("audit.report.sign", sign)).join(", ")}</span>}</> },
            { key: "people", name: say("audit.report.word.people"), isNumber: true, cell: (each) => format.few(each.people) },
            { key: "reachable", name: say("audit.report.word.reachable"), isNumber: true, cell: (each) => of(each.reachable, each) },
            { key: "engaged", name: say("audit.report.word.engaged"), isNumber: true, cell: (each) => of(each.engaged, each) },
            { key: "buyers", name: say("audit.report.word.buying_share"), isNumber: true, cell: (each) => of(each.buyers, each) },
            { key: "each", name: say("audit.report.word.per_person"), isNumber: true, cell: (each) => { const amount = perPerson(each); return amount === null ? "–" : said.money(amount); } },
            { key: "arrived", name: say("audit.report.word.arrived_365"), isNumber: true, hideBelow: "md", cell: (each) => format.few(each.arrived_365) },
            { key: "gone", name: say("audit.report.word.gone_365"), isNumber: true, hideBelow: "md", cell: (each) => format.few(each.gone_365) },
          ]}
        />
      </Paper>
    </Section>
  );
}

/** Who came and went, a column a source. */
function BySource({ rows }: { rows: (Month & { source: string })[] }) {
  const say = useSay();
  const format = useFormat();
  const origin = useOrigin();
  const sources = [...new Set(rows.map((each) => each.source))];
  const months = [...new Set(rows.map((each) => each.first_day))].reverse();
  const at = new Map(rows.map((each) => [`${each.source} ${each.first_day}`, each]));
  if (!rows.length) return null;
  const columns: Column<string>[] = [
    { key: "month", name: say("audit.report.word.month"), cell: (month) => format.month(month) },
    ...sources.map((source) => ({
      key: source || "?",
      name: origin(source),
      isNumber: true,
      cell: (month: string) => {
        const each = at.get(`${source} ${month}`);
        return each ? <>{format.few(each.arrived)} / {format.few(each.gone)}<span className="row-about">{format.share(each.decay)}</span></> : "–";
      },
    })),
  ];
  return (
    <Section title={say("audit.by_source")} about={say("audit.report.source_months")}>
      <Paper>
        <div className="picture-chart"><Drawing name={say("audit.by_source.came")} places={[...months].reverse().map(format.month)} series={sources.map((source) => ({ name: origin(source), values: [...months].reverse().map((month) => at.get(`${source} ${month}`)?.arrived ?? null) }))} write={format.count} stacked /></div>
        <Rows caption={say("audit.by_source")} rows={months} rowKey={(month) => month} columns={columns} />
      </Paper>
    </Section>
  );
}
