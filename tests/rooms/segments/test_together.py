"""Segments seen together against brute force over sets of people."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooms.language.a_shop import AS_OF, MADRID, AShop, an_event
from tesela.base import NotFoundError
from tesela.segments import MemberSets, Segment, history, publish_memberships, together

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

PEOPLE = range(1, 9)
VISITOR = 50
SLUGS = ("a", "b", "c", "d")
SEGMENTS = {slug: Segment(slug, f"did tagged_{slug} in last 10 days") for slug in SLUGS}
SEGMENTS["d"] = Segment("d", "did tagged_d in last 10 days among everyone")
THEN = AS_OF - timedelta(days=20)

Tags = set[tuple[str, int]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> AShop:
    return AShop.open(tmp_path_factory.mktemp("together"))


def tags() -> SearchStrategy[Tags]:
    return st.sets(st.tuples(st.sampled_from(SLUGS), st.sampled_from([*PEOPLE, VISITOR])))


def tag(shop: AShop, then: Tags, now: Tags) -> AShop:
    """Make a shop in which some had a tag 20 days ago, and some have one now."""
    shop.clear()
    shop.with_people(*PEOPLE, anonymous=[VISITOR])
    shop.with_events(
        # so that every name is one of the shop's
        *(an_event(f"tagged_{slug}", profile=None) for slug in SLUGS),
        *(an_event(f"tagged_{slug}", profile=person, at=THEN - timedelta(days=1)) for slug, person in then),
        *(an_event(f"tagged_{slug}", profile=person) for slug, person in now),
    )
    return shop


def sets(shop: AShop, as_of: object = AS_OF) -> MemberSets:
    return MemberSets.at(shop.engine, SEGMENTS, as_of=as_of, zone=MADRID)  # type: ignore[arg-type]


def who(told: Tags) -> dict[str, set[int]]:
    found = {slug: {person for each, person in told if each == slug} for slug in SLUGS}
    return {slug: people if slug == "d" else people - {VISITOR} for slug, people in found.items()}


slowly = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@slowly
@given(tags(), tags())
def test_sizes_before_plus_entries_minus_exits_are_sizes_after(shop: AShop, then: Tags, now: Tags) -> None:
    tag(shop, then, now)
    moved = together.find_movement(sets(shop, THEN), sets(shop), SLUGS)
    before, after = who(then), who(now)
    for each in moved.turnovers():
        assert each.before == len(before[each.segment])
        assert each.entered == len(after[each.segment] - before[each.segment])
        assert each.left == len(before[each.segment] - after[each.segment])
        assert each.before + each.entered - each.left == len(after[each.segment]) == each.after
    everybody = {*PEOPLE, *(person for people in (*before.values(), *after.values()) for person in people)}
    for told in (before, after):
        told[together.NOWHERE] = everybody - set().union(*told.values())
    flows = {(flow.source, flow.target): flow for row in moved.flows() for flow in row}
    for source, target in product(before, after):
        flow = flows[source, target]
        assert flow.people == len(before[source] & after[target])
        movers = (before[source] - after[source]) & (after[target] - before[target])
        assert set(moved.movers(source, target)) == movers
        assert flow.moved == len(movers)
        assert set(moved.movers(target=target)) == after[target] - before[target]
        assert set(moved.movers(source=source)) == before[source] - after[source]
    assert not moved.movers()


@slowly
@given(tags(), st.lists(st.sampled_from(SLUGS), unique=True))
def test_coverage_is_what_brute_force_says(shop: AShop, now: Tags, asked: list[str]) -> None:
    tag(shop, set(), now)
    found = together.find_coverage(sets(shop), asked)
    members = {slug: who(now)[slug] & {*PEOPLE} for slug in asked}
    inside = {person: [slug for slug in asked if person in members[slug]] for person in PEOPLE}
    assert (found.base, found.covered) == (len(PEOPLE), sum(bool(each) for each in inside.values()))
    assert found.share == found.covered / len(PEOPLE)
    assert set(found.remainder) == {person for person, each in inside.items() if not each}
    assert found.sizes == {slug: len(own) for slug, own in members.items()}
    assert found.alone == {slug: sum(each == [slug] for each in inside.values()) for slug in asked}


@slowly
@given(tags(), st.lists(st.sampled_from(SLUGS), unique=True))
def test_overlap_is_what_brute_force_says(shop: AShop, now: Tags, asked: list[str]) -> None:
    tag(shop, set(), now)
    found = together.find_overlap(sets(shop), asked)
    members = who(now)
    inside = {person: tuple(slug for slug in asked if person in members[slug]) for person in (*PEOPLE, VISITOR)}
    combinations = {each.segments: each.people for each in found.combinations}
    assert len(combinations) == len(found.combinations)
    exact = {each for each in inside.values() if each}
    assert combinations == {each: sum(own == each for own in inside.values()) for each in exact}
    assert [each.people for each in found.combinations] == sorted(combinations.values(), reverse=True)
    counts = [len(each) for each in inside.values() if each]
    assert found.pressure == {count: counts.count(count) for count in sorted(set(counts))}
    assert found.in_more_than(1) == sum(count > 1 for count in counts)
    for one, other in product(asked, asked):
        share = len(members[one] & members[other]) / len(members[one]) if members[one] else None
        assert found.share(one, other) == share


@settings(slowly, max_examples=15)
@given(tags(), tags())
def test_what_is_published_adds_up_as_well(shop: AShop, then: Tags, now: Tags) -> None:
    tag(shop, then, now)
    for table in ("memberships", "segment_versions", "segment_publications"):
        from tesela.warehouse import Statement

        shop.engine.write([Statement(f"DELETE FROM {table}")])
    for moment in (THEN, AS_OF):
        publish_memberships(shop.engine, SEGMENTS, as_of=moment, zone=MADRID)
    for turnover in together.find_movement(sets(shop, THEN), sets(shop), SLUGS).turnovers():
        moves = history.find_moves(shop.engine, turnover.segment, since=THEN + timedelta(seconds=1)).to_pylist()
        assert sum(move["moved"] == "entered" for move in moves) == turnover.entered
        assert sum(move["moved"] == "left" for move in moves) == turnover.left


def test_a_segment_that_there_was_not_had_nobody(shop: AShop) -> None:
    tag(shop, {("a", 1)}, {("a", 1), ("b", 2)})
    before, after = sets(shop, THEN), sets(shop)
    less = MemberSets(before.publication, before.base, {"a": before.of("a"), "c": before.of("c")})
    more = MemberSets(after.publication, after.base, {"a": after.of("a"), "b": after.of("b")})
    told = {each.segment: (each.before, each.after) for each in together.find_movement(less, more, "abc").turnovers()}
    assert told == {"a": (1, 1), "b": (0, 1), "c": (0, 0)}
    moved = together.find_movement(less, more, ["a"])
    for call in (lambda: moved.movers("a", "b"), lambda: together.find_movement(less, more, ["d"])):
        with pytest.raises(NotFoundError):
            call()


def test_an_empty_base_is_covered_by_nothing(shop: AShop) -> None:
    shop.clear()
    shop.with_events(*(an_event(f"tagged_{slug}", profile=None) for slug in SLUGS))
    found = together.find_coverage(sets(shop), SLUGS)
    assert (found.base, found.covered, found.share, len(found.remainder)) == (0, 0, None, 0)
    assert together.find_overlap(sets(shop), SLUGS).pressure == {}


@pytest.mark.parametrize(
    ("size", "base", "needed", "warning"),
    [
        (0, 1000, 100, "nobody"),
        (1000, 1000, 100, "everybody"),
        (199, 1000, 100, "too_small"),
        (200, 1000, 100, None),
        (900, 1000, 100, None),
        (901, 1000, 100, "too_large"),
        (5, 1000, None, None),
    ],
)
def test_a_size_is_judged_by_what_can_be_learned(size: int, base: int, needed: int | None, warning: str) -> None:
    fit = together.judge_size(size, base, needed)
    assert (fit.warning, fit.rest) == (warning, base - size)
