"""How two rules differ, and in which stretches of time each version of a rule was published."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.language.a_shop import AS_OF, MADRID
from tesela.segments import Segment, history, publish_memberships
from tesela.segments.versions import compare_rules

if TYPE_CHECKING:
    from rooms.language.a_shop import AShop

DAY = timedelta(days=1)
ONE, OTHER = Segment("buyers", "did order_completed"), Segment("buyers", "did email_opened")


@given(st.text('abc 12."()', max_size=40), st.text('abc 12."()', max_size=40))
def test_the_pieces_make_both_rules(before: str, after: str) -> None:
    pieces = compare_rules(before, after)
    assert "".join(each.text for each in pieces if each.kind != "added") == before
    assert "".join(each.text for each in pieces if each.kind != "removed") == after
    if before == after:
        assert {each.kind for each in pieces} <= {"same"}


def test_words_are_compared_whole() -> None:
    pieces = compare_rules('city = "Las Palmas" and age >= 18', 'city = "Las Rozas" and age >= 18.5')
    assert [(each.kind, each.text) for each in pieces if each.kind != "same"] == [
        ("removed", '"Las Palmas"'),
        ("added", '"Las Rozas"'),
        ("removed", "18"),
        ("added", "18.5"),
    ]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("AAB", [("B", 2, None), ("A", 0, 2)]),
        ("ABAB", [("B", 3, None), ("A", 2, 3), ("B", 1, 2), ("A", 0, 1)]),
        ("A-A", [("A", 2, None), ("A", 0, 1)]),
        ("AB-", [("B", 1, 2), ("A", 0, 1)]),
    ],
)
def test_stretches_of_versions(shop: AShop, days: str, expected: list[tuple[str, int, int | None]]) -> None:
    shop.with_people(1)
    versions, always = {"A": ONE, "B": OTHER}, Segment("always", "did page_viewed")
    for day, name in enumerate(days):
        held = {"always": always} | ({"buyers": versions[name]} if name in versions else {})
        publish_memberships(shop.engine, held, as_of=AS_OF + day * DAY, zone=MADRID)
    names = {each.fingerprint: name for name, each in versions.items()}
    told = [
        (names[each.fingerprint], (each.since - AS_OF).days, None if each.until is None else (each.until - AS_OF).days)
        for each in history.list_versions(shop.engine, "buyers")
    ]
    assert told == expected
