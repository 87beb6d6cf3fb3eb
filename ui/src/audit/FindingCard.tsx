/** One finding: how many, what is at stake, why it matters, what to do, and the button that mends it. */
import { Button, Paper, Text } from "@mantine/core";
import { Link } from "react-router";
import { useNamed, useSay } from "../i18n";
import { Coded } from "../parts/common";
import { Icon, type IconName } from "../parts/Icon";
import { useMay } from "../session";
import { useSaid } from "./said";
import type { Check, Finding, Severity } from "./told";

const SIGNS: Record<Severity, IconName> = { bad: "warn", warn: "warn", notice: "info", ok: "check", unknown: "search" };

export function Badge({ severity }: { severity: Severity }) {
  const named = useNamed();
  return (
    <span className={`grave grave-${severity}`}>
      <Icon name={SIGNS[severity]} size={14} />
      {named("audit.severity", severity)}
    </span>
  );
}

export function Counted({ finding }: { finding: Finding }) {
  const said = useSaid();
  const change = said.change(finding);
  return (
    <p className="found-count">
      <strong>{said.counted(finding)}</strong>
      {finding.share !== null && <> · {said.share(finding.share)}</>}
      {change && <span className="dim small"> {change}</span>}
    </p>
  );
}

/** What is merely good to know: one line, and the rest behind it. */
export function FindingLine({ finding, check, fix }: { finding: Finding; check: Check | undefined; fix: (finding: Finding) => void }) {
  const say = useSay();
  const said = useSaid();
  const brief = [said.counted(finding), finding.share !== null && said.share(finding.share), said.atStake(finding.money)].filter(Boolean).join(" · ");
  return (
    <details className="found-line">
      <summary><strong>{finding.name}</strong> <span className="dim">{brief}</span></summary>
      <div className="found"><Body finding={finding} check={check} fix={fix} /><p><Link to={`/audit/${finding.check}`} aria-label={`${say("idea.finding.act")}: ${finding.name}`}>{say("idea.finding.act")}</Link></p></div>
    </details>
  );
}

export function FindingCard({ finding, check, fix }: { finding: Finding; check: Check | undefined; fix: (finding: Finding) => void }) {
  return (
    <Paper component="article" p="md" className={`found found-${finding.severity}`} aria-label={finding.name}>
      <div className="found-head">
        <h3><Link to={`/audit/${finding.check}`}>{finding.name}</Link></h3>
        <Badge severity={finding.severity} />
      </div>
      <Body finding={finding} check={check} fix={fix} />
    </Paper>
  );
}

/** What stands below a finding's name, in the list and on its own page. */
export function Body({ finding, check, fix, whole }: { finding: Finding; check: Check | undefined; fix: (finding: Finding) => void; whole?: boolean }) {
  const say = useSay();
  const named = useNamed();
  const said = useSaid();
  const stake = said.atStake(finding.money);
  const seesPeople = useMay("personal");
  const how = <How finding={finding} check={check} />;
  const sentences = Object.entries(finding.said ?? {});
  return (
    <>
      {finding.unknown ? <p className="dim">{named("audit.severity", "unknown")}: <Coded words={finding.unknown.words} /></p> : <Counted finding={finding} />}
      {stake ? <p className="found-money">{stake}</p> : finding.money?.words && <p className="dim small">{say("audit.report.money")} {finding.money.words}</p>}
      <p>{check?.why}</p>
      {sentences.length > 0 && <ul className="figures-told">{sentences.map(([name, words]) => <li key={name}>{words}</li>)}</ul>}
      <p><strong>{say("audit.report.what_to_do")}</strong> {finding.advice}</p>
      {finding.fix && !!finding.count && seesPeople && (
        <Button size="compact-md" variant={whole ? "filled" : "light"} className="found-fix" onClick={() => fix(finding)} aria-label={say("audit.fix.of", { name: finding.name })}>
          {say("audit.fix")}
        </Button>
      )}
      {whole ? <><h2>{say("audit.report.counted")}</h2>{how}</> : <details className="more"><summary>{say("audit.report.counted")}<span className="unseen">: {finding.name}</span></summary>{how}</details>}
    </>
  );
}

function How({ finding, check }: { finding: Finding; check: Check | undefined }) {
  const say = useSay();
  return (
    <div className="how">
      <p>{check?.description}</p>
      {finding.money ? finding.money.amount !== null && finding.money.words && <p><strong>{say("audit.report.money")}</strong> {finding.money.words}.</p> : check && !check.money && <p className="dim">{say("audit.no_money")}</p>}
      {check?.source && <p><strong>{say("audit.report.source")}</strong> {check.source}</p>}
      {finding.samples.length > 0 && <p className="breakable"><strong>{say("audit.report.samples")}</strong> <Text span size="xs" className="tag">{say("audit.report.personal")}</Text> {finding.samples.join(", ")}</p>}
      {finding.command && <p><strong>{say("audit.report.command")}</strong> <code>{finding.command}</code></p>}
    </div>
  );
}
