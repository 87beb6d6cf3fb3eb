"""Let tables of the shop's own stand for Tesela's: views over them, in Tesela's schema; nothing is copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.base import ConflictError, InputError, TeselaError
from tesela.events import EVENTS
from tesela.profiles import ATTRIBUTE_VALUES, IDENTIFIERS, PROFILES
from tesela.warehouse import Statement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlglot import exp

    from tesela.warehouse import Engine, Table
    from tesela.workspace.engine_settings import MappedTable

# A fact that nothing says the time of has always been so.
_ALWAYS = "1970-01-01 00:00:00"
_SHOP = "shop"
_NEEDED = {EVENTS.name: ("profile_id", "name", "occurred_at"), PROFILES.name: ("profile_id",)}
_UNLESS_TOLD: dict[str, dict[str, str | bool]] = {
    EVENTS.name: {"source": _SHOP},
    PROFILES.name: {"is_known": True, "first_seen_at": _ALWAYS},
}
# What no rule asks of a profile's history.
_NO_FIELDS = ("profile_id", "is_known", "first_seen_at", "properties")
_IDENTIFIERS = ("customer_id", "email", "phone", "loyalty_card")


def mapped_tables(mapping: Mapping[str, MappedTable], tables: Iterable[Table]) -> set[Table]:
    """Return the tables that views stand for: those mapped, and what follows from mapped profiles."""
    known = {table.name: table for table in tables}
    for name in mapping:
        if name not in known:
            raise InputError("workspace.unknown_mapped_table", name=name, known=", ".join(sorted(known)))
    found = {known[name] for name in mapping}
    return found | ({ATTRIBUTE_VALUES, IDENTIFIERS} if PROFILES in found else set())


def make_views(
    engine: Engine, mapping: Mapping[str, MappedTable], tables: Iterable[Table], shipped: Collection[str]
) -> None:
    """Make the views over the shop's own tables, all of them anew.

    Args:
        engine: Where the shop's tables are.
        mapping: What `[warehouse.tables]` says.
        tables: Tesela's tables that may be mapped.
        shipped: Names of the tables that were shipped to the engine.

    Raises:
        InputError: when a mapping names what does not exist, or lacks a column that rules cannot do without.
        ConflictError: when a table to be mapped was shipped before.
    """
    statements = _view_statements(mapping, tables, shipped)
    if not statements:
        return
    try:
        engine.write(statements)
    except TeselaError:
        raise
    except Exception as cause:
        reason = next((line.strip() for line in str(cause).splitlines() if line.strip()), type(cause).__name__)
        raise InputError("workspace.mapping_fails", reason=reason) from cause


def _view_statements(
    mapping: Mapping[str, MappedTable], tables: Iterable[Table], shipped: Collection[str]
) -> list[Statement]:
    statements = []
    for table in sorted(mapped_tables(mapping, tables), key=lambda each: each.name):
        if table.name in shipped:
            raise ConflictError("workspace.mapped_after_shipping", table=table.name)
        query = _view(table, mapping)
        statements.append(Statement(f"DROP VIEW IF EXISTS {table.name}"))
        statements.append(Statement(f"CREATE VIEW {table.name} AS {query.sql('duckdb')}"))
    return statements


def _view(table: Table, mapping: Mapping[str, MappedTable]) -> exp.Query:
    if table.name in mapping:
        return _renamed(table, mapping[table.name])
    profiles = mapping[PROFILES.name]
    return _history(profiles) if table == ATTRIBUTE_VALUES else _identifiers(profiles)


def _renamed(table: Table, mapped: MappedTable) -> exp.Select:
    from sqlglot import exp

    _check(table, mapped)
    columns = (
        exp.alias_(_typed(_value(table, column.name, mapped), column.type), column.name, quoted=True)
        for column in table.columns
    )
    return exp.select(*columns).from_(_source(mapped))


def _check(table: Table, mapped: MappedTable) -> None:
    known = {*table.column_names, *(["amount"] if table == EVENTS else [])}
    for name in mapped.columns:
        if name not in known:
            raise InputError(
                "workspace.unknown_mapped_column", table=table.name, column=name, known=", ".join(sorted(known))
            )
    for name in _NEEDED.get(table.name, ()):
        if name not in mapped.columns:
            raise InputError("workspace.unmapped_column", table=table.name, column=name)


def _value(table: Table, name: str, mapped: MappedTable) -> exp.Expr:
    from sqlglot import exp

    if name in mapped.columns:
        return _written(mapped.columns[name])
    if name == "amount_e4" and "amount" in mapped.columns:
        money = _typed(_written(mapped.columns["amount"]), "DECIMAL(18,4)")
        return exp.Mul(this=money, expression=exp.Literal.number(10_000))
    told = _UNLESS_TOLD.get(table.name, {}).get(name)
    if name == "first_seen_at" and "created_at" in mapped.columns:
        return _since(mapped)
    return exp.Null() if told is None else exp.true() if told is True else exp.Literal.string(str(told))


def _written(told: str) -> exp.Expr:
    """Return a column by its name, or what stands in single quotes as it is."""
    from sqlglot import exp

    if len(told) > 1 and told[0] == told[-1] == "'":
        return exp.Literal.string(told[1:-1])
    return exp.column(told, quoted=True)


def _typed(value: exp.Expr, kind: str) -> exp.Expr:
    from sqlglot import exp

    return exp.Cast(this=value, to=exp.DataType.build(kind, dialect="duckdb"))


def _since(mapped: MappedTable) -> exp.Expr:
    from sqlglot import exp

    always = _typed(exp.Literal.string(_ALWAYS), "TIMESTAMP")
    told = mapped.columns.get("created_at")
    return exp.Coalesce(this=_typed(_written(told), "TIMESTAMP"), expressions=[always]) if told else always


def _source(mapped: MappedTable) -> exp.Table:
    """Return the shop's table; what has a slash is a folder of Parquet files, which only Spark reads."""
    from sqlglot import exp

    parts = ["parquet", mapped.source] if "/" in mapped.source else mapped.source.split(".")
    names = [exp.to_identifier(part, quoted=True) for part in parts[::-1]]
    return exp.Table(**dict(zip(("this", "db", "catalog"), names, strict=False)))


def _history(mapped: MappedTable) -> exp.Query:
    """Return each mapped field of the profiles as one value that holds since the profile was made."""
    fields = (name for name in mapped.columns if name not in _NO_FIELDS)
    pieces = (
        _piece(mapped, ATTRIBUTE_VALUES, field=each, value=each, valid_from=None, source=_SHOP) for each in fields
    )
    return _piled(ATTRIBUTE_VALUES, pieces)


def _identifiers(mapped: MappedTable) -> exp.Query:
    kinds = (name for name in mapped.columns if name in _IDENTIFIERS)
    pieces = (_piece(mapped, IDENTIFIERS, kind=each, value=each, since=None, source=_SHOP) for each in kinds)
    return _piled(IDENTIFIERS, pieces)


def _piece(mapped: MappedTable, table: Table, **told: str | None) -> exp.Select:
    """Return the rows of one field: texts of ours as they are, the field's value, and since when."""
    from sqlglot import exp

    chosen = []
    for column in table.columns:
        value: exp.Expr = exp.Null()
        if column.name == "profile_id":
            value = _written(mapped.columns["profile_id"])
        elif column.name == "value":
            value = _written(mapped.columns[str(told["value"])])
            if told["value"] == "created_at":
                # a text with a zone in it would be no time to rules
                value = _typed(value, "TIMESTAMP")
        elif column.name in told:
            text = told[column.name]
            value = _since(mapped) if text is None else exp.Literal.string(text)
        chosen.append(exp.alias_(_typed(value, column.type), column.name, quoted=True))
    there = exp.Not(this=exp.Is(this=_written(mapped.columns[str(told["value"])]), expression=exp.Null()))
    return exp.select(*chosen).from_(_source(mapped)).where(there)


def _piled(table: Table, pieces: Iterable[exp.Select]) -> exp.Query:
    """Return the rows of all pieces after each other; without a piece, no rows."""
    from sqlglot import exp

    nothing = (exp.alias_(_typed(exp.Null(), column.type), column.name, quoted=True) for column in table.columns)
    query: exp.Query = exp.select(*nothing).where(exp.false())
    for each in pieces:
        query = exp.union(query, each, distinct=False, copy=False)
    return query
