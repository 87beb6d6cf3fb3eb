/** Home: the base at a glance, what changed, and what is most worth doing now. */
import { Button, Paper, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ask, useGet, type Count, type Home as Told, type Problem, type SegmentList, type SegmentRow } from "../api";
import { useFormat } from "../format";
import { useSay } from "../i18n";
import { Gained } from "../audit/ScoreCard";
import { useSaid } from "../audit/said";
import { GRAVE, useAudits, type Audit } from "../audit/told";
import { Bar, Change, Head, Section, Stat } from "../parts/common";
import { Icon, type IconName } from "../parts/Icon";
import { RefreshButton } from "../parts/jobs";
import { Answer, Loading, Message } from "../parts/states";
import { useMay, useSession } from "../session";

const REACHABLE = "can_receive(email)";
const ENGAGED = "did email_opened in last 90 days or did email_link_clicked in last 90 days or did order_completed in last 90 days";

function useCountOf(rule: string, writer: string, enabled: boolean) {
  return useQuery<Count, Problem>({
    queryKey: ["/rules/count", rule],
    queryFn: ({ signal }) => ask<Count>("/rules/count", { body: { rule, writer }, signal }),
    staleTime: 60_000,
    enabled,
  });
}

export function Home() {
  const say = useSay();
  const session = useSession();
  const home = useGet<Told>("/home");
  const mayWrite = useMay("write");
  const empty = home.data && !home.data.as_of;
  return (
    <>
      <Head
        title={say("nav.home")}
        about={say("home.about", { shop: session.shop })}
        asOf={home.data?.as_of}
        action={!empty && mayWrite && (
          <Button component={Link} to="/segments/new" leftSection={<Icon name="plus" size={16} />}>
            {say("segment.new")}
          </Button>
        )}
      />
      <Answer of={home}>
        {(told) => (told.as_of ? <Glance told={told} /> : <Begin imports={told.imports} />)}
      </Answer>
    </>
  );
}

function Begin({ imports }: { imports: number }) {
  const say = useSay();
  const mayWrite = useMay("write");
  if (imports) return <Message icon="clock" title={say("home.unpublished")} action={<RefreshButton variant="filled" />}>{say("home.unpublished.hint")}</Message>;
  return (
    <Message icon="data" title={say("home.empty")} action={mayWrite && <Button component={Link} to="/data">{say("home.empty.go")}</Button>}>
      {say("home.empty.hint")}
    </Message>
  );
}

function Glance({ told }: { told: Told }) {
  const say = useSay();
  const format = useFormat();
  const seesPeople = useMay("personal");
  const reachable = useCountOf(REACHABLE, "home-reachable", true);
  const engaged = useCountOf(ENGAGED, "home-engaged", true);
  const segments = useGet<SegmentList>("/segments");
  const { history, newest } = useAudits();
  const isLooking = history.isPending || (!!history.data?.length && newest.isPending);
  const part = (count: Count | undefined) => (count?.share == null ? undefined : say("home.of_base", { share: format.share(count.share) }));
  return (
    <>
      <div className="stats stats-six">
        <Stat name={say("home.known")} value={format.count(told.size)} beside={say("home.known.about")} to={seesPeople ? "/people" : undefined} />
        <Stat name={say("home.reachable")} value={reachable.isPending ? "…" : format.count(reachable.data?.count)} beside={reachable.data?.share == null ? undefined : say("home.reachable.of", { share: format.share(reachable.data.share) })} />
        <Stat name={say("home.engaged")} value={engaged.isPending ? "…" : format.count(engaged.data?.count)} beside={part(engaged.data) ?? say("home.engaged.about")} />
        <Stat name={say("home.buyers")} value={format.count(told.buyers)} beside={told.share_of_buyers === null ? undefined : say("home.of_base", { share: format.share(told.share_of_buyers) })} to="/rfm" />
        <Stat name={say("home.revenue")} value={format.wholeMoney(told.revenue)} beside={say("home.orders", { orders: format.count(told.orders), average: format.money(told.average_order_value) })} />
        <Stat name={say("home.score")} value={isLooking ? "…" : (newest.data?.score.points ?? "–")} beside={newest.data ? <>{say("audit.report.score")}<Gained told={newest.data} before=" · " /></> : isLooking ? undefined : say("home.score.none")} to="/audit" />
      </div>
      <Answer of={segments} rows={3}>
        {(list) => (
          <div className="two">
            {isLooking ? <Section title={say("home.worth")}><Loading rows={3} /></Section> : <Most audit={newest.data} rows={list.rows} asOf={told.as_of} isAudited={!!history.data?.length} />}
            <Section title={say("home.changed")} about={say("home.changed.about")}>
              <Changed rows={list.rows} />
            </Section>
          </div>
        )}
      </Answer>
    </>
  );
}

type Idea = { icon: IconName; title: string; why: string; to: string; act: string; weight: number };

/** What is most worth doing: what the newest audit puts first, in its own order; without one, what the figures at hand advise. */
function Most({ audit, rows, asOf, isAudited }: { audit: Audit | undefined; rows: SegmentRow[]; asOf: string | null; isAudited: boolean }) {
  const say = useSay();
  const format = useFormat();
  const found = useFound(audit);
  const atHand = useIdeas(rows, asOf, isAudited);
  return (
    <Section title={say("home.worth")} about={found.length && audit ? say("home.worth.audit", { when: format.date(audit.as_of) }) : say("home.worth.about")} action={found.length > 0 && <Link to="/audit">{say("audit.all_findings")}</Link>}>
      <Ideas ideas={found.length ? found : atHand} />
    </Section>
  );
}

function useFound(audit: Audit | undefined): Idea[] {
  const say = useSay();
  const said = useSaid();
  const found = (audit?.findings ?? []).filter((each) => GRAVE.includes(each.severity)).slice(0, 3);
  return found.map((each) => ({
    icon: each.severity === "notice" ? "info" : "warn",
    title: `${each.name}: ${said.counted(each)}`,
    why: [said.atStake(each.money), each.advice].filter(Boolean).join(" · "),
    to: `/audit/${each.check}`,
    act: say("idea.finding.act"),
    weight: 0,
  }));
}

/** What the figures at hand advise, the most money first; before all else, to have the base audited once. */
function useIdeas(rows: SegmentRow[], asOf: string | null, isAudited: boolean): Idea[] {
  const say = useSay();
  const format = useFormat();
  const find = (slug: string) => rows.find((row) => row.slug === slug && row.size);
  const ideas: Idea[] = [];
  for (const slug of ["lost", "cooling", "one_time_buyers", "never_opened"] as const) {
    const row = find(slug);
    if (!row) continue;
    const facts = { n: format.count(row.size), money: format.wholeMoney(row.revenue), share: format.share(row.share_of_revenue) };
    ideas.push({
      icon: slug === "never_opened" ? "warn" : "people",
      title: say(`idea.${slug}`, facts),
      why: say(`idea.${slug}.why`, facts),
      to: `/segments/${slug}`,
      act: say("idea.see"),
      weight: (row.revenue ?? 0) + (slug === "never_opened" ? 1 : 0),
    });
  }
  const unused = rows.length > 0 && rows.length < 25 ? { icon: "catalog" as const, title: say("idea.catalog"), why: say("idea.catalog.why"), to: "/catalog", act: say("idea.catalog.act"), weight: 0 } : null;
  const age = asOf ? (Date.now() - new Date(asOf).getTime()) / 86_400_000 : 0;
  if (age > 2) ideas.push({ icon: "clock", title: say("idea.stale", { days: format.count(Math.floor(age)) }), why: say("idea.stale.why"), to: "/data", act: say("idea.stale.act"), weight: Number.MAX_VALUE });
  const first = isAudited ? [] : [{ icon: "audit" as const, title: say("idea.audit"), why: say("idea.audit.why"), to: "/audit", act: say("idea.audit.act"), weight: 0 }];
  return [...first, ...ideas.sort((one, other) => other.weight - one.weight), ...(unused ? [unused] : [])].slice(0, 3);
}

function Ideas({ ideas }: { ideas: Idea[] }) {
  return (
    <ol className="ideas">
      {ideas.map((idea) => (
        <li key={idea.title}>
          <Paper p="md" className="idea">
            <span className="idea-icon"><Icon name={idea.icon} /></span>
            <div>
              <Text fw={600}>{idea.title}</Text>
              <Text size="sm" c="dimmed">{idea.why}</Text>
              <Link to={idea.to} className="idea-go" aria-label={`${idea.act}: ${idea.title}`}>
                {idea.act}
              </Link>
            </div>
          </Paper>
        </li>
      ))}
    </ol>
  );
}

function Changed({ rows }: { rows: SegmentRow[] }) {
  const say = useSay();
  const format = useFormat();
  const seesPeople = useMay("personal");
  const moved = rows.filter((row) => row.entered || row.left).sort((one, other) => (other.entered ?? 0) + (other.left ?? 0) - (one.entered ?? 0) - (one.left ?? 0));
  const shown = moved.length ? moved.slice(0, 6) : [...rows].filter((row) => row.share_of_revenue !== null).sort((one, other) => (other.share_of_revenue ?? 0) - (one.share_of_revenue ?? 0)).slice(0, 6);
  return (
    <Paper className="list">
      {!moved.length && <Text size="sm" c="dimmed" px="md" pt="sm">{say(seesPeople ? "home.no_change" : "home.few_changed")}</Text>}
      <ul>
        {shown.map((row) => (
          <li key={row.slug}>
            <Link to={`/segments/${row.slug}`}>{row.name}</Link>
            {moved.length ? <Change entered={row.entered} left={row.left} /> : <span className="with-bar"><Bar share={row.share_of_revenue} /><span className="number">{format.share(row.share_of_revenue)}</span></span>}
          </li>
        ))}
      </ul>
    </Paper>
  );
}
