"""Who is there twice, for certain and probably, and what merging them would change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.audit.found import Found, Unknown
from tesela.audit.probes.beside import FOLD
from tesela.profiles import Duplicates, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tesela.audit.ground import Ground

KEYS = ("duplicates_exact", "duplicates_probable")

Pair = tuple[int, int]

_TABLES = {"records": written.WRITTEN_RECORDS, "values": written.WRITTEN_VALUES}

# addresses that stand for nobody or for a whole company say nothing of who is who
_NO_ONE = """
    SELECT DISTINCT original FROM {values}
    WHERE field = '{field}' AND regexp_matches(flags, '\\b(placeholder|role)\\b')"""
_FIRST_WORD = f"split_part({FOLD.format('coalesce(r.first_name, r.full_name)')}, ' ', 1)"

# the same e-mail; or the same phone and the same first name: a family shares a phone
_SAME = f"""
    WITH told AS (
        SELECT r.profile_id, 'email' AS kind, r.seen_email AS value, '' AS name FROM {{records}} AS r
        WHERE r.seen_email IS NOT NULL AND r.email NOT IN ({_NO_ONE.replace("{field}", "email")})
        UNION ALL
        SELECT r.profile_id, 'phone', r.seen_phone, {_FIRST_WORD} FROM {{records}} AS r
        WHERE r.seen_phone IS NOT NULL AND coalesce(r.first_name, r.full_name) IS NOT NULL
            AND r.phone NOT IN ({_NO_ONE.replace("{field}", "phone")})
    ),
    shared AS (
        SELECT kind, value, name, min(t.profile_id) AS one
        FROM told AS t JOIN {{people}} AS b ON b.profile_id = t.profile_id
        GROUP BY kind, value, name HAVING count(DISTINCT t.profile_id) BETWEEN 2 AND $most
    )
    SELECT DISTINCT s.one, t.profile_id AS other
    FROM told AS t
    JOIN {{people}} AS b ON b.profile_id = t.profile_id
    JOIN shared AS s ON s.kind = t.kind AND s.value = t.value AND s.name = t.name
    WHERE t.profile_id <> s.one ORDER BY ALL"""

SURE = 0.95
"""From which probability a proposal counts, and is accepted unless somebody says otherwise: below it, read it first."""

_MOST = 20
"""What more people share is nobody's own."""


@dataclass(frozen=True, slots=True)
class Same:
    """Pairs of people who are one, and the groups that they make.

    Attributes:
        pairs: Two profiles each, the smaller first.
        groups: By profile, the smallest of its group.
    """

    pairs: tuple[Pair, ...]
    groups: Mapping[int, int]

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> Same:
        """Return the groups that pairs make."""
        told = tuple(pairs)
        above: dict[int, int] = {}

        def root(one: int) -> int:
            while (next_one := above.setdefault(one, one)) != one:
                above[one] = above[next_one]
                one = above[one]
            return one

        for pair in told:
            low, high = sorted(map(root, pair))
            above[high] = low
        return cls(told, {one: root(one) for one in above})


def find_same(ground: Ground) -> Same:
    """Return who is there twice for certain; `written_records` must be there."""
    rows = ground.ask(_SAME, tables=_TABLES, most=_MOST)
    two = _told_to_be_two(ground)
    return Same.of(pair for row in rows if (pair := (row["one"], row["other"])) not in two)


def _told_to_be_two(ground: Ground) -> set[Pair]:
    """Return the pairs of today's profiles of whom a person has said that they are two (`tesela match reject`)."""
    duplicates = Duplicates(ground.engine, ground.control)
    rejected = [each for each in duplicates.known() if each.state == "rejected"]
    owners = duplicates.owners(rejected)
    ends = (sorted((owners.get(each.one, 0), owners.get(each.other, 0))) for each in rejected)
    return {(one, other) for one, other in ends}


def find_duplicates(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer the checks of duplicates; `written_records` must be there."""
    exact = find_same(ground)
    return {"duplicates_exact": _found(ground, exact), "duplicates_probable": _probable(ground, exact)}


def open_pairs(ground: Ground, exact: Same) -> dict[int, tuple[Pair, float]]:
    """Return by its number each sure enough proposal that nobody has decided on: today's profiles, the probability.

    Args:
        ground: What probes stand on.
        exact: Who is there twice for certain: of them nothing is told again.
    """
    duplicates = Duplicates(ground.engine, ground.control)
    proposals = [each for each in duplicates.known() if each.state == "open" and each.probability >= SURE]
    owners, base = duplicates.owners(proposals), ground.those("true")
    found: dict[int, tuple[Pair, float]] = {}
    for each in proposals:
        one, other = sorted((owners.get(each.one, 0), owners.get(each.other, 0)))
        is_certain = one in exact.groups and exact.groups[one] == exact.groups.get(other)
        if one != other and one in base and other in base and not is_certain:
            found[each.number] = (one, other), each.probability
    return found


def _probable(ground: Ground, exact: Same) -> Found | Unknown:
    """Find the people of whom a search has proposed that they are one, and nobody has decided."""
    if not Duplicates(ground.engine, ground.control).known():
        return Unknown("not_searched")
    return _found(ground, Same.of(pair for pair, _ in open_pairs(ground, exact).values()))


def _found(ground: Ground, same: Same) -> Found:
    from pyroaring import BitMap64

    people = BitMap64(same.groups)
    figures = {"people_after": len(set(same.groups.values())), **_changes(ground, same)} if same.groups else {}
    return Found(len(people), ground.base, people, figures=figures)


def _changes(ground: Ground, same: Same) -> dict[str, int]:
    """Return what merging would show: buyers who have bought again, and messages that would not go twice."""
    import pyarrow as pa

    groups = pa.table({"profile_id": list(same.groups), "one": list(same.groups.values())})
    return ground.row(
        """
        SELECT count(*) FILTER (most < 2 AND orders > 1) AS hidden_repeat,
            coalesce(sum(written_to - 1) FILTER (written_to > 1), 0)::BIGINT AS written_twice
        FROM (
            SELECT g.one, max(b.orders) AS most, sum(b.orders) AS orders,
                count(*) FILTER (b.delivered_90 > 0) AS written_to
            FROM audit_groups AS g JOIN {people} AS b ON b.profile_id = g.profile_id GROUP BY g.one
        )
        """,
        relations={"audit_groups": groups},
    )
