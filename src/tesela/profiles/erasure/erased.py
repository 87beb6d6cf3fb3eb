"""Who was erased, in the control store: kept out by keyed hashes, and everything else of them taken out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tesela.control import METADATA, ControlStore
from tesela.events import IDENTIFIER_KINDS
from tesela.profiles.consent_ledger import ADDRESS_KINDS
from tesela.profiles.erasure.tables import ERASED_IDENTIFIERS, ERASURES
from tesela.profiles.erasure.traces import BLANK
from tesela.profiles.finding import spellings
from tesela.profiles.suppression import HashKey, Stop, add_stops

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from tesela.base import Holding
    from tesela.profiles.erasure.traces import Traces

_ACTOR = "erasure"
_NOTE = "note"
# of the migrations, and of SQLite itself
_NOT_OURS = ("alembic_version", "sqlite_sequence")


@dataclass(frozen=True, slots=True)
class ErasedPeople:
    """Who was erased, as far as it may be known.

    Args:
        control: The control store.
        key: The key that identifiers are hashed with.
    """

    control: ControlStore
    key: HashKey

    def find(self, asked: Collection[tuple[str, str]]) -> dict[tuple[str, str], bool]:
        """Return those of some identifiers that are barred; True where they are on any row, not as its strongest."""
        known = self._known()
        if not known:
            return {}
        return {each: known[found] for each in asked if (found := self.key.hash(*each)) in known}

    def add_orders(self, orders: Collection[str]) -> None:
        """Bar more orders, each as `source/order`."""
        newest = sa.select(sa.func.max(ERASED_IDENTIFIERS.c.erased_at))
        with self.control.transaction() as connection:
            at = connection.execute(newest).scalar()
            if at is not None:
                _insert(connection, {self.key.hash("order_id", each): True for each in orders}, at)

    def was_erased(self, who: str, country: str) -> bool:
        """Return whether an identifier is of somebody who was erased.

        Args:
            who: As a person writes it.
            country: ISO 3166 code: of a phone without a prefix.
        """
        return bool(self.find({(kind, each) for kind in IDENTIFIER_KINDS for each in spellings(who.strip(), country)}))

    def keep_out(self, traces: Traces, at: datetime) -> None:
        """Bar some people from now on; durable when this returns.

        Args:
            traces: Who.
            at: The present moment, naive UTC.
        """
        hashes = {self.key.hash(*each): is_anywhere for each, is_anywhere in traces.barred().items()}
        with self.control.transaction() as connection:
            _insert(connection, hashes, at)

    def take_over(self, others: ErasedPeople) -> None:
        """Bar everybody whom another store bars, where its hashes were made with the same key; else none is known."""
        if others.key.fingerprint != self.key.fingerprint:
            return
        table = ERASED_IDENTIFIERS
        with others.control.transaction() as connection:
            rows = connection.execute(sa.select(table)).mappings().all()
        with self.control.transaction() as connection:
            for row in rows:
                _insert(connection, {row["hash"]: row["is_anywhere"]}, row["erased_at"])

    def forget(self, traces: Traces, at: datetime) -> dict[str, int]:
        """Take everything else of some people out of the control store, and return how many rows by table.

        Args:
            traces: Who.
            at: The present moment, naive UTC.
        """
        gone = {}
        with self.control.transaction() as connection:
            for table in self._tables(connection):
                condition = self._hers(table, traces)
                if condition is not None and table.info["holds"].whose != "words":
                    gone[table.name] = connection.execute(sa.delete(table).where(condition)).rowcount
                for column in _texts(table):
                    _blank(connection, column, traces)
        stops = (
            Stop(self.key.hash(kind, value), channel, "erased", at, _ACTOR, _ACTOR)
            for kind, value in traces.identifiers
            for channel, of_kind in ADDRESS_KINDS.items()
            if of_kind == kind
        )
        add_stops(self.control, stops, recorded_at=at)
        return gone

    def held(self, traces: Traces) -> dict[str, list[dict[str, object]]]:
        """Return what the control store holds of some people, by table."""
        found = {}
        with self.control.transaction() as connection:
            for table in self._tables(connection):
                condition = self._hers(table, traces)
                if condition is not None:
                    rows = connection.execute(sa.select(table).where(condition)).mappings()
                    found[table.name] = [dict(row) for row in rows]
        return found

    def named(self) -> set[tuple[str, str]]:
        """Return kind and value of the identifiers that stand in the control store in plain words."""
        found: set[tuple[str, str]] = set()
        with self.control.transaction() as connection:
            for table in self._tables(connection):
                holds: Holding = table.info["holds"]
                if holds.whose == "identifier":
                    kind, value = (table.c[name] for name in holds.columns)
                    found |= {(row[0], row[1]) for row in connection.execute(sa.select(kind, value).distinct())}
        return found

    def note(self, people: int, counts: Mapping[str, int], *, at: datetime, actor: str) -> None:
        """Note that an erasure is finished: when, by whom, how much; never of whom."""
        told = {"erased_at": at, "actor": actor, "people": people, "counts": json.dumps(counts, sort_keys=True)}
        with self.control.transaction() as connection:
            # a job that was stopped notes it again
            connection.execute(sa.delete(ERASURES).where(ERASURES.c.erased_at == at))
            connection.execute(sa.insert(ERASURES).values(told))

    def erasures(self) -> list[dict[str, Any]]:
        """Return number, time, actor, people and counts of the erasures that were finished, the oldest first."""
        table = ERASURES
        with self.control.transaction() as connection:
            rows = connection.execute(sa.select(table).order_by(table.c.id)).mappings()
            return [
                {**{name: row[name] for name in ("erased_at", "actor", "people")}, "counts": json.loads(row["counts"])}
                for row in rows
            ]

    def _known(self) -> dict[str, bool]:
        table = ERASED_IDENTIFIERS
        with self.control.transaction() as connection:
            return {
                row.hash: row.is_anywhere for row in connection.execute(sa.select(table.c.hash, table.c.is_anywhere))
            }

    def _tables(self, connection: sa.Connection) -> list[sa.Table]:
        """Return the tables of the store; each must be one that says what it holds."""
        there = set(sa.inspect(connection).get_table_names())
        unknown = there - set(METADATA.tables) - set(_NOT_OURS)
        if unknown:
            raise LookupError(f"tables of the control store that are in no erasure registry: {sorted(unknown)}")
        return [table for table in METADATA.sorted_tables if table.name in there]

    def _hers(self, table: sa.Table, traces: Traces) -> sa.ColumnElement[bool] | None:
        """Return which rows of a table are somebody's, by what it says that it holds."""
        holds: Holding = table.info["holds"]
        columns = [table.c[name] for name in holds.columns]
        match holds.whose:
            case "profile" | "subject":
                return sa.or_(*(column.in_(traces.numbers) for column in columns))
            case "identifier":
                kind, value = columns
                return sa.or_(sa.false(), *(sa.and_(kind == one, value == other) for one, other in traces.identifiers))
            case "hash":
                return columns[0].in_([self.key.hash(*each) for each in traces.identifiers])
            case "words":
                return sa.or_(sa.false(), *(each for column in columns for each in _naming(column, traces)))
            case _:
                return None


def _insert(connection: sa.Connection, hashes: Mapping[str, bool], at: datetime) -> None:
    """Add what is not there yet."""
    table = ERASED_IDENTIFIERS
    known = set(connection.execute(sa.select(table.c.hash)).scalars())
    new = [
        {"hash": each, "is_anywhere": is_anywhere, "erased_at": at}
        for each, is_anywhere in hashes.items()
        if each not in known
    ]
    if new:
        connection.execute(sa.insert(table), new)


def _texts(table: sa.Table) -> list[sa.Column[Any]]:
    """Return the columns in which people may have written anything: those it says, and every note."""
    holds: Holding = table.info["holds"]
    names = {*(holds.columns if holds.whose == "words" else ()), *({_NOTE} & set(table.c.keys()))}
    return [table.c[name] for name in sorted(names)]


def _naming(column: sa.Column[Any], traces: Traces) -> Iterator[sa.ColumnElement[bool]]:
    yield column.in_(traces.values)
    yield from (column.icontains(word, autoescape=True) for word in traces.words)


def _blank(connection: sa.Connection, column: sa.Column[Any], traces: Traces) -> None:
    """Put a sign in the place of what names somebody."""
    table = column.table
    asked = sa.select(column).distinct().where(sa.or_(sa.false(), *_naming(column, traces)))
    for told in connection.execute(asked).scalars().all():
        blank = BLANK if told in traces.values else traces.blank(told)
        connection.execute(sa.update(table).where(column == told).values({column.name: blank}))
