"""Every rule of the catalogue on every real data set that has its data; eighteen of them against SQL by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tesela
from flows.command_line import a_workspace, answer
from flows.plain_sql import QUESTIONS, count_by_hand
from tesela.base import parse_moment
from tesela.segments.catalogue import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.workspace import Offer, Workspace

pytestmark = [pytest.mark.data, pytest.mark.slow]

_TAOBAO = ("customer_id", "product_id", "category", "name", "occurred_at")


@dataclass(frozen=True)
class DataSet:
    """How a data set comes in.

    Attributes:
        loads: Kind, file and options of each import.
        as_of: The moment asked about.
        possible: How many entries it has the data for.
    """

    loads: tuple[tuple[str, ...], ...]
    as_of: str
    possible: int
    timezone: str = "UTC"


SETS = {
    "cdnow": DataSet(
        (("order-lines", "cdnow/CDNOW_master.txt.gz", "--order-key", "customer_id,date"),), "1998-07-01", 18
    ),
    "online_retail": DataSet((("order-lines", "online_retail/online_retail.parquet"),), "2011-12-10", 20),
    "complete_journey": DataSet((("order-lines", "complete_journey/transactions.parquet"),), "2018-01-02", 21),
    "taobao": DataSet(
        (
            (
                *("events", "taobao_userbehavior/UserBehavior_head.csv.gz"),
                *(each for n, field in enumerate(_TAOBAO, 1) for each in ("--set", f"column {n}={field}")),
            ),
        ),
        "2017-12-04",
        20,
        "Asia/Shanghai",
    ),
    "rees46": DataSet((("events", "rees46_multicategory/2019-Oct_head.csv.gz"),), "2019-10-02", 20),
    "mailchimp": DataSet(
        (
            ("contacts", "connector_fixtures/mailchimp/member.csv"),
            ("email-events", "connector_fixtures/mailchimp/campaign_recipient_activity.csv"),
        ),
        "2020-05-01",
        5,
    ),
    "splink": DataSet((("contacts", "splink/fake_1000.csv"),), "2100-01-01", 10),
}


@pytest.mark.parametrize("name", SETS)
def test_every_rule_that_a_data_set_can_answer(real_data: Path, tmp_path: Path, name: str) -> None:
    chosen = SETS[name]
    workspace = a_workspace(tmp_path / name, timezone=chosen.timezone)
    for kind, file, *options in chosen.loads:
        answer("import", kind, real_data / file, "--workspace", workspace, "--yes", *options)
    with tesela.open(workspace) as ws:
        check(ws, chosen.as_of, chosen.possible)


def check(ws: Workspace, as_of: str, possible: int) -> None:
    offers = evaluate(ws, as_of)
    sizes = {slug: each.size for slug, each in offers.items() if each.size is not None}
    assert len(sizes) >= possible, sorted(sizes)
    base = sizes["known"].base
    for slug, size in sizes.items():
        assert 0 <= size <= (size.base if slug == "anonymous" else base), slug
        assert size.base == base or slug == "anonymous"
    if "buyers" in sizes:
        assert sizes["buyers"] + sizes["non_buyers"] == base
        assert sum(size for slug, size in sizes.items() if slug.startswith("activity_")) == sizes["buyers"]
    moment = parse_moment(as_of, ws.settings.zone)
    by_hand = {slug: count_by_hand(ws, slug, moment) for slug in QUESTIONS if slug in sizes}
    assert {slug: sizes[slug] for slug in by_hand} == by_hand


def evaluate(ws: Workspace, as_of: str) -> Mapping[str, Offer]:
    """Return every entry with its size, where the data set has its data."""
    return {each.entry.slug: each for family in FAMILIES for each in ws.segments.catalog.show(family, as_of=as_of)}


# eCommerceAction.action_type of the Universal Analytics export
_ACTIONS = {"1": "product_clicked", "2": "product_viewed", "3": "product_added", "5": "checkout_started"}


def hits_of(session: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the events of one session, each session standing for a person, as the set's own figures count them."""
    number = f"{session['fullVisitorId']}-{session['visitId']}"
    began = datetime.fromtimestamp(session["visitStartTime"], UTC)
    rows: list[dict[str, Any]] = []

    def add(hit: Mapping[str, Any], name: str, **told: Any) -> None:
        at = began + timedelta(milliseconds=hit["time"] or 0)
        given = {"event": name, "customer_id": number, "session_id": number, "timestamp": at.isoformat()}
        rows.append({"message_id": f"{number}-{hit['hitNumber']}-{len(rows)}", **given, **told})

    for hit in session["hits"]:
        if hit["type"] == "PAGE":
            add(hit, "page_viewed", url=hit["page"]["pagePath"])
        action = (hit["eCommerceAction"] or {}).get("action_type")
        if action in _ACTIONS:
            for product in hit["product"] or [{}]:
                add(hit, _ACTIONS[action], product_id=product.get("productSKU"), list=product.get("productListName"))
        if action == "6":
            add(hit, "order_completed", order_id=f"{number}-order", amount=(hit["item"] or {}).get("itemRevenue"))
    return rows


def test_a_day_of_a_real_site(real_data: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    sessions = pq.read_table(real_data / "google_merch_store" / "ga_sessions_20170801.parquet").to_pylist()
    file = tmp_path / "hits.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for session in sessions for row in hits_of(session)), "utf-8")
    workspace = a_workspace(tmp_path / "google", timezone="America/Los_Angeles", currency="USD")
    answer("import", "events", file, "--workspace", workspace, "--yes")
    with tesela.open(workspace) as ws:
        check(ws, "2017-08-03", 20)
        catalog = ws.segments.catalog
        [browsed] = catalog.show("browsed_many_pages", {"pages": 20}, "2017-08-03")
        # figures of the set's own README
        assert browsed.size == 98
        assert ws.segments.count("did product_added", "2017-08-03") == 176
        assert ws.segments.count("did product_added and never order_completed", "2017-08-03") == 142
        [lists] = catalog.show("recommended_not_bought", {"list": "Category"}, "2017-08-03")
        assert 0 < lists.size <= 399
