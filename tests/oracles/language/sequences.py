"""Sequences and rhythm: every choice of events is tried out."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from oracles.language.parts import told
from oracles.language.windows import HOURS, back, midnight, previous_start, today, unit_start
from oracles.language.world import Happening, Rule, Selection, Span, World


class Step:
    """One step of a sequence, tried out in every way."""

    def __init__(self, s: Selection, negated: bool, within: tuple[int, str] | None, same: tuple[str, ...]) -> None:
        self.s, self.negated, self.same = s, negated, same
        self.within = within
        self.length = timedelta(seconds=within[0] * HOURS[within[1]]) if within else None

    @property
    def text(self) -> str:
        written = ("no " if self.negated else "") + self.s.name
        written += f" where ({self.s.where.text})" if self.s.where else ""
        written += f" with same {' and '.join(self.same)}" if self.same else ""
        return written + (f" within {self.within[0]} {self.within[1]}s" if self.within else "")

    def fits(self, before: Happening, event: Happening) -> bool:
        return all(told(event, each) is not None and told(event, each) == told(before, each) for each in self.same)


def sequence(steps: list[Step], window: Span | None) -> Rule:
    def holds(w: World, p: int, at: int, before: Happening | None, waiting: list[Step]) -> bool:
        if at == len(steps):
            return all(_kept(w, p, before, step, None) for step in waiting)
        step = steps[at]
        if step.negated:
            return holds(w, p, at + 1, before, [*waiting, step])
        start, end = window.of(w) if window else (None, None)
        for event in step.s.pick(w, p):
            if (start is not None and event.at < start) or (end is not None and event.at >= end):
                continue
            if before is not None:
                late = step.length is not None and event.at > before.at + step.length
                if event.at <= before.at or late or not step.fits(before, event):
                    continue
                if not all(_kept(w, p, before, each, event) for each in waiting):
                    continue
            if holds(w, p, at + 1, event, []):
                return True
        return False

    listed = ", ".join(step.text for step in steps)
    return Rule(f"sequence({listed})" + (f" {window.text}" if window else ""), lambda w, p: holds(w, p, 0, None, []))


def _kept(w: World, p: int, before: Happening, step: Step, following: Happening | None) -> bool:
    """Nothing forbidden came in the step's stretch, and the stretch is over."""
    events = [e for e in step.s.pick(w, p) if e.at > before.at and step.fits(before, e)]
    if step.length is not None:
        end = before.at + step.length
        return end <= w.as_of and not any(e.at <= end for e in events)
    return not any(following is None or e.at < following.at for e in events)


def regularly(s: Selection, wanted: int, number: int, unit: str, calendar: bool) -> Rule:
    def of(w: World, p: int) -> bool:
        if calendar:
            edges = [unit_start(today(w), unit)]
            for _ in range(number):
                edges.append(previous_start(edges[-1], unit))
            moments = [midnight(edge, w) for edge in edges]
        else:
            moments = [back(w, n, unit) for n in range(number + 1)]
        events = s.pick(w, p)
        return sum(any(start <= e.at < end for e in events) for end, start in pairwise(moments)) >= wanted

    word = "previous" if calendar else "last"
    return Rule(f"regularly({s.text()}, {wanted} of {word} {number} {unit}s)", of)


def stopped(s: Selection, number: int, unit: str) -> Rule:
    def of(w: World, p: int) -> bool:
        times = [e.at for e in s.pick(w, p)]
        edge = back(w, number, unit)
        return any(at < edge for at in times) and not any(at >= edge for at in times)

    return Rule(f"stopped({s.text()}, {number} {unit}s)", of)


def resumed(s: Selection, number: int, unit: str) -> Rule:
    def of(w: World, p: int) -> bool:
        times = [e.at for e in s.pick(w, p)]
        edge = back(w, number, unit)
        recent, earlier = [at for at in times if at >= edge], [at for at in times if at < edge]
        return bool(recent and earlier) and min(recent) - max(earlier) >= timedelta(seconds=number * HOURS[unit])

    return Rule(f"resumed({s.text()}, {number} {unit}s)", of)
