"""The catalogue at the command line: what is possible, what is shown, what is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import tesela

ORDERS = "order_id,customer_id,email,date,amount\n" + "".join(
    f"A{person}-{time},C{person},c{person}@example.com,2026-{month:02}-{person:02},{10 * person}.00\n"
    for person in range(1, 13)
    for time, month in enumerate((5, 6, 8, 11)[: 1 + person % 4])
)
Run = Callable[..., str]


@pytest.fixture
def run(in_shop: Callable[..., Run]) -> Run:
    return in_shop(orders=ORDERS)


def test_what_is_possible_is_listed(run: Run) -> None:
    told = json.loads(run("catalog", "list", "--json"))
    possible = json.loads(run("catalog", "list", "--possible", "--json"))
    assert len(told) == 88
    assert possible == [each for each in told if each["possible"]]
    assert {"buyers", "activity_active", "vip"} <= {each["entry"] for each in possible}
    [openers] = [each for each in told if each["entry"] == "openers_7d"]
    assert openers["missing"] == [{"event": "email_opened"}]
    assert openers["parameters"]["window"]["default"] == "7 days"
    listed = run("catalog", "list", "--lang", "es")
    assert "Reactividad" in listed
    assert "eventos email_opened" in listed
    assert "openers_7d" not in run("catalog", "list", "--possible")


def test_values_of_the_shop_are_shown_with_where_they_come_from(run: Run) -> None:
    told = json.loads(run("catalog", "show", "activity", "--as-of", "2026-11-22", "--json"))
    assert [each["entry"] for each in told] == [
        *("activity_active", "activity_cooling", "activity_dormant", "activity_lapsed"),
    ]
    # eighteen gaps: too few to conclude anything from
    assert told[0]["values"]["active"] == {
        **{"value": "60 days", "origin": "too_few", "cases": 18, "gaps": [[31, 9], [61, 6], [92, 3]]},
    }
    assert sum(each["size"]["count"] for each in told) == told[0]["size"]["base"] == 12
    shown = run("catalog", "show", "activity", "--as-of", "2026-11-22", "--lang", "es")
    assert "18 intervalos entre una compra y la siguiente" in shown
    assert "El 75 % volvió a comprar en 61 días" in shown
    assert "tus datos tienen 18 casos, muy pocos" in shown
    # one person more has the twentieth gap
    extra = "".join(f"B{day},C99,c99@example.com,2026-10-{day:02},5.00\n" for day in (1, 11, 21))
    Path("../more.csv").write_text("order_id,customer_id,email,date,amount\n" + extra, "utf-8")
    run("import", "orders", "../more.csv", "--yes")
    shown = run("catalog", "show", "activity_active", "--as-of", "2026-11-22")
    assert "active = 61 days" in shown
    assert "from your data, 20 cases" in shown
    assert "75 % bought again within 61 days → active = 61 days" in shown
    run("catalog", "add", "activity", "--as-of", "2026-11-22")
    assert "with:\n    active: 61 days\n" in Path("segments/activity_active.yaml").read_text("utf-8")
    fixed = json.loads(run("catalog", "show", "activity_active", "--param", "active=9 days", "--json"))
    assert (fixed[0]["values"]["active"]["value"], fixed[0]["values"]["active"]["origin"]) == ("9 days", "given")


def test_entries_are_added_and_never_overwritten_unasked(run: Run) -> None:
    told = json.loads(run("catalog", "add", "vip", "anonymous", "--param", "orders=2", "--json"))
    assert [(each["segment"], each["outcome"]) for each in told] == [
        *(("known", "added"), ("vip", "added"), ("anonymous", "added")),
    ]
    assert told[1]["with"] == {"window": "12 months", "orders": 2, "top": 10}
    assert "count(order_completed in last 12 months) >= 2" in told[1]["when"]
    assert "stands in segments/vip.yaml already" in run("catalog", "add", "vip", "--param", "orders=2")
    assert "count(order_completed in last 12 months) >= 2" in run("segments", "show", "vip")
    refused = run("catalog", "add", "vip", code=1)
    assert "vip.yaml defines vip otherwise" in refused
    assert "--replace" in refused
    assert "overwritten in segments/vip.yaml" in run("catalog", "add", "vip", "--replace")
    run("catalog", "add", "loyal_6m", "--as", "loyal_12m", "--param", "window=12 months")
    # the starter holds loyal_6m, as it is in the catalogue
    assert "stands in segments/starter.yaml already" in run("catalog", "add", "loyal_6m")
    with tesela.open(Path()) as ws:
        assert {"vip", "known", "loyal_12m"} <= {each.slug for each in ws.segments.list()}
        assert ws.segments.count("vip", as_of="2026-11-22") == 2
        [offer] = ws.segments.catalog.show("loyal_6m", {"orders": 3}, "2026-11-22")
        assert offer.size == ws.segments.count("count(order_completed in last 6 months) >= 3", as_of="2026-11-22")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("show", "bigspender"), "big_spenders"),
        (("add", "vip", "--param", "order=3"), "Parameters: orders"),
        (("add", "vip", "--param", "orders"), "--param window='60 days'"),
        (("add", "vip", "lost", "--as", "mine"), "one entry at a time"),
        (("add", "vip", "--param", "orders=0"), "between 1 and 1000"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(run: Run, command: tuple[str, ...], words: str) -> None:
    assert words in run("catalog", *command, code=2)
