"""Keep the values of scored traits: only what changed is written, each with the moment it changed at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.traits.tables import TRAIT_VALUES
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from tesela.warehouse import Statement, Table

_CHANGES = "trait_changes"
_TOLD = "traits_told"


def store_values(scored: str, values: Mapping[str, str], *, as_of: datetime, fingerprint: str) -> Iterator[Statement]:
    """Yield the statements that make scored traits what a relation says, from a moment on; in one transaction.

    The newest value that is not later is what a rule reads, so a value that is as before is not written again, and
    refreshes find by the moments of the rows who may have turned. Whoever is not in the relation loses the value.
    Rows of that very moment stay, with what is so now: whoever saw them must see that they were taken back.

    Args:
        scored: Name of a relation with a row a profile, profile_id among its columns.
        values: By trait: the SQL text of its value, over the relation's columns; missing is no value.
        as_of: The moment of truth, naive UTC; no value of a later moment may be stored.
        fingerprint: Version of the traits' definition.
    """
    import pyarrow as pa

    tables: dict[str, Table | str] = {"trait_values": TRAIT_VALUES, "changes": _CHANGES, "scored": scored}
    told = {_TOLD: pa.table({"trait": pa.array(list(values), pa.string())})}
    cases = " ".join(f"WHEN t.trait = '{trait}' THEN {value}" for trait, value in values.items())
    yield statement(
        f"""
        CREATE TEMPORARY TABLE {{changes}} AS
        SELECT coalesce(n.profile_id, o.profile_id) AS profile_id, coalesce(n.trait, o.trait) AS trait, n.value AS value
        FROM (
            SELECT s.profile_id AS profile_id, t.trait AS trait, CASE {cases} END AS value
            FROM {{scored}} AS s CROSS JOIN {_TOLD} AS t
        ) AS n
        FULL JOIN (
            SELECT profile_id, trait, value, as_of
            FROM (
                SELECT profile_id, trait, value, as_of,
                    row_number() OVER (PARTITION BY profile_id, trait ORDER BY as_of DESC) AS place
                FROM {{trait_values}} WHERE trait IN (SELECT trait FROM {_TOLD})
            ) AS every WHERE place = 1
        ) AS o ON o.profile_id = n.profile_id AND o.trait = n.trait
        WHERE coalesce(n.value, '') <> coalesce(o.value, '') OR coalesce(o.as_of = $as_of, FALSE)
        """,
        tables=tables,
        relations=told,
        as_of=as_of,
    )
    yield statement(
        f"DELETE FROM {{trait_values}} WHERE as_of = $as_of AND trait IN (SELECT trait FROM {_TOLD})",
        tables=tables,
        relations=told,
        as_of=as_of,
    )
    yield statement(
        """
        INSERT INTO {trait_values} BY NAME
        SELECT profile_id, trait, $as_of AS as_of, value, $fingerprint AS fingerprint FROM {changes}
        """,
        tables=tables,
        as_of=as_of,
        fingerprint=fingerprint,
    )
    yield statement("DROP TABLE {changes}", tables=tables)
