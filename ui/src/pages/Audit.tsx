/** The audit: how healthy the base is, what was found and what mends it, what it comes from, how the score went. */
import { Button, Menu, Tabs } from "@mantine/core";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { download, useGet, type Home, type Problem } from "../api";
import { AuditJob, AuditNow } from "../audit/AuditNow";
import { Findings } from "../audit/Findings";
import { FixDialog } from "../audit/FixDialog";
import { Fixes } from "../audit/Fixes";
import { Growth } from "../audit/Growth";
import { InventoryView } from "../audit/InventoryView";
import { Reactions } from "../audit/Reactions";
import { ScoreCard } from "../audit/ScoreCard";
import { ScoreHistory } from "../audit/ScoreHistory";
import { useAudits, type Audit, type Check, type Finding, type Past } from "../audit/told";
import { useSay } from "../i18n";
import { Head } from "../parts/common";
import { Icon } from "../parts/Icon";
import { Answer, Message, Trouble } from "../parts/states";
import { useMay } from "../session";

const VIEWS = ["findings", "fixes", "reactions", "growth", "data", "history"] as const;
type View = (typeof VIEWS)[number];

export default function AuditPage() {
  const say = useSay();
  const seesPeople = useMay("personal");
  const { history, newest } = useAudits();
  const checks = useGet<Check[]>("/audit/checks", { staleTime: 600_000 });
  return (
    <>
      <Head title={say("nav.audit")} about={say("audit.about")} asOf={newest.data?.as_of} action={!!history.data?.length && <>{seesPeople && <Report />}<AuditNow /></>} />
      <AuditJob />
      <Answer of={history} rows={3}>
        {(made) =>
          !made.length ? <First /> : <Answer of={newest} rows={8}>{(told) => <Answer of={checks} rows={8}>{(known) => <Shown told={told} checks={known} history={made} />}</Answer>}</Answer>
        }
      </Answer>
    </>
  );
}

/** Nothing was audited yet: what an audit is and the button; without data, where to begin. */
function First() {
  const say = useSay();
  const home = useGet<Home>("/home");
  const mayWrite = useMay("write");
  return (
    <Answer of={home} rows={3}>
      {(told) =>
        told.imports ? (
          <Message icon="audit" title={say("audit.first")} action={<AuditNow />}>{say("audit.first.hint")} {!mayWrite && say("audit.first.ask")}</Message>
        ) : (
          <Message icon="data" title={say("home.empty")} action={mayWrite && <Button component={Link} to="/data">{say("home.empty.go")}</Button>}>{say("audit.no_data")}</Message>
        )
      }
    </Answer>
  );
}

function Shown({ told, checks, history }: { told: Audit; checks: Check[]; history: Past[] }) {
  const say = useSay();
  const [params, setParams] = useSearchParams();
  const [fixing, setFixing] = useState<Finding | null>(null);
  const view = VIEWS.find((each) => each === params.get("view")) ?? "findings";
  const known = new Map(checks.map((each) => [each.check, each]));
  const views: Record<View, () => React.ReactNode> = {
    findings: () => <Findings told={told} checks={known} fix={setFixing} />,
    fixes: () => <Fixes findings={told.findings} />,
    reactions: () => <Reactions told={told} />,
    growth: () => <Growth told={told} />,
    data: () => told.pictures.inventory && <InventoryView told={told.pictures.inventory} />,
    history: () => <ScoreHistory history={history} score={told.score} asOf={told.as_of} />,
  };
  return (
    <>
      <ScoreCard told={told} checks={checks} whole={view === "findings"} />
      <Tabs value={view} onChange={(chosen) => setParams(chosen && chosen !== "findings" ? { view: chosen } : {})} keepMounted={false} mt="lg">
        <Tabs.List aria-label={say("nav.audit")}>
          {VIEWS.map((each) => <Tabs.Tab key={each} value={each}>{say(`audit.view.${each}`)}</Tabs.Tab>)}
        </Tabs.List>
        {VIEWS.map((each) => <Tabs.Panel key={each} value={each} pt="md">{each === view && views[each]()}</Tabs.Panel>)}
      </Tabs>
      <FixDialog finding={fixing} close={() => setFixing(null)} />
    </>
  );
}

/** The same audit as a page or a PDF to keep or hand on: with every count, and with samples if wished. */
function Report() {
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function save(form: "html" | "pdf", samples: boolean) {
    setBusy(true);
    setProblem(null);
    try {
      await download(`/audit/report?form=${form}&samples=${samples}`, undefined, `${say("audit.report.file")}.${form}`);
    } catch (error) {
      setProblem(error as Problem);
    }
    setBusy(false);
  }
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" loading={busy} leftSection={<Icon name="download" size={16} />}>{say("audit.report")}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void save("html", false)}>{say("audit.report.html")}</Menu.Item>
          <Menu.Item onClick={() => void save("pdf", false)}>{say("audit.report.pdf")}</Menu.Item>
          <Menu.Item onClick={() => void save("html", true)}>{say("audit.report.html_samples")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Trouble of={problem} />
    </>
  );
}
