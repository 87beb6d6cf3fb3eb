/** How the score went, as a line and as a table with its parts; and how it is computed. */
import { Paper } from "@mantine/core";
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { Rows, Section } from "../parts/common";
import { useSession } from "../session";
import { Drawing } from "./Picture";
import { PARTS, type Past, type Score } from "./told";

export function ScoreHistory({ history, score, asOf }: { history: Past[]; score: Score; asOf: string }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  const { timezone } = useSession();
  const name = say("audit.report.section.score");
  // scores that were computed in another way cannot be compared, and are not drawn
  const drawn = history.filter((each) => each.score_version === score.version);
  const weight = new Map(score.parts.map((each) => [each.part, each.weight]));
  return (
    <>
      <Section title={say("audit.history")} about={say("audit.history.about")}>
        {drawn.length > 1 && (
          <Paper p="md" mb="md">
            <Drawing name={say("audit.history")} places={drawn.map((each) => format.dateTime(each.as_of))} series={[{ name, isLine: true, values: drawn.map((each) => each.score) }]} write={format.number} most={100} />
          </Paper>
        )}
        <Paper>
          <Rows<Past>
            caption={say("audit.history")}
            rows={[...history].reverse()}
            rowKey={(each) => each.as_of}
            columns={[
              { key: "when", name: say("history.when"), cell: (each) => format.dateTime(each.as_of) },
              { key: "base", name: say("audit.report.word.base"), isNumber: true, cell: (each) => format.count(each.base) },
              { key: "score", name, isNumber: true, cell: (each) => <strong>{format.count(each.score)}</strong> },
              ...PARTS.map((part) => ({ key: part, name: named("audit.part", `${part}.name`), isNumber: true, cell: (each: Past) => (part in each.parts ? format.count(each.parts[part]) : <span className="dim">{say("audit.report.not_known")}</span>) })),
            ]}
          />
        </Paper>
      </Section>
      <Section title={say("audit.report.section.method")}>
        <Paper p="md">
          <p className="first">{say("audit.report.method.notes", { moment: format.dateTime(asOf), zone: timezone })}</p>
          <h3>{say("audit.report.method_parts")}</h3>
          <dl className="method">
            {PARTS.map((part) => (
              <div key={part}>
                <dt>{named("audit.part", `${part}.name`)} ({weight.get(part)})</dt>
                <dd>{named("audit.part", `${part}.why`)}</dd>
              </div>
            ))}
          </dl>
        </Paper>
      </Section>
    </>
  );
}
