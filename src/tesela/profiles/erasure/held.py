"""What tables of the warehouse hold of a person, as each says it in its declaration; and the tables without that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tesela.events import IDENTIFIER_KINDS, Load
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyarrow as pa

    from tesela.profiles.erasure.traces import Traces
    from tesela.warehouse import Engine, Table

_KIND = "CASE " + " ".join(f"WHEN {kind} IS NOT NULL THEN '{kind}'" for kind in IDENTIFIER_KINDS) + " END"
_VALUE = f"coalesce({', '.join(IDENTIFIER_KINDS)})"


def held_rows(
    engine: Engine, tables: Iterable[Table], traces: Traces, *, loads: Mapping[int, Load], country: str
) -> Iterator[tuple[Table, pa.Table]]:
    """Yield each table that can hold something of people, with somebody's rows of it.

    Args:
        engine: Where the tables are.
        tables: Which.
        traces: Who.
        loads: The loads of the record, by number: how their rejected rows are read.
        country: ISO 3166 code: of phones without a prefix.
    """
    for table in tables:
        if table.holds is None or table.holds.whose == "nobody":
            continue
        if table.holds.whose == "words":
            yield table, _naming_rows(engine, table, traces, loads, country)
            continue
        condition = _condition(table)
        asked = f"SELECT * FROM {{table}} WHERE {condition}"
        yield table, engine.query(_told(asked, table, traces, condition))


def take_out(engine: Engine, tables: Iterable[Table], traces: Traces) -> None:
    """Take somebody's rows out of tables that nothing makes again; run again, it changes nothing.

    Args:
        engine: Where the tables are.
        tables: Which; those that are made again are passed over.
        traces: Who.
    """
    for table in tables:
        if table.holds is None or not table.holds.kept or table.holds.whose == "nobody":
            continue
        if table.holds.whose == "words":
            _blank(engine, table, traces)
            continue
        condition = _condition(table)
        hers = engine.query(_told(f"SELECT count(*) AS n FROM {{table}} WHERE {condition}", table, traces, condition))
        if hers.column("n")[0].as_py():
            asked = f"SELECT * FROM {{table}} WHERE NOT coalesce({condition}, false)"
            engine.replace({table: _told(asked, table, traces, condition)})


def _condition(table: Table) -> str:
    """Return the SQL of which rows are somebody's."""
    if table.holds is None:
        raise LookupError(table.name)
    columns = table.holds.columns
    match table.holds.whose:
        case "profile" | "subject":
            return "(" + " OR ".join(f"{name} IN (SELECT number FROM her_numbers)" for name in columns) + ")"
        case "identifier":
            return f"(({', '.join(columns)}) IN (SELECT (kind, value) FROM her_identifiers))"
        case "record":
            own = f"({_KIND}, {_VALUE}) IN (SELECT (kind, value) FROM her_subjects)"
            if "order_id" not in table.column_names:
                return f"({own})"
            nameless = f"{_VALUE} IS NULL AND (source, order_id) IN (SELECT (source, number) FROM her_orders)"
            return f"({own} OR ({nameless}))"
        case _:
            raise LookupError(f"{table.name}: {table.holds.whose}")


def _told(sql: str, table: Table, traces: Traces, condition: str) -> Statement:
    relations = {name: rows for name, rows in traces.relations().items() if name in condition}
    return statement(sql, tables={"table": table}, relations=relations)


def _naming_rows(engine: Engine, table: Table, traces: Traces, loads: Mapping[int, Load], country: str) -> pa.Table:
    """Return the rows whose texts name somebody: rejected rows as their import read them, others as they stand."""
    import pyarrow as pa

    rows = engine.query(statement("SELECT * FROM {table}", tables={"table": table}))
    texts = list(zip(*(rows.column(name).to_pylist() for name in _columns(table)), strict=True))
    is_hers = [False] * len(texts)
    if "load_id" not in table.column_names:
        words = [word.lower() for word in traces.words]
        is_hers = [any(_names(text, words, traces) for text in each if text) for each in texts]
    else:
        removal = traces.removal(country)
        numbers = rows.column("load_id").to_pylist()
        for number in sorted(set(numbers) & set(loads)):
            places = [place for place, each in enumerate(numbers) if each == number]
            named = removal.named_in(loads[number], [texts[place] for place in places])
            for place, found in zip(places, named, strict=True):
                is_hers[place] = found
    return rows.filter(pa.array(is_hers, pa.bool_()))


def _blank(engine: Engine, table: Table, traces: Traces) -> None:
    """Put a sign in the place of what names somebody in the texts of a table."""
    rows = engine.query(statement("SELECT * FROM {table}", tables={"table": table})).to_pylist()
    blanked: list[dict[str, Any]] = [
        row | {name: traces.blank(row[name]) for name in _columns(table) if row[name]} for row in rows
    ]
    if blanked == rows:
        return
    import pyarrow as pa

    schema = engine.query(statement("SELECT * FROM {table} LIMIT 0", tables={"table": table})).schema
    told = pa.Table.from_pylist(blanked, schema)
    query = statement("SELECT * FROM blanked_rows", relations={"blanked_rows": told})
    engine.replace({table: query})


def _columns(table: Table) -> tuple[str, ...]:
    return table.holds.columns if table.holds else ()


def _names(text: str, words: list[str], traces: Traces) -> bool:
    return text in traces.values or any(word in text.lower() for word in words)
