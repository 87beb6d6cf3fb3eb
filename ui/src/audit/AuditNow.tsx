/** Ask for an audit, and see how it goes. */
import { Button } from "@mantine/core";
import { useState } from "react";
import type { Problem } from "../api";
import { useSay } from "../i18n";
import { begin, isOpen, JobCard, useJobs } from "../parts/jobs";
import { Trouble } from "../parts/states";
import { useMay } from "../session";

export function AuditNow() {
  const say = useSay();
  const jobs = useJobs();
  const [problem, setProblem] = useState<Problem>();
  const running = jobs.data?.some((job) => job.kind === "audit" && isOpen(job)) ?? false;
  if (!useMay("write")) return null;
  return (
    <>
      <Button
        loading={running}
        onClick={() => {
          setProblem(undefined);
          void begin("/jobs", { kind: "audit" }).catch((error: Problem) => setProblem(error));
        }}
      >
        {say("audit.now")}
      </Button>
      <Trouble of={problem} />
    </>
  );
}

/** The newest audit in the background while it goes on, or when it came to nothing. */
export function AuditJob() {
  const jobs = useJobs();
  const [newest] = (jobs.data ?? []).filter((job) => job.kind === "audit");
  if (!newest || newest.state === "done") return null;
  return <div className="audit-job"><JobCard key={newest.id} job={newest} /></div>;
}
