"""Definitions, counts, members and memberships, through the front door."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from rooms.language.a_shop import AS_OF, MADRID, an_event, an_order
from tesela.base import ConflictError, InputError, NotFoundError
from tesela.language.definitions import BadDefinitionError
from tesela.segments import (
    MEMBERSHIPS,
    Segment,
    count_segments,
    find_members,
    history,
    list_publications,
    load_segments,
    publish_memberships,
)
from tesela.segments.catalogue import load_starter, write_starter
from tesela.segments.definitions import write_segments
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rooms.language.a_shop import AShop
    from tesela.warehouse import Engine

BUYERS = Segment("buyers", "did order_completed in last 30 days", {"es": "Compradores", "en": "Buyers"})


def stays(shop: AShop, segment: str = "buyers") -> list[tuple[int, datetime | None, datetime | None]]:
    rows = shop.engine.query(
        statement(
            "SELECT profile_id, entered_at, left_at FROM {m} WHERE segment = $segment ORDER BY ALL",
            tables={"m": MEMBERSHIPS},
            segment=segment,
        )
    )
    return [(row["profile_id"], row["entered_at"], row["left_at"]) for row in rows.to_pylist()]


def publish(shop: AShop, *segments: Segment, as_of: datetime = AS_OF) -> None:
    publish_memberships(shop.engine, {each.slug: each for each in segments}, as_of=as_of, zone=MADRID)


# --- definitions ------------------------------------------------------------------------------------------


def test_starter_segments_are_named_and_described_in_both_languages() -> None:
    starter = load_starter()
    assert len(starter) == 18
    for segment in starter:
        assert all(segment.name[language] and segment.description[language] for language in ("es", "en"))


def test_starter_segments_say_who_they_say(shop: AShop) -> None:
    shop.with_people(*range(1, 9), anonymous=[9])
    shop.with_attribute(1, "first_source", "sweepstake").with_attribute(2, "first_source", "form")
    shop.with_events(
        an_order(profile=2, days_ago=3, amount="100"),
        *(an_order(profile=3, days_ago=d, amount="10") for d in (1, 2, 40, 60, 90)),
        an_order(profile=4, days_ago=120, amount="20"),
        an_order(profile=5, days_ago=800, amount="20"),
        an_event("email_delivered", profile=6),
        an_event("email_opened", profile=6, is_machine=True),
        an_event("email_delivered", profile=7),
        an_event("email_opened", profile=7, days_ago=45),
        an_order(profile=9),
    )
    starter = {segment.slug: segment for segment in load_starter()}
    members = {
        slug: find_members(shop.engine, starter, slug, as_of=AS_OF, zone=MADRID).column("profile_id").to_pylist()
        for slug in starter
    }
    assert members == {
        "buyers": [2, 3, 4, 5],
        "non_buyers": [1, 6, 7, 8],
        "leads_form": [],
        "leads_sweepstake": [1],
        "leads_coregistration": [],
        "leads_social": [],
        "leads_store": [],
        "one_time_buyers": [2, 4, 5],
        "frequent_buyers_30d": [3],
        "loyal_6m": [3],
        "cooling": [4],
        "lost": [5],
        "big_spenders": [2],
        "openers_7d": [],
        "openers_30d": [],
        "openers_60d": [7],
        "openers_90d": [7],
        "never_opened": [6],
    }
    sizes = count_segments(shop.engine, starter, as_of=AS_OF, zone=MADRID)
    assert sizes == {slug: len(profiles) for slug, profiles in members.items()}


def test_definitions_survive_writing_and_reading(tmp_path: Path) -> None:
    write_starter(tmp_path)
    own = Segment("vip", 'city = "Málaga: centro"\n  and count(order_completed) >= 2', {"es": "Los de siempre"})
    write_segments(tmp_path / "own.yaml", [own])
    assert load_segments(tmp_path) == [own, *load_starter()]
    assert load_segments(tmp_path / "absent") == []


@pytest.mark.parametrize(
    ("written", "code", "line"),
    [
        ("a: [", "language.bad_yaml", 1),
        ("- a\n- b\n", "language.no_mapping", 1),
        ("a:\n  when: did x\na:\n  when: did y\n", "language.repeated_key", 3),
        ("\na:\n  when: did x\n  rule: did y\n", "language.unknown_key", 2),
        ("a:\n  name: {es: A}\n", "segments.no_rule", 1),
        ("a:\n  when: 3\n", "segments.no_rule", 1),
        ("a: did x\n", "language.not_a_mapping", 1),
        ("a:\n  name: Compradores\n  when: did x\n", "language.not_by_language", 1),
        ("a:\n  name: {fr: Acheteurs}\n  when: did x\n", "language.not_by_language", 1),
        ("Á b:\n  when: did x\n", "language.bad_slug", 1),
        ("b:\n  when: did x\n\nc:\n  when: did x in\n", "language.expected", 4),
    ],
)
def test_wrong_definitions_are_told_with_file_line_and_segment(
    tmp_path: Path, written: str, code: str, line: int
) -> None:
    (tmp_path / "mine.yaml").write_text(written, "utf-8")
    with pytest.raises(InputError) as caught:
        load_segments(tmp_path)
    error = caught.value
    told = error.reason.code if isinstance(error, BadDefinitionError) else error.code
    assert (told, error.facts["file"], error.facts["line"]) == (code, "mine.yaml", line)
    assert "mine.yaml" in error.message("es")
    assert "{" not in error.message("es") + error.message("en")
    if isinstance(error, BadDefinitionError):
        assert str(error.facts["name"]) in error.message("es")
        assert error.hint("es") == error.reason.hint("es")


def test_one_slug_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("x:\n  when: did order_completed\n", "utf-8")
    with pytest.raises(InputError) as caught:
        load_segments(tmp_path)
    assert "a.yaml" in str(caught.value)
    assert "b.yaml" in str(caught.value)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00x")
    with pytest.raises(InputError, match=r"a\.yaml"):
        load_segments(tmp_path)


# --- counts and members -----------------------------------------------------------------------------------


def test_a_size_is_a_number_that_tells_its_base(shop: AShop) -> None:
    shop.with_people(1, 2, 3, anonymous=[4, 5]).with_events(
        an_order(profile=1), an_event("page_viewed", profile=4), an_event("page_viewed", profile=1)
    )
    rules = {"viewers": "did page_viewed", "all_viewers": "did page_viewed among everyone"}
    sizes = count_segments(shop.engine, rules, as_of=AS_OF, zone=MADRID)
    viewers = sizes["viewers"]
    assert (viewers, viewers.count, viewers.base, viewers.anonymous, viewers.as_of) == (1, 1, 3, 1, AS_OF)
    everyone = sizes["all_viewers"]
    assert (everyone, everyone.base, everyone.anonymous) == (2, 5, 1)


def test_sizes_of_an_empty_shop(shop: AShop) -> None:
    starter = {segment.slug: segment for segment in load_starter()}
    sizes = count_segments(shop.engine, starter, as_of=AS_OF, zone=MADRID)
    assert set(sizes.values()) == {0}
    assert sizes["buyers"].base == 0


def test_members_come_with_the_asked_columns(shop: AShop) -> None:
    shop.with_people(1, 2).with_events(an_order(profile=2))
    found = find_members(shop.engine, {"buyers": BUYERS}, "buyers", as_of=AS_OF, zone=MADRID)
    assert found.column_names == ["profile_id", "customer_id", "email"]
    assert found.to_pylist() == [{"profile_id": 2, "customer_id": None, "email": None}]
    with pytest.raises(InputError):
        find_members(shop.engine, {"buyers": BUYERS}, "buyers", as_of=AS_OF, zone=MADRID, columns=["nif; DROP"])


def test_only_named_segments_are_looked_at(shop: AShop) -> None:
    shop.with_people(1)
    others = {"good": "never order_completed", "broken": "did"}
    assert shop.members("in segment good", **others) == [1]
    with pytest.raises(InputError):
        shop.members("in segment broken", **others)
    with pytest.raises(NotFoundError):
        shop.members("in segment absent", **others)


# --- memberships ------------------------------------------------------------------------------------------


def test_the_first_computation_enters_members_without_a_time(shop: AShop) -> None:
    shop.with_people(1, 2, anonymous=[3]).with_events(an_order(profile=1), an_order(profile=3))
    publish(shop, BUYERS)
    assert stays(shop) == [(1, None, None)]


def test_who_comes_later_enters_and_who_goes_leaves(shop: AShop) -> None:
    shop.with_people(1, 2).with_events(an_order(profile=1, days_ago=1))
    publish(shop, BUYERS)
    later = AS_OF + timedelta(days=30)
    shop.with_events(an_order(profile=2, at=later - timedelta(hours=1)))
    publish(shop, BUYERS, as_of=later)
    # at the event's own time, or when the window's edge passed it
    out, came = AS_OF + timedelta(days=29), later - timedelta(hours=1)
    assert stays(shop) == [(1, None, out), (2, came, None)]
    again = later + timedelta(days=1)
    shop.with_events(an_order(profile=1, at=later + timedelta(hours=2)))
    publish(shop, BUYERS, as_of=again)
    assert stays(shop) == [(1, later + timedelta(hours=2), None), (1, None, out), (2, came, None)]


def test_nobody_at_first_is_a_first_computation_too(shop: AShop) -> None:
    shop.with_people(1)
    publish(shop, BUYERS)
    later = AS_OF + timedelta(days=1)
    shop.with_events(an_order(profile=1, at=AS_OF))
    publish(shop, BUYERS, as_of=later)
    assert stays(shop) == [(1, AS_OF, None)]


def test_publishing_twice_changes_nothing(shop: AShop) -> None:
    shop.with_people(1, 2).with_events(an_order(profile=1), an_order(profile=2))
    everything = Statement("SELECT * FROM memberships ORDER BY ALL")
    publish(shop, *load_starter())
    before = shop.engine.query(everything)
    publish(shop, *load_starter())
    assert before.num_rows > 0
    assert shop.engine.query(everything).equals(before)


def test_a_new_version_closes_nobody_who_is_still_in(shop: AShop) -> None:
    shop.with_people(1, 2, 3).with_events(
        an_order(profile=1, days_ago=1), an_order(profile=2, days_ago=20), an_order(profile=3, days_ago=50)
    )
    publish(shop, BUYERS)
    stricter = Segment("buyers", "did order_completed in last 10 days")
    later = AS_OF + timedelta(minutes=1)
    publish(shop, stricter, as_of=later)
    assert stays(shop) == [(1, None, None), (2, None, later)]
    versions = [each.fingerprint for each in history.sizes_over_time(shop.engine, "buyers")]
    assert versions == [BUYERS.fingerprint, stricter.fingerprint]


def test_everyone_includes_anonymous_visitors(shop: AShop) -> None:
    shop.with_people(1, anonymous=[2]).with_events(an_event("page_viewed", profile=2))
    publish(shop, Segment("viewers", "did page_viewed among everyone"))
    assert stays(shop, "viewers") == [(2, None, None)]


class BreakingEngine:
    """An engine whose writing breaks off after so many statements."""

    def __init__(self, engine: Engine, after: int) -> None:
        self._engine = engine
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def write(self, statements: Iterable[Statement]) -> None:
        self._engine.write([*islice(statements, self._after), Statement("SELECT error('stop')")])


def test_nothing_is_published_when_anything_fails(shop: AShop) -> None:
    shop.with_people(1, 2).with_events(an_order(profile=1, days_ago=29), an_order(profile=2))
    publish(shop, BUYERS)
    before = stays(shop)
    later = AS_OF + timedelta(days=10)
    shop.with_people(3).with_events(an_order(profile=3, at=AS_OF))
    for after in range(7):
        with pytest.raises(Exception, match="stop"):
            publish_memberships(BreakingEngine(shop.engine, after), {"buyers": BUYERS}, as_of=later, zone=MADRID)
        assert stays(shop) == before
        assert [each.as_of for each in list_publications(shop.engine)] == [AS_OF]
    publish(shop, BUYERS, as_of=later)
    assert [(profile, left) for profile, _, left in stays(shop)] == [
        (1, AS_OF + timedelta(days=1)),
        (2, None),
        (3, None),
    ]


def test_the_past_is_not_published_over_the_present(shop: AShop) -> None:
    shop.with_people(1)
    publish(shop, BUYERS)
    assert [each.as_of for each in list_publications(shop.engine)] == [AS_OF]
    with pytest.raises(ConflictError):
        publish(shop, BUYERS, as_of=AS_OF - timedelta(days=1))


def test_a_rule_may_be_told_as_structure(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "loyal:\n  when:\n    op: did\n    events: {op: events, name: order_completed,"
        " window: {op: rolling, count: 30, unit: day}}\n",
        "utf-8",
    )
    assert [segment.when for segment in load_segments(tmp_path)] == ["did order_completed in last 30 days"]
    (tmp_path / "own.yaml").write_text("loyal:\n  when:\n    op: dod\n", "utf-8")
    with pytest.raises(InputError) as caught:
        load_segments(tmp_path)
    assert "/when/op" in caught.value.message("es")
