"""Figures over the population, and where a profile stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from tesela.events import EVENTS
from tesela.language.plan import ProductColumn, parts
from tesela.language.rendering.products import with_products
from tesela.language.rendering.shapes import (
    EVENT,
    PROFILE_ID,
    ROW,
    down,
    in_the_middle,
    is_set,
    joined,
    number,
    numbered,
    or_zero,
    table,
    up,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.language.plan import Fold, Standing, StoreMedian
    from tesela.language.rendering.context import Context

_FUNCTIONS = {"count": exp.Count, "sum": exp.Sum, "min": exp.Min, "max": exp.Max}
_MEDIANS = {"median_sum": exp.Sum, "median_count": exp.Count, "sum": exp.Sum, "count": exp.Count}
_ZERO_OVER_NOTHING = ("count", "sum", "median_count")
_PEER, _VALUE = "peer", "value"


def folds_query(context: Context, folds: Mapping[str, Fold], row: str) -> exp.Select:
    """Return the query of figures over the whole population: one row."""
    columns = (exp.alias_(_figure(context, each), name) for name, each in folds.items())
    return exp.select(*columns).from_(table(row, ROW))


def _figure(context: Context, fold: Fold) -> exp.Expr:
    figure = _FUNCTIONS[fold.function](this=context.write(fold.value))
    filtered = context.dialect.filtered(figure, [context.write(fold.member)])
    return or_zero(filtered) if fold.function in _ZERO_OVER_NOTHING else filtered


def peers_query(context: Context, name: str, fold: Fold, row: str) -> exp.Select:
    """Return the query of a figure for each group of peers: one row a group."""
    peer = context.write(fold.per) if fold.per else exp.Null()
    query = exp.select(exp.alias_(peer, _PEER), exp.alias_(_figure(context, fold), name)).from_(table(row, ROW))
    return query.where(is_set(peer.copy())).group_by(peer.copy())


def median_query(context: Context, name: str, fold: Fold, row: str) -> exp.Select:
    """Return the query of the sum or number of the middle values: one row, or one a group of peers."""
    value = context.write(fold.value)
    partition = [context.write(fold.per)] if fold.per else []
    placed = exp.select(
        exp.alias_(value, "value"),
        exp.alias_(numbered(partition, [up(value.copy())]), "place"),
        exp.alias_(
            exp.Window(this=exp.Count(this=exp.Star()), partition_by=[p.copy() for p in partition] or None), "size"
        ),
        *(exp.alias_(each.copy(), _PEER) for each in partition),
    ).from_(table(row, ROW))
    placed = placed.where(
        is_set(exp.paren(value.copy())), context.write(fold.member), *(is_set(p.copy()) for p in partition)
    )
    return _middle(context, placed, name, fold.function, peers=bool(partition))


def store_median_query(context: Context, name: str, each: StoreMedian, row: str) -> exp.Select:
    """Return the query of the sum or number of the middle values over all events of the population: one row."""
    value = context.write(each.value)
    same = exp.EQ(this=exp.column(PROFILE_ID, table=ROW), expression=exp.column(PROFILE_ID, table=EVENT))
    placed = exp.select(
        exp.alias_(value, "value"),
        exp.alias_(numbered([], [up(value.copy())]), "place"),
        exp.alias_(exp.Window(this=exp.Count(this=exp.Star())), "size"),
    ).from_(table(EVENTS.name, EVENT))
    placed = placed.join(table(row, ROW), on=same, copy=False)
    if any(isinstance(part, ProductColumn) for part in parts((each.value, each.where))):
        placed = with_products(placed, context.dialect, context.as_of())
    placed = placed.where(is_set(exp.paren(value.copy())), context.write(each.member))
    placed = placed.where(*context.happened(each.event, each.bounds))
    if each.where is not None:
        placed = placed.where(context.write(each.where))
    return _middle(context, placed, name, each.part, peers=False)


def _middle(context: Context, placed: exp.Select, name: str, function: str, *, peers: bool) -> exp.Select:
    # the sum of two may be too large for 64 bits
    figure = context.dialect.filtered(_MEDIANS[function](this=exp.column("value")), [])
    chosen = [exp.column(_PEER)] if peers else []
    query = exp.select(*chosen, exp.alias_(figure, name)).from_(placed.subquery("placed"))
    query = query.where(in_the_middle(exp.column("place"), exp.column("size")))
    return query.group_by(exp.column(_PEER)) if peers else query


def to_peers(context: Context, part: str, fold: Fold) -> exp.Join:
    """Return the join of the figure of a profile's peers to its row."""
    peer = context.write(fold.per) if fold.per else exp.Null()
    return joined(part, exp.EQ(this=exp.column(_PEER, table=part), expression=peer))


def peers_taken(context: Context, part: str, name: str, fold: Fold) -> exp.Expr:
    """Return the figure of a profile's peers: nothing where the profile has no peers' value."""
    column: exp.Expr = exp.column(name, table=part)
    if fold.function in _ZERO_OVER_NOTHING and fold.per is not None:
        column = exp.Case().when(is_set(context.write(fold.per)), or_zero(column))
    return column


def standing_query(context: Context, name: str, each: Standing, row: str) -> exp.Select:
    """Return the query of how many are smaller or larger: one row a different value, of each group of peers.

    Count up to and with the equals, minus the equals: the population alone is counted. Few values are different,
    so this sorts little and carries nothing else.
    """
    value, counted = context.write(each.value), exp.column("counted")
    peers = [context.write(each.per)] if each.per is not None else []
    one = exp.Case().when(context.write(each.member), number(1)).else_(number(0))
    equals = exp.select(
        exp.alias_(value, _VALUE),
        *(exp.alias_(peer, _PEER) for peer in peers),
        exp.alias_(context.dialect.filtered(exp.Sum(this=one), []), "counted"),
    ).from_(table(row, ROW))
    equals = equals.where(is_set(exp.paren(value.copy())), *(is_set(exp.paren(peer.copy())) for peer in peers))
    equals = equals.group_by(value.copy(), *(peer.copy() for peer in peers))
    ordered = down(exp.column(_VALUE)) if each.direction == "larger" else up(exp.column(_VALUE))
    upto = exp.Window(
        this=exp.Sum(this=counted),
        partition_by=[exp.column(_PEER)] if peers else None,
        order=exp.Order(expressions=[ordered]),
    )
    chosen = [_VALUE, *([_PEER] if peers else [])]
    others = exp.alias_(exp.Sub(this=upto, expression=counted.copy()), name)
    return exp.select(*chosen, others).from_(equals.subquery("equals"))


def to_standing(context: Context, part: str, each: Standing) -> exp.Join:
    """Return the join of where a profile's value stands to its row."""
    same: list[exp.Expr] = [exp.EQ(this=exp.column(_VALUE, table=part), expression=context.write(each.value))]
    if each.per is not None:
        same.append(exp.EQ(this=exp.column(_PEER, table=part), expression=context.write(each.per)))
    return joined(part, exp.and_(*same))
