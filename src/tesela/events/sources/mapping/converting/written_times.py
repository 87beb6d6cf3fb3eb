"""Read moments and dates: native ones, usual ways of writing them in SQL, unusual ones in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events.sources.mapping import moments
from tesela.events.sources.mapping.converting.conversion import PREFIX
from tesela.events.sources.mapping.converting.distinct import add_rows, distinct_values
from tesela.events.sources.reading import Note

if TYPE_CHECKING:
    from tesela.events.fields import Field
    from tesela.events.sources.mapping.converting.conversion import Conversion

_DAY_NOTES = {"day_first": f"{PREFIX}.guessed_day_first", "month_first": f"{PREFIX}.guessed_month_first"}
NATIVE_TIMES = ("TIMESTAMP", "DATE")
"""How the types of columns of moments and dates begin."""


def read_moment(work: Conversion, each: Field, joins: list[str]) -> tuple[tuple[str, ...], str]:
    """Return columns `local_<field>` and `utc_<field>` over the cells, and the SQL of the value made of them.

    Args:
        work: The conversion.
        each: The field, a moment or a date.
        joins: Gets the joins that the columns need.
    """
    name, column = each.name, f"t.m_{each.name}"
    kind = work.type_of(name)
    if kind.startswith("TIMESTAMP WITH TIME ZONE"):
        local, utc = "NULL::TIMESTAMP", f"make_timestamp(epoch_us({column}))"
    elif kind.startswith(NATIVE_TIMES):
        local, utc = f"{column}::TIMESTAMP", "NULL::TIMESTAMP"
    else:
        local, utc = _written_moment(work, name, joins)
    columns = (f"{local} AS local_{name}", f"{utc} AS utc_{name}")
    if each.type == "date":
        return columns, f"({moments.within_reason(f'coalesce(local_{name}, utc_{name})')})::DATE"
    first, last = work.run(
        f"SELECT min(local), max(local) FROM (SELECT {local} AS local FROM cells AS t {' '.join(joins)}) "
        "WHERE local >= $low AND local < $high",
        {"low": moments.FIRST_MOMENT, "high": moments.LAST_MOMENT},
    ).fetchall()[0]
    brought = f"utc_{name}"
    if first is not None:
        brought = f"coalesce({moments.local_to_utc(f'local_{name}', work.zone, first, last)}, utc_{name})"
    return columns, moments.within_reason(brought)


def _written_moment(work: Conversion, name: str, joins: list[str]) -> tuple[str, str]:
    """Return the SQL of the local and of the UTC time that a text says; one of them is NULL."""
    text = f"t.m_{name}::VARCHAR"
    order, is_told = moments.find_day_order(work.staged.connection, f"m_{name}::VARCHAR", work.country)
    if not is_told:
        work.notes.append(Note(_DAY_NOTES[order], {"header": work.header_of(name)}))
    unusual = _unusual_moments(work, name, order)
    if not unusual:
        return moments.fast_local(text, order), moments.fast_utc(text)
    joins.append(f"LEFT JOIN {unusual} ON {unusual}.written = {text}")
    local = f"coalesce({moments.fast_local(text, order)}, CASE WHEN NOT {unusual}.is_utc THEN {unusual}.moment END)"
    return local, f"coalesce({moments.fast_utc(text)}, CASE WHEN {unusual}.is_utc THEN {unusual}.moment END)"


def _unusual_moments(work: Conversion, name: str, order: moments.DayOrder) -> str | None:
    """Read the distinct texts that SQL cannot; return the table that says what they mean, if there are any."""
    column = f"m_{name}::VARCHAR"
    unusual = f"m_{name} IS NOT NULL AND {moments.is_unusual(column)}"
    asked = f"SELECT DISTINCT {column} AS written FROM cells WHERE {unusual}"
    if work.run(f"SELECT count(*) FROM ({asked} LIMIT 1)").fetchall()[0][0] == 0:
        return None
    import pyarrow as pa

    table = f"times_{name}"
    work.run(f"CREATE TABLE {table} (written VARCHAR, moment TIMESTAMP, is_utc BOOLEAN)")
    for written in distinct_values(work, asked):
        found = [moments.read_unusual(each, order) for each in written.to_pylist()]
        told = pa.array([moment for moment, _ in found], pa.timestamp("us"))
        is_utc = pa.array([is_utc for _, is_utc in found], pa.bool_())
        add_rows(work, table, pa.table({"written": written, "moment": told, "is_utc": is_utc}))
    return table
