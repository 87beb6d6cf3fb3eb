"""Aggregates of each profile's events: counts, sums, smallest, largest, different values."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tesela.language.columnar.profiles import Runs
from tesela.language.rendering import OCCURRED, compared_text, conjuncts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import pyarrow as pa

    from tesela.language.columnar.profiles import Integers, Profiles, Truths
    from tesela.language.nodes import Bounds
    from tesela.language.plan import EventAggregate, Expr
    from tesela.language.rendering import PassRows

_LARGEST = np.iinfo(np.int64).max
_SMALLEST = np.iinfo(np.int64).min


class Unfit(Exception):  # noqa: N818 nothing is wrong: the engine computes it instead
    """Values that are no whole numbers of 64 bits, or would not stay such."""


class Found(NamedTuple):
    """A column of the profiles in order.

    Attributes:
        values: A number, truth or text for each profile.
        kind: `count`, `sum`, `moment`, `number`, `truth` or `text`.
        is_set: Where there is a value; None is everywhere, or as the values themselves say.
    """

    values: Integers | Truths | pa.ChunkedArray
    kind: str
    is_set: Truths | None = None


def aggregate(rows: PassRows, read: pa.Table, profiles: Profiles, check: Callable[[], None]) -> dict[str, Found]:
    """Return the columns of one pass over the events; `check` raises when nobody waits for them any more.

    Raises:
        Unfit: when values cannot be computed in 64 bits.
    """
    return (_different if rows.is_distinct else _plain)(rows, read, profiles, check)


def _plain(rows: PassRows, read: pa.Table, profiles: Profiles, check: Callable[[], None]) -> dict[str, Found]:
    made = _Pass(rows, read, profiles)
    found = {}
    for name, each in rows.aggregates.items():
        check()
        found[name] = made.column(each)
    return found


def microseconds(moment: datetime) -> int:
    """Return a moment (naive UTC) in microseconds since 1970."""
    return int(np.datetime64(moment, "us").astype(np.int64))


def whole_numbers(column: pa.ChunkedArray) -> tuple[Integers, Truths | None]:
    """Return the numbers of a column and where they are, None for everywhere.

    Raises:
        Unfit: when it holds no whole numbers of 64 bits.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type) and column.type.unit == "us":
        column = column.cast(pa.int64())
    if not pa.types.is_signed_integer(column.type):
        raise Unfit(str(column.type))
    is_there = None
    if column.null_count:
        is_there = pc.is_valid(column).to_numpy()
        column = pc.fill_null(column, 0)
    return column.to_numpy().astype(np.int64, copy=False), is_there


def _truths(column: pa.ChunkedArray) -> Truths:
    import pyarrow.compute as pc

    truths: Truths = (pc.fill_null(column, False) if column.null_count else column).to_numpy()
    return truths


class _Pass:
    """The rows of one pass, with what several aggregates ask of them."""

    def __init__(self, rows: PassRows, read: pa.Table, profiles: Profiles) -> None:
        self._rows = rows
        self._read = read
        self._runs = Runs(read.column("profile_id").to_numpy(), profiles)
        self._moment = read.column("moment").to_numpy() if "moment" in read.column_names else None
        self._conditions = {part: _truths(read.column(name)) for part, name in rows.conditions.items()}
        self._texts = {column: _Texts(read.column(name)) for column, name in rows.texts.items()}
        self._chosen: dict[tuple[Bounds, Expr | None], Truths | None] = {}
        self._values: dict[Expr, tuple[Integers, Truths | None, str]] = {}

    def column(self, each: EventAggregate) -> Found:
        """Return the column of an aggregate."""
        chosen = self._rows_of(each)
        if each.value is None:
            return self._count(chosen)
        values, is_there, kind = self._value(each.value)
        if is_there is not None:
            chosen = is_there if chosen is None else chosen & is_there
        if each.function == "count":
            return self._count(chosen)
        if each.function == "sum":
            return Found(self._runs.total(values if chosen is None else np.where(chosen, values, 0)), "sum")
        none = _SMALLEST if each.function == "max" else _LARGEST
        kept = values if chosen is None else np.where(chosen, values, none)
        found = (self._runs.largest if each.function == "max" else self._runs.smallest)(kept, none)
        return Found(found, kind, found != none)

    def _count(self, chosen: Truths | None) -> Found:
        counted = np.ones(self._read.num_rows, np.bool_) if chosen is None else chosen
        return Found(self._runs.total(counted.view(np.int8)), "count")

    def _rows_of(self, each: EventAggregate) -> Truths | None:
        """Return which rows an aggregate asks for; None is all."""
        key = each.bounds, each.where
        if key not in self._chosen:
            asked = [] if each.where == self._rows.shared else [*map(self._holds, conjuncts(each.where))]
            if self._moment is not None:
                asked += _inside(self._moment, each.bounds, self._rows.bounds)
            self._chosen[key] = reduce(and_, asked) if asked else None
        return self._chosen[key]

    def _holds(self, condition: Expr) -> Truths:
        compared = compared_text(condition)
        if compared is None:
            return self._conditions[condition]
        column, text = compared
        return self._texts[column].equal(text)

    def _value(self, value: Expr) -> tuple[Integers, Truths | None, str]:
        if value == OCCURRED and self._moment is not None:
            return self._moment, None, "moment"
        if value not in self._values:
            import pyarrow as pa

            column = self._read.column(self._rows.values[value])
            numbers, is_there = whole_numbers(column)
            if len(numbers):
                largest = max(abs(int(numbers.min())), abs(int(numbers.max())))
                if largest * len(numbers) >= _LARGEST:
                    raise Unfit(str(largest))
            self._values[value] = numbers, is_there, "moment" if pa.types.is_timestamp(column.type) else "number"
        return self._values[value]


class _Texts:
    """A column of texts, each different one once.

    Raises:
        Unfit: when they are no texts.
    """

    def __init__(self, column: pa.ChunkedArray) -> None:
        import pyarrow as pa

        if not pa.types.is_string(column.type):
            raise Unfit(str(column.type))
        self._texts, self._codes = _encoded(column)

    def equal(self, text: str) -> Truths:
        """Return which rows have a text."""
        code = self._texts.index(text).as_py()
        return self._codes == code if code >= 0 else np.zeros(len(self._codes), np.bool_)


def _encoded(column: pa.ChunkedArray) -> tuple[pa.Array, Integers]:
    """Return the different values of a column, and which of them each row has; -1 is none."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.dictionary, encoded.indices.fill_null(-1).to_numpy()


def _inside(moment: Integers, bounds: Bounds, known: Bounds) -> list[Truths]:
    """Return which rows lie inside bounds, as far as that is not known of all."""
    found = []
    if bounds.start is not None and bounds.start != known.start:
        found.append(moment >= microseconds(bounds.start))
    if bounds.end is not None and bounds.end != known.end:
        found.append(moment < microseconds(bounds.end))
    return found


def _different(rows: PassRows, read: pa.Table, profiles: Profiles, check: Callable[[], None]) -> dict[str, Found]:
    """Count the different values in windows that end together: in which of them each value came last."""
    (column,) = rows.values.values() or ("moment",)
    values, code = _encoded(read.column(column))
    check()
    is_there = code >= 0
    starts = {name: each.bounds.start for name, each in rows.aggregates.items()}
    edges = np.unique(
        [microseconds(each) for each in starts.values() if each is not None and each != rows.bounds.start]
    )
    places = Runs(read.column("profile_id").to_numpy(), profiles).per_row()
    pairs = places * max(len(values), 1) + code
    # which window is told in the lowest bits: shifting is a tenth of dividing
    bits = len(edges).bit_length() if "moment" in read.column_names else 0
    if bits:
        pairs = (pairs << bits) | np.searchsorted(edges, read.column("moment").to_numpy(), side="right")
    pairs = pairs if is_there.all() else pairs[is_there]
    if len(pairs) and int(pairs.max()) <= np.iinfo(np.int32).max:
        # half the width is sorted in less than half the time
        pairs = pairs.astype(np.int32)
    check()
    pairs = np.sort(pairs)
    check()
    pair = pairs >> bits
    last = np.append(pair[1:] != pair[:-1], np.ones(min(len(pair), 1), np.bool_))
    pair, newest = pair[last], pairs[last] & ((1 << bits) - 1)
    place = pair // max(len(values), 1)
    found = {}
    for name, start in starts.items():
        since = 0 if start in (None, rows.bounds.start) else 1 + int(np.searchsorted(edges, microseconds(start)))
        counted = place[newest >= since] if since else place
        found[name] = Found(np.bincount(counted, minlength=len(profiles) + 1)[:-1], "count")
    return found
