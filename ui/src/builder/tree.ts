/**
 * Between the API's rule tree, which is the contract, and the groups that the visual builder draws, which are a view.
 * Whatever has no drawing stays as it is, as a block of text: nothing of a rule is ever lost.
 */
import type { RuleGroupType, RuleType } from "@react-querybuilder/core";
import type { Node, Tree } from "../api";

export type Kind = "event" | "attribute" | "segment" | "consent" | "text";
export type Condition = RuleType & { field: Kind; value: Node };
export type Group = RuleGroupType<Condition>;
export type Part = Group | Condition;

let made = 0;
const nextId = () => `c${(made += 1)}`;

export const isGroup = (part: Part): part is Group => "rules" in part;
const isCombined = (node: Node): boolean => node?.op === "and" || node?.op === "or";

export function toGroup(tree: Tree | null): Group {
  if (!tree) return { id: nextId(), combinator: "and", rules: [] };
  const part = toPart(tree.when);
  return isGroup(part) ? part : { id: nextId(), combinator: "and", rules: [part] };
}

export function toPart(node: Node): Part {
  if (readAttribute(node)?.orMissing) return toCondition(node);
  if (isCombined(node)) return { id: nextId(), combinator: node.op, rules: node.items.map(toPart) };
  if (node?.op === "not") {
    if (isCombined(node.item)) return { ...(toPart(node.item) as Group), not: true };
    if (node.item?.op === "did") return toCondition(withNever(node.item, !node.item.never));
  }
  return toCondition(node);
}

const toCondition = (value: Node): Condition => ({ id: nextId(), field: kindOf(value), operator: "=", value });
export const newCondition = (kind: Kind, segment: string): Condition => ({ id: nextId(), field: kind, operator: "=", value: beginning(kind, segment) });
export const newGroup = (segment: string): Group => ({ id: nextId(), combinator: "or", rules: [newCondition("event", segment)] });

export function toTree(group: Group, everyone: boolean): Tree | null {
  const when = toNode(group);
  return when === null ? null : everyone ? { when, among: "everyone" } : { when };
}

function toNode(part: Part): Node | null {
  if (!isGroup(part)) return part.value;
  const items = part.rules.flatMap((each) => (typeof each === "string" ? [] : [toNode(each)])).filter((each) => each !== null);
  if (!items.length) return null;
  const node = items.length === 1 ? items[0] : { op: part.combinator, items };
  return part.not ? { op: "not", item: node } : node;
}

function beginning(kind: Kind, segment: string): Node {
  switch (kind) {
    case "event":
      return { op: "did", events: { op: "events", name: "order_completed", window: { op: "rolling", count: 30, unit: "day" } } };
    case "segment":
      return { op: "in_segment", slug: segment };
    case "consent":
      return { op: "can_receive", channel: "email" };
    case "attribute":
    case "text":
      return { op: "comparison", operator: "=", left: { field: "country" }, right: "ES" };
  }
}

// --- what can be drawn ----------------------------------------------------------------------------------------------

export function kindOf(node: Node): Kind {
  if (readEvent(node)) return "event";
  if (readSegment(node)) return "segment";
  if (readConsent(node)) return "consent";
  if (readAttribute(node)) return "attribute";
  return "text";
}

/** What somebody did, how often or how much, in which time. */
export type EventTest = {
  how: "did" | "never" | "count" | "sum" | "avg" | "min" | "max";
  event: string;
  of: string;
  operator: string;
  amount: number;
  where: Node | null;
  window: Node | null;
};
const MEASURES = ["count", "sum", "avg", "min", "max"];
const SIGNS = ["=", "!=", "<", "<=", ">", ">="];

export function readEvent(node: Node): EventTest | null {
  if (node?.op === "did") return fromEvents(node.events, { how: node.never ? "never" : "did", operator: ">=", amount: 1 });
  if (node?.op !== "comparison" || node.left?.op !== "aggregate" || !MEASURES.includes(node.left.function) || node.left.by) return null;
  const amount = readNumber(node.right);
  if (amount === null) return null;
  if (node.left.function !== "count" && !node.left.events.value) return null;
  return fromEvents(node.left.events, { how: node.left.function, operator: node.operator, amount });
}

function fromEvents(events: Node, rest: Pick<EventTest, "how" | "operator" | "amount">): EventTest | null {
  const known = new Set(["op", "name", "value", "where", "window"]);
  if (!events?.name || Object.keys(events).some((key) => !known.has(key))) return null;
  if (events.value && (rest.how === "did" || rest.how === "never" || rest.how === "count" || typeof events.value.field !== "string")) return null;
  if (!isWindow(events.window)) return null;
  return { ...rest, event: events.name, of: events.value?.field ?? "amount", where: events.where ?? null, window: events.window ?? null };
}

export function writeEvent(test: EventTest): Node {
  const measured = !["did", "never", "count"].includes(test.how);
  const events = clean({ op: "events", name: test.event, value: measured ? { field: test.of } : undefined, where: test.where, window: test.window });
  if (test.how === "did" || test.how === "never") return withNever({ op: "did", events }, test.how === "never");
  return { op: "comparison", operator: test.operator, left: { op: "aggregate", function: test.how, events }, right: writeNumber(test.amount) };
}

function withNever(node: Node, never: boolean): Node {
  return clean({ op: "did", events: node.events, never: never || undefined });
}

export function isWindow(window: Node | null | undefined): boolean {
  if (!window) return true;
  if (["rolling", "ago", "previous", "current"].includes(window.op)) return true;
  return window.op === "calendar" && "date" in window.first && (!window.last || "date" in window.last);
}

/** What a person is: a field or trait compared with something. */
export type AttributeTest = { field: string; operator: string; value: Node; low: Node; high: Node; items: string[]; window: Node; orMissing: boolean };
const NEGATIVE = new Set(["!=", "not in", "does not contain", "does not start with", "does not end with", "not between"]);
export const isNegative = (operator: string) => NEGATIVE.has(operator);
const TEXT_TESTS: Record<string, string> = { contains: "does not contain", "starts with": "does not start with", "ends with": "does not end with" };
const EMPTY = { value: "", low: 0, high: 0, items: [] as string[], window: { op: "rolling", count: 30, unit: "day" }, orMissing: false };

export function readAttribute(node: Node): AttributeTest | null {
  if (node?.op === "or" && node.items?.length === 2) {
    const [test, missing] = [readAttribute(node.items[0]), node.items[1]];
    if (test && isNegative(test.operator) && missing?.op === "presence" && !missing.is_set && fieldOf(missing.value) === test.field) return { ...test, orMissing: true };
    return null;
  }
  const field = fieldOf(node?.op === "comparison" ? node.left : node?.value);
  if (!field) return null;
  const base = { ...EMPTY, field };
  switch (node.op) {
    case "comparison":
      return SIGNS.includes(node.operator) && isLiteral(node.right) ? { ...base, operator: node.operator, value: node.right } : null;
    case "between":
      return isLiteral(node.low) && isLiteral(node.high) ? { ...base, operator: node.negated ? "not between" : "between", low: node.low, high: node.high } : null;
    case "one_of":
      return node.texts?.length && !node.items?.length && !node.numbers?.length ? { ...base, operator: node.negated ? "not in" : "in", items: node.texts } : null;
    case "presence":
      return { ...base, operator: node.is_set ? "is set" : "is missing" };
    case "text_test": {
      const negated = TEXT_TESTS[node.kind];
      return negated && !node.exactly ? { ...base, operator: node.negated ? negated : node.kind, value: node.needle } : null;
    }
    case "within":
      return isWindow(node.window) ? { ...base, operator: "within", window: node.window } : null;
    default:
      return null;
  }
}

export function writeAttribute(test: AttributeTest): Node {
  const node = plainAttribute(test);
  if (!test.orMissing || !isNegative(test.operator)) return node;
  return { op: "or", items: [node, { op: "presence", value: writeField(test.field), is_set: false }] };
}

function plainAttribute({ field, operator, value, low, high, items, window }: AttributeTest): Node {
  const named = writeField(field);
  const positive = Object.keys(TEXT_TESTS).find((each) => each === operator || TEXT_TESTS[each] === operator);
  if (positive) return clean({ op: "text_test", kind: positive, value: named, needle: String(value), negated: positive !== operator || undefined });
  switch (operator) {
    case "is set":
    case "is missing":
      return { op: "presence", value: named, is_set: operator === "is set" };
    case "in":
    case "not in":
      return clean({ op: "one_of", value: named, texts: items, negated: operator === "not in" || undefined });
    case "between":
    case "not between":
      return clean({ op: "between", value: named, low, high, negated: operator === "not between" || undefined });
    case "within":
      return { op: "within", value: named, window };
    default:
      return { op: "comparison", operator, left: named, right: value };
  }
}

function fieldOf(node: Node): string | null {
  // nodes of other kinds have a part of that name too
  if (!node || typeof node !== "object" || "op" in node || !("field" in node)) return null;
  return Array.isArray(node.field) ? node.field.join(".") : node.field;
}

export function writeField(name: string): Node {
  return { field: name.includes(".") && !name.includes(" ") ? name.split(".") : name };
}

/** Which segment somebody is in, or came into or left. */
export type SegmentTest = { how: "in" | "not in" | "joined" | "left" | "ever in"; slug: string; window: Node | null };

export function readSegment(node: Node): SegmentTest | null {
  if (node?.op === "in_segment") return { how: "in", slug: node.slug, window: null };
  if (node?.op === "not" && node.item?.op === "in_segment") return { how: "not in", slug: node.item.slug, window: null };
  if (node?.op === "stay" && isWindow(node.window)) return { how: node.word, slug: node.slug, window: node.window ?? null };
  return null;
}

export function writeSegment({ how, slug, window }: SegmentTest): Node {
  const inside = { op: "in_segment", slug };
  if (how === "in") return inside;
  if (how === "not in") return { op: "not", item: inside };
  return clean({ op: "stay", word: how, slug, window });
}

export type ConsentTest = { may: boolean; channel: string; purpose: string };

export function readConsent(node: Node): ConsentTest | null {
  const [may, inside] = node?.op === "not" ? [false, node.item] : [true, node];
  return inside?.op === "can_receive" ? { may, channel: inside.channel, purpose: inside.purpose ?? "marketing" } : null;
}

export function writeConsent({ may, channel, purpose }: ConsentTest): Node {
  const node = clean({ op: "can_receive", channel, purpose: purpose === "marketing" ? undefined : purpose });
  return may ? node : { op: "not", item: node };
}

// --- literals -------------------------------------------------------------------------------------------------------

export function readNumber(node: Node): number | null {
  if (typeof node === "number") return node;
  return typeof node?.number === "string" ? Number(node.number) : null;
}

export const writeNumber = (value: number): Node => (Number.isInteger(value) ? value : { number: String(value) });
const isLiteral = (node: Node): boolean => typeof node === "string" || typeof node === "boolean" || readNumber(node) !== null || typeof node?.date === "string";

function clean(node: Node): Node {
  return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined && value !== null));
}
