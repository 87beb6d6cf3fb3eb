"""What counts as new, known, a version or a conflict (DESIGN.md 3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooms.events.shop_files import NOON, Shop, a_line, an_order
from tesela import events, profiles

[REJECTED] = [table for table in events.ALL_TABLES if table.name == "events_rejected"]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.close()


def counts(load: events.Load) -> tuple[int, int, int]:
    return load.stored, load.duplicate, load.rejected


def test_repeated_lines_of_one_file_are_real_and_count(shop: Shop) -> None:
    assert counts(shop.receive("order-lines", [a_line(), a_line(), a_line()])) == (3, 0, 0)
    assert shop.orders() == [("A1", 30)]


def test_the_same_file_again_is_all_known(shop: Shop) -> None:
    lines = [a_line(), a_line(), a_line("A2", amount=7)]
    shop.receive("order-lines", lines)
    assert counts(shop.receive("order-lines", lines)) == (0, 3, 0)
    assert shop.orders() == [("A1", 20), ("A2", 7)]


def test_lines_in_another_order_are_known(shop: Shop) -> None:
    lines = [a_line(product_id="p"), a_line(product_id="q", amount=3), a_line(product_id="p")]
    shop.receive("order-lines", lines)
    assert counts(shop.receive("order-lines", lines[::-1])) == (0, 3, 0)


def test_an_overlapping_export_brings_only_what_is_new(shop: Shop) -> None:
    shop.receive("order-lines", [a_line("A1"), a_line("A2")])
    assert counts(shop.receive("order-lines", [a_line("A2"), a_line("A3")])) == (1, 1, 0)
    assert shop.orders() == [("A1", 10), ("A2", 10), ("A3", 10)]


def test_a_new_status_is_a_version_and_not_another_line(shop: Shop) -> None:
    shop.receive("order-lines", [a_line(status="completed"), a_line(status="completed", product_id="p")])
    assert counts(shop.receive("order-lines", [a_line(status="cancelled"), a_line(status="cancelled", product_id="p")]))
    assert shop.orders() == [("A1", 20)]
    cancelled = shop.rows(events.EVENTS, "order_id", "name = 'order_cancelled'")
    assert cancelled == [{"order_id": "A1"}]
    assert len(shop.rows(events.EVENTS, "order_id", "name = 'product_purchased'")) == 2


def test_more_lines_in_a_later_export_are_added(shop: Shop) -> None:
    shop.receive("order-lines", [a_line(product_id="p")])
    assert counts(shop.receive("order-lines", [a_line(product_id="p"), a_line(product_id="q")])) == (1, 1, 0)
    assert shop.orders() == [("A1", 20)]


def test_a_line_with_its_own_id_changes_in_place(shop: Shop) -> None:
    shop.receive("order-lines", [a_line(line_id="1", amount=10)])
    assert counts(shop.receive("order-lines", [a_line(line_id="1", amount=12)])) == (1, 0, 0)
    assert shop.orders() == [("A1", 12)]


def test_the_newest_source_time_wins_whenever_it_arrives(shop: Shop) -> None:
    shop.receive("orders", [an_order(amount=20, updated_at=NOON + timedelta(days=9))])
    assert counts(shop.receive("orders", [an_order(amount=10, updated_at=NOON + timedelta(days=1))])) == (1, 0, 0)
    assert shop.orders() == [("A1", 20)]


def test_without_a_source_time_the_last_import_wins_and_a_value_may_change_back(shop: Shop) -> None:
    for amount in (10, 20, 10):
        assert counts(shop.receive("orders", [an_order(amount=amount)])) == (1, 0, 0)
    assert shop.orders() == [("A1", 10)]


def test_a_file_with_two_versions_of_a_record_is_all_known_the_second_time(shop: Shop) -> None:
    rows = [an_order(amount=10), an_order(amount=20)]
    assert counts(shop.receive("orders", rows)) == (2, 0, 0)
    assert counts(shop.receive("orders", rows)) == (0, 2, 0)
    assert shop.orders() == [("A1", 20)]


def test_two_sources_may_use_the_same_order_number(shop: Shop) -> None:
    shop.receive("orders", [an_order(amount=10)], source="shop")
    shop.receive("orders", [an_order(amount=5)], source="till")
    assert shop.orders() == [("A1", 5), ("A1", 10)]


def test_an_order_and_its_lines_are_one_order_worth_its_lines(shop: Shop) -> None:
    shop.receive("orders", [an_order(amount=99, email="ana@x.es", coupon="HOLA")])
    shop.receive("order-lines", [a_line(amount=40), a_line(amount=50, day=-1)])
    assert shop.orders() == [("A1", 90)]
    [order] = shop.rows(events.EVENTS, "occurred_at, coupon, subject_id", "name = 'order_completed'")
    assert order == {"occurred_at": NOON - timedelta(days=1), "coupon": "HOLA", "subject_id": 1}


def test_what_is_given_back_is_a_refund_and_no_order(shop: Shop) -> None:
    shop.receive(
        "order-lines",
        [
            a_line("500", amount=30, quantity=3),
            a_line("C501", amount=-10, quantity=-1),
            a_line("502", amount=-5, quantity=-2),
            a_line("Casa-1", amount=8),
        ],
    )
    assert shop.orders() == [("500", 30), ("Casa-1", 8)]
    refunds = shop.rows(events.EVENTS, "order_id, amount_e4", "name = 'order_refunded'")
    assert refunds == [{"order_id": "502", "amount_e4": 50_000}, {"order_id": "C501", "amount_e4": 100_000}]


def test_open_orders_are_no_orders_yet_and_refunded_ones_say_so(shop: Shop) -> None:
    shop.receive(
        "orders",
        [
            an_order("1", status="open"),
            an_order("2", status="refunded"),
            an_order("3", status="completed", refunded_amount=20_000),
        ],
    )
    assert shop.orders() == [("2", 10), ("3", 10)]
    refunds = shop.rows(events.EVENTS, "order_id, amount_e4", "name = 'order_refunded'")
    assert refunds == [{"order_id": "2", "amount_e4": 100_000}, {"order_id": "3", "amount_e4": 20_000}]


def test_lines_without_an_order_number_are_orders_of_their_own(shop: Shop) -> None:
    shop.receive("order-lines", [a_line(None, customer_id="7"), a_line(None, customer_id="7")])
    assert [amount for _, amount in shop.orders()] == [10, 10]


def test_a_line_without_a_customer_is_kept_and_belongs_to_nobody(shop: Shop) -> None:
    shop.receive("order-lines", [a_line()])
    assert shop.orders() == [("A1", 10)]
    assert shop.rows(events.EVENTS, "DISTINCT profile_id") == [{"profile_id": None}]
    assert shop.rows(profiles.PROFILES) == []


def an_event(message: str | None, name: str = "page_viewed", **fields: object) -> dict[str, object]:
    return {"message_id": message, "name": name, "occurred_at": NOON, "anonymous_id": "v1", **fields}


def test_a_message_counts_once_and_another_payload_is_a_conflict(shop: Shop) -> None:
    first = shop.receive("events", [an_event("m1"), an_event("m1"), an_event("m1", url="/b"), an_event("m2")])
    assert counts(first) == (2, 1, 1)
    again = shop.receive("events", [an_event("m1"), an_event("m2", url="/c")])
    assert counts(again) == (0, 1, 1)
    assert again.reasons == {"events.message_id_conflict": 1}
    [rejected] = shop.rows(REJECTED, "reason, detail, raw", "load_id = 2")
    assert rejected["detail"] == "m2"
    assert '"/c"' in rejected["raw"]
    assert len(shop.rows(events.EVENTS)) == 2


def test_a_long_file_is_sealed_in_pieces_and_is_one_load(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tesela.events.intake._ROWS_A_FILE", 3)
    rows = [an_event(f"m{number // 2 if number < 4 else number}", url=f"/{number // 2}") for number in range(10)]
    load = shop.receive("events", rows)
    assert counts(load) == (8, 2, 0)
    names = ["accepted.parquet", "accepted-2.parquet", "accepted-3.parquet", "accepted-4.parquet"]
    assert [Path(name).name for name in load.paths("accepted")] == names
    assert counts(shop.receive("events", rows)) == (0, 10, 0)
    before = shop.rows(events.EVENTS, "message_id, url")
    assert len(before) == 8
    shop.record.verify()
    events.undo_load(shop.engine, shop.record, 1, scratch=shop.scratch)
    shop.engine.close()
    shop.engine = shop.open_warehouse("rebuilt.duckdb")
    events.follow_record(shop.engine, lambda: shop.control, shop.record)
    assert shop.rows(events.EVENTS, "message_id, url") == before


def test_message_ids_are_apart_by_source(shop: Shop) -> None:
    shop.receive("events", [an_event("m1")], source="web")
    assert counts(shop.receive("events", [an_event("m1", url="/b")], source="app")) == (1, 0, 0)


def test_events_without_an_id_are_told_apart_by_what_they_say(shop: Shop) -> None:
    rows = [an_event(None), an_event(None), an_event(None, url="/b")]
    assert counts(shop.receive("events", rows)) == (3, 0, 0)
    assert counts(shop.receive("events", [rows[2], rows[0]])) == (0, 2, 0)


def test_undo_takes_a_load_back_and_its_number_is_not_used_again(shop: Shop) -> None:
    shop.receive("orders", [an_order("1")])
    shop.receive("orders", [an_order("2")])
    events.undo_load(shop.engine, shop.record, 2, scratch=shop.scratch)
    assert events.has_strayed(shop.engine, shop.record)
    shop.engine.close()
    shop.engine = shop.open_warehouse("rebuilt.duckdb")
    events.follow_record(shop.engine, lambda: shop.control, shop.record)
    assert shop.orders() == [("1", 10)]
    assert shop.receive("orders", [an_order("3")]).load_id == 3


def test_undo_keeps_what_a_later_load_brought_too(shop: Shop) -> None:
    shop.receive("order-lines", [a_line("1"), a_line("1"), a_line("2")])
    assert counts(shop.receive("order-lines", [a_line("1"), a_line("3")])) == (1, 1, 0)
    assert counts(shop.receive("order-lines", [a_line("1"), a_line("1")])) == (0, 2, 0)
    events.undo_load(shop.engine, shop.record, 1, scratch=shop.scratch)
    loads = shop.record.manifest().sealed
    assert [counts(load) for load in loads] == [(2, 0, 0), (1, 1, 0)]
    shop.record.verify()
    shop.engine.close()
    shop.engine = shop.open_warehouse("rebuilt.duckdb")
    events.follow_record(shop.engine, lambda: shop.control, shop.record)
    assert shop.orders() == [("1", 20), ("3", 10)]


def test_undo_of_a_newer_version_brings_the_older_one_back(shop: Shop) -> None:
    shop.receive("orders", [an_order(amount=10)])
    shop.receive("orders", [an_order(amount=20)])
    events.undo_load(shop.engine, shop.record, 2, scratch=shop.scratch)
    shop.engine.close()
    shop.engine = shop.open_warehouse("rebuilt.duckdb")
    events.follow_record(shop.engine, lambda: shop.control, shop.record)
    assert shop.orders() == [("A1", 10)]


rows = st.lists(
    st.builds(
        a_line,
        st.sampled_from(["A", "B", "C5"]),
        day=st.integers(0, 1),
        amount=st.integers(1, 2),
        customer_id=st.just("7"),
        product_id=st.sampled_from(["p", "q"]),
    ),
    max_size=8,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), rows)
def test_any_sequence_of_overlapping_shuffled_exports_ends_as_one_whole_import(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, lines: list[dict[str, object]]
) -> None:
    whole = Shop(tmp_path_factory.mktemp("whole") / "shop")
    whole.receive("order-lines", lines)
    pieces = Shop(tmp_path_factory.mktemp("pieces") / "shop")
    for _ in range(data.draw(st.integers(0, 2))):
        # an export never cuts the repeats of a line apart: it has all lines of the days it covers
        days = data.draw(st.sets(st.integers(0, 1)))
        part = [line for line in lines if (line["occurred_at"] - NOON).days in days]  # type: ignore[operator]
        pieces.receive("order-lines", data.draw(st.permutations(part)))
    pieces.receive("order-lines", data.draw(st.permutations(lines)))
    assert pieces.orders() == whole.orders()
    facts = "name, occurred_at, order_id, amount_e4, product_id"
    assert pieces.rows(events.EVENTS, facts) == whole.rows(events.EVENTS, facts)
    whole.close()
    pieces.close()
