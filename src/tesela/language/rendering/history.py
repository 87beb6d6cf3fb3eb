"""What stands about a profile outside the events: fields and their history, consents, stays, stored traits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from tesela.language.rendering.shapes import HISTORY, PROFILE_ID, ROW, down, is_set, named, number, numbered, table, up
from tesela.profiles import ATTRIBUTE_VALUES, CONSENTS, IDENTIFIERS, Receiving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.language.plan import (
        AttributeValue,
        ConsentValue,
        FieldChanges,
        FieldHeld,
        PreviousFieldValue,
        Reach,
        RecordedStay,
        StoredTraitValue,
    )
    from tesela.language.rendering.context import Context

# What a profile's records carry without any contact saying so; the smallest stands for all.
_CARRIED = ("customer_id", "email", "phone", "loyalty_card")
_PARTS = {"status": "status", "at": "occurred_at", "source": "source"}


# --- fields -----------------------------------------------------------------------------------------------


def attributes_query(context: Context, attributes: Mapping[str, AttributeValue]) -> exp.Select:
    """Return the query of the values of fields at the moment of truth: one row a profile."""
    fields = [context.bind.value(each.field) for each in attributes.values()]
    query = _told(context).where(exp.In(this=exp.column("field"), expressions=fields))
    query = query.where(*context.only_asked(exp.column(PROFILE_ID))).group_by(PROFILE_ID)
    for name, each in attributes.items():
        own = exp.EQ(this=exp.column("field"), expression=context.bind.value(each.field))
        newest = context.dialect.at_edge(exp.column("value"), [exp.column("valid_from")], [own], newest=True)
        query = query.select(exp.alias_(newest, name), copy=False)
    return query


def told_values(context: Context, field: str) -> exp.Select:
    """Return the query of all values of a field that had been told by the moment of truth: a row a value."""
    own = exp.EQ(this=exp.column("field"), expression=context.bind.value(field))
    return _told(context).select("value").where(own, is_set(exp.column(PROFILE_ID)))


def _told(context: Context) -> exp.Select:
    before = exp.LT(this=exp.column("valid_from"), expression=context.as_of())
    return exp.select(PROFILE_ID).from_(exp.to_table(ATTRIBUTE_VALUES.name)).where(before)


def carried(attributes: Mapping[str, AttributeValue]) -> dict[str, str]:
    """Return the fields, by column, that identifiers stand in for when no contact tells them."""
    return {name: each.field for name, each in attributes.items() if each.field in _CARRIED}


def identifiers_query(context: Context, fields: Mapping[str, str]) -> exp.Select:
    """Return the query of the smallest identifier of each kind: one row a profile."""
    before = exp.LT(this=exp.column("since"), expression=context.as_of())
    kinds = [context.bind.value(kind) for kind in fields.values()]
    query = exp.select(PROFILE_ID).from_(exp.to_table(IDENTIFIERS.name)).where(before)
    query = query.where(exp.In(this=exp.column("kind"), expressions=kinds))
    query = query.where(*context.only_asked(exp.column(PROFILE_ID))).group_by(PROFILE_ID)
    for name, kind in fields.items():
        own = exp.EQ(this=exp.column("kind"), expression=context.bind.value(kind))
        smallest = context.dialect.filtered(exp.Min(this=context.dialect.ordered(exp.column("value"))), [own])
        query = query.select(exp.alias_(smallest, name), copy=False)
    return query


def taken(name: str, field: str, told: str, identifiers: str | None) -> exp.Expr:
    """Return a field for the profile's row; identifiers say what no contact does, and customer ids first."""
    values = [exp.column(name, table=part) for part in (told, identifiers) if part]
    first, *others = reversed(values) if field == "customer_id" else values
    return exp.Coalesce(this=first, expressions=others) if others else first


def changes_query(context: Context, name: str, each: FieldChanges) -> exp.Select:
    """Return the query of how often a field changed inside bounds: one row a profile with changes."""
    changed = _changes(context, each.field)
    query = exp.select(PROFILE_ID, exp.alias_(exp.Count(this=exp.Star()), name)).from_(changed.subquery("changes"))
    since = exp.column("valid_from")
    if each.bounds.start is not None:
        query = query.where(exp.GTE(this=since, expression=context.bind.value(each.bounds.start)))
    if each.bounds.end is not None:
        query = query.where(exp.LT(this=since.copy(), expression=context.bind.value(each.bounds.end)))
    return query.group_by(PROFILE_ID)


def previous_query(context: Context, name: str, each: PreviousFieldValue) -> exp.Select:
    """Return the query of what a field was before its last change: one row a profile with changes."""
    changed = _changes(context, each.field)
    place = numbered([exp.column(PROFILE_ID)], [down(exp.column("valid_from"))])
    placed = exp.select(PROFILE_ID, "previous", exp.alias_(place, "place")).from_(changed.subquery("changes"))
    query = exp.select(PROFILE_ID, exp.alias_(exp.column("previous"), name)).from_(placed.subquery("placed"))
    return query.where(_is_first())


def held_query(context: Context, name: str, each: FieldHeld) -> exp.Select:
    """Return the query of the profiles for which a test held on every value from a moment on."""
    start = context.bind.value(each.start)
    history = _history(context, each.field, "following", exp.Lead(this=exp.column("valid_from", table=HISTORY)))
    following = exp.column("following", table=HISTORY)
    lasts = exp.or_(exp.Is(this=following, expression=exp.Null()), exp.GT(this=following.copy(), expression=start))
    failing = exp.Case().when(context.write(each.where), number(0)).else_(number(1))
    earliest = exp.Min(this=exp.column("valid_from", table=HISTORY))
    query = exp.select(named(PROFILE_ID, HISTORY), exp.alias_(exp.true(), name))
    query = query.from_(exp.alias_(exp.Subquery(this=history), HISTORY, table=True)).where(exp.paren(lasts))
    query = query.group_by(exp.column(PROFILE_ID, table=HISTORY))
    return query.having(
        exp.and_(
            exp.LTE(this=earliest, expression=start.copy()),
            exp.EQ(this=exp.Sum(this=failing), expression=number(0)),
        )
    )


def _changes(context: Context, field: str) -> exp.Select:
    """Return the query of the values that differ from the one before; the first is no change."""
    value = context.dialect.present(exp.column("value", table=HISTORY))
    history = _history(context, field, "previous", exp.Lag(this=value), place=True)
    now, before = context.dialect.present(exp.column("value")), exp.column("previous")
    gone, came = exp.Is(this=now.copy(), expression=exp.Null()), exp.Is(this=before.copy(), expression=exp.Null())
    differs = exp.or_(
        exp.and_(gone, exp.Not(this=came)),
        exp.and_(exp.Not(this=gone.copy()), came.copy()),
        exp.NEQ(this=now, expression=before),
    )
    later = exp.GT(this=exp.column("place"), expression=number(1))
    return exp.select(PROFILE_ID, "valid_from", "previous").from_(history.subquery("history")).where(later, differs)


def _history(context: Context, field: str, name: str, function: exp.Expr, *, place: bool = False) -> exp.Select:
    """Return the query of a field's values before the moment of truth, each beside a neighbour."""
    profile = exp.column(PROFILE_ID, table=HISTORY)
    order = [up(exp.column("valid_from", table=HISTORY))]
    query = exp.select(
        *(named(column, HISTORY) for column in (PROFILE_ID, "valid_from", "value")),
        exp.alias_(numbered([profile.copy()], order, function=function), name),
    ).from_(table(ATTRIBUTE_VALUES.name, HISTORY))
    if place:
        query = query.select(exp.alias_(numbered([profile.copy()], [order[0].copy()]), "place"), copy=False)
    of_field = exp.EQ(this=exp.column("field", table=HISTORY), expression=context.bind.value(field))
    before = exp.LT(this=exp.column("valid_from", table=HISTORY), expression=context.as_of())
    return query.where(of_field, before, *context.only_asked(profile.copy()))


# --- consents ---------------------------------------------------------------------------------------------


def consent_query(context: Context, name: str, each: ConsentValue, row: str) -> exp.Select:
    """Return the query of what an address said last: one row a profile whose address said something."""
    profile = exp.column(PROFILE_ID, table="c")
    order = [down(exp.column("occurred_at", table="c"))]
    # of two statements at one time the no, which sorts before the yes
    order += [up(context.dialect.ordered(exp.column(part, table="c"))) for part in ("status", "source")]
    query = exp.select(
        named(PROFILE_ID, "c"),
        exp.alias_(exp.column(_PARTS[each.part], table="c"), "told"),
        exp.alias_(numbered([profile.copy()], order), "place"),
    ).from_(table(CONSENTS.name, "c"))
    if each.address is not None:
        same = exp.and_(
            exp.EQ(this=exp.column(PROFILE_ID, table=ROW), expression=profile.copy()),
            exp.EQ(this=context.write(each.address), expression=exp.column("address", table="c")),
        )
        query = query.join(table(row, ROW), on=same, copy=False)
    asked = (
        exp.EQ(this=exp.column(part, table="c"), expression=context.bind.value(value))
        for part, value in (("channel", each.channel), ("purpose", each.purpose))
    )
    before = exp.LT(this=exp.column("occurred_at", table="c"), expression=context.as_of())
    query = query.where(*asked, before, is_set(profile.copy()), *context.only_asked(profile.copy()))
    newest = exp.select(PROFILE_ID, exp.alias_(exp.column("told"), name)).from_(query.subquery("statements"))
    return newest.where(_is_first())


def reach_query(context: Context, name: str, each: Reach, row: str) -> exp.Select:
    """Return the query of who can receive, and why not: one row a profile."""
    address = exp.Null() if each.address is None else context.write(each.address)
    if each.address is None:
        address = context.dialect.cast(address, context.dialect.text_type)
    people = exp.select(named(PROFILE_ID, ROW), exp.alias_(address, "address")).from_(table(row, ROW))
    told = Receiving.query(
        context, context.dialect, each.channel, each.purpose, as_of=context.plan.as_of, people=people
    )
    return exp.select(PROFILE_ID, exp.alias_(exp.column("told"), name)).from_(told.subquery("answered"))


# --- stays and stored traits ------------------------------------------------------------------------------


def stay_query(context: Context, name: str, each: RecordedStay) -> exp.Select:
    """Return the query of the profiles with a recorded stay: one row each, the column true."""
    entered = exp.column("entered_at")
    # an exit that was recorded later had not been seen yet
    seen = exp.LTE(this=exp.column("left_recorded_at"), expression=context.as_of())
    left: exp.Expr = exp.Case().when(seen, exp.column("left_at"))
    start = None if each.bounds.start is None else context.bind.value(each.bounds.start)
    end = context.as_of() if each.bounds.end is None else context.bind.value(each.bounds.end)
    ever = exp.Is(this=entered.copy(), expression=exp.Null())
    still = exp.Is(this=left.copy(), expression=exp.Null())
    conditions: list[exp.Expr] = [
        exp.EQ(this=exp.column("segment"), expression=context.bind.value(each.segment)),
        exp.LTE(this=exp.column("recorded_at"), expression=context.as_of()),
        *context.only_asked(exp.column(PROFILE_ID)),
    ]
    if each.function in ("entered", "left"):
        moment = entered if each.function == "entered" else left
        conditions.append(exp.LT(this=moment, expression=end))
        conditions += [exp.GTE(this=moment.copy(), expression=start)] if start is not None else []
    elif each.function == "stayed":
        conditions.append(exp.paren(exp.or_(ever, exp.LT(this=entered, expression=end))))
        conditions += [exp.paren(exp.or_(still, exp.GT(this=left, expression=start)))] if start is not None else []
    else:
        conditions.append(exp.paren(exp.or_(ever, exp.LTE(this=entered, expression=start))))
        conditions.append(exp.paren(exp.or_(still, exp.GTE(this=left, expression=end))))
    query = exp.select(PROFILE_ID, exp.alias_(exp.true(), name)).from_(exp.to_table(each.table.name))
    return query.where(*conditions).group_by(PROFILE_ID)


def trait_query(context: Context, name: str, each: StoredTraitValue) -> exp.Select:
    """Return the query of the newest stored value of a trait that is not later: one row a profile."""
    place = numbered([exp.column(PROFILE_ID)], [down(exp.column("as_of"))])
    stored = exp.select(PROFILE_ID, "value", exp.alias_(place, "place")).from_(exp.to_table(each.table.name))
    stored = stored.where(
        exp.EQ(this=exp.column("trait"), expression=context.bind.value(each.trait)),
        exp.LTE(this=exp.column("as_of"), expression=context.as_of()),
        *context.only_asked(exp.column(PROFILE_ID)),
    )
    return (
        exp.select(PROFILE_ID, exp.alias_(exp.column("value"), name))
        .from_(stored.subquery("stored"))
        .where(_is_first())
    )


def _is_first() -> exp.Expr:
    return exp.EQ(this=exp.column("place"), expression=number(1))
