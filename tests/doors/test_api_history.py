"""What the API tells of the past: versions of rules, people who moved between RFM segments."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from doors.a_served_shop import AServedShop

SLUG, RULE, OTHER = "once", "did order_completed in last 30 days", "did order_completed in last 90 days"


def _runs(served: AServedShop, days: int) -> None:
    served.workspace.jobs.run(served.moment + timedelta(days=days))


def test_versions_are_listed_compared_and_restored(served: AServedShop) -> None:
    name = {"es": "Una vez", "en": "Once"}
    for days, rule in ((1, RULE), (2, OTHER), (3, OTHER)):
        served.ask("editor", "PUT", f"/segments/{SLUG}", json={"rule": rule, "name": name, "replace": True})
        _runs(served, days)
    sizes = [served.workspace.segments.count(rule, served.moment + timedelta(days=3)).count for rule in (RULE, OTHER)]
    newer, older = served.ask("editor", "GET", f"/segments/{SLUG}/versions", headers={"accept-language": "es"})
    assert (newer["rule"], newer["is_current"], newer["until"], newer["last_size"]) == (OTHER, True, None, sizes[1])
    assert (older["rule"], older["is_current"], older["until"]) == (RULE, False, newer["since"])
    assert older["first_size"] == served.workspace.segments.count(RULE, served.moment + timedelta(days=1)).count
    assert older["sentence"] == "Each person: placed an order in the last 30 days."

    place = f"/segments/{SLUG}/versions/{older['fingerprint']}"
    told = served.ask("editor", "GET", f"{place}/preview")
    assert (told["before"], told["after"], told["problem"]) == (OTHER, RULE, None)
    assert "".join(each["text"] for each in told["pieces"] if each["kind"] != "added") == OTHER
    assert "".join(each["text"] for each in told["pieces"] if each["kind"] != "removed") == RULE
    expected = served.ask("editor", "POST", f"/segments/{SLUG}/preview", json={"rule": RULE})
    assert told["preview"]["change"] == expected["change"]
    assert told["preview"]["change"]["leaving"] > 0
    back = served.ask("editor", "GET", f"{place}/preview?against={older['fingerprint']}")
    assert (back["before"], back["preview"]["change"]["leaving"]) == (RULE, 0)

    served.ask("viewer", "POST", f"{place}/restore", 403)
    restored = served.ask("editor", "POST", f"{place}/restore")
    assert (restored["rule"], restored["name"]) == (RULE, name)
    assert served.ask("editor", "POST", f"{place}/restore", 409)["code"] == "workspace.version_is_current"
    _runs(served, 4)
    rows = served.ask("editor", "GET", f"/segments/{SLUG}/versions")
    assert [each["rule"] for each in rows] == [RULE, OTHER, RULE]


def test_a_version_that_names_what_is_gone_is_told_and_refused(served: AServedShop) -> None:
    served.ask("editor", "PUT", "/segments/named", json={"rule": "did order_completed"})
    served.ask("editor", "PUT", f"/segments/{SLUG}", json={"rule": "in segment named", "replace": True})
    _runs(served, 5)
    served.ask("editor", "PUT", f"/segments/{SLUG}", json={"rule": RULE, "replace": True})
    served.ask("editor", "DELETE", "/segments/named", 204)
    [gone] = [each for each in served.ask("viewer", "GET", f"/segments/{SLUG}/versions") if each["problem"]]
    place = f"/segments/{SLUG}/versions/{gone['fingerprint']}"
    told = served.ask("editor", "GET", f"{place}/preview")
    assert (told["preview"], told["problem"]) == (None, gone["problem"])
    assert "named" in served.ask("editor", "POST", f"{place}/restore", 404)["title"]
    assert served.ask("editor", "GET", f"/segments/{SLUG}")["rule"] == RULE
    served.ask("editor", "GET", f"/segments/{SLUG}/versions/ffffffff/preview", 404)
    served.ask("editor", "GET", "/segments/never_published/versions", 404)


def test_small_sizes_of_versions_are_not_told_to_a_viewer(served: AServedShop) -> None:
    served.ask("editor", "PUT", "/segments/handful", json={"rule": "sum(order_completed.amount) > 2000"})
    _runs(served, 6)
    [seen] = served.ask("editor", "GET", "/segments/handful/versions")
    [hidden] = served.ask("viewer", "GET", "/segments/handful/versions")
    assert 0 < seen["last_size"] < 10
    assert (hidden["first_size"], hidden["last_size"]) == (None, None)


# --- RFM ----------------------------------------------------------------------------------------------------


def test_rfm_moves_and_brings_what_python_says(served: AServedShop) -> None:
    told = served.ask("editor", "GET", "/rfm/movement?start=2026-01-15", headers={"accept-language": "es"})
    found = served.workspace.traits.rfm_movement(since="2026-01-15")
    assert {(each["source"], each["target"]): each["people"] for each in told["flows"]} == {
        (each.before or "-", each.after or "-"): each.profiles for each in found.moves
    }
    assert all(each["moved"] == (each["people"] if each["source"] != each["target"] else 0) for each in told["flows"])
    grid, brings = (served.ask("editor", "GET", path) for path in ("/rfm", "/rfm/revenue"))
    assert (told["after"], told["before"]) == (grid["by_segment"], found.before)
    assert told["end"] == grid["as_of"] == brings["as_of"]
    assert sum(each["revenue"] for each in brings["cells"]) == pytest.approx(brings["total"])
    assert sum(brings["by_segment"].values()) == pytest.approx(brings["total"])
    # RFM counts all orders here: what all buyers paid
    card = served.workspace.measurement.kpis(["buyers"], window="all", as_of=found.as_of)
    assert brings["total"] == pytest.approx(float(card.of("buyers", "revenue").value or 0))
    assert [each["score"] for each in grid["money"]] == [1, 2, 3, 4, 5]
    assert grid["fitted_at"] <= grid["as_of"]
    assert served.ask("editor", "GET", "/rfm/movement?start=2030-01-01", 400)["code"] == "workspace.since_not_before"
    assert served.ask("editor", "GET", "/rfm/movement?start=soon", 400)["code"].startswith("base.")


def test_a_viewer_is_told_no_handful_of_rfm(served: AServedShop) -> None:
    whole, told = (
        {(each["source"], each["target"]): each["people"] for each in served.ask(role, "GET", "/rfm/movement")["flows"]}
        for role in ("editor", "viewer")
    )
    assert {flow for flow, people in whole.items() if people >= 10} == told.keys() < whole.keys()
    assert all(people % 10 == 0 and abs(people - whole[flow]) <= 5 for flow, people in told.items())
    cells = {(each["r"], each["f"]): each["buyers"] for each in served.ask("editor", "GET", "/rfm")["cells"]}
    for each in served.ask("viewer", "GET", "/rfm/revenue")["cells"]:
        assert (each["revenue"] is None) == (cells[each["r"], each["f"]] < 10)
