"""The query of who can receive, as SQL nodes; every value is bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from tesela.profiles.consent_ledger import ADDRESS_KINDS, ANY_CHANNEL
from tesela.profiles.suppression.stops import EXCLUSION_LIST, REASONS
from tesela.profiles.tables import CONSENTS, IDENTIFIERS, PROFILES, SUPPRESSIONS
from tesela.warehouse import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tesela.warehouse import Dialect

_AMONG = "among_profiles"
_ADDRESS, _SAID, _STOPPED, _OBJECTED = "address", "said", "stopped", "objected"


class ReceivingQuery:
    """The query in the making: its bound values and its steps."""

    def __init__(
        self, dialect: Dialect, channel: str, purpose: str, as_of: datetime, among: Sequence[int] | None
    ) -> None:
        self._dialect = dialect
        self._channel = channel
        self._kind = ADDRESS_KINDS.get(channel)
        self._among = among
        self._values: dict[str, object] = {
            **{"channel": channel, "purpose": purpose, "as_of": as_of, "any_channel": ANY_CHANNEL},
            **({"kind": self._kind} if self._kind else {}),
        }

    def statement(self) -> Statement:
        """Return the whole statement."""
        import pyarrow as pa

        dialect = self._dialect
        steps = {
            _ADDRESS: self._addresses(),
            _SAID: self._said(),
            _OBJECTED: self._objected(),
            _STOPPED: self._stopped(),
        }
        answer = self._answer()
        relations = {} if self._among is None else {_AMONG: pa.table({"profile_id": pa.array(self._among, pa.int64())})}
        if dialect.keeps_steps:
            kept = {name: dialect.sql(query) for name, query in steps.items()}
            return Statement(dialect.sql(answer), self._values, relations, dialect.name, kept)
        for name, query in steps.items():
            answer = answer.with_(name, as_=query, copy=False)
        return Statement(dialect.sql(answer), self._values, relations, dialect.name)

    # --- steps --------------------------------------------------------------------------------------------

    def _addresses(self) -> exp.Select:
        """Return the query of the profiles asked about, each with her current address for the channel."""
        field = self._kind or ("postal_code" if self._channel == "post" else None)
        address: exp.Expr = self._dialect.present(_column("p", field)) if field else exp.Null()
        if self._kind == "phone":
            # a phone that could not be read has no prefix
            first = exp.Anonymous(this="SUBSTR", expressions=[_column("p", "phone"), _number(1), _number(1)])
            address = exp.Case().when(exp.EQ(this=first, expression=exp.Literal.string("+")), address)
        if field is None:
            address = self._dialect.cast(address, self._dialect.text_type)
        query = exp.select(_named("p", "profile_id"), exp.alias_(address, "address")).from_(_table(PROFILES.name, "p"))
        return query.where(*self._asked("p"))

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
            told = told.join(_table(_ADDRESS, "a"), on=same)
        told = told.where(
            self._is("c", "channel", "channel"),
            self._is("c", "purpose", "purpose"),
            self._before("c"),
            *self._asked("c"),
        )
        is_first = exp.EQ(this=exp.column("place"), expression=_number(1))
        return exp.select("profile_id", "status", "basis").from_(told.subquery("told")).where(is_first)

    def _objected(self) -> exp.Select:
        query = exp.select(_named("c", "profile_id")).distinct().from_(_table(CONSENTS.name, "c"))
        return query.where(
            self._is("c", "channel", "any_channel"),
            self._is("c", "purpose", "purpose"),
            self._before("c"),
            *self._asked("c"),
        )

    def _stopped(self) -> exp.Select:
        """Return the query of the gravest stop of each profile: one row a profile that has any."""
        stops = exp.select(
            _named("a", "profile_id"), exp.alias_(_grave(), "grave"), exp.alias_(_told_as(), "told_as")
        ).from_(_table(SUPPRESSIONS.name, "s"))
        if self._kind:
            same = exp.EQ(this=_column("a", "address"), expression=_column("s", "value"))
            stops = stops.join(_table(_ADDRESS, "a"), on=same).where(self._is("s", "kind", "kind"))
        else:
            named = exp.and_(_same("i", "s", "kind"), _same("i", "s", "value"))
            stops = stops.join(_table(IDENTIFIERS.name, "i"), on=named)
            stops = stops.join(_table(_ADDRESS, "a"), on=_same("a", "i", "profile_id"))
        stops = stops.join(_table(_SAID, "said_by"), on=_same("said_by", "a", "profile_id"), join_type="LEFT")
        basis = exp.Coalesce(this=_column("said_by", "basis"), expressions=[exp.Literal.string("consent")])
        has_other_basis = exp.NEQ(this=basis, expression=exp.Literal.string("consent"))
        binds = exp.paren(exp.or_(_column("s", "binds_consented"), has_other_basis))
        stops = stops.where(self._is("s", "channel", "channel"), self._before("s"), binds)
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

    def _answer(self) -> exp.Select:
        has_address = exp.Not(this=exp.Is(this=_column("a", "address"), expression=exp.Null()))
        needs_address = self._kind or self._channel == "post"
        said_yes = exp.EQ(
            this=exp.Coalesce(this=_column("w", "status"), expressions=[exp.Literal.string("")]),
            expression=exp.Literal.string("yes"),
        )
        has_objected = exp.Not(this=exp.Is(this=_column("o", "profile_id"), expression=exp.Null()))
        is_stopped = exp.Not(this=exp.Is(this=_column("t", "profile_id"), expression=exp.Null()))
        reason = exp.Case()
        if needs_address:
            reason = reason.when(exp.Not(this=has_address.copy()), exp.Literal.string("no_address"))
        reason = reason.when(exp.and_(exp.Not(this=said_yes.copy()), has_objected), exp.Literal.string("objected"))
        reason = reason.when(exp.Not(this=said_yes.copy()), exp.Literal.string("no_consent"))
        reason = reason.when(is_stopped, exp.Literal.string("suppressed"))
        told = exp.select(
            *(_named("a", name) for name in ("profile_id", "address")),
            exp.alias_(reason, "reason"),
            exp.alias_(_column("t", "told_as"), "told_as"),
        ).from_(_table(_ADDRESS, "a"))
        for name, short in ((_SAID, "w"), (_OBJECTED, "o"), (_STOPPED, "t")):
            told = told.join(_table(name, short), on=_same(short, "a", "profile_id"), join_type="LEFT")
        is_suppressed = exp.EQ(this=exp.column("reason"), expression=exp.Literal.string("suppressed"))
        return exp.select(
            "profile_id",
            "address",
            exp.alias_(exp.Is(this=exp.column("reason"), expression=exp.Null()), "can_receive"),
            "reason",
            exp.alias_(exp.Case().when(is_suppressed, exp.column("told_as")), "suppressed_by"),
        ).from_(told.subquery("told"))

    # --- conditions ---------------------------------------------------------------------------------------

    def _value(self, name: str) -> exp.Expr:
        return self._dialect.value(name, self._values[name])

    def _is(self, source: str, column: str, name: str) -> exp.Expr:
        return exp.EQ(this=_column(source, column), expression=self._value(name))

    def _before(self, source: str) -> exp.Expr:
        return exp.LT(this=_column(source, "occurred_at"), expression=self._value("as_of"))

    def _asked(self, source: str) -> Iterable[exp.Expr]:
        if self._among is not None:
            listed = exp.select("profile_id").from_(_AMONG)
            yield exp.In(this=_column(source, "profile_id"), query=exp.Subquery(this=listed))


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


def _table(name: str, alias: str) -> exp.Expr:
    return exp.alias_(exp.to_table(name), alias, table=True)


def _same(one: str, other: str, name: str) -> exp.Expr:
    return exp.EQ(this=_column(one, name), expression=_column(other, name))


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)
