"""Small sets of links, and what a resolution says of them, in plain Python."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import pyarrow as pa
from hypothesis import strategies as st

from rooms.profiles.resolution.naive import Answer, Link
from tesela.base import ConflictError
from tesela.profiles.resolution import ANY_KIND, Block, Decisions, IdentityRules, Limit, Resolution

KINDS = ("customer_id:shop", "customer_id:till", "email", "phone", "loyalty_card", "anonymous_id", "colour")


def records(links: Iterable[Link]) -> pa.Table:
    rows = list(links)
    return pa.table(
        {
            "subject_id": pa.array([subject for subject, _, _ in rows], pa.int64()),
            "kind": pa.array([kind for _, kind, _ in rows], pa.string()),
            "value": pa.array([value for _, _, value in rows], pa.string()),
        }
    )


def told(resolution: Resolution) -> Answer:
    profiles, drops = resolution.profiles().to_pydict(), resolution.drops.to_pylist()
    return Answer(
        dict(zip(profiles["subject_id"], profiles["profile_id"], strict=True)),
        sorted((tuple(row.values()) for row in resolution.barred().to_pylist()), key=str),
        [tuple(row.values()) for row in drops],
    )


def shuffled(links: Sequence[Link], seed: int) -> list[Link]:
    """The links in another order, some of them several times."""
    chance = random.Random(seed)
    many = [*links, *chance.choices(links, k=len(links) // 2)] if links else []
    chance.shuffle(many)
    return many


def link_sets(most: int = 24) -> st.SearchStrategy[list[Link]]:
    value = st.sampled_from(["a", "b", "c", "d", "e", "null", " NULL", "", "ñ", "ab"])
    return st.lists(st.tuples(st.integers(1, 9), st.sampled_from(KINDS), value), max_size=most)


@st.composite
def decisions(draw: st.DrawFn) -> Decisions:
    pairs = st.tuples(st.integers(1, 9), st.integers(1, 9)).filter(lambda pair: pair[0] != pair[1])
    together, apart = draw(st.frozensets(pairs, max_size=3)), draw(st.frozensets(pairs, max_size=3))
    try:
        return Decisions(together, apart)
    except ConflictError:
        return Decisions(together)


@st.composite
def rule_sets(draw: st.DrawFn) -> IdentityRules:
    limits = [
        Limit("customer_id", draw(st.integers(1, 2))),
        Limit("customer_id", draw(st.integers(1, 3)), "phone"),
        Limit("loyalty_card", draw(st.integers(1, 3))),
        Limit("colour", 2, "email"),
    ]
    return IdentityRules(
        merging=("customer_id", "email", "phone", "loyalty_card", "anonymous_id"),
        limits=tuple(draw(st.lists(st.sampled_from(limits), unique_by=lambda each: (each.unique, each.kind)))),
        largest=draw(st.sampled_from([2, 3, 5, 1000])),
        blocks=(Block(ANY_KIND, "empty", frozenset({"null", ""})), Block("email", "a_or_b", pattern="ab?")),
        decisions=draw(decisions()),
    )
