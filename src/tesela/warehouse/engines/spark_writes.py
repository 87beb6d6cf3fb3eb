"""What a writing statement makes of a table, as the query of its rows: Parquet files cannot be changed in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp, parse_one

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tesela.warehouse.engines.spark_tables import StoredTable


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What becomes of a table.

    Attributes:
        table: Its name.
        rows: The query of rows, in DuckDB's SQL as the statement was.
        appends: Whether the rows come to those that are there, instead of being all.
        relation: Name of the relation whose rows are appended as they are, if that is all there is to it.
        empties: Whether no row is left.
    """

    table: str
    rows: str
    appends: bool = False
    relation: str | None = None
    empties: bool = False


def rewrite(sql: str, tables: Mapping[str, StoredTable]) -> Rewrite:
    """Return what an INSERT, UPDATE or DELETE makes of its table.

    Raises:
        TypeError: when it is another statement; a fault of ours.
    """
    tree = parse_one(sql, read="duckdb")
    target = tree.find(exp.Table)
    name = target.name if target is not None else ""
    if not isinstance(tree, exp.Insert | exp.Update | exp.Delete) or name not in tables:
        raise TypeError(f"no table of Spark's is written by: {sql}")
    columns = [column for column, _ in tables[name].columns]
    if isinstance(tree, exp.Insert):
        return _inserted(tree, name, columns)
    if isinstance(tree, exp.Update):
        return Rewrite(name, _updated(tree, name, columns).sql("duckdb"))
    return Rewrite(name, _kept(tree, name).sql("duckdb"), empties=tree.args.get("where") is None)


def _inserted(tree: exp.Insert, name: str, columns: Sequence[str]) -> Rewrite:
    query = tree.expression
    if isinstance(query, exp.Values) and len(query.expressions) == 1:
        query = exp.select(*query.expressions[0].expressions)
    if not isinstance(query, exp.Select):
        raise TypeError(f"only one row or a query can be inserted here: {tree.sql('duckdb')}")
    if tree.args.get("by_name"):
        return Rewrite(name, query.sql("duckdb"), appends=True, relation=_whole_relation(query))
    named = [exp.alias_(each.unalias(), column) for each, column in zip(query.expressions, columns, strict=True)]
    query.set("expressions", named)
    return Rewrite(name, query.sql("duckdb"), appends=True)


def _whole_relation(query: exp.Select) -> str | None:
    source = query.args.get("from_") or query.args.get("from")
    parts = {key for key, value in query.args.items() if value}
    is_plain = query.is_star and len(query.expressions) == 1 and parts <= {"expressions", "from", "from_"}
    return source.this.name if is_plain and source is not None and isinstance(source.this, exp.Table) else None


def _updated(tree: exp.Update, name: str, columns: Sequence[str]) -> exp.Select:
    where = tree.args.get("where")
    changed = {each.this.name: each.expression for each in tree.expressions}
    chosen = []
    for column in columns:
        value: exp.Expr = exp.column(column, quoted=True)
        if column in changed:
            new = changed[column].copy()
            value = exp.Case().when(where.this.copy(), new).else_(value) if where is not None else new
        chosen.append(exp.alias_(value, column, quoted=True))
    return exp.select(*chosen).from_(exp.to_table(name))


def _kept(tree: exp.Delete, name: str) -> exp.Select:
    where = tree.args.get("where")
    if where is None:
        return exp.select("*").from_(exp.to_table(name)).limit(0)
    gone = exp.Coalesce(this=where.this.copy(), expressions=[exp.false()])
    return exp.select("*").from_(exp.to_table(name)).where(exp.Not(this=exp.paren(gone)))
