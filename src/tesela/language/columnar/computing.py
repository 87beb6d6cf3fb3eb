"""Bring out what a plan reads of events and fields, and compute it while the next is being read."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tesela.language.columnar.aggregates import Found, Unfit, aggregate
from tesela.language.columnar.attributes import newest
from tesela.language.columnar.profiles import Profiles, in_stretches
from tesela.language.columnar.sequences import meet
from tesela.language.rendering import Brought, RowsOf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from tesela.language.plan import Lookup, Plan
    from tesela.warehouse import Dialect, Engine, Statement

# Of each column its kind and its values.
_Columns: TypeAlias = "dict[str, tuple[str, pa.Array | pa.ChunkedArray]]"

_NARROW = (np.int8, np.int16, np.int32)


def bring_columns(engine: Engine, plan: Plan, dialect: Dialect, answers: Mapping[Lookup, Sequence[str]]) -> Brought:
    """Return the profiles with what was computed of their events and fields.

    Args:
        engine: Where the events and profiles are.
        plan: What to compute; what cannot be computed in memory is left out.
        dialect: How the engine writes it.
        answers: For each of `plan.lookups`, the values for which its test holds.

    Raises:
        ConflictError: when the engine is interrupted.
    """
    check = engine.interruptions.stopper()
    rows = RowsOf(plan, dialect, answers)
    base = engine.query(rows.base()).sort_by("profile_id")
    profiles = Profiles(base.column("profile_id").to_numpy())
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        work = _Work(pool)
        known: dict[object, pa.Table] = {}
        for several in rows.sequences():
            steps = [_once(engine, each, known) for each in several.statements]
            work.start(meet, several, steps, profiles, plan.as_of, check)
        known.clear()
        for one in rows.passes():
            work.start(aggregate, one, in_stretches(engine.query(one.statement)), profiles, check)
        for field in rows.fields():
            work.start(newest, field, in_stretches(engine.query(field.statement)), profiles, check)
        found = work.end()
    for name, (_, column) in found.items():
        base = base.append_column(name, column)
    return Brought(base, {name: kind for name, (kind, _) in found.items()})


def _once(engine: Engine, reading: Statement, known: dict[object, pa.Table]) -> pa.Table:
    """Read the events of a step, unless another sequence has read them already."""
    key = reading.sql, *reading.parameters.values()
    if reading.relations:
        return in_stretches(engine.query(reading))
    if key not in known:
        known[key] = in_stretches(engine.query(reading))
    return known[key]


class _Work:
    """Computes in the background, and no more at once than there are processors, for the sake of memory."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._found: _Columns = {}
        self._running: deque[Future[_Columns]] = deque()

    def start(self, compute: Callable[..., dict[str, Found]], *told: object) -> None:
        while len(self._running) > (os.cpu_count() or 1):
            self._wait()
        self._running.append(self._pool.submit(_columns, compute, *told))

    def end(self) -> _Columns:
        while self._running:
            self._wait()
        return self._found

    def _wait(self) -> None:
        try:
            self._found.update(self._running.popleft().result())
        except Unfit:
            # the statement computes it
            return


def _columns(compute: Callable[..., dict[str, Found]], *told: object) -> _Columns:
    return {name: (each.kind, _column(each)) for name, each in compute(*told).items()}


def _column(found: Found) -> pa.Array | pa.ChunkedArray:
    import pyarrow as pa

    if found.kind == "text":
        return found.values
    numbers = found.values
    if found.kind == "moment":
        numbers = numbers.view("datetime64[us]")
    elif found.kind != "truth":
        numbers = _narrowed(found)
    return pa.array(numbers, mask=None if found.is_set is None else ~found.is_set)


def _narrowed(found: Found) -> np.ndarray:
    """Return whole numbers in as few bytes as hold them."""
    numbers = found.values if found.is_set is None else np.where(found.is_set, found.values, 0)
    if len(numbers):
        smallest, largest = int(numbers.min()), int(numbers.max())
        for kind in _NARROW:
            if np.iinfo(kind).min <= smallest and largest <= np.iinfo(kind).max:
                return numbers.astype(kind)
    return numbers
