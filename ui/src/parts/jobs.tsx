/** Work in the background: watched by server-sent events, shown wherever one is. */
import { Button, Loader, Progress, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { ask, queries, useGet, type Job, type Problem } from "../api";
import { useFormat } from "../format";
import { useNamed, useSay } from "../i18n";
import { useMay } from "../session";
import { Trouble } from "./states";

export const isOpen = (job: Job) => job.state === "waiting" || job.state === "running";

export function useJobs() {
  return useGet<Job[]>("/jobs", { staleTime: 5_000, refetchInterval: 30_000 });
}

/** Follow one job until it ends; what it changed is asked for again then. */
export function useWatched(id: number | undefined): Job | undefined {
  const [job, setJob] = useState<Job>();
  useEffect(() => {
    if (id === undefined) return;
    const source = new EventSource(`/api/v1/jobs/${id}/events`);
    source.addEventListener("job", (event) => {
      const told = JSON.parse((event as MessageEvent<string>).data) as Job;
      setJob(told);
      if (!isOpen(told)) {
        source.close();
        void queries.invalidateQueries({ predicate: (each) => each.queryKey[0] !== "/session" });
      }
    });
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) void queries.invalidateQueries({ queryKey: ["/jobs"] });
    };
    return () => source.close();
  }, [id]);
  return job?.id === id ? job : undefined;
}

export async function begin(path: string, body: unknown): Promise<Job> {
  const job = await ask<Job>(path, { body });
  await queries.invalidateQueries({ queryKey: ["/jobs"] });
  return job;
}

export function JobsNow() {
  const say = useSay();
  const jobs = useJobs();
  const named = useNamed();
  const open = jobs.data?.find(isOpen);
  const watched = useWatched(open?.id);
  const now = watched ?? open;
  if (!now || !isOpen(now)) return null;
  const title = `${named("job", now.kind)}${now.step ? `: ${named("step", now.step)}` : ""}`;
  return (
    <Tooltip label={title}>
      <Link to="/data" className="job-now" aria-label={say("jobs.now", { what: title })}>
        <Loader size={14} />
        <Text span size="sm" visibleFrom="md" truncate maw={220}>
          {title}
        </Text>
      </Link>
    </Tooltip>
  );
}

export function JobCard({ job }: { job: Job }) {
  const say = useSay();
  const format = useFormat();
  const named = useNamed();
  const mayWrite = useMay("write");
  const watched = useWatched(isOpen(job) ? job.id : undefined);
  const now = watched ?? job;
  const [problem, setProblem] = useState<Problem>();
  const share = now.total ? (now.done / now.total) * 100 : null;
  return (
    <div className={`job job-${now.state}`}>
      <div className="job-head">
        <span>
          <strong>{named("job", now.kind)}</strong>
          {typeof now.asked.file === "string" && <span className="dim"> · {now.asked.file}</span>}
        </span>
        <span className="dim">
          {say(`job.state.${now.state}` as "job.state.done")} · {format.dateTime(now.ended_at ?? now.started_at ?? now.created_at)} · {now.actor}
        </span>
      </div>
      {isOpen(now) && (
        <div className="job-line" role="status">
          <Progress value={share ?? 100} animated={share === null} striped={share === null} aria-label={named("job", now.kind)} flex={1} />
          <span className="dim number">
            {named("step", now.step)} {now.total ? `${format.count(now.done)} / ${format.count(now.total)}` : now.done ? format.count(now.done) : ""}
          </span>
          {mayWrite && (
            <UnstyledButton className="textual" onClick={() => void ask(`/jobs/${now.id}`, { method: "DELETE" }).then(() => queries.invalidateQueries({ queryKey: ["/jobs"] }), (error: Problem) => setProblem(error))}>
              {say("jobs.stop")}
            </UnstyledButton>
          )}
        </div>
      )}
      {now.problem && (
        <div className="bad">
          {now.problem} <span className="dim">{now.hint}</span>
        </div>
      )}
      <Trouble of={problem} />
    </div>
  );
}

/** Ask for a refresh of all segments, and say how it goes. */
export function RefreshButton({ variant = "default" }: { variant?: string }) {
  const say = useSay();
  const [problem, setProblem] = useState<Problem>();
  const jobs = useJobs();
  const running = jobs.data?.some((job) => isOpen(job) && (job.kind === "run" || job.kind === "refresh")) ?? false;
  if (!useMay("write")) return null;
  return (
    <>
      <Button variant={variant} loading={running} onClick={() => void begin("/jobs", { kind: "run" }).catch((error: Problem) => setProblem(error))}>
        {say("jobs.run")}
      </Button>
      <Trouble of={problem} />
    </>
  );
}
