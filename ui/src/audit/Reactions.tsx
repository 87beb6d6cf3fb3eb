/** Who reacts, who may be written to, and what becomes of people. */
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { Section } from "../parts/common";
import { Picture } from "./Picture";
import type { Audit } from "./told";

const YOUNG_DAYS = 90;

export function Reactions({ told: { base, pictures } }: { told: Audit }) {
  const say = useSay();
  const named = useNamed();
  const format = useFormat();
  const of = (part: number | null, whole: number | null = base) => format.share(part === null || !whole ? null : part / whole);
  const quarter = (day: string) => say("audit.quarter", { year: day.slice(0, 4), n: Math.floor((Number(day.slice(5, 7)) - 1) / 3) + 1 });
  const visitors = pictures.visitors ? (["known", "anonymous"] as const).map((key) => ({ key, n: pictures.visitors?.[key] ?? null })) : [];
  const seen = visitors.reduce((sum, each) => sum + (each.n ?? 0), 0);
  const people = say("audit.report.word.people");
  const age = (first: number, last: number | null) => (last === null ? say("audit.report.age_on", { first: format.count(first - 1) }) : say("audit.report.age", { first, last }));
  const less = (one: number | null, other: number | null) => (one === null || other === null ? null : one - other);
  return (
    <>
      <Section title={say("audit.report.section.reactivity")}>
        <div className="pictures">
          <Picture
            of="ladder"
            lying
            rows={pictures.ladder}
            rowKey={(each) => each.key}
            place={(each) => named("audit.report.rung", each.key)}
            drawn={[{ name: people, of: (each) => each.people }]}
            columns={[
              { key: "rung", name: say("audit.report.word.last_reaction"), cell: (each) => named("audit.report.rung", each.key) },
              { key: "people", name: people, isNumber: true, cell: (each) => format.few(each.people) },
              { key: "share", name: say("audit.report.word.share_of_base"), isNumber: true, cell: (each) => of(each.people) },
            ]}
          />
          <Picture
            of="interaction"
            lying
            rows={pictures.interaction}
            rowKey={(each) => each.key}
            place={(each) => named("audit.report.interaction", each.key)}
            drawn={[{ name: say("audit.report.word.in_90"), of: (each) => each.d90 }, { name: say("audit.report.word.in_365"), of: (each) => each.d365 }]}
            columns={[
              { key: "what", name: say("audit.report.word.what"), cell: (each) => named("audit.report.interaction", each.key) },
              ...(["30", "90", "365"] as const).map((days) => ({ key: days, name: say(`audit.report.word.in_${days}`), isNumber: true, cell: (each: Audit["pictures"]["interaction"][number]) => <>{format.few(each[`d${days}`])}<span className="row-about">{of(each[`d${days}`])}</span></> })),
            ]}
          />
          <Picture
            of="channels"
            lying
            stacked
            rows={pictures.channels}
            rowKey={(each) => each.key}
            place={(each) => named("channel", each.key)}
            drawn={[{ name: say("audit.report.word.yes"), of: (each) => each.yes }, { name: say("audit.report.word.no"), of: (each) => each.no }]}
            columns={[
              { key: "channel", name: say("audit.report.word.channel"), cell: (each) => named("channel", each.key) },
              { key: "yes", name: say("audit.report.word.yes"), isNumber: true, cell: (each) => format.few(each.yes) },
              { key: "no", name: say("audit.report.word.no"), isNumber: true, cell: (each) => format.few(each.no) },
              { key: "silent", name: say("audit.report.word.silent"), isNumber: true, cell: (each) => format.few(each.silent) },
              { key: "ratio", name: say("audit.report.word.ratio"), isNumber: true, cell: (each) => of(each.yes, each.yes === null || each.no === null ? null : each.yes + each.no) },
            ]}
          />
        </div>
      </Section>
      <Section title={say("audit.report.section.conversion")}>
        <div className="pictures">
          <Picture
            of="cohorts"
            isShare
            rows={pictures.cohorts}
            rowKey={(each) => each.first_day}
            place={(each) => quarter(each.first_day)}
            drawn={[{ name: say("audit.report.word.ever_bought"), of: (each) => (each.people && each.buyers !== null ? each.buyers / each.people : null) }]}
            columns={[
              { key: "quarter", name: say("audit.report.word.quarter"), cell: (each) => quarter(each.first_day) },
              { key: "people", name: people, isNumber: true, cell: (each) => format.few(each.people) },
              { key: "buyers", name: say("audit.report.word.buyers"), isNumber: true, cell: (each) => format.few(each.buyers) },
              { key: "ever", name: say("audit.report.word.ever_bought"), isNumber: true, cell: (each) => of(each.buyers, each.people) },
              { key: "within", name: say("audit.report.word.within_90"), isNumber: true, hideBelow: "md", cell: (each) => of(each.within_90, each.people) },
              { key: "engaged", name: say("audit.report.word.engaged"), isNumber: true, hideBelow: "md", cell: (each) => of(each.engaged, each.people) },
            ]}
          />
          <Picture
            of="ages"
            lying
            stacked
            rows={pictures.ages.some((each) => each.people !== 0) ? pictures.ages : []}
            rowKey={(each) => each.first}
            place={(each) => age(each.first, each.last)}
            drawn={[{ name: say("audit.report.word.awake"), of: (each) => each.awake }, { name: say("audit.report.word.asleep"), of: (each) => less(each.people, each.awake) }]}
            columns={[
              { key: "age", name: say("audit.report.word.age"), cell: (each) => age(each.first, each.last) },
              { key: "people", name: people, isNumber: true, cell: (each) => format.few(each.people) },
              { key: "awake", name: say("audit.report.word.awake"), isNumber: true, cell: (each) => format.few(each.awake) },
              { key: "asleep", name: say("audit.report.word.asleep"), isNumber: true, cell: (each) => format.count(less(each.people, each.awake)) },
              { key: "plan", name: say("audit.report.word.plan"), cell: (each) => say(each.last !== null && each.last <= YOUNG_DAYS ? "audit.report.plan.activate" : "audit.report.plan.clean") },
            ]}
          />
          <Picture
            of="visitors"
            lying
            rows={visitors}
            rowKey={(each) => each.key}
            place={(each) => named("audit.report.visitors", each.key)}
            drawn={[{ name: say("audit.report.word.browsers"), of: (each) => each.n }]}
            columns={[
              { key: "who", name: say("audit.report.word.who"), cell: (each) => named("audit.report.visitors", each.key) },
              { key: "n", name: say("audit.report.word.browsers"), isNumber: true, cell: (each) => format.few(each.n) },
              { key: "share", name: say("audit.report.word.share"), isNumber: true, cell: (each) => of(each.n, seen) },
            ]}
          />
        </div>
      </Section>
    </>
  );
}
