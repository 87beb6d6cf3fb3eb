"""What somebody who may not see people can learn of one person by subtracting all that the API tells: nothing.

Decision 20 says what is protected and what is not.
"""

from __future__ import annotations

import random
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from doors.a_served_shop import AServedShop
from tesela.workspace.access import Holder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

VIEWER = Holder("luis", frozenset({"read"}))

SEGMENTS = {
    "watched": "sum(order_completed.amount) > 300",
    "not_watched": "sum(order_completed.amount) <= 300",
    "a_part": "sum(order_completed.amount) > 300 and did order_completed in last 90 days",
    "few": "sum(order_completed.amount) > 2000",
}
# of what is told, what counts people; the rest is money, shares and moments
NO_PEOPLE = {
    "r",
    "f",
    "days",
    "orders",
    "score",
    "low",
    "high",
    "version",
    "weight",
    "points",
    "known",
    "first",
    "last",
}
NO_PEOPLE |= {"possible", "opens", "mark", "value", "share", "decay", "money", "share_of_base", "share_of_revenue"}
NO_PEOPLE |= {"revenue", "revenue_e4", "average_order_value", "repeat_rate", "share_of_buyers"}
NO_PEOPLE |= {"other", "p_value", "segments", "imports"}


def everything(shop: AServedShop, role: str) -> dict[str, Any]:
    """Return all that the routes which tell figures say to a role."""
    slugs = "&".join(f"segment={slug}" for slug in SEGMENTS)
    paths = ["/home", "/segments", "/rfm", f"/map/overlap?{slugs}", f"/map/flows?{slugs}", "/audit", "/audit/history"]
    for slug in SEGMENTS:
        paths += [f"/segments/{slug}/{part}" for part in ("history", "kpis", "kpis?window=30 days", "reachable")]
        paths += [f"/segments/{slug}/reachable?channel=sms"]
    told = {path: shop.ask(role, "GET", path) for path in paths}
    for slug in SEGMENTS:
        told[f"count {slug}"] = shop.ask(role, "POST", "/rules/count", json={"rule": slug})
    return told


def leaves(told: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value that is told, with its place."""
    if isinstance(told, dict):
        for name, each in told.items():
            yield from leaves(each, f"{place}/{name}")
    elif isinstance(told, list):
        for number, each in enumerate(told):
            yield from leaves(each, f"{place}/{number}")
    else:
        yield place, told


@contextmanager
def a_world(demo_shop: tuple[Path, datetime], folder: Path, extra: str = "") -> Iterator[AServedShop]:
    """Serve the demo shop with the watched segments published, with or without one order more."""
    shutil.copytree(demo_shop[0], folder)
    for shop in AServedShop.served(folder, demo_shop[1]):
        if extra:
            (folder / "more.csv").write_text(extra, "utf-8")
            shop.workspace.imports.run("orders", folder / "more.csv")
        for slug, rule in SEGMENTS.items():
            shop.ask("editor", "PUT", f"/segments/{slug}", json={"rule": rule})
        shop.workspace.jobs.run(shop.moment)
        yield shop


def test_every_count_of_people_is_coarse_and_none_is_small(demo_shop: tuple[Path, datetime], tmp_path: Path) -> None:
    with a_world(demo_shop, tmp_path / "shop") as shop:
        whole, told = everything(shop, "editor"), everything(shop, "viewer")
        checked = 0
        for place, value in leaves(told):
            name = next(part for part in reversed(place.split("/")) if not part.isdigit())
            if name == "revenue_e4" and value:
                assert value == int(float(f"{value:.2g}")), (place, value)
            if isinstance(value, bool) or not isinstance(value, int) or name in NO_PEOPLE or "/inventory/" in place:
                continue
            assert value % 10 == 0, (place, value)
            assert value >= 10 or name == "change", (place, value)
            checked += 1
        assert checked > 300
        # the editor still sees them as they are
        small = [value for _, value in leaves(whole) if isinstance(value, int) and 0 < value < 10]
        assert len(small) > 20
        # nothing differs from nobody: that one person satisfies a rule is not told by a zero that is missing
        assert VIEWER.shown(0) is VIEWER.shown(1) is VIEWER.shown(9) is None


def test_differences_of_what_is_told_say_nothing_of_one_person(
    demo_shop: tuple[Path, datetime], tmp_path: Path
) -> None:
    """The same shop twice; in one of them somebody who bought little has bought so much that she is watched."""
    with a_world(demo_shop, tmp_path / "without") as shop:
        without, before = everything(shop, "viewer"), everything(shop, "editor")
        members = {each["profile_id"] for each in shop.workspace.segments.members("watched").to_pylist()}
        buyers = shop.workspace.segments.members("not_watched").to_pylist()
        someone = next(each for each in buyers if each["email"] and each["profile_id"] not in members)
    order = f"order_id,customer_id,email,date,total\nX-1,{someone['customer_id'] or ''},{someone['email']},"
    moment = f"{demo_shop[1]:%Y-%m-%d} 10:00,400\n"
    with a_world(demo_shop, tmp_path / "with", order + moment) as shop:
        watched, after = everything(shop, "viewer"), everything(shop, "editor")
    exact = differing(before, after)
    assert any(place.startswith("/segments/watched/history") or "count watched" in place for place in exact)
    # counts on the edge of a rounding step move by a step: what stands beside the person in them decides that, and
    # nobody who may not see people can place an edge, having no rules and no moments of her own
    told = differing(without, watched)
    counts = {place for place in told if isinstance(told[place][0] or told[place][1], int)}
    assert len(counts) <= len(exact) / 8, sorted(counts)


def differing(one: Any, other: Any) -> dict[str, tuple[Any, Any]]:
    """Return what is told differently, but for moments and names."""
    left, right = dict(leaves(one)), dict(leaves(other))
    found = {place: (left.get(place), right.get(place)) for place in left.keys() | right.keys()}
    return {
        place: both
        for place, both in found.items()
        if both[0] != both[1] and not any(isinstance(each, str) for each in both)
    }


@pytest.mark.parametrize(
    ("method", "path", "asked", "code"),
    [
        ("POST", "/rules/count", {"rule": 'email = "ana@example.com" and in segment buyers'}, "own_rule"),
        ("POST", "/rules/count", {"rule": "in segment buyers and not in segment non_buyers"}, "own_rule"),
        ("POST", "/rules/count", {"rule": "buyers", "as_of": "2026-10-01T10:00:01"}, "own_rule"),
        ("POST", "/rules/kpis", {"rule": "buyers"}, "not_allowed"),
        ("POST", "/segments/buyers/preview", {"rule": "never order_completed"}, "not_allowed"),
        ("PUT", "/segments/mine", {"rule": "never order_completed"}, "not_allowed"),
        ("GET", "/segments/buyers/kpis?as_of=2026-10-01", None, "not_allowed"),
        ("GET", "/segments/buyers/kpis?window=31 days", None, "not_allowed"),
        ("GET", "/map/flows?segment=buyers&start=2026-10-01T10:00:01", None, "not_allowed"),
        ("GET", "/audit/report", None, "not_allowed"),
        ("GET", "/segments/buyers/members", None, "not_allowed"),
    ],
)
def test_questions_of_ones_own_take_personal_access(
    served: AServedShop, method: str, path: str, asked: Any, code: str
) -> None:
    told = served.ask("viewer", method, path, 403, json=asked)
    assert told["code"].endswith(code)
    if path.startswith("/rules/count"):
        asked = {"rule": "in segment buyers and not in segment non_buyers"}
        assert served.ask("editor", method, path, json=asked)["count"] > 0


def test_segments_of_the_shop_and_the_pages_own_questions_are_counted_for_everybody(served: AServedShop) -> None:
    exact = served.ask("editor", "POST", "/rules/count", json={"rule": "can_receive(email)"})
    told = served.ask("viewer", "POST", "/rules/count", json={"rule": "can_receive( email )"})
    assert told["count"] == VIEWER.shown(exact["count"])
    assert told["base"] == VIEWER.shown(exact["base"])
    assert told["share"] == float(f"{told['count'] / told['base']:.2g}")
    rule = served.ask("viewer", "GET", "/segments/buyers")["rule"]
    assert served.ask("viewer", "POST", "/rules/count", json={"rule": rule})["count"] == VIEWER.shown(
        served.ask("editor", "POST", "/rules/count", json={"rule": rule})["count"]
    )
    made = served.ask("admin", "POST", "/keys", 201, json={"name": "despliegue", "scopes": ["read", "write"]})
    key = {"authorization": f"Bearer {made['secret']}"}
    refused = served.by("nobody").put("/api/v1/segments/mine", json={"rule": "did order_completed"}, headers=key)
    assert refused.status_code == 403


def test_subtracting_published_counts_never_gives_one_person() -> None:
    told = random.Random(20)
    for _ in range(20_000):
        whole = told.randrange(0, 5_000)
        part = min(whole, max(0, whole - told.randrange(0, 10)))
        counts = [VIEWER.shown(each) for each in (whole, part, whole - part)]
        assert counts[2] is None
        if counts[0] is not None and counts[1] is not None:
            assert counts[0] - counts[1] in (0, 10)
