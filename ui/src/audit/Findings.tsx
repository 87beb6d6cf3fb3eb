/** All findings, the gravest first, by how grave and by section; what was looked for in vain; what is not known. */
import { Button, NativeSelect, Paper } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { Coded, Section } from "../parts/common";
import { Message } from "../parts/states";
import { FindingCard, FindingLine } from "./FindingCard";
import { GRAVE, SECTIONS, type Audit, type Check, type Finding, type Severity } from "./told";

const SEVERITIES: Severity[] = ["bad", "warn", "notice", "ok", "unknown"];

export function Findings({ told, checks, fix }: { told: Audit; checks: Map<string, Check>; fix: (finding: Finding) => void }) {
  const say = useSay();
  const named = useNamed();
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  const severity = SEVERITIES.find((each) => each === params.get("severity"));
  const section = SECTIONS.find((each) => each === params.get("section"));
  const set = (name: string, value: string | null) =>
    setParams((now) => {
      value ? now.set(name, value) : now.delete(name);
      return now;
    });
  const within = told.findings.filter((each) => !section || each.section === section);
  const shown = within.filter((each) => !severity || each.severity === severity);
  const found = shown.filter((each) => GRAVE.includes(each.severity));
  const [grave, noticed] = [found.filter((each) => each.severity !== "notice"), found.filter((each) => each.severity === "notice")];
  const sections = SECTIONS.filter((key) => told.findings.some((each) => each.section === key));
  return (
    <>
      <div className="filters filters-found">
        <ul className="chips" aria-label={say("audit.severity")}>
          {[undefined, ...SEVERITIES].map((key) => {
            const n = within.filter((each) => (key ? each.severity === key : GRAVE.includes(each.severity))).length;
            return (
              <li key={key ?? "all"}>
                <button type="button" className={`chip${severity === key ? " chip-on" : ""}`} aria-pressed={severity === key} onClick={() => set("severity", key ?? null)}>
                  {key ? named("audit.severity", key) : say("audit.all")} <span className="dim">{format.count(n)}</span>
                </button>
              </li>
            );
          })}
        </ul>
        <NativeSelect aria-label={say("audit.section")} value={section ?? ""} onChange={(event) => set("section", event.currentTarget.value)} data={[{ value: "", label: say("audit.section.all") }, ...sections.map((key) => ({ value: key, label: named("audit.section", key) }))]} />
      </div>
      {!shown.length && <Message icon="search" title={say("audit.none_of_these")} action={<Button variant="default" onClick={() => setParams((now) => { now.delete("severity"); now.delete("section"); return now; })}>{say("audit.show_all")}</Button>} />}
      {!found.length && !severity && shown.length > 0 && <Message icon="check" title={say("audit.report.nothing_grave")} />}
      {found.length > 0 && (
        <Section title={say("audit.report.section.findings")} about={say("audit.report.findings_lead")}>
          <div className="founds">{grave.map((each) => <FindingCard key={each.check} finding={each} check={checks.get(each.check)} fix={fix} />)}</div>
          {noticed.length > 0 && (
            <>
              <h3 className="later">{say("audit.report.noticed")}</h3>
              <Paper className="found-lines">{noticed.map((each) => <FindingLine key={each.check} finding={each} check={checks.get(each.check)} fix={fix} />)}</Paper>
            </>
          )}
        </Section>
      )}
      <Named title={say("audit.report.unknown")} about={say("audit.report.unknown_lead")} findings={shown.filter((each) => each.severity === "unknown")} />
      <Named title={say("audit.report.fine")} findings={shown.filter((each) => each.severity === "ok")} />
    </>
  );
}

function Named({ title, about, findings }: { title: string; about?: string; findings: Finding[] }) {
  if (!findings.length) return null;
  return (
    <Section title={title} about={about}>
      <Paper p="md">
        <ul className="names">
          {findings.map((each) => (
            <li key={each.check}>
              <Link to={`/audit/${each.check}`}>{each.name}</Link>
              {each.unknown && <span className="row-about"><Coded words={each.unknown.words} /></span>}
            </li>
          ))}
        </ul>
      </Paper>
    </Section>
  );
}
