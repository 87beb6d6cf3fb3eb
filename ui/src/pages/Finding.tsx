/** One finding at its own address: all that is known of it, and how it is judged and counted in the score. */
import { Paper } from "@mantine/core";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { useGet } from "../api";
import { Badge, Body } from "../audit/FindingCard";
import { FixDialog } from "../audit/FixDialog";
import { useSaid } from "../audit/said";
import { useAudits, type Check, type Finding } from "../audit/told";
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { Head, Section } from "../parts/common";
import { Answer, Message } from "../parts/states";

export default function FindingPage() {
  const say = useSay();
  const { check = "" } = useParams();
  const { history, newest } = useAudits();
  const checks = useGet<Check[]>("/audit/checks", { staleTime: 600_000 });
  const none = <Message whole icon="search" title={say("audit.no_check", { check })} action={<Link to="/audit">{say("audit.all_findings")}</Link>} />;
  return (
    <Answer of={history} whole>
      {(made) =>
        !made.length ? none : (
          <Answer of={newest} whole>
            {(told) => {
              const finding = told.findings.find((each) => each.check === check);
              if (!finding) return none;
              return <Answer of={checks} whole>{(known) => <Shown key={check} finding={finding} check={known.find((each) => each.check === check)} asOf={told.as_of} />}</Answer>;
            }}
          </Answer>
        )
      }
    </Answer>
  );
}

function Shown({ finding, check, asOf }: { finding: Finding; check: Check | undefined; asOf: string }) {
  const say = useSay();
  const named = useNamed();
  const [fixing, setFixing] = useState<Finding | null>(null);
  return (
    <>
      <Head title={finding.name} about={named("audit.section", finding.section)} asOf={asOf} back={{ to: "/audit", name: say("audit.all_findings") }} action={<Badge severity={finding.severity} />} />
      <Paper p="lg" className={`found found-${finding.severity} found-whole`}><Body finding={finding} check={check} fix={setFixing} whole /></Paper>
      {check && <Judged finding={finding} check={check} />}
      <FixDialog finding={fixing} close={() => setFixing(null)} />
    </>
  );
}

/** From where on it is grave and why, and what it weighs. */
function Judged({ finding, check }: { finding: Finding; check: Check }) {
  const say = useSay();
  const named = useNamed();
  const format = useFormat();
  const said = useSaid();
  const facts: [string, string][] = [
    [say("audit.report.word.warn_from"), said.share(check.warn)],
    [say("audit.report.word.bad_from"), said.share(check.bad)],
    ...(check.part
      ? ([
          [say("audit.report.word.part"), named("audit.part", `${check.part}.name`)],
          [say("audit.report.word.weight"), format.count(check.weight)],
          [say("audit.report.word.anchor"), said.share(check.anchor)],
          [say("audit.mark"), finding.mark === null ? say("audit.report.not_known") : format.count(finding.mark)],
        ] as [string, string][])
      : []),
  ];
  return (
    <Section title={say("audit.judged")}>
      <Paper p="md">
        <dl className="facts facts-row judged">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {check.reason && <p><strong>{say("audit.report.word.reason")}:</strong> {check.reason}</p>}
        {check.when && <code className="rule">{check.when}</code>}
      </Paper>
    </Section>
  );
}
