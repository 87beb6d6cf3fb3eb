/** The fixes that were made, each with the way back. */
import { Paper } from "@mantine/core";
import { Link } from "react-router";
import { ask, queries, useGet } from "../api";
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { Rows, Section } from "../parts/common";
import { Confirm } from "../parts/Confirm";
import { Answer, Message } from "../parts/states";
import { useMay } from "../session";
import { everything } from "./FixDialog";
import type { Finding, KeptFix } from "./told";

export function Fixes({ findings }: { findings: Finding[] }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  const mayWrite = useMay("write");
  const fixes = useGet<KeptFix[]>("/audit/fixes");
  const names = new Map(findings.map((each) => [each.check, each.name]));
  async function undo(fix: KeptFix) {
    await ask(`/audit/fixes/${fix.number}/undo`, { method: "POST" });
    void queries.invalidateQueries(everything);
  }
  return (
    <Section title={say("audit.fixes")} about={say("audit.fixes.about")}>
      <Answer of={fixes} rows={4}>
        {(told) => (
          <Paper>
            <Rows<KeptFix>
              caption={say("audit.fixes")}
              rows={told}
              rowKey={(each) => each.number}
              empty={<Message icon="check" title={say("audit.fixes.none")}>{say("audit.fixes.none.hint")}</Message>}
              columns={[
                { key: "what", name: say("audit.fixes.what"), cell: (each) => <span className={each.undone_at ? "undone" : undefined}><Link to={`/audit/${each.check}`}>{names.get(each.check) ?? each.check}</Link><span className="row-about">{say("audit.fixes.number", { number: each.number, what: named("audit.fixes.kind", each.kind) })}{each.tag && ` · ${each.tag}`}</span></span> },
                { key: "people", name: say("segments.size"), isNumber: true, cell: (each) => format.few(each.people) },
                { key: "when", name: say("history.when"), cell: (each) => <>{format.dateTime(each.applied_at)}<span className="row-about">{each.actor}</span></> },
                { key: "note", name: say("note"), cell: (each) => each.note || "–" },
                { key: "undo", name: say("audit.fix.undo"), isAction: true, isNumber: true, cell: (each) => (each.undone_at ? <span className="dim">{say("audit.fixes.undone", { when: format.dateTime(each.undone_at), who: each.undone_by ?? "" })}</span> : mayWrite && <Confirm title={say("audit.fix.undo.of", { number: each.number })} about={say("audit.fix.undo.about")} go={say("audit.fix.undo")} label={say("audit.fix.undo.of", { number: each.number })} act={() => undo(each)}>{say("audit.fix.undo")}</Confirm>) },
              ]}
            />
          </Paper>
        )}
      </Answer>
    </Section>
  );
}
