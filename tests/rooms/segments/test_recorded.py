"""What was published: sets, sizes, moves, as recorded; and what another rule would do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from rooms.language.a_shop import AS_OF, MADRID, an_event, an_order
from tesela.base import InputError, NotFoundError
from tesela.segments import (
    Segment,
    SetFiles,
    describe_plan,
    find_recorded_members,
    history,
    list_publications,
    listing,
    preview_change,
    publish_memberships,
)

if TYPE_CHECKING:
    from pathlib import Path

    from rooms.language.a_shop import AShop

BUYERS = Segment("buyers", "did order_completed in last 30 days")
READERS = Segment("readers", "did email_opened")
SILENT = Segment("silent", "not in segment readers")
DAY = timedelta(days=1)


def publish(shop: AShop, as_of: datetime = AS_OF, *segments: Segment, files: SetFiles | None = None) -> None:
    chosen = {each.slug: each for each in segments or (BUYERS, READERS, SILENT)}
    publish_memberships(shop.engine, chosen, as_of=as_of, zone=MADRID, files=files)


def a_week(shop: AShop, files: SetFiles | None = None) -> None:
    """Two publications: 1 and 2 buy, 2 and 3 read; then 3 buys and 1 is out of the window."""
    shop.with_people(1, 2, 3, 4).with_events(
        an_order(profile=1, days_ago=29.5),
        an_order(profile=2),
        an_event("email_opened", profile=2),
        an_event("email_opened", profile=3),
    )
    publish(shop, files=files)
    shop.with_events(an_order(profile=3, at=AS_OF + timedelta(hours=1)))
    publish(shop, AS_OF + DAY, files=files)


def members(shop: AShop, segment: str, at: datetime) -> list[int]:
    return find_recorded_members(shop.engine, segment, at)[1].column("profile_id").to_pylist()


# --- sets -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("buyers", [2, 3]),
        ("buyers and readers", [2, 3]),
        ("buyers or silent", [1, 2, 3, 4]),
        ("not buyers", [1, 4]),
        ("silent and not (buyers or readers)", [1, 4]),
        ("buyers xor silent", [1, 2, 3, 4]),
        ("at least 2 of (buyers, readers, silent)", [2, 3]),
        ("at most 1 of (buyers, readers, silent)", [1, 4]),
        ("exactly 1 of (buyers, readers, silent)", [1, 4]),
        ("none of (buyers, readers)", [1, 4]),
        ("in segment buyers", [2, 3]),
    ],
)
def test_any_combination(shop: AShop, tmp_path: Path, expression: str, expected: list[int]) -> None:
    files = SetFiles(tmp_path / "sets")
    a_week(shop, files)
    assert list(files.load(shop.engine).combine(expression)) == expected


def test_a_combination_is_of_segments_only(shop: AShop, tmp_path: Path) -> None:
    files = SetFiles(tmp_path / "sets")
    a_week(shop, files)
    sets = files.load(shop.engine)
    with pytest.raises(InputError) as caught:
        sets.combine("buyers and did order_completed")
    assert caught.value.code == "segments.not_a_combination"
    with pytest.raises(NotFoundError, match="buyers"):
        sets.combine("nobody")


def test_overlap(shop: AShop, tmp_path: Path) -> None:
    files = SetFiles(tmp_path / "sets")
    a_week(shop, files)
    sets = files.load(shop.engine, AS_OF)
    assert sets.overlap(["buyers", "readers", "silent"]) == [[2, 1, 1], [1, 2, 0], [1, 0, 2]]


def test_files_are_only_a_quicker_copy(shop: AShop, tmp_path: Path) -> None:
    files = SetFiles(tmp_path / "sets")
    a_week(shop, files)
    newest, older = files.load(shop.engine), files.load(shop.engine, AS_OF)
    paths = sorted((tmp_path / "sets").glob("*.sets"))
    assert len(paths) == 2
    damaged = bytearray(paths[1].read_bytes())
    damaged[-1] ^= 1
    paths[1].write_bytes(damaged)
    paths[0].unlink()
    assert files.load(shop.engine) == newest
    assert files.load(shop.engine, AS_OF) == older
    assert files.load(shop.engine, AS_OF + DAY / 2) == older
    # the copy of another publication under this one's name is no copy
    paths[1].write_bytes(paths[0].read_bytes())
    assert files.load(shop.engine) == newest


def test_the_next_publication_needs_no_file(shop: AShop, tmp_path: Path) -> None:
    files = SetFiles(tmp_path / "sets")
    a_week(shop, files)
    for path in (tmp_path / "sets").glob("*.sets"):
        path.write_bytes(b"")
    publish(shop, AS_OF + 2 * DAY, files=files)
    assert members(shop, "buyers", AS_OF + 2 * DAY) == [2, 3]


def test_nothing_is_published_yet(shop: AShop, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        SetFiles(tmp_path).load(shop.engine)
    publish(shop)
    with pytest.raises(NotFoundError):
        SetFiles(tmp_path).load(shop.engine, AS_OF - DAY)


# --- history ----------------------------------------------------------------------------------------------


def test_members_as_recorded(shop: AShop) -> None:
    a_week(shop)
    # what is learnt later changes nothing of what was published
    shop.with_events(an_order(profile=4, days_ago=5))
    assert members(shop, "buyers", AS_OF) == [1, 2]
    assert members(shop, "buyers", AS_OF + DAY / 2) == [1, 2]
    assert members(shop, "buyers", AS_OF + DAY) == [2, 3]
    assert shop.members("did order_completed in last 30 days") == [1, 2, 4]
    with pytest.raises(NotFoundError):
        members(shop, "buyers", AS_OF - DAY)
    with pytest.raises(NotFoundError):
        members(shop, "absent", AS_OF)


def test_sizes_over_time_with_the_versions_of_the_rule(shop: AShop) -> None:
    a_week(shop)
    other = Segment("buyers", "did order_completed")
    publish(shop, AS_OF + 2 * DAY, other)
    told = [(each.as_of, each.size, each.entered, each.left) for each in history.sizes_over_time(shop.engine, "buyers")]
    assert told == [(AS_OF, 2, 2, 0), (AS_OF + DAY, 2, 1, 1), (AS_OF + 2 * DAY, 3, 1, 0)]
    versions = [each.fingerprint for each in history.sizes_over_time(shop.engine, "buyers")]
    assert versions == [BUYERS.fingerprint, BUYERS.fingerprint, other.fingerprint]
    assert len(history.sizes_over_time(shop.engine, "readers")) == 2
    with pytest.raises(NotFoundError):
        history.sizes_over_time(shop.engine, "absent")


def test_moves_tell_when_and_under_which_version(shop: AShop) -> None:
    a_week(shop)
    other = Segment("buyers", 'did order_completed and not country = "XX"')
    publish(shop, AS_OF + 2 * DAY, other)
    rows = history.find_moves(shop.engine, "buyers", columns=()).to_pylist()
    assert [(row["profile_id"], row["moved"], row["recorded_at"], row["rule"]) for row in rows] == [
        (1, "entered", AS_OF, BUYERS.when),
        (2, "entered", AS_OF, BUYERS.when),
        (3, "entered", AS_OF + DAY, BUYERS.when),
        (1, "left", AS_OF + DAY, BUYERS.when),
        (1, "entered", AS_OF + 2 * DAY, other.when),
    ]
    later = history.find_moves(shop.engine, "buyers", since=AS_OF + DAY, until=AS_OF + 2 * DAY, columns=())
    assert later.column("profile_id").to_pylist() == [3, 1]
    assert history.find_moves(shop.engine, "buyers").column_names[:3] == ["profile_id", "customer_id", "email"]


def test_a_segment_that_was_left_out_for_a_while_keeps_its_stays(shop: AShop) -> None:
    a_week(shop)
    publish(shop, AS_OF + 2 * DAY, READERS)
    with pytest.raises(NotFoundError):
        members(shop, "buyers", AS_OF + 2 * DAY)
    publish(shop, AS_OF + 3 * DAY)
    assert members(shop, "buyers", AS_OF + 3 * DAY) == [2, 3]
    assert history.find_moves(shop.engine, "buyers", since=AS_OF + 2 * DAY).num_rows == 0


def test_publications_are_counted(shop: AShop) -> None:
    a_week(shop)
    publish(shop, AS_OF + DAY)
    told = [(each.number, each.as_of, each.entered, each.left) for each in list_publications(shop.engine)]
    assert told == [(1, AS_OF, 6, 0), (2, AS_OF + DAY, 1, 1)]


# --- preview ----------------------------------------------------------------------------------------------


def test_preview_of_another_rule(shop: AShop) -> None:
    a_week(shop)
    rules = {each.slug: each for each in (BUYERS, READERS, SILENT, Segment("both", "in segment silent"))}
    found = preview_change(
        shop.engine, rules, "readers", "did email_opened and not did order_completed", as_of=AS_OF, zone=MADRID
    )
    assert not found.is_new
    told = {
        each.segment: (each.before, each.after, list(each.entering), list(each.leaving))
        for each in (found.change, *found.dependents)
    }
    assert told == {
        "readers": (2, 1, [], [2]),
        "silent": (2, 3, [2], []),
        "both": (2, 3, [2], []),
    }
    assert listing.find_people(shop.engine, found.change.leaving, limit=5).to_pylist() == [
        {"profile_id": 2, "customer_id": None, "email": None}
    ]


def test_preview_of_a_new_segment_and_of_a_wrong_rule(shop: AShop) -> None:
    a_week(shop)
    found = preview_change(shop.engine, {"buyers": BUYERS}, "fresh", "in segment buyers", as_of=AS_OF, zone=MADRID)
    assert (found.is_new, found.change.before, found.change.after, found.dependents) == (True, 0, 2, ())
    with pytest.raises(InputError):
        preview_change(shop.engine, {"buyers": BUYERS}, "buyers", "did order_completed in", as_of=AS_OF, zone=MADRID)
    rules = {"readers": READERS, "silent": SILENT}
    with pytest.raises(InputError) as caught:
        preview_change(shop.engine, rules, "readers", "in segment silent", as_of=AS_OF, zone=MADRID)
    assert caught.value.code == "language.segment_cycle"
    assert [each.number for each in list_publications(shop.engine)] == [1, 2]


# --- how it is computed -----------------------------------------------------------------------------------


def test_a_plan_tells_what_is_read_and_shared(shop: AShop) -> None:
    rules = {
        "recent": "did order_completed in last 30 days",
        "older": "count(order_completed in last 90 days) >= 2 and not in segment recent",
        "local": 'country = "ES" and did order_completed in last 30 days',
        "above": "sum(order_completed.amount) > population.avg(sum(order_completed.amount))",
    }
    summary = describe_plan(shop.engine, rules, as_of=AS_OF, zone=MADRID)
    reads = {(each.kind, each.name): each for each in summary.reads}
    assert set(reads) == {("events", "order_completed"), ("field", "country"), ("population", "")}
    orders = reads["events", "order_completed"]
    assert (orders.start, orders.columns, orders.references) == (None, 3, 5)
    narrow = describe_plan(shop.engine, rules, as_of=AS_OF, zone=MADRID, asked=["recent", "older", "local"])
    assert narrow.reads[0].start == AS_OF - 90 * DAY
    assert (narrow.segments, narrow.columns, narrow.references) == (3, 3, 5)
    assert shop.engine.query(narrow.statement).num_rows == 0


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "clickhouse", "spark"])
def test_sql_is_readable_in_every_dialect(shop: AShop, dialect: str) -> None:
    summary = describe_plan(shop.engine, {"buyers": BUYERS}, as_of=AS_OF, zone=MADRID, dialect=dialect)
    lines = summary.sql.splitlines()
    assert len(lines) > 20
    assert lines[0].startswith("WITH")
    assert summary.statement.dialect == dialect
