"""The compiler and the naive interpreter say the same members, whatever the rule and the events, on every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from oracles.differential import open_engine
from oracles.random_worlds import conditions, differences, load, rules, wholes, worlds
from rooms.language.a_shop import AShop
from tesela.segments import count_segments, find_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oracles import language as o

# a failing world is told as it was found: making it smaller takes minutes
ONCE = {"deadline": None, "suppress_health_check": list(HealthCheck), "phases": [Phase.explicit, Phase.generate]}


@pytest.fixture(scope="module")
def shop() -> Iterator[AShop]:
    with open_engine("duckdb") as engine:
        yield AShop.on(engine)


@pytest.fixture(scope="module", params=["postgres", "clickhouse"])
def other_shop(request: pytest.FixtureRequest) -> Iterator[AShop]:
    with open_engine(request.param) as engine:
        yield AShop.on(engine)


@settings(max_examples=25, **ONCE)
@given(world=worlds(wide=True), written=st.lists(rules(), min_size=8, max_size=8), one=wholes())
def test_compiler_and_interpreter_agree(shop: AShop, world: o.World, written: list[o.Rule], one: o.Rule) -> None:
    load(shop, world)
    assert not differences(shop, world, written), world
    asked = {"one": one.text, "other": "true"}
    [size] = count_segments(shop.engine, asked, as_of=world.as_of, zone=world.zone, asked=["one"]).values()
    assert size == sum(bool(one.of(world, profile)) for profile in world.known)
    assert (size.base, size.anonymous) == (len(world.known), bool(one.of(world, 11)))


@settings(max_examples=4, **ONCE)
@given(world=worlds(wide=True), written=st.lists(rules(), min_size=12, max_size=12))
def test_other_engines_and_interpreter_agree(other_shop: AShop, world: o.World, written: list[o.Rule]) -> None:
    load(other_shop, world)
    assert not differences(other_shop, world, written), world


@settings(max_examples=15, **ONCE)
@given(world=worlds(), left=conditions(), right=conditions())
def test_rewriting_a_rule_changes_nothing(shop: AShop, world: o.World, left: o.Rule, right: o.Rule) -> None:
    load(shop, world)

    def members(rule: str) -> list[int]:
        found = find_members(shop.engine, {"x": rule}, "x", as_of=world.as_of, zone=world.zone, columns=())
        return found.column("profile_id").to_pylist()

    a, b = f"({left.text})", f"({right.text})"
    # a rule and its complement are the base, without overlap
    assert sorted(members(a) + members(f"not {a}")) == world.known
    assert members(f"not ({a} and {b})") == members(f"not {a} or not {b}") == members(f"none of (all of ({a}, {b}))")
    assert members(f"{a} xor {b}") == members(f"exactly 1 of ({a}, {b})")
    assert members(f"{a} except {b}") == members(f"{a} and not {b}")
    assert members(f"at least 1 of ({a}, {b})") == members(f"any of ({b}, {a})")
    assert members(f"not not {a}") == members(a)
