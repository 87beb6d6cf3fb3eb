/** What data there is: what it can answer and what not, what would open most, how full and how fresh it is. */
import { Paper } from "@mantine/core";
import { Link } from "react-router";
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { Rows, Section } from "../parts/common";
import { Icon } from "../parts/Icon";
import { Picture } from "./Picture";
import type { Inventory } from "./told";

const SHOWN_EVENTS = 14;
const SHOWN_MISSING = 8;

export function InventoryView({ told }: { told: Inventory }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  const can = told.questions.filter((each) => !each.missing.length);
  const cannot = told.questions.filter((each) => each.missing.length);
  return (
    <>
      <div className="two">
        <Section title={say("audit.report.can")}>
          <Paper p="md">
            <ul className="answers">{can.map((each) => <li key={each.key}><span className="good"><Icon name="check" size={16} /></span>{named("audit.report.question", each.key)}</li>)}</ul>
            {cannot.length > 0 && (
              <>
                <h3>{say("audit.report.cannot")}</h3>
                <ul className="answers">{cannot.map((each) => <li key={each.key}><span className="dim"><Icon name="close" size={16} /></span><span>{named("audit.report.question", each.key)}<span className="row-about">{say("audit.report.lacks", { data: each.missing.join(", ") })}</span></span></li>)}</ul>
              </>
            )}
          </Paper>
        </Section>
        <Section title={say("audit.report.missing")} action={<Link to="/catalog">{say("segments.empty.go")}</Link>}>
          <Paper p="md">
            <p className="first">{say("audit.report.possible", { possible: format.count(told.segments.possible), entries: format.count(told.segments.of) })}</p>
            <ul className="answers">{told.missing.slice(0, SHOWN_MISSING).map((each) => <li key={each.words}><span className="dim"><Icon name="plus" size={16} /></span><span><strong>{each.words}</strong><span className="row-about">{say("audit.report.opens", { opens: format.count(each.opens), of: format.count(each.of) })}</span></span></li>)}</ul>
          </Paper>
        </Section>
      </div>
      <Section title={say("audit.report.section.inventory")}>
        <div className="pictures">
          <Picture
            of="fields"
            isShare
            lying
            rows={told.fields}
            rowKey={(each) => each.key}
            place={(each) => named("audit.report.field", each.key)}
            drawn={[{ name: say("audit.report.word.share_of_base"), of: (each) => each.share }]}
            columns={[
              { key: "field", name: say("audit.report.word.field"), cell: (each) => named("audit.report.field", each.key) },
              { key: "people", name: say("audit.report.word.people"), isNumber: true, cell: (each) => format.few(each.people) },
              { key: "share", name: say("audit.report.word.share_of_base"), isNumber: true, cell: (each) => format.share(each.share) },
            ]}
          />
          <Picture
            of="events"
            lying
            drawnRows={SHOWN_EVENTS}
            rows={told.events}
            rowKey={(each) => each.key}
            place={(each) => named("event", each.key)}
            drawn={[{ name: say("audit.report.word.events"), of: (each) => each.count }]}
            columns={[
              { key: "event", name: say("audit.report.word.event"), cell: (each) => <>{named("event", each.key)}<span className="row-about">{each.key}</span></> },
              { key: "count", name: say("audit.report.word.count"), isNumber: true, cell: (each) => format.few(each.count) },
              { key: "since", name: say("audit.report.word.since"), isNumber: true, cell: (each) => format.date(each.first_at) },
              { key: "until", name: say("audit.report.word.until"), isNumber: true, cell: (each) => <>{format.date(each.last_at)}{!each.is_fresh && <span className="warned"> {say("audit.report.stale")}</span>}</> },
            ]}
          />
        </div>
      </Section>
      {told.sources.length > 0 && (
        <Section title={say("audit.report.files")}>
          <Paper>
            <Rows
              caption={say("audit.report.files")}
              rows={told.sources}
              rowKey={(each) => each.name}
              columns={[
                { key: "source", name: say("audit.report.word.file_source"), cell: (each) => named("source", each.name) },
                { key: "kinds", name: say("audit.report.word.kinds"), cell: (each) => format.rows(each.kinds.map((kind) => named("kind", kind))) },
                { key: "rows", name: say("audit.report.word.rows"), isNumber: true, cell: (each) => format.few(each.received) },
                { key: "rejected", name: say("audit.report.word.rejected"), isNumber: true, cell: (each) => format.few(each.rejected) },
                { key: "last", name: say("audit.report.word.last_import"), isNumber: true, cell: (each) => format.date(each.last_at) },
              ]}
            />
          </Paper>
        </Section>
      )}
    </>
  );
}
