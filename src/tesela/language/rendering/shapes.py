"""Small shapes of SQL that many parts are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Sequence

PROFILE_ID = "profile_id"
ROW = "s"
EVENT = "e"
HISTORY = "h"
PRODUCT, ANY_PRODUCT = "product", "any_product"


def table(name: str, alias: str) -> exp.Expr:
    """Return a table under another name."""
    return exp.alias_(exp.to_table(name), alias, table=True)


def joined(part: str, on: exp.Expr | None = None, *, side: str = "LEFT") -> exp.Join:
    """Return the join of a step to the profile's row."""
    kind = {"kind": side} if side == "CROSS" else {"side": side}
    return exp.Join(this=exp.to_table(part), on=on, **kind)


def by_profile(part: str) -> exp.Join:
    """Return the join of a step with one row a profile to the profile's row."""
    same = exp.EQ(this=exp.column(PROFILE_ID, table=part), expression=exp.column(PROFILE_ID, table=ROW))
    return joined(part, same)


def named(name: str, source: str) -> exp.Expr:
    """Return a column of a source under its own name: where sources are joined, ClickHouse would prefix it."""
    return exp.alias_(exp.column(name, table=source), name)


def is_set(value: exp.Expr) -> exp.Expr:
    """Return whether a value is there."""
    return exp.Not(this=exp.Is(this=value, expression=exp.Null()))


def number(value: int) -> exp.Expr:
    """Return a whole number of ours."""
    return exp.Literal.number(value)


def or_zero(value: exp.Expr) -> exp.Expr:
    """Return a number, zero where it is missing."""
    return exp.Coalesce(this=value, expressions=[number(0)])


def numbered(partition: Sequence[exp.Expr], order: Sequence[exp.Expr], *, function: exp.Expr | None = None) -> exp.Expr:
    """Return the place of a row among those of its partition, from 1; or another function of the order."""
    return exp.Window(
        this=function or exp.RowNumber(),
        partition_by=list(partition) or None,
        order=exp.Order(expressions=list(order)),
    )


def up(value: exp.Expr) -> exp.Expr:
    """Sort from small to large."""
    return exp.Ordered(this=value, desc=False, nulls_first=False)


def down(value: exp.Expr) -> exp.Expr:
    """Sort from large to small."""
    return exp.Ordered(this=value, desc=True, nulls_first=False)


def in_the_middle(place: exp.Expr, size: exp.Expr) -> exp.Expr:
    """Return whether a place, from 1, is one of the one or two in the middle."""
    doubled = exp.Mul(this=number(2), expression=place)
    return exp.Between(this=doubled, low=size, high=exp.Add(this=size.copy(), expression=number(2)))
