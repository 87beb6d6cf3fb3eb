"""The query of who can receive, as SQL nodes; every value is bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from tesela.profiles.consent_ledger import ADDRESS_KINDS, ANY_CHANNEL, address_field
from tesela.profiles.suppression.stops import CAN_RECEIVE, EXCLUSION_LIST, REASONS
from tesela.profiles.tables import CONSENTS, IDENTIFIERS, PROFILES, SUPPRESSIONS
from tesela.warehouse import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import pyarrow as pa

    from tesela.warehouse import Dialect

_AMONG = "among_profiles"


class Making(Protocol):
    """A statement in the making: what binds its values and keeps its steps."""

    def value(self, value: object) -> exp.Expr:
        """Return what stands for a value."""

    def add(self, name: str, step: exp.Select) -> str:
        """Add a named step, and return under which name."""

    def only_asked(self, profile: exp.Expr) -> Iterable[exp.Expr]:
        """Yield the condition that a profile is one of those asked for, when not all are."""


class ReceivingQuery:
    """The query of who can receive on a channel for a purpose, and why not.

    Args:
        making: The statement that it becomes a part of.
        dialect: How the engine writes it.
        channel: Which channel.
        purpose: What for.
        as_of: What was said and stopped before it counts.
    """

    def __init__(self, making: Making, dialect: Dialect, channel: str, purpose: str, as_of: datetime) -> None:
        self._making = making
        self._dialect = dialect
        self._channel = channel
        self._purpose = purpose
        self._as_of = as_of
        self._kind = ADDRESS_KINDS.get(channel)

    @property
    def field(self) -> str | None:
        """The column of `profiles` that she needs to have; none where the person is the address."""
        return address_field(self._channel)

    def answer(self, people: exp.Select) -> exp.Select:
        """Return one row a profile: `profile_id`, `address`, `told`: `yes`, or why not.

        Why not is `no_address`, `objected`, `no_consent`, or `suppressed: ` and a reason or list.

        Args:
            people: The profiles asked about, with the address that stands in their data: `profile_id`, `address`.
        """
        self._address = self._making.add("address", self._usable(people))
        self._spoken = self._making.add("said", self._said())
        objected = self._making.add("objected", self._objected())
        stopped = self._making.add("stopped", self._stopped())
        return self._answer(objected, stopped)

    # --- steps --------------------------------------------------------------------------------------------

    def _usable(self, people: exp.Select) -> exp.Select:
        """Return the query of the profiles with the addresses that a message can be sent to."""
        address: exp.Expr = _column("p", "address")
        if self._kind:
            # a phone that could not be read has no prefix
            shape = "_%@_%" if self._kind == "email" else "+_%"
            like = exp.Like(this=address, expression=self._making.value(shape))
            address = exp.Case().when(like, address.copy())
        return exp.select(_named("p", "profile_id"), exp.alias_(address, "address")).from_(people.subquery("p"))

    def _said(self) -> exp.Select:
        """Return the query of what each address stands at: one row a profile whose address said something."""
        order = [
            exp.Ordered(this=_column("c", "occurred_at"), desc=True, nulls_first=False),
            # of two statements at one time the no, which sorts before the yes
            exp.Ordered(this=self._dialect.ordered(_column("c", "status")), desc=False, nulls_first=False),
            exp.Ordered(this=_column("c", "sequence"), desc=True, nulls_first=False),
        ]
        place = exp.Window(
            this=exp.RowNumber(), partition_by=[_column("c", "profile_id")], order=exp.Order(expressions=order)
        )
        told = exp.select(
            *(_named("c", name) for name in ("profile_id", "status", "basis")), exp.alias_(place, "place")
        ).from_(_table(CONSENTS.name, "c"))
        if self._kind:
            same = exp.and_(_same("a", "c", "profile_id"), _same("a", "c", "address"))
            told = told.join(_table(self._address, "a"), on=same)
        told = told.where(
            self._is("c", "channel", self._channel),
            self._is("c", "purpose", self._purpose),
            self._before("c"),
            *self._making.only_asked(_column("c", "profile_id")),
        )
        is_first = exp.EQ(this=exp.column("place"), expression=_number(1))
        return exp.select("profile_id", "status", "basis").from_(told.subquery("told")).where(is_first)

    def _objected(self) -> exp.Select:
        query = exp.select(_named("c", "profile_id")).distinct().from_(_table(CONSENTS.name, "c"))
        return query.where(
            self._is("c", "channel", ANY_CHANNEL),
            self._is("c", "purpose", self._purpose),
            self._before("c"),
            *self._making.only_asked(_column("c", "profile_id")),
        )

    def _stopped(self) -> exp.Select:
        """Return the query of the gravest stop of each profile: one row a profile that has any."""
        stops = exp.select(
            _named("a", "profile_id"), exp.alias_(_grave(), "grave"), exp.alias_(_told_as(), "told_as")
        ).from_(_table(SUPPRESSIONS.name, "s"))
        if self._kind:
            same = exp.EQ(this=_column("a", "address"), expression=_column("s", "value"))
            stops = stops.join(_table(self._address, "a"), on=same).where(self._is("s", "kind", self._kind))
        else:
            named = exp.and_(_same("i", "s", "kind"), _same("i", "s", "value"))
            stops = stops.join(_table(IDENTIFIERS.name, "i"), on=named)
            stops = stops.join(_table(self._address, "a"), on=_same("a", "i", "profile_id"))
        stops = stops.join(_table(self._spoken, "said_by"), on=_same("said_by", "a", "profile_id"), join_type="LEFT")
        basis = exp.Coalesce(this=_column("said_by", "basis"), expressions=[exp.Literal.string("consent")])
        has_other_basis = exp.NEQ(this=basis, expression=exp.Literal.string("consent"))
        binds = exp.paren(exp.or_(_column("s", "binds_consented"), has_other_basis))
        stops = stops.where(self._is("s", "channel", self._channel), self._before("s"), binds)
        order = [
            exp.Ordered(this=exp.column("grave"), desc=False, nulls_first=False),
            exp.Ordered(this=self._dialect.ordered(exp.column("told_as")), desc=False, nulls_first=False),
        ]
        place = exp.Window(
            this=exp.RowNumber(), partition_by=[exp.column("profile_id")], order=exp.Order(expressions=order)
        )
        ranked = exp.select("profile_id", "told_as", exp.alias_(place, "place")).from_(stops.subquery("stops"))
        is_first = exp.EQ(this=exp.column("place"), expression=_number(1))
        return exp.select("profile_id", "told_as").from_(ranked.subquery("ranked")).where(is_first)

    def _answer(self, objected: str, stopped: str) -> exp.Select:
        said_yes = exp.EQ(
            this=exp.Coalesce(this=_column("w", "status"), expressions=[exp.Literal.string("")]),
            expression=exp.Literal.string("yes"),
        )
        told = exp.Case()
        if self.field:
            told = told.when(exp.Is(this=_column("a", "address"), expression=exp.Null()), _text("no_address"))
        told = told.when(exp.and_(exp.Not(this=said_yes.copy()), _is_there("o")), _text("objected"))
        told = told.when(exp.Not(this=said_yes.copy()), _text("no_consent"))
        behind = exp.DPipe(this=_text("suppressed: "), expression=_column("t", "told_as"))
        told = told.when(_is_there("t"), behind).else_(_text(CAN_RECEIVE))
        query = exp.select(*(_named("a", name) for name in ("profile_id", "address")), exp.alias_(told, "told")).from_(
            _table(self._address, "a")
        )
        for name, short in ((self._spoken, "w"), (objected, "o"), (stopped, "t")):
            query = query.join(_table(name, short), on=_same(short, "a", "profile_id"), join_type="LEFT")
        return query

    # --- conditions ---------------------------------------------------------------------------------------

    def _is(self, source: str, column: str, value: object) -> exp.Expr:
        return exp.EQ(this=_column(source, column), expression=self._making.value(value))

    def _before(self, source: str) -> exp.Expr:
        return exp.LT(this=_column(source, "occurred_at"), expression=self._making.value(self._as_of))


class _Statement:
    """A statement of its own."""

    def __init__(self, dialect: Dialect, among: Sequence[int] | None) -> None:
        self._dialect = dialect
        self._among = among
        self.values: dict[str, object] = {}
        self.steps: dict[str, exp.Select] = {}

    def value(self, value: object) -> exp.Expr:
        name = next((each for each, known in self.values.items() if known == value), f"p{len(self.values)}")
        self.values[name] = value
        return self._dialect.value(name, value)

    def add(self, name: str, step: exp.Select) -> str:
        self.steps[name] = step
        return name

    def only_asked(self, profile: exp.Expr) -> Iterable[exp.Expr]:
        if self._among is not None:
            listed = exp.select("profile_id").from_(_AMONG)
            yield exp.In(this=profile, query=exp.Subquery(this=listed))

    def whole(self, answer: exp.Select) -> Statement:
        dialect, relations = self._dialect, self._relations()
        if dialect.keeps_steps:
            kept = {name: dialect.sql(query) for name, query in self.steps.items()}
            return Statement(dialect.sql(answer), self.values, relations, dialect.name, kept)
        for name, query in self.steps.items():
            answer = answer.with_(name, as_=query, copy=False)
        return Statement(dialect.sql(answer), self.values, relations, dialect.name)

    def _relations(self) -> dict[str, pa.Table]:
        import pyarrow as pa

        return {} if self._among is None else {_AMONG: pa.table({"profile_id": pa.array(self._among, pa.int64())})}


def receiving_statement(
    dialect: Dialect, channel: str, purpose: str, as_of: datetime, among: Sequence[int] | None
) -> Statement:
    """Return the statement that `can_receive` tells of: of profiles as they are today."""
    making = _Statement(dialect, among)
    query = ReceivingQuery(making, dialect, channel, purpose, as_of)
    address: exp.Expr = dialect.present(_column("p", query.field)) if query.field else exp.Null()
    if query.field is None:
        address = dialect.cast(address, dialect.text_type)
    people = exp.select(_named("p", "profile_id"), exp.alias_(address, "address")).from_(_table(PROFILES.name, "p"))
    return making.whole(query.answer(people.where(*making.only_asked(_column("p", "profile_id")))))


def _grave() -> exp.Expr:
    """Return how grave a stop's reason is: the smaller the graver."""
    ranks = exp.Case()
    for place, reason in enumerate(REASONS):
        ranks = ranks.when(exp.EQ(this=_column("s", "reason"), expression=exp.Literal.string(reason)), _number(place))
    return ranks.else_(_number(len(REASONS)))


def _told_as() -> exp.Expr:
    is_list = exp.EQ(this=_column("s", "reason"), expression=exp.Literal.string(EXCLUSION_LIST))
    return exp.Case().when(is_list, _column("s", "list_name")).else_(_column("s", "reason"))


def _column(source: str, name: str) -> exp.Column:
    return exp.column(name, table=source)


def _named(source: str, name: str) -> exp.Expr:
    # under its own name: where sources are joined, ClickHouse would prefix it
    return exp.alias_(_column(source, name), name)


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def _is_there(source: str) -> exp.Expr:
    return exp.Not(this=exp.Is(this=_column(source, "profile_id"), expression=exp.Null()))


def _table(name: str, alias: str) -> exp.Expr:
    return exp.alias_(exp.to_table(name), alias, table=True)


def _same(one: str, other: str, name: str) -> exp.Expr:
    return exp.EQ(this=_column(one, name), expression=_column(other, name))


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)
