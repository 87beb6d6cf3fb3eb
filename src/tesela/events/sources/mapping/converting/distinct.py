"""Read the distinct values of a field in Python, and join what they mean back to the rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tesela.events.sources.mapping import numbers, people
from tesela.events.sources.mapping.converting.conversion import PREFIX
from tesela.events.sources.reading import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from tesela.events.sources.mapping.converting.conversion import Conversion

_VALUES_AT_ONCE = 100_000


def read_distinct(
    work: Conversion,
    name: str,
    read: Callable[[str], str | None],
    joins: list[str],
    *,
    where: str = "true",
    table: str | None = None,
) -> str:
    """Read the distinct values of a field; return the SQL of what each row's means.

    Args:
        work: The conversion.
        name: Of the field.
        read: Tells what a value means; None when nothing.
        joins: Gets the join that the SQL needs.
        where: Which cells are read.
        table: Name for the meanings, where the field has others already.
    """
    import pyarrow as pa

    table = table or f"words_{name}"
    work.run(f"CREATE TABLE {table} (written VARCHAR, meaning VARCHAR)")
    asked = f"SELECT DISTINCT t.m_{name}::VARCHAR AS written FROM cells AS t WHERE t.m_{name} IS NOT NULL AND {where}"
    for written in distinct_values(work, asked):
        meanings = pa.array([read(each) for each in written.to_pylist()], pa.string())
        add_rows(work, table, pa.table({"written": written, "meaning": meanings}))
    joins.append(f"LEFT JOIN {table} ON {table}.written = t.m_{name}::VARCHAR")
    return f"{table}.meaning"


def distinct_values(work: Conversion, asked: str) -> Iterator[pa.Array]:
    """Yield the one column of a query in pieces."""
    for batch in work.staged.connection.sql(asked).to_arrow_table().to_batches(max_chunksize=_VALUES_AT_ONCE):
        yield batch.column(0)


def add_rows(work: Conversion, table: str, rows: pa.Table) -> None:
    """Append rows to a table of the conversion."""
    work.staged.connection.register("incoming", rows)
    work.run(f"INSERT INTO {table} SELECT * FROM incoming")
    work.staged.connection.unregister("incoming")


def word_readers(work: Conversion) -> dict[str, Callable[[str], str | None]]:
    """Return how the fields are read that say one of a few words."""
    consent = partial(people.read_word, group="consent")
    readers: dict[str, Callable[[str], str | None]] = {
        "gender": partial(people.read_word, group="gender"),
        "email_consent": consent,
        "sms_consent": consent,
        "purpose": _word_or_slug("purpose"),
        "sales_channel": _word_or_slug("sales_channel"),
        "first_source": people.read_first_source,
        "bounce_type": _word_or_slug("bounce"),
        "currency": partial(numbers.read_currency, own=work.currency),
    }
    if work.kind in ("events", "email-events"):
        readers["name"] = partial(people.read_event_name, of_messages=work.kind == "email-events")
    if work.is_of_orders:
        readers["status"] = partial(people.read_status, vendor=work.mapping.vendor)
    if work.kind == "consents":
        readers["status"] = consent
    if work.kind in ("consents", "email-events"):
        readers["channel"] = _word_or_slug("channel")
    return readers


def _word_or_slug(group: str) -> Callable[[str], str | None]:
    return lambda written: people.read_word(written, group) or people.read_slug(written)


def note_unknown_words(work: Conversion) -> None:
    """Tell which states of orders are in nobody's list: they are taken for completed."""
    if "status" not in work.mapped or not work.is_of_orders:
        return
    rows = work.run("SELECT written FROM words_status WHERE meaning IS NULL ORDER BY written LIMIT 10").fetchall()
    if rows:
        work.notes.append(Note(f"{PREFIX}.unknown_status", {"words": ", ".join(row[0] for row in rows)}))
