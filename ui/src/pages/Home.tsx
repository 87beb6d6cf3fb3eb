/** Home: the base at a glance, what changed, and what is most worth doing now. */
import { Button, Paper, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ask, useGet, type Count, type Home as Told, type Problem, type SegmentList, type SegmentRow } from "../api";
import { useFormat } from "../format";
import { useSay } from "../i18n";
import { Bar, Change, Head, Section, Stat } from "../parts/common";
import { Icon, type IconName } from "../parts/Icon";
import { RefreshButton } from "../parts/jobs";
import { Answer, Message } from "../parts/states";
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
  const part = (count: Count | undefined) => (count?.share == null ? undefined : say("home.of_base", { share: format.share(count.share) }));
  return (
    <>
      <div className="stats">
        <Stat name={say("home.known")} value={format.count(told.size)} beside={say("home.known.about")} to={seesPeople ? "/people" : undefined} />
        <Stat name={say("home.reachable")} value={reachable.isPending ? "…" : format.count(reachable.data?.count)} beside={reachable.data?.share == null ? undefined : say("home.reachable.of", { share: format.share(reachable.data.share) })} />
        <Stat name={say("home.engaged")} value={engaged.isPending ? "…" : format.count(engaged.data?.count)} beside={part(engaged.data) ?? say("home.engaged.about")} />
        <Stat name={say("home.buyers")} value={format.count(told.buyers)} beside={told.share_of_buyers === null ? undefined : say("home.of_base", { share: format.share(told.share_of_buyers) })} to="/rfm" />
        <Stat name={say("home.revenue")} value={format.wholeMoney(told.revenue)} beside={say("home.orders", { orders: format.count(told.orders), average: format.money(told.average_order_value) })} />
      </div>
      <Answer of={segments} rows={3}>
        {(list) => (
          <div className="two">
            <Section title={say("home.worth")} about={say("home.worth.about")}>
              <Worth rows={list.rows} asOf={told.as_of} />
            </Section>
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

/** What the figures at hand advise, the most money first; the audit will say more once there is one. */
function useIdeas(rows: SegmentRow[], asOf: string | null): Idea[] {
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
  return [...ideas.sort((one, other) => other.weight - one.weight), ...(unused ? [unused] : [])].slice(0, 3);
}

function Worth({ rows, asOf }: { rows: SegmentRow[]; asOf: string | null }) {
  const ideas = useIdeas(rows, asOf);
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
  const moved = rows.filter((row) => row.entered || row.left).sort((one, other) => (other.entered ?? 0) + (other.left ?? 0) - (one.entered ?? 0) - (one.left ?? 0));
  const shown = moved.length ? moved.slice(0, 6) : [...rows].filter((row) => row.share_of_revenue !== null).sort((one, other) => (other.share_of_revenue ?? 0) - (one.share_of_revenue ?? 0)).slice(0, 6);
  return (
    <Paper className="list">
      {!moved.length && <Text size="sm" c="dimmed" px="md" pt="sm">{say("home.no_change")}</Text>}
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
