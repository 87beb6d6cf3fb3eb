"""What tells which rows are a person's, wherever they are: found once, before anything is taken out."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from tesela.events import EVENTS, IDENTIFIER_KINDS, RECORDS, SUBJECT_LINKS, SUBJECTS, Removal
from tesela.profiles.tables import ATTRIBUTE_VALUES, PROFILES, SUBJECT_PROFILES
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pyarrow as pa

    from tesela.warehouse import Engine

ERASED = "events.erased"
BLANK = "…"
_SHORTEST = 5
_ORDER = "order_id"
_KIND = "CASE " + " ".join(f"WHEN {kind} IS NOT NULL THEN '{kind}'" for kind in IDENTIFIER_KINDS) + " END"
_VALUE = f"coalesce({', '.join(IDENTIFIER_KINDS)})"
_TABLES = {
    "events": EVENTS,
    "links": SUBJECT_LINKS,
    "owners": SUBJECT_PROFILES,
    "profiles": PROFILES,
    "attributes": ATTRIBUTE_VALUES,
    "subjects": SUBJECTS,
    "contacts": RECORDS["contacts"],
    "orders": RECORDS["orders"],
    "lines": RECORDS["order-lines"],
}


@dataclass(frozen=True, slots=True)
class Traces:
    """What tells which rows are a person's, or several people's.

    Attributes:
        profiles: Numbers of the profiles.
        numbers: Numbers of the subjects: identifiers that records came in under. Every number that such a profile
            ever had is one of them.
        subjects: Kind and value of the subjects.
        identifiers: Kind and value of what stood on their rows and on nobody else's.
        shared: Kind and value of what others carry too: it stays theirs.
        orders: Source and number of their orders.
        names: Whole names that nobody else bears.
        values: What was ever known of them and of nobody else, as it came and as it was cleaned.
        alone: Kind and value of addresses that no profile has: of people who stand in rejected rows, in the ledger or
            on a list only. They are among the identifiers too.
    """

    profiles: tuple[int, ...]
    numbers: tuple[int, ...]
    subjects: tuple[tuple[str, str], ...]
    identifiers: tuple[tuple[str, str], ...]
    shared: tuple[tuple[str, str], ...]
    orders: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    values: tuple[str, ...]
    alone: tuple[tuple[str, str], ...] = ()

    @classmethod
    def find(cls, engine: Engine, profile_ids: Sequence[int], alone: Collection[tuple[str, str]] = ()) -> Traces:
        """Return what tells which rows are some profiles'.

        Args:
            engine: The workspace's own warehouse, with everything derived.
            profile_ids: Numbers of the profiles.
            alone: Kind and value of addresses that no profile has.
        """
        asked: dict[str, Any] = {"tables": _TABLES, "people": list(profile_ids)}
        rows = engine.query(statement(_SUBJECTS, **asked)).to_pylist()
        links = engine.query(statement(_LINKS, **asked)).to_pylist()
        orders = engine.query(statement(_ORDERS, **asked)).to_pylist()
        names = engine.query(statement(_NAMES, **asked)).column("name").to_pylist()
        return cls(
            profiles=tuple(sorted(profile_ids)),
            numbers=tuple(row["subject_id"] for row in rows),
            subjects=tuple((row["kind"], row["value"]) for row in rows),
            identifiers=(*((row["kind"], row["value"]) for row in links if not row["is_shared"]), *sorted(alone)),
            shared=tuple((row["kind"], row["value"]) for row in links if row["is_shared"]),
            orders=tuple((row["source"], row["order_id"]) for row in orders),
            names=tuple(names),
            values=tuple(engine.query(statement(_VALUES, **asked)).column("value").to_pylist()),
            alone=tuple(sorted(alone)),
        )

    @property
    def people(self) -> int:
        """How many people: profiles, and addresses that no profile has."""
        return len(self.profiles) + len(self.alone)

    def to_json(self) -> dict[str, Any]:
        """Return them as JSON holds them: personal data."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Traces:
        """Read them back."""
        plain: dict[str, Any] = {
            # a note of an earlier version lacks what it did not know
            each.name: tuple(tuple(row) if isinstance(row, list) else row for row in told.get(each.name, ()))
            for each in fields(cls)
        }
        return cls(**plain)

    def removal(self, country: str) -> Removal:
        """Return what takes their rows out of the record.

        Args:
            country: ISO 3166 code: of phones without a prefix.
        """
        return Removal(
            ERASED,
            subjects=self.subjects,
            orders=self.orders,
            identifiers=frozenset(self.identifiers),
            names=self.names,
            country=country,
        )

    @property
    def words(self) -> tuple[str, ...]:
        """What names them in a text that people wrote, the longest first: short numbers mean too much else."""
        told = {*(value for _, value in self.identifiers), *self.names}
        return tuple(sorted((each for each in told if len(each) >= _SHORTEST), key=lambda each: (-len(each), each)))

    def blank(self, text: str) -> str:
        """Return a text with a sign in the place of what names them."""
        if not self.words:
            return text
        return re.sub("|".join(map(re.escape, self.words)), BLANK, text, flags=re.IGNORECASE)

    def barred(self) -> dict[tuple[str, str], bool]:
        """Return what keeps them out, by kind and value; whether it does on any row, or only as the strongest."""
        alone = dict.fromkeys(self.subjects, False)
        orders = {(_ORDER, f"{source}/{number}"): True for source, number in self.orders}
        return alone | dict.fromkeys(self.identifiers, True) | orders

    def relations(self) -> dict[str, pa.Table]:
        """Return all that as Arrow tables, for statements."""
        import pyarrow as pa

        def pairs(rows: Sequence[tuple[str, str]], *names: str) -> pa.Table:
            return pa.table(
                {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)}
            )

        return {
            "her_numbers": pa.table({"number": pa.array(self.numbers, pa.int64())}),
            "her_subjects": pairs(self.subjects, "kind", "value"),
            "her_identifiers": pairs(self.identifiers, "kind", "value"),
            "her_orders": pairs(self.orders, "source", "number"),
        }


_HERS = "SELECT subject_id FROM {owners} WHERE profile_id IN (SELECT unnest($people::BIGINT[]))"

_SUBJECTS = f"SELECT subject_id, kind, value FROM {{subjects}} WHERE subject_id IN ({_HERS}) ORDER BY subject_id"

_LINKS = f"""
    WITH hers AS ({_HERS})
    SELECT kind, value, bool_or(subject_id NOT IN (SELECT subject_id FROM hers)) AS is_shared
    FROM {{links}}
    WHERE (kind, value) IN (SELECT (kind, value) FROM {{links}} WHERE subject_id IN (SELECT subject_id FROM hers))
    GROUP BY kind, value ORDER BY kind, value
"""

# An order is whose its derived events are; one that has none (it is still open) is whose its rows are.
_ORDERS = f"""
    WITH hers AS ({_HERS}),
    derived AS (
        SELECT DISTINCT source, order_id, subject_id IN (SELECT subject_id FROM hers) AS is_hers
        FROM {{events}} WHERE load_id IS NULL AND order_id IS NOT NULL
    ),
    named AS (SELECT kind, value FROM {{subjects}} WHERE subject_id IN (SELECT subject_id FROM hers)),
    told AS (
        SELECT source, order_id FROM {{orders}} WHERE ({_KIND}, {_VALUE}) IN (SELECT (kind, value) FROM named)
        UNION
        SELECT source, order_id FROM {{lines}} WHERE ({_KIND}, {_VALUE}) IN (SELECT (kind, value) FROM named)
    )
    SELECT source, order_id FROM derived WHERE is_hers
    UNION
    SELECT source, order_id FROM told
    WHERE order_id IS NOT NULL AND (source, order_id) NOT IN (SELECT (source, order_id) FROM derived WHERE NOT is_hers)
    ORDER BY source, order_id
"""

_NAMES = f"""
    WITH hers AS ({_HERS}),
    named AS (SELECT kind, value FROM {{subjects}} WHERE subject_id IN (SELECT subject_id FROM hers)),
    told AS (
        SELECT DISTINCT coalesce(full_name, first_name || ' ' || last_name) AS name,
            ({_KIND}, {_VALUE}) IN (SELECT (kind, value) FROM named) AS is_hers
        FROM {{contacts}}
    )
    SELECT DISTINCT name FROM told
    WHERE is_hers AND length(name) > 6 AND strpos(trim(name), ' ') > 0
      AND lower(name) NOT IN (SELECT lower(name) FROM told WHERE NOT is_hers AND name IS NOT NULL)
    ORDER BY name
"""

_VALUES = """
    WITH told AS (
        SELECT unnest([value, original]) AS value, profile_id IN (SELECT unnest($people::BIGINT[])) AS is_hers
        FROM {attributes}
    )
    SELECT value FROM told WHERE length(value) > 3 GROUP BY value HAVING bool_and(is_hers) ORDER BY value
"""
