"""Computed traits in rules: defined in files, used by name, computed again at the moment asked about."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from flows.command_line import a_workspace, answer, tesela
from rooms.language.a_shop import AS_OF, MADRID, AShop, an_order
from tesela.base import InputError
from tesela.language import Vocabulary, plan_segments, prepare
from tesela.segments import find_members
from tesela.traits import TRAIT_VALUES, Trait, load_traits

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = Trait("orders_90d", "count(order_completed in last 90 days)")


@pytest.fixture
def shop(tmp_path: Path) -> AShop:
    return AShop.open(tmp_path).with_people(1, 2, 3)


def members(shop: AShop, rule: str, *traits: Trait) -> list[int]:
    rules, by_slug = {"x": rule}, {trait.slug: trait for trait in traits}
    found = find_members(shop.engine, rules, "x", as_of=AS_OF, zone=MADRID, columns=(), traits=by_slug)
    return found.column("profile_id").to_pylist()


def test_a_computed_trait_means_its_expression(shop: AShop) -> None:
    shop.with_events(an_order(profile=1), an_order(profile=1), an_order(profile=2), an_order(profile=3, days_ago=100))
    assert members(shop, "orders_90d >= 2", ORDERS) == [1]
    assert members(shop, "orders_90d = 0", ORDERS) == [3]
    twice = Trait("twice", "2 * orders_90d")
    assert members(shop, "twice = 2 and rank(orders_90d) = 2", ORDERS, twice) == [2]
    # a condition is a trait too
    assert members(shop, "recent = false", Trait("recent", "did order_completed in last 7 days")) == [3]


def test_a_stored_trait_is_the_newest_that_is_not_later(shop: AShop) -> None:
    rows = [(1, 0, "7.5"), (1, 10, "9"), (2, 10, "7.4999"), (3, -1, "9"), (2, 5, "about 8")]
    named = [
        {"profile_id": profile, "trait": "score", "as_of": AS_OF - timedelta(days=days), "value": value}
        for profile, days, value in rows
    ]
    shop.add(TRAIT_VALUES, named)
    vocabulary = Vocabulary(stored_traits={"score": "number"})

    def asked(rule: str) -> list[int]:
        plan = plan_segments({"x": rule}, as_of=AS_OF, zone=MADRID, vocabulary=vocabulary, trait_values=TRAIT_VALUES)
        rows = shop.engine.query(prepare(shop.engine, plan)).to_pylist()
        return sorted(row["profile_id"] for row in rows if row[plan.columns["x"]])

    assert asked("score >= 7.5") == [1]
    # what is no number is missing, and 3 has no value yet
    assert asked("score is missing") == [2, 3]


@pytest.mark.parametrize(
    ("traits", "code"),
    [
        ({"a": "b + 1", "b": "a + 1"}, "trait_cycle"),
        ({"a": "in segment x"}, "segment_in_trait"),
        ({"country": "count(order_completed)"}, "trait_is_field"),
    ],
)
def test_traits_that_cannot_be_are_refused(shop: AShop, traits: dict[str, str], code: str) -> None:
    with pytest.raises(InputError) as caught:
        members(shop, "a = 1", *(Trait(slug, value) for slug, value in traits.items()))
    assert caught.value.code == f"language.{code}"
    assert caught.value.message("es") != caught.value.message("en")


def test_traits_are_defined_in_files_of_the_workspace(tmp_path: Path) -> None:
    shop = a_workspace(tmp_path / "shop")
    (shop / "traits").mkdir()
    (shop / "traits" / "own.yaml").write_text("orders_90d:\n  name: {es: Pedidos}\n  value: count(order_completed)\n")
    assert load_traits(shop / "traits")["orders_90d"].name == {"es": "Pedidos"}
    orders = tmp_path / "orders.csv"
    orders.write_text("order_id,customer_id,date,total\n1,a,2026-01-01,10\n2,a,2026-01-02,10\n3,b,2026-01-02,10\n")
    tesela("import", "orders", orders, "--workspace", shop, "--yes")
    assert answer("count", "orders_90d >= 2", "--workspace", shop)["count"] == 1
    (shop / "traits" / "own.yaml").write_text("orders_90d:\n  value: 3 +\n")
    refused = tesela("count", "orders_90d >= 2", "--workspace", shop, check=False)
    assert refused.returncode == 2
    assert "own.yaml, line 1, orders_90d" in refused.stderr
