"""Whether something happened in each of several windows that end together: the newest event tells.

Most conditions of shops ask whether there was an event in the last 7, 30, 60, 90 days. Counting each window costs
as much as each is wide; the time of the newest event is one value for all of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from tesela.language.nodes import Bounds
from tesela.language.plan import (
    Among,
    Call,
    Column,
    Constant,
    Definition,
    EventAggregate,
    EventColumn,
    Expr,
    columns_in,
    parts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from tesela.language.plan import Plan


@dataclass(frozen=True)
class _Windows:
    """Counts of the same events up to the same time.

    Attributes:
        level: Where they stand.
        newest: The time of the newest event of the widest window.
        starts: Where the window of each count starts.
    """

    level: int
    newest: EventAggregate
    starts: Mapping[str, datetime | None]


def by_newest(plan: Plan) -> Plan:
    """Return a plan that gives the same, without counts that are only asked for being one or more."""
    levels = [dict(level) for level in plan.levels]
    asked: dict[str, Expr] = {}
    for windows in _windows(plan):
        # the smallest name stays: it is no count any more
        name = min(windows.starts, key=lambda column: int(column[1:]))
        for count, start in windows.starts.items():
            del levels[windows.level][count]
            asked[count] = _since(Column(name), start)
        levels[windows.level][name] = windows.newest
    if not asked:
        return plan
    return replace(
        plan, levels=tuple({name: _rewritten(each, asked) for name, each in level.items()} for level in levels)
    )


def _windows(plan: Plan) -> Iterator[_Windows]:
    """Yield the counts that the newest event can stand in for, where it does for several."""
    otherwise = _asked_otherwise(plan)
    for number, level in enumerate(plan.levels):
        found: dict[EventAggregate, dict[str, datetime | None]] = {}
        counts = ((name, each) for name, each in level.items() if isinstance(each, EventAggregate))
        for name, each in counts:
            if each.function == "count" and not each.since and name not in otherwise:
                any_start = replace(each, bounds=Bounds(None, each.bounds.end))
                found.setdefault(any_start, {})[name] = each.bounds.start
        for shared, starts in found.items():
            if len(starts) > 1:
                known = [start for start in starts.values() if start is not None]
                widest = Bounds(min(known) if len(known) == len(starts) else None, shared.bounds.end)
                newest = replace(shared, function="max", bounds=widest, value=EventColumn("occurred_at"))
                yield _Windows(number, newest, starts)


def _asked_otherwise(plan: Plan) -> set[str]:
    """Name the columns of which more is asked than whether they are one or more."""
    found = {name for each in plan.values.values() for name in (each.column, each.divisor) if name}
    for level in plan.levels:
        for each in level.values():
            reads = Counter[str]()
            for part in parts(each):
                if isinstance(part, Column):
                    reads[part.name] += 1
                elif column := _asked_for_one(part):
                    reads[column] -= 1
            found |= set(+reads)
    return found


def _asked_for_one(part: object) -> str | None:
    """Return the column of a comparison `column >= 1`."""
    if isinstance(part, Call) and part.operation == ">=":
        left, right = part.arguments
        if isinstance(left, Column) and right == Constant(1):
            return left.name
    return None


def _since(newest: Column, start: datetime | None) -> Expr:
    if start is None:
        return Call("is_set", (newest,))
    return Call("is_true", (Call(">=", (newest, Constant(start))),))


def _rewritten(whole: Any, asked: Mapping[str, Expr]) -> Any:
    """Return an expression or definition with other conditions in the place of some comparisons."""
    column = _asked_for_one(whole)
    if column is not None and column in asked:
        return asked[column]
    if isinstance(whole, Among):
        # the items may be a million written values
        return replace(whole, value=_rewritten(whole.value, asked))
    if isinstance(whole, tuple):
        return tuple(_rewritten(each, asked) for each in whole)
    if not isinstance(whole, Expr | Definition) or asked.keys().isdisjoint(columns_in(whole)):
        return whole
    return replace(whole, **{each.name: _rewritten(getattr(whole, each.name), asked) for each in fields(whole)})
