/** The score, its parts with what is not known of them, and what the audit comes to in a sentence or two. */
import { Paper } from "@mantine/core";
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { Bar, Coded } from "../parts/common";
import { useSaid } from "./said";
import { gained, type Audit, type Check, type Part } from "./told";

const GOOD = 80;
const FAIR = 50;
const tone = (value: number | null) => (value === null ? "none" : value >= GOOD ? "good" : value >= FAIR ? "fair" : "poor");

export function Gained({ told, before }: { told: Audit; before?: string }) {
  const say = useSay();
  const format = useFormat();
  const points = gained(told.score, told.before);
  if (points === null || !told.before) return null;
  const when = format.date(told.before.as_of);
  return <>{before}<span className={points > 0 ? "good" : points < 0 ? "bad" : "dim"}>{points ? say("audit.gained", { points: format.signed(points), when }) : say("audit.gained.none", { when })}</span></>;
}

/** Whole, or where something else is the matter, without its parts on a phone. */
export function ScoreCard({ told, checks, whole }: { told: Audit; checks: Check[]; whole: boolean }) {
  const say = useSay();
  const format = useFormat();
  const said = useSaid();
  const { score } = told;
  const of = (severity: string) => format.count(told.findings.filter((each) => each.severity === severity).length);
  const [most] = told.findings.filter((each) => each.money?.amount && ["asleep", "cost"].includes(each.money.kind)).sort((one, other) => (other.money?.amount ?? 0) - (one.money?.amount ?? 0));
  return (
    <Paper p="lg" className={whole ? "score" : "score score-brief"}>
      <div className={`score-points tone-${tone(score.value)}`}>
        <span className="score-value">{score.points ?? "–"}</span>
        <span className="dim">{say("audit.report.score")}</span>
        <div className="small"><Gained told={told} /></div>
      </div>
      <div className="score-told">
        <p>{say(score.points === null ? "audit.report.summary_unknown" : "audit.report.summary", { people: format.count(told.base), bad: of("bad"), warn: of("warn") })}</p>
        {most && <p>{say("audit.report.most", { name: most.name, count: said.counted(most), money: said.atStake(most.money) })}</p>}
        {score.known < 1 && <p className="dim small">{say("audit.report.known", { share: format.share(score.known) })}</p>}
      </div>
      <dl className="score-parts" aria-label={say("audit.report.parts")}>
        {score.parts.map((part) => <PartOf key={part.part} part={part} told={told} checks={checks} />)}
      </dl>
    </Paper>
  );
}

/** One part: its value, or that it is not known; and why, where any of its checks could not be asked. */
function PartOf({ part, told, checks }: { part: Part; told: Audit; checks: Check[] }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  const own = new Set(checks.filter((each) => each.part === part.part).map((each) => each.check));
  const reasons = [...new Set(told.findings.flatMap((each) => (each.unknown && own.has(each.check) ? [each.unknown.words] : [])))];
  const partly = part.value !== null && part.known < 1 ? [say("audit.report.partly", { share: format.share(part.known) })] : [];
  const note = [...partly, ...reasons].join(" · ");
  return (
    <div className={`tone-${tone(part.value)}`}>
      <dt>{named("audit.part", `${part.part}.name`)}</dt>
      <dd>
        <span className="with-bar">
          {part.value !== null && <Bar share={part.value / 100} />}
          <span className={part.value === null ? "dim" : "number score-part"}>{part.value === null ? say("audit.report.not_known") : format.count(part.value)}</span>
        </span>
        {note && <span className="row-about"><Coded words={note} /></span>}
      </dd>
    </div>
  );
}
