/** The rule that is being written: groups, text, sentence and count in step, with undo and redo. */
import { useCallback, useEffect, useRef, useState } from "react";
import { ask, Problem, type Count, type Mistake, type RuleRead, type Tree } from "../api";
import { toGroup, toTree, type Group } from "./tree";

export type Step = { group: Group; everyone: boolean; text: string; tree: Tree | null };
export type Counted = Count & { ms: number };

const EMPTY: Step = { group: toGroup(null), everyone: false, text: "", tree: null };
const TYPING_MS = 40;
const BURST_MS = 900;

export function useRule(language: string) {
  const [step, setStep] = useState<Step>(EMPTY);
  const [sentence, setSentence] = useState<string | null>(null);
  const [mistake, setMistake] = useState<Mistake | null>(null);
  const [count, setCount] = useState<Counted | null>(null);
  const [isCounting, setCounting] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [past, setPast] = useState<Step[]>([]);
  const [future, setFuture] = useState<Step[]>([]);
  const current = useRef(step);
  const newest = useRef(0);
  const asked = useRef<AbortController>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pushedAt = useRef(-BURST_MS);
  const writer = useRef(`page-${crypto.getRandomValues(new Uint32Array(1))[0]!.toString(36)}`);
  current.current = step;

  /** Ask for the other notations and the count, both at once; an answer that comes too late is thrown away. */
  const settle = useCallback(async (told: { rule: string } | { tree: Tree }, since: number) => {
    const mine = (newest.current += 1);
    const isNewest = () => newest.current === mine;
    asked.current?.abort();
    const { signal } = (asked.current = new AbortController());
    setCounting(true);
    setProblem(null);
    const reading = ask<RuleRead>("/rules/read", { body: told, signal });
    const counting = ask<Count>("/rules/count", { body: { ...told, writer: writer.current, turn: mine }, signal }).then(
      (found) => {
        if (!isNewest()) return;
        setCount({ ...found, ms: performance.now() - since });
        setCounting(false);
      },
      (error: unknown) => {
        // a rule that makes no sense is told with its place by the other answer
        if (isNewest() && error instanceof Problem && error.status !== 400 && error.status !== 404) setProblem(error);
        if (isNewest()) setCounting(false);
      },
    );
    try {
      const read = await reading;
      if (!isNewest()) return;
      setMistake(read.mistake);
      if (read.tree && read.text !== null) {
        setSentence(read.sentence);
        // a rule that made sense is a step of its own, however quickly the next one follows
        pushedAt.current = -BURST_MS;
        const { tree, text } = read as { tree: Tree; text: string };
        setStep((now) => ("rule" in told ? { ...now, tree, group: toGroup(tree), everyone: tree.among === "everyone" } : { ...now, tree, text }));
      }
    } catch (error) {
      if (isNewest() && error instanceof Problem) setProblem(error);
    }
    await counting;
  }, []);

  const remember = useCallback(() => {
    const now = performance.now();
    if (now - pushedAt.current > BURST_MS) {
      const before = current.current;
      setPast((steps) => [...steps.slice(-99), before]);
    }
    pushedAt.current = now;
    setFuture([]);
  }, []);

  const clear = useCallback(() => {
    newest.current += 1;
    asked.current?.abort();
    setSentence(null);
    setMistake(null);
    setCount(null);
    setCounting(false);
  }, []);

  const setText = useCallback((text: string) => {
    remember();
    setStep((now) => ({ ...now, text }));
    clearTimeout(timer.current);
    const since = performance.now();
    if (!text.trim()) {
      clear();
      setStep({ ...EMPTY, group: toGroup(null) });
      return;
    }
    timer.current = setTimeout(() => void settle({ rule: text }, since), TYPING_MS);
  }, [remember, clear, settle]);

  const setGroup = useCallback((group: Group, everyone = current.current.everyone) => {
    pushedAt.current = -BURST_MS;
    remember();
    pushedAt.current = -BURST_MS;
    const tree = toTree(group, everyone);
    setStep((now) => ({ group, everyone, tree, text: tree ? now.text : "" }));
    clearTimeout(timer.current);
    if (tree) void settle({ tree }, performance.now());
    else clear();
  }, [remember, clear, settle]);

  const go = useCallback((to: Step) => {
    pushedAt.current = -BURST_MS;
    clearTimeout(timer.current);
    setStep(to);
    if (to.text.trim()) void settle({ rule: to.text }, performance.now());
    else clear();
  }, [clear, settle]);

  const undo = useCallback(() => {
    const to = past.at(-1);
    if (!to) return;
    setPast(past.slice(0, -1));
    setFuture([current.current, ...future]);
    go(to);
  }, [past, future, go]);

  const redo = useCallback(() => {
    const [to, ...rest] = future;
    if (!to) return;
    setFuture(rest);
    setPast([...past, current.current]);
    go(to);
  }, [past, future, go]);

  /** Begin from a rule, with nothing to take back. */
  const begin = useCallback((text: string) => {
    setPast([]);
    setFuture([]);
    setCount(null);
    go({ ...EMPTY, group: toGroup(null), text });
  }, [go]);

  // another language says the sentence and the mistake anew
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else if (current.current.text.trim()) void settle({ rule: current.current.text }, performance.now());
  }, [language, settle]);
  useEffect(() => () => {
    clearTimeout(timer.current);
    asked.current?.abort();
  }, []);

  return { ...step, sentence, mistake, count, isCounting, problem, setText, setGroup, undo, redo, canUndo: past.length > 0, canRedo: future.length > 0, begin, isValid: !mistake && !!step.tree && !!step.text.trim() };
}
