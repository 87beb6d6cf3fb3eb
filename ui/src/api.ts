/** The door to the API: one function that asks, one kind of error, hooks that keep answers. */
import { keepPreviousData, QueryClient, useQuery, type UseQueryOptions } from "@tanstack/react-query";

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string | null,
  ) {
    super(title);
  }
}

const BASE = "/api/v1";

type Asked = { method?: string; body?: unknown; form?: FormData; signal?: AbortSignal; quiet?: boolean; ifMatch?: string };

async function answer(path: string, { method, body, form, signal, ifMatch }: Asked): Promise<Response> {
  const headers: Record<string, string> = { "accept-language": document.documentElement.lang };
  if (ifMatch) headers["if-match"] = ifMatch;
  if (body !== undefined) headers["content-type"] = "application/json";
  const sent = method ?? (body !== undefined || form ? "POST" : "GET");
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method: sent,
      headers,
      body: form ?? (body === undefined ? undefined : JSON.stringify(body)),
      signal,
      credentials: "same-origin",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "page.no_connection", "", null);
  }
  if (response.ok) return response;
  let told: Partial<Problem> = {};
  try {
    told = (await response.json()) as Partial<Problem>;
  } catch {
    told = {};
  }
  throw new Problem(response.status, told.code ?? "page.unexpected", told.title ?? "", told.detail ?? null);
}

export async function ask<T>(path: string, asked: Asked = {}): Promise<T> {
  try {
    const response = await answer(path, asked);
    return (response.status === 204 ? undefined : await response.json()) as T;
  } catch (error) {
    if (error instanceof Problem && error.status === 401 && !asked.quiet) void queries.invalidateQueries({ queryKey: ["/session"] });
    throw error;
  }
}

/** Ask for a file and let the browser keep it; with a body where something is chosen about it. */
export async function download(path: string, body: unknown, name: string): Promise<void> {
  const response = await answer(path, { body });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (count, error) => count < 2 && error instanceof Problem && (error.status === 0 || error.status >= 500),
      refetchOnWindowFocus: true,
    },
  },
});

type Options<T> = Pick<UseQueryOptions<T, Problem>, "enabled" | "staleTime" | "refetchInterval"> & { keep?: boolean };

export function useGet<T>(path: string, { keep, ...options }: Options<T> = {}) {
  return useQuery<T, Problem>({
    queryKey: [path],
    queryFn: ({ signal }) => ask<T>(path, { signal }),
    placeholderData: keep ? keepPreviousData : undefined,
    ...options,
  });
}

export function query(params: Record<string, string | number | boolean | null | undefined>): string {
  const told = Object.entries(params).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return told.length ? `?${new URLSearchParams(told.map(([name, value]) => [name, String(value)]))}` : "";
}

export type Language = "es" | "en";
export type Role = "viewer" | "editor" | "admin";
export type Scope = "read" | "write" | "personal" | "admin";
export type User = { id: number; name: string; role: Role; sees_personal: boolean; language: Language; created_at: string };
export type Session = {
  user: User | null;
  scopes: Scope[];
  needs_setup: boolean;
  shop: string;
  language: Language;
  timezone: string;
  currency: string;
};
export type Home = {
  as_of: string | null;
  size: number | null;
  buyers: number | null;
  orders: number | null;
  revenue: number | null;
  share_of_buyers: number | null;
  average_order_value: number | null;
  repeat_rate: number | null;
  segments: number;
  entered: number | null;
  left: number | null;
  imports: number;
};
export type SegmentRow = {
  slug: string;
  name: string;
  description: string;
  size: number | null;
  entered: number | null;
  left: number | null;
  share_of_base: number | null;
  share_of_revenue: number | null;
  revenue: number | null;
  trend: (number | null)[];
  is_published: boolean;
};
export type SegmentList = { rows: SegmentRow[]; as_of: string | null; base: number | null };
export type Words = Partial<Record<Language, string>>;
export type Tree = { when: Node; among?: "everyone" };
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the API's own tree: every node has its own parts
export type Node = any;
export type Segment = { slug: string; name: Words; description: Words; rule: string; sentence: string; tree: Tree };
export type Mistake = { code: string; message: string; hint: string | null; line: number | null; column: number | null };
export type RuleRead = { text: string | null; sentence: string | null; tree: Tree | null; mistake: Mistake | null };
export type Count = {
  count: number | null;
  base: number;
  share: number | null;
  anonymous: number | null;
  as_of: string | null;
  is_superseded: boolean;
};
export type Names = { events: string[]; fields: string[]; segments: string[]; traits: string[]; words: string[] };
export type Row = Record<string, string | number | boolean | null>;
export type Rows = { rows: Row[]; total: number; offset: number; limit: number; as_of?: string };
export type Difference = {
  segment: string;
  before: number | null;
  after: number | null;
  entering: number | null;
  leaving: number | null;
  entering_sample: Row[];
  leaving_sample: Row[];
};
export type Preview = { as_of: string; is_new: boolean; change: Difference; dependents: Difference[] };
export type Size = { as_of: string; size: number | null; entered: number | null; left: number | null; fingerprint: string };
export type Figure = {
  metric: string;
  name: string;
  unit: string;
  value: number | null;
  low: number | null;
  high: number | null;
  n: number;
  caution: "few" | "too_few" | null;
  other: number | null;
  change: number | null;
  p_value: number | null;
};
export type Figures = { segment: string; since: string | null; as_of: string; figures: Figure[] };
export type Waterfall = {
  segment: string;
  channel: string;
  purpose: string;
  as_of: string;
  size: number | null;
  steps: { reason: string; people: number | null }[];
  reachable: number | null;
};
export type Person = {
  profile_id: number;
  as_of: string;
  is_known: boolean;
  first_seen_at: string | null;
  identifiers: { kind: string; value: string; since: string; sources: string[]; subjects: number[] }[];
  merges: { one: string; other: string; kind: string; value: string; merged_at: string; cause: string; unmerged_at: string | null }[];
  barred: Row[];
  attributes: { field: string; value: string; source: string; valid_from: string; original: string | null }[];
  consents: { address: string; channel: string; purpose: string; status: string; occurred_at: string; source: string; wording: string | null; method: string | null }[];
  suppressions: Row[];
  events: { name: string; occurred_at: string; source: string; order_id: string | null; product_id: string | null; category: string | null; amount_e4: number | null; campaign_id: string | null; url: string | null }[];
  event_count: number;
  traits: Record<string, string | number | null>;
  segments: Record<string, string | null>;
  acts: { number: number; name: string; actor: string; acted_at: string; note: string | null; undoes: number | null }[];
};
export type Condition = {
  text: string;
  said: string;
  join: string;
  holds: boolean;
  parts: Condition[];
  values: Record<string, string | number | boolean | null>;
  events: { name: string; occurred_at: string; order_id: string | null; amount_e4: number | null; campaign_id: string | null; category: string | null }[];
  short: number | null;
  way: string | null;
  measure: string | null;
  so_many: string | null;
};
export type Explanation = {
  profile_id: number;
  segment: string;
  as_of: string;
  is_member: boolean;
  is_known: boolean;
  condition: Condition;
  turns_at: string | null;
  looked_until: string | null;
  asks_others: boolean;
};
export type Job = {
  id: number;
  kind: string;
  state: "waiting" | "running" | "done" | "failed" | "stopped" | "lost" | string;
  actor: string;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  step: string;
  done: number;
  total: number | null;
  asked: Row;
  result: Record<string, unknown> | null;
  problem: string | null;
  hint: string | null;
};
export type Load = {
  load_id: number;
  kind: string;
  source: string;
  origin: string;
  received_at: string;
  received: number;
  stored: number;
  duplicate: number;
  rejected: number;
  reasons: Record<string, number>;
  reasons_said: Record<string, string>;
  is_undone: boolean;
};
export type Proposal = {
  kind: string;
  columns: { header: string; field: string | null; samples: string[] }[];
  fields: string[];
  notes: string[];
  mapping: string;
  is_saved: boolean;
};
export type Entry = {
  slug: string;
  family: string;
  name: string;
  description: string;
  objective: string;
  actions: { channels: string[]; words: string }[];
  warning: string;
  is_possible: boolean;
  missing: string[];
  is_added: boolean;
  size: number | null;
  rule: string | null;
};
export type Band = { score: number; low: number | null; high: number | null };
export type RFM = {
  as_of: string;
  buyers: number | null;
  cells: { r: number; f: number; segment: string; name: string; buyers: number | null }[];
  by_segment: Record<string, number | null>;
  days: Band[];
  orders: Band[];
  money: Band[];
  window: string;
  is_net: boolean;
  fitted_at: string;
  names: Record<string, string>;
};
export type Overlap = {
  as_of: string;
  segments: string[];
  names: Record<string, string>;
  base: number | null;
  covered: number | null;
  sizes: Record<string, number | null>;
  shared: (number | null)[][];
  combinations: { segments: string[]; people: number | null }[];
  pressure: Record<string, number | null>;
};
export type Flows = {
  start: string;
  end: string;
  segments: string[];
  names: Record<string, string>;
  flows: { source: string; target: string; people: number | null; moved: number | null }[];
};
export type Key = { id: number; name: string; hint: string; scopes: Scope[]; made_by: string; created_at: string; used_at: string | null; secret?: string };
export type TakenOut = { id: number; what: string; people: number; is_raw: boolean; channel: string | null; purpose: string | null; reason: string; actor: string; taken_at: string };
export type SettingKind = "text" | "choice" | "zone" | "currency" | "country" | "number" | "amount" | "period";
export type Setting = {
  key: string;
  name: string;
  about: string;
  change: string;
  kind: SettingKind;
  choices: Record<string, string>;
  value: string | number | null;
  usual: string | number | null;
  needs: "run" | "audit" | null;
};
export type Settings = { version: string; rows: Setting[] };
export type SettingsChanged = Settings & { changed: string[]; needs: ("run" | "audit")[] };

// --- the past: versions of rules ---
export type RuleVersion = { fingerprint: string; rule: string; sentence: string | null; since: string; until: string | null; first_size: number | null; last_size: number | null; is_current: boolean; problem: string | null };
export type Piece = { kind: "same" | "removed" | "added"; text: string };
export type Comparison = { before: string | null; after: string; pieces: Piece[]; preview: Preview | null; problem: string | null };

// --- the past: movement between the names of RFM ---
export type RFMRevenue = { as_of: string; total: number; cells: { r: number; f: number; revenue: number | null }[]; by_segment: Record<string, number | null> };
export type RFMMovement = Flows & { before: Record<string, number | null>; after: Record<string, number | null> };

// --- rejected rows ---
export type RejectedRow = { row_number: number; reason: string; said: string; detail: string | null; cells: Record<string, string | null> | null; raw: string | null };
export type Rejected = {
  rows: RejectedRow[];
  total: number;
  offset: number;
  limit: number;
  kind: string;
  origin: string;
  reasons: Record<string, { said: string; rows: number }>;
  columns: { header: string; field: string | null }[];
  fields: string[];
  replays: { load_id: number; stored: number; duplicate: number; rejected: number }[];
};
