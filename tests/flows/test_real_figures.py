"""The figures of real shops (`README.md` of the data sets), through the command line's front door."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import tesela
from flows.command_line import a_workspace, answer
from flows.command_line import tesela as command

pytestmark = [pytest.mark.data, pytest.mark.slow]

# figure of the table -> rule of the language
RULES = {
    "customers": "did order_completed",
    "2 or more orders in 30 days": "count(order_completed in last 30 days) >= 2",
    "last order within 180 days, not within 90": (
        "did order_completed in last 180 days and not did order_completed in last 90 days"
    ),
    "5 or more orders in 180 days": "count(order_completed in last 180 days) >= 5",
    "exactly one order ever": "count(order_completed) = 1",
    "total spend >= 2 x the mean customer's": (
        "sum(order_completed.amount) >= 2 * population.avg(sum(order_completed.amount) where did order_completed)"
    ),
    "last order more than 180 days ago": "did order_completed and not did order_completed in last 180 days",
}

CDNOW_BY_DAY = (67_591, Decimal("2500315.63"), 23_570, [23_570, 294, 2_059, 516, 12_054, 2_788, 18_210])
CDNOW_BY_ROW = (69_659, Decimal("2500315.63"), 23_570, [23_570, 323, 2_059, 553, 11_908, 2_788, 18_210])
ONLINE_RETAIL = (18_536, Decimal("8911407.90"), 4_372, [4_339, 538, 588, 550, 1_494, 357, 861])


def check(workspace: Path, as_of: str, expected: tuple[int, Decimal, int, list[int]]) -> None:
    orders, revenue, base, figures = expected
    for (name, rule), figure in zip(RULES.items(), figures, strict=True):
        told = answer("count", rule, "--workspace", workspace, "--as-of", as_of)
        assert (told["count"], told["base"], told["anonymous"]) == (figure, base, 0), name
    cent = Decimal("0.005")  # the table rounds to cents; prices have tenths of them
    wholes = [
        f"store.count(order_completed) = {orders}",
        f"store.sum(order_completed.amount) between {revenue - cent} and {revenue + cent}",
    ]
    with tesela.open(workspace) as ws:
        # a figure of the whole shop: the rule holds for everyone or for nobody
        assert [ws.segments.count(whole, as_of=as_of) for whole in wholes] == [base, base]
        assert [ws.segments.count(rule, as_of=as_of) for rule in RULES.values()] == figures


@pytest.mark.parametrize(
    ("options", "expected"), [(["--order-key", "customer_id,date"], CDNOW_BY_DAY), ([], CDNOW_BY_ROW)]
)
def test_cdnow(
    real_data: Path, tmp_path: Path, options: list[str], expected: tuple[int, Decimal, int, list[int]]
) -> None:
    workspace = a_workspace(tmp_path / "cdnow", currency="USD")
    file = real_data / "cdnow" / "CDNOW_master.txt.gz"
    arguments = ("import", "order-lines", file, "--workspace", workspace, "--yes", *options)
    assert answer(*arguments) == {"received": 69_659, "stored": 69_659, "duplicate": 0, "rejected": 0}
    assert answer(*arguments) == {"received": 69_659, "stored": 0, "duplicate": 69_659, "rejected": 0}
    check(workspace, "1998-07-01", expected)


def test_online_retail(real_data: Path, tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path / "online_retail")
    file = real_data / "online_retail" / "online_retail.parquet"
    told = answer("import", "order-lines", file, "--workspace", workspace, "--yes")
    assert told == {"received": 541_909, "stored": 541_909, "duplicate": 0, "rejected": 0}
    check(workspace, "2011-12-10", ONLINE_RETAIL)
    with tesela.open(workspace) as ws:
        assert ws.segments.count("store.sum(order_refunded.amount) = 611342.09", as_of="2011-12-10") == 4_372
    members = command(
        "members", "count(order_completed) = 1", "--workspace", workspace, "--as-of", "2011-12-10", "--format", "csv"
    ).stdout.splitlines()
    assert len(members) == 1 + 1_494
    assert members[0].split(",")[:2] == ["profile_id", "customer_id"]


def test_complete_journey(real_data: Path, tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path / "journey", currency="USD")
    file = real_data / "complete_journey" / "transactions.parquet"
    told = answer("import", "order-lines", file, "--workspace", workspace, "--yes")
    assert told == {"received": 1_469_307, "stored": 1_469_307, "duplicate": 0, "rejected": 0}
    figures = {
        "did order_completed": 2_469,
        "store.count(order_completed) = 155848": 2_469,
        "store.sum(order_completed.amount) = 4596039.58": 2_469,
        "store.count(order_completed where coupon is set) = 9827": 2_469,
        "did order_completed where coupon is set": 1_559,
        "share(order_completed where coupon is set) = 1": 3,
        "share(order_completed where coupon is set) >= 0.1": 512,
    }
    with tesela.open(workspace) as ws:
        found = {rule: ws.segments.count(rule, as_of="2018-01-02") for rule in figures}
    assert found == figures


def test_taobao(real_data: Path, tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path / "taobao", timezone="Asia/Shanghai", currency="CNY")
    file = real_data / "taobao_userbehavior" / "UserBehavior_head.csv.gz"
    fields = ("customer_id", "product_id", "category", "name", "occurred_at")
    columns = [each for n, field in enumerate(fields, 1) for each in ("--set", f"column {n}={field}")]
    told = answer("import", "events", file, "--workspace", workspace, "--yes", *columns)
    assert (told["received"], told["stored"] + told["duplicate"], told["rejected"]) == (84_475, 84_475, 0)
    carted = "did product_added"
    assert answer("count", carted, "--workspace", workspace, "--as-of", "2017-12-04")["count"] == 601
    abandoned = "did product_added and never order_completed"
    assert answer("count", abandoned, "--workspace", workspace, "--as-of", "2017-12-04")["count"] == 158
