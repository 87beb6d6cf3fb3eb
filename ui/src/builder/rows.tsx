/** One condition each: what somebody did, is, is in, allows; or a block of text for what has no drawing. */
import { Checkbox, NativeSelect, NumberInput, TagsInput, Text, Textarea, TextInput, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import { ask, type Mistake, type Node, type RuleRead } from "../api";
import { useLanguage, useNamed, useSay } from "../i18n";
import { useDrawing } from "./drawing";
import { isNegative, readAttribute, readConsent, readEvent, readNumber, readSegment, writeAttribute, writeConsent, writeEvent, writeNumber, writeSegment, type AttributeTest, type EventTest } from "./tree";

type RowProps = { node: Node; set: (node: Node) => void };
const SIGNS = [">=", "<=", "=", "!=", ">", "<"];
const UNITS = ["hour", "day", "week", "month", "quarter", "year"] as const;
const NUMERIC = /^(age|rfm\.[rfm]|.*(_count|_days|_\d+d|_\d+m|score|orders).*)$/;
const DATED = new Set(["birth_date", "created_at", "first_seen_at", "Fecha de nacimiento", "Fecha nacimiento"]);

function Num({ value, set, label, min = 0, decimals = 0 }: { value: number; set: (value: number) => void; label: string; min?: number; decimals?: number }) {
  const language = useLanguage();
  return <NumberInput size="sm" w={decimals ? 96 : 58} value={value} min={min} hideControls allowDecimal={decimals > 0} decimalScale={decimals} decimalSeparator={language === "es" ? "," : "."} aria-label={label} onChange={(told) => typeof told === "number" && Number.isFinite(told) && set(told)} />;
}

export function EventRow({ node, set }: RowProps) {
  const say = useSay();
  const named = useNamed();
  const { names } = useDrawing();
  const test = readEvent(node);
  if (!test) return <TextRow node={node} set={set} label={say("builder.kind.text")} />;
  const put = (changes: Partial<EventTest>) => set(writeEvent({ ...test, ...changes }));
  const known = names?.events.includes(test.event) ? names.events : [test.event, ...(names?.events ?? [])];
  const events = known.map((value) => ({ value, label: named("event", value) })).sort((one, other) => one.label.localeCompare(other.label));
  const isMeasured = test.how !== "did" && test.how !== "never";
  return (
    <>
      <NativeSelect size="sm" aria-label={say("builder.event.how")} value={test.how} onChange={(event) => put({ how: event.currentTarget.value as EventTest["how"] })} data={(["did", "never", "count", "sum", "avg", "max", "min"] as const).map((value) => ({ value, label: say(`builder.event.${value}`) }))} />
      <NativeSelect size="sm" aria-label={say("builder.event")} value={test.event} onChange={(event) => put({ event: event.currentTarget.value })} data={events} />
      {isMeasured && (
        <>
          <NativeSelect size="sm" aria-label={say("builder.compare")} value={test.operator} onChange={(event) => put({ operator: event.currentTarget.value })} data={SIGNS.map((value) => ({ value, label: say(`builder.sign.${value}` as "builder.sign.=") }))} />
          <Num value={test.amount} set={(amount) => put({ amount })} label={say("builder.number")} decimals={test.how === "count" ? 0 : 2} />
          {test.how === "count" && <Text span size="sm">{say("builder.times")}</Text>}
        </>
      )}
      <WindowParts window={test.window} set={(window) => put({ window })} />
      <WhereParts test={test} put={put} />
    </>
  );
}

const SHAPES: Record<string, Node> = {
  any: null,
  rolling: { op: "rolling", count: 30, unit: "day" },
  ago: { op: "ago", near: 30, far: 60, unit: "day" },
  current: { op: "current", unit: "month" },
  previous: { op: "previous", unit: "month" },
};

function shapeOf(window: Node | null): string {
  if (!window) return "any";
  if (window.op === "calendar") return window.word;
  return window.op === "rolling" && window.forward ? "next" : window.op;
}

const today = () => new Date().toISOString().slice(0, 10);

function newWindow(shape: string): Node | null {
  if (shape === "next") return { op: "rolling", count: 7, unit: "day", forward: true };
  if (["on", "before", "after"].includes(shape)) return { op: "calendar", word: shape, first: { date: today() } };
  if (shape === "between") return { op: "calendar", word: "between", first: { date: `${today().slice(0, 4)}-01-01` }, last: { date: today() } };
  return SHAPES[shape] ?? null;
}

/** In which time. */
export function WindowParts({ window, set, always = true }: { window: Node | null; set: (window: Node | null) => void; always?: boolean }) {
  const say = useSay();
  const shape = shapeOf(window);
  const shapes = [...(always ? ["any"] : []), "rolling", "ago", "current", "previous", "on", "before", "after", "between", ...(shape === "next" ? ["next"] : [])];
  const unit = (
    <NativeSelect
      size="sm"
      aria-label={say("builder.unit")}
      value={window?.unit ?? "day"}
      onChange={(event) => set({ ...window, unit: event.currentTarget.value })}
      data={[...new Set<string>([...(window?.unit ? [window.unit] : []), ...UNITS])].map((value) => ({ value, label: say(`builder.unit.${value}` as "builder.unit.day") }))}
    />
  );
  const day = (key: "first" | "last", label: string) => <TextInput size="sm" type="date" aria-label={label} value={window?.[key]?.date ?? ""} onChange={(event) => event.currentTarget.value && set({ ...window, [key]: { date: event.currentTarget.value } })} />;
  return (
    <>
      <NativeSelect size="sm" aria-label={say("builder.window")} value={shape} onChange={(event) => set(newWindow(event.currentTarget.value))} data={shapes.map((value) => ({ value, label: say(`builder.window.${value}` as "builder.window.any") }))} />
      {window?.op === "rolling" && <Num value={window.count} min={1} set={(count) => set({ ...window, count })} label={say("builder.window.count")} />}
      {window?.op === "ago" && (
        <>
          <Num value={window.near} set={(near) => set({ ...window, near })} label={say("builder.window.near")} />
          <Text span size="sm">{say("builder.between_and")}</Text>
          <Num value={window.far} set={(far) => set({ ...window, far })} label={say("builder.window.far")} />
        </>
      )}
      {window && window.op !== "calendar" && unit}
      {window?.op === "calendar" && day("first", say("builder.window.first"))}
      {window?.op === "calendar" && window.word === "between" && (
        <>
          <Text span size="sm">{say("builder.between_and")}</Text>
          {day("last", say("builder.window.last"))}
        </>
      )}
    </>
  );
}

/** Which of the events: a condition on their own fields, written. */
function WhereParts({ test, put }: { test: EventTest; put: (changes: Partial<EventTest>) => void }) {
  const say = useSay();
  const written = useWritten(test.where ? { op: "did", events: { op: "events", name: test.event, where: test.where } } : null);
  const now = written?.replace(/^did \S+ where /, "").replace(/^\((.*)\)$/s, "$1") ?? "";
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState<string | null>(null);
  const [mistake, setMistake] = useState<Mistake | null>(null);
  useEffect(() => setText(null), [now]);
  async function apply() {
    if (text === null || text === now) return;
    if (!text.trim()) {
      put({ where: null });
      setOpen(false);
      setMistake(null);
      return;
    }
    const read = await ask<RuleRead>("/rules/read", { body: { rule: `did ${test.event} where (${text})` } });
    setMistake(read.mistake);
    if (read.tree) put({ where: read.tree.when.events.where });
  }
  if (!test.where && !isOpen)
    return (
      <UnstyledButton className="textual" onClick={() => setOpen(true)}>
        {say("builder.where.add")}
      </UnstyledButton>
    );
  return (
    <div className="where">
      <TextInput
        size="sm"
        label={say("builder.where")}
        placeholder='amount > 50 and category = "…"'
        className="mono"
        value={text ?? now}
        error={mistake?.message}
        autoFocus={isOpen && !test.where}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => void apply()}
        onKeyDown={(event) => event.key === "Enter" && void apply()}
      />
    </div>
  );
}

function useWritten(node: Node | null): string | undefined {
  return useQuery({
    queryKey: ["/rules/read", JSON.stringify(node)],
    queryFn: ({ signal }) => ask<RuleRead>("/rules/read", { body: { tree: { when: node } }, signal }),
    enabled: node !== null,
    staleTime: Infinity,
    placeholderData: (before) => before,
  }).data?.text ?? undefined;
}

const OPERATORS = ["=", "!=", "in", "not in", "contains", "does not contain", "starts with", "ends with", ">=", "<=", ">", "<", "between", "is set", "is missing", "within"];

export function AttributeRow({ node, set }: RowProps) {
  const say = useSay();
  const named = useNamed();
  const { names } = useDrawing();
  const test = readAttribute(node);
  if (!test) return <TextRow node={node} set={set} label={say("builder.kind.text")} />;
  const put = (changes: Partial<AttributeTest>) => set(writeAttribute({ ...test, ...changes }));
  const fields = [...new Set([test.field, "age", ...(names?.fields ?? [])])].sort();
  const traits = names?.traits ?? [];
  const isNumber = NUMERIC.test(test.field) || readNumber(test.value) !== null;
  const isDate = DATED.has(test.field) || typeof test.value?.date === "string";
  const missing = named("field", test.field);
  function choose(field: string) {
    if (DATED.has(field)) return set(writeAttribute({ ...test!, field, operator: "within", orMissing: false }));
    if (NUMERIC.test(field)) return set(writeAttribute({ ...test!, field, operator: ">=", value: field === "age" ? 18 : 1, orMissing: false }));
    set(writeAttribute({ ...test!, field, operator: test!.operator === "within" || readNumber(test!.value) !== null ? "is set" : test!.operator }));
  }
  function turn(operator: string) {
    const items = test!.items.length ? test!.items : typeof test!.value === "string" && test!.value ? [test!.value] : ["ES"];
    const value = test!.value === "" || test!.value === undefined ? (isNumber ? 1 : isDate ? { date: today() } : (test!.items[0] ?? "ES")) : test!.value;
    const whole = readNumber(test!.value) ?? 18;
    set(writeAttribute({ ...test!, operator, items, value, low: isDate ? { date: today() } : whole, high: isDate ? { date: today() } : whole + 10, orMissing: test!.orMissing && isNegative(operator) }));
  }
  const literal = (value: Node, change: (value: Node) => void, label: string) => {
    if (readNumber(value) !== null) return <Num value={readNumber(value)!} min={-1e12} decimals={2} set={(told) => change(writeNumber(told))} label={label} />;
    if (typeof value?.date === "string") return <TextInput size="sm" type="date" aria-label={label} value={value.date} onChange={(event) => event.currentTarget.value && change({ date: event.currentTarget.value })} />;
    if (typeof value === "boolean") return <NativeSelect size="sm" aria-label={label} value={String(value)} onChange={(event) => change(event.currentTarget.value === "true")} data={[{ value: "true", label: say("yes") }, { value: "false", label: say("no") }]} />;
    return <Words value={String(value)} set={change} label={label} />;
  };
  return (
    <>
      <NativeSelect size="sm" aria-label={say("builder.field")} value={test.field} onChange={(event) => choose(event.currentTarget.value)}>
        <optgroup label={say("builder.fields")}>
          {fields.filter((each) => !traits.includes(each)).map((each) => (
            <option key={each} value={each}>{named("field", each)}</option>
          ))}
        </optgroup>
        <optgroup label={say("builder.traits")}>
          {traits.map((each) => (
            <option key={each} value={each}>{named("field", each)}</option>
          ))}
        </optgroup>
      </NativeSelect>
      <NativeSelect size="sm" aria-label={say("builder.compare")} value={test.operator} onChange={(event) => turn(event.currentTarget.value)} data={[...new Set([test.operator, ...OPERATORS])].map((value) => ({ value, label: say(`builder.op.${value}` as "builder.op.=") }))} />
      {["is set", "is missing"].includes(test.operator) ? null : test.operator === "within" ? (
        <WindowParts always={false} window={test.window} set={(window) => put({ window })} />
      ) : test.operator === "in" || test.operator === "not in" ? (
        <TagsInput size="sm" miw={200} aria-label={say("builder.values")} value={test.items} onChange={(items) => items.length && put({ items })} clearable={false} />
      ) : test.operator === "between" || test.operator === "not between" ? (
        <>
          {literal(test.low, (low) => put({ low }), say("builder.low"))}
          <Text span size="sm">{say("builder.between_and")}</Text>
          {literal(test.high, (high) => put({ high }), say("builder.high"))}
        </>
      ) : (
        literal(test.value, (value) => put({ value }), say("builder.value"))
      )}
      {isNegative(test.operator) && <Checkbox size="sm" label={say("builder.or_missing", { field: missing })} checked={test.orMissing} onChange={(event) => put({ orMissing: event.currentTarget.checked })} />}
    </>
  );
}

/** A text that may be empty for a moment while it is written, though no rule compares with nothing. */
function Words({ value, set, label }: { value: string; set: (value: string) => void; label: string }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return <TextInput size="sm" w={160} aria-label={label} value={text} error={!text.trim()} onChange={(event) => { setText(event.currentTarget.value); if (event.currentTarget.value.trim()) set(event.currentTarget.value); }} />;
}

export function SegmentRowEditor({ node, set }: RowProps) {
  const say = useSay();
  const { segments, own } = useDrawing();
  const test = readSegment(node)!;
  const options = segments.filter((each) => each.slug !== own).map((each) => ({ value: each.slug, label: each.name }));
  if (!options.some((each) => each.value === test.slug)) options.unshift({ value: test.slug, label: test.slug });
  return (
    <>
      <NativeSelect size="sm" aria-label={say("builder.segment.how")} value={test.how} onChange={(event) => set(writeSegment({ ...test, how: event.currentTarget.value as "in" }))} data={(["in", "not in", "joined", "left", "ever in"] as const).map((value) => ({ value, label: say(`builder.segment.${value}`) }))} />
      <NativeSelect size="sm" aria-label={say("segment")} value={test.slug} onChange={(event) => set(writeSegment({ ...test, slug: event.currentTarget.value }))} data={options} />
      {!["in", "not in"].includes(test.how) && <WindowParts window={test.window} set={(window) => set(writeSegment({ ...test, window }))} />}
    </>
  );
}

export const CHANNELS = ["email", "sms", "whatsapp", "web_push", "post", "phone", "onsite"] as const;

export function ConsentRow({ node, set }: RowProps) {
  const say = useSay();
  const test = readConsent(node)!;
  return (
    <>
      <NativeSelect size="sm" aria-label={say("builder.consent.how")} value={test.may ? "may" : "may_not"} onChange={(event) => set(writeConsent({ ...test, may: event.currentTarget.value === "may" }))} data={[{ value: "may", label: say("builder.consent.may") }, { value: "may_not", label: say("builder.consent.may_not") }]} />
      <NativeSelect size="sm" aria-label={say("channel")} value={test.channel} onChange={(event) => set(writeConsent({ ...test, channel: event.currentTarget.value }))} data={CHANNELS.map((value) => ({ value, label: say(`channel.${value}`) }))} />
    </>
  );
}

export function TextRow({ node, set, label }: RowProps & { label: string }) {
  const say = useSay();
  const id = useId();
  const written = useWritten(node);
  const [text, setText] = useState<string | null>(null);
  const [mistake, setMistake] = useState<Mistake | null>(null);
  useEffect(() => setText(null), [written]);
  async function apply() {
    if (text === null || text === written || !text.trim()) return;
    const read = await ask<RuleRead>("/rules/read", { body: { rule: text } });
    setMistake(read.mistake);
    if (read.tree) set(read.tree.when);
  }
  return (
    <Textarea
      id={id}
      size="sm"
      label={label}
      description={say("builder.text.about")}
      className="mono wide"
      autosize
      minRows={1}
      value={text ?? written ?? ""}
      error={mistake?.message}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => void apply()}
      onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && void apply()}
    />
  );
}
