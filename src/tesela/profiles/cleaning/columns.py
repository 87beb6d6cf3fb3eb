"""Clean whole columns: each distinct value once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tesela.profiles.cleaning.answers import to_table, untouched
from tesela.profiles.cleaning.beside import PIECE, Piece, clean_pieces
from tesela.profiles.cleaning.cleaned import Cleaned
from tesela.profiles.cleaning.column import CleanedColumn
from tesela.profiles.cleaning.readers import make_reader
from tesela.profiles.cleaning.rules import LEFT_ALONE
from tesela.profiles.cleaning.settings import CleaningSettings, check_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    import pyarrow as pa

    from tesela.profiles.cleaning.answers import Answers
    from tesela.profiles.cleaning.rules import Kind

    Values: TypeAlias = Iterable[str | None] | pa.Array | pa.ChunkedArray


def clean_value(kind: Kind, written: str, settings: CleaningSettings | None = None) -> Cleaned:
    """Clean one value; for many ask `clean_columns`.

    Example:
        >>> clean_value("name", "JOSÉ MARÍA DE LA O").value
        'José María de la O'
        >>> clean_value("email", "ana@gmial.com").suggestion
        'ana@gmail.com'
    """
    check_kind(kind)
    settings = settings or CleaningSettings()
    if (kind, written) in settings.left_alone:
        return Cleaned(written, written, flags=(LEFT_ALONE,))
    return make_reader(kind, settings)(written)


def clean_columns(
    columns: Mapping[Kind, Values],
    settings: CleaningSettings | None = None,
    *,
    workers: int | None = None,
) -> dict[Kind, CleanedColumn]:
    """Clean columns: each distinct value once, in several processes.

    Args:
        columns: Values by kind; nulls and repetitions count for nothing.
        settings: Which rules are on; all of them by default.
        workers: Processes to use, this one among them; by default as many as the machine has cores for this one. A
            few values are always cleaned here.

    Returns:
        What was found, by kind; an empty column gives an empty table.
    """
    settings = settings or CleaningSettings()
    for kind in columns:
        check_kind(kind)
    asked = {kind: _Asked(kind, values, settings) for kind, values in columns.items()}
    pieces = [piece for each in asked.values() for piece in each.pieces()]
    found = clean_pieces(pieces, settings, workers or _cores())
    for piece, answers in zip(pieces, found, strict=True):
        asked[piece.kind].take(piece, answers)
    return {kind: each.column() for kind, each in asked.items()}


def clean_column(
    kind: Kind,
    values: Values,
    settings: CleaningSettings | None = None,
    *,
    workers: int | None = None,
) -> CleanedColumn:
    """Clean one column; see `clean_columns`.

    Example:
        >>> clean_column("postal_code", ["8001", "28013", None, "8001"]).table["value"].to_pylist()
        ['08001', '28013']
    """
    return clean_columns({kind: values}, settings, workers=workers)[kind]


class _Asked:
    """One column on its way: what is known of it, what is left alone, what has to be found."""

    def __init__(self, kind: Kind, values: Values, settings: CleaningSettings) -> None:
        self._kind = kind
        self._fingerprint = settings.fingerprint(kind)
        self._distinct = _distinct(values)
        alone = sorted(original for each, original in settings.left_alone if each == kind)
        self._alone = untouched(_among(self._distinct, alone))
        self._missing = _not_in(self._distinct, self._alone)
        self._found: list[pa.Table] = []

    def pieces(self) -> list[Piece]:
        starts = range(0, len(self._missing), PIECE)
        return [Piece(self._kind, self._missing.slice(start, PIECE).to_pylist()) for start in starts]

    def take(self, piece: Piece, answers: Answers) -> None:
        import pyarrow as pa

        self._found.append(to_table(pa.array(piece.values, pa.string()), answers))

    def column(self) -> CleanedColumn:
        import pyarrow as pa
        import pyarrow.compute as pc

        table = pa.concat_tables([self._alone, *self._found]).combine_chunks()
        places = pc.index_in(self._distinct, value_set=table["original"])
        return CleanedColumn(self._kind, self._fingerprint, table.take(places))


def _distinct(values: Values) -> pa.Array:
    """Return the distinct values that are not null, in the order of their first appearance."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(values, pa.ChunkedArray | pa.Array):
        found = pc.unique(values).cast(pa.string())
    else:
        found = pa.array(dict.fromkeys(values), pa.string())
    return found.drop_null()


def _among(values: pa.Array, wanted: list[str]) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    return values.filter(pc.is_in(values, value_set=pa.array(wanted, pa.string())))


def _not_in(values: pa.Array, table: pa.Table) -> pa.Array:
    import pyarrow.compute as pc

    return values.filter(pc.invert(pc.is_in(values, value_set=table["original"].combine_chunks())))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
