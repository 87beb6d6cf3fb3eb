/** What the API tells of an audit, and how the page asks for it. */
import { useGet } from "../api";

export type Severity = "bad" | "warn" | "notice" | "ok" | "unknown";
export type Part = { part: string; weight: number; value: number | null; known: number };
export type Score = { value: number | null; points: number | null; version: number; known: number; parts: Part[] };
export type Money = { kind: string; amount: number | null; low: number | null; high: number | null; how: string; words: string };
export type Finding = {
  check: string;
  section: string;
  name: string;
  severity: Severity;
  unit: string;
  count: number | null;
  of: number | null;
  share: number | null;
  change: number | null;
  mark: number | null;
  money: Money | null;
  advice: string;
  command: string;
  fix: string | null;
  unknown: { reason: string; words: string } | null;
  said: Record<string, string>;
  samples: string[];
};
export type Past = { as_of: string; base: number; score: number | null; score_version: number; parts: Record<string, number> };
/** Counts are null where they are so few that the reader may not see them. */
type Few = number | null;
export type Month = { first_day: string; arrived: Few; gone: Few; base: Few; decay: number | null };
export type Source = {
  name: string;
  people: Few;
  reachable: Few;
  engaged: Few;
  buyers: Few;
  revenue_e4: number | null;
  arrived_365: Few;
  gone_365: Few;
  signs: string[];
};
export type Inventory = {
  sources: { name: string; kinds: string[]; received: Few; rejected: Few; last_at: string }[];
  fields: { key: string; people: Few; share: number }[];
  events: { key: string; count: Few; first_at: string; last_at: string; is_fresh: boolean }[];
  questions: { key: string; missing: string[] }[];
  segments: { possible: number; of: number };
  missing: { words: string; opens: number; of: number }[];
};
export type Pictures = {
  ladder: { key: string; people: Few }[];
  interaction: { key: string; d30: Few; d90: Few; d365: Few }[];
  channels: { key: string; yes: Few; no: Few; silent: Few }[];
  months: Month[];
  source_months: (Month & { source: string })[];
  cohorts: { first_day: string; people: Few; buyers: Few; within_90: Few; engaged: Few }[];
  ages: { first: number; last: number | null; people: Few; awake: Few }[];
  sources: Source[];
  visitors: { anonymous: Few; known: Few } | null;
  inventory?: Inventory;
};
export type Audit = { as_of: string; base: number; score: Score; before: Past | null; findings: Finding[]; pictures: Pictures };
export type Check = {
  check: string;
  description: string;
  why: string;
  reason: string;
  source: string;
  warn: number;
  bad: number;
  part: string | null;
  weight: number;
  anchor: number;
  when: string | null;
  money: string | null;
};
export type Change = { profile_id: number; known_as: string; what: string; before: string; after: string };
export type Preview = {
  check: string;
  kind: string;
  count_before: number | null;
  count_after: number;
  people: number;
  changes: Change[];
  left: Record<string, number>;
  score_before: Score;
  score_after: Score;
};
export type KeptFix = { number: number; check: string; kind: string; actor: string; applied_at: string; note: string; people: number | null; tag: string; undone_at: string | null; undone_by: string | null };

export const PARTS = ["reachable", "engaged", "lawful", "valid", "unique", "complete", "growing"] as const;
export const SECTIONS = ["engagement", "deliverability", "law", "values", "completeness", "duplicates", "records", "growth", "own"] as const;
export const GRAVE: Severity[] = ["bad", "warn", "notice"];

/** The audits that were made, and what the newest found: looked for only where one was made. */
export function useAudits() {
  const history = useGet<Past[]>("/audit/history");
  const newest = useGet<Audit>("/audit", { enabled: !!history.data?.length, staleTime: 60_000 });
  return { history, newest };
}

/** How many points more than the audit before; null where there is none that can be compared. */
export function gained(score: Score, before: Past | null): number | null {
  if (score.points === null || before?.score == null || before.score_version !== score.version) return null;
  return score.points - Math.round(before.score);
}
