/** The rule as text: coloured, completed from the shop's own names, mistakes underlined where they are. */
import { autocompletion, completionKeymap, type Completion, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { Decoration, EditorView, keymap, MatchDecorator, placeholder, tooltips, ViewPlugin, type DecorationSet, type ViewUpdate } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { Mistake, Names } from "../api";

const WORDS = /"(?:[^"\\]|\\.)*"|\b\d{4}-\d\d-\d\d\b|\b\d+(?:\.\d+)?%?|\b(?:and|or|not|xor|except|did|never|in|last|next|days?|weeks?|months?|years?|hours?|minutes?|quarters?|between|ago|previous|this|today|yesterday|on|before|after|where|since|is|set|missing|segment|joined|left|ever|count|sum|avg|min|max|median|mode|most|distinct|share|first|top|by|among|everyone|sequence|within|can_receive|store|population|percentile|contains|starts|ends|with|matches|sample)\b|\b[a-z_]+(?:_[a-z]+)+\b/g;

const marks = new MatchDecorator({
  regexp: WORDS,
  decoration: ([found]) => Decoration.mark({ class: found.startsWith('"') ? "cm-text" : /^\d/.test(found) ? "cm-figure" : found.includes("_") && found !== "can_receive" ? "cm-own" : "cm-word" }),
});

const colours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = marks.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = marks.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

const WINDOWS = ["in last 7 days", "in last 30 days", "in last 90 days", "in last 6 months", "in last 12 months", "between 30 and 60 days ago", "previous month", "this month", "this year"];
const USUAL = new Set(["order_completed", "email_opened", "email_link_clicked", "product_viewed", "product_added", "page_viewed"]);
const INNER = ["amount", "quantity", "category", "brand", "coupon", "channel", "campaign_id", "product_id", "order_id", "list", "url"];

function complete(names: () => Names | undefined) {
  return (context: CompletionContext) => {
    const told = names();
    const word = context.matchBefore(/[\w.]+/);
    if (!told || (!word && !context.explicit)) return null;
    const before = context.state.sliceDoc(0, word?.from ?? context.pos);
    const option = (type: string, boost = 0) => (label: string): Completion => ({ label: /^[\w.]+( [\w]+)*$/.test(label) || WINDOWS.includes(label) ? label : `\`${label}\``, type, boost });
    let options: Completion[];
    if (/(in segment|joined|left|ever in)\s+$/.test(before)) options = told.segments.map(option("class"));
    else if (/(did|never|count\(|sum\(|avg\(|min\(|max\(|first\(|last\(|distinct\(|share\(|sequence\()\s*$/.test(before)) options = told.events.map((name) => option("function", USUAL.has(name) ? 2 : 0)(name));
    else if (/where\s+$/.test(before)) options = INNER.map(option("property"));
    else if (/\w\.$/.test(before)) options = INNER.map(option("property"));
    else
      options = [
        ...told.words.map(option("keyword", 2)),
        ...WINDOWS.map(option("text", 1)),
        ...told.events.map(option("function")),
        ...told.fields.map(option("property")),
        ...told.traits.map(option("variable")),
        ...told.segments.map((slug) => ({ ...option("class", -1)(slug), apply: `in segment ${slug}` })),
      ];
    return { from: word?.from ?? context.pos, options, validFor: /^[\w. ]*$/ };
  };
}

export function Editor({ text, mistake, names, label, hint, describedBy, onText }: { text: string; mistake: Mistake | null; names: Names | undefined; label: string; hint: string; describedBy: string; onText: (text: string) => void }) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const newest = useRef({ names, onText });
  newest.current = { names, onText };
  const attributes = useRef(new Compartment());
  const isOwn = useRef(false);

  useEffect(() => {
    const made = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: text,
        extensions: [
          history(),
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
          autocompletion({ override: [complete(() => newest.current.names)], icons: false, activateOnTypingDelay: 60 }),
          EditorView.lineWrapping,
          tooltips({ parent: document.body }),
          colours,
          placeholder(hint),
          attributes.current.of([]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !isOwn.current) newest.current.onText(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- made once; what changes is given below
  }, []);

  useEffect(() => {
    view.current?.dispatch({
      effects: attributes.current.reconfigure(EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": describedBy, "aria-invalid": mistake ? "true" : "false", spellcheck: "false", autocapitalize: "off" })),
    });
  }, [label, describedBy, mistake]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === text) return;
    isOwn.current = true;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
    isOwn.current = false;
  }, [text]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const found = [];
    if (mistake?.line && mistake.line <= editor.state.doc.lines) {
      const line = editor.state.doc.line(mistake.line);
      const from = Math.min(line.to, line.from + Math.max(0, (mistake.column ?? 1) - 1));
      const word = /^\s*[\w."`]+/.exec(editor.state.sliceDoc(from, line.to))?.[0] ?? "";
      const to = Math.min(line.to, from + Math.max(1, word.length));
      found.push({ from: from === to ? Math.max(line.from, from - 1) : from, to, severity: "error" as const, message: mistake.message });
    }
    editor.dispatch(setDiagnostics(editor.state, found));
  }, [mistake, text]);

  return <div ref={host} className={`editor${mistake ? " editor-wrong" : ""}`} />;
}
