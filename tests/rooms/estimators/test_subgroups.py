"""Subgroups: counted as by hand, each condition needed, nothing found where there is nothing."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tesela.estimators import Subgroup, find_subgroups, verify_subgroups


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    conditions = random.random((draw(st.integers(2, 6)), 300)) < draw(st.sampled_from([0.1, 0.3, 0.5]))
    noise = random.random(300) < 0.1
    return conditions, (conditions[0] & conditions[1]) ^ noise


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(1, 4))
def test_they_are_counted_as_by_hand_and_every_condition_adds(drawn: tuple[np.ndarray, np.ndarray], most: int) -> None:
    conditions, group = drawn
    share = group.mean()
    for each in find_subgroups(conditions, group, most=most, least=10).subgroups:
        inside = conditions[list(each.conditions)].all(axis=0)
        assert (each.size, each.hits) == (inside.sum(), (inside & group).sum())
        assert 1 <= len(each.conditions) <= most
        assert each.size >= 10
        spread = np.sqrt(each.size * share * (1 - share) * (300 - each.size) / 299)
        assert each.score == pytest.approx((each.hits - each.size * share) / spread)
        for fewer in combinations(each.conditions, len(each.conditions) - 1):
            wider = conditions[list(fewer)].all(axis=0)
            assert group[inside].mean() > group[wider].mean(), "dropping any of them makes it worse"


def test_what_was_planted_is_first() -> None:
    random = np.random.default_rng(5)
    conditions = random.random((80, 5_000)) < 0.3
    group = conditions[[7, 30, 61]].all(axis=0) | (random.random(5_000) < 0.01)
    found = find_subgroups(conditions, group)
    assert found.subgroups[0].conditions == (7, 30, 61)
    assert found.tried > 80
    other = random.random((80, 5_000)) < 0.3
    there = other[[7, 30, 61]].all(axis=0)
    [real, none] = verify_subgroups(other, there, [found.subgroups[0], Subgroup((1, 2), 0, 0, 0.0)])
    assert (real.size, real.hits) == (there.sum(), there.sum())
    assert real.p_value < 1e-6
    assert none.p_value == 1.0 or none.p_value > 0.01


def test_the_order_of_the_cases_changes_nothing() -> None:
    random = np.random.default_rng(6)
    conditions = random.random((20, 1_000)) < 0.4
    group = conditions[3] & ~conditions[4]
    order = random.permutation(1_000)
    assert find_subgroups(conditions, group) == find_subgroups(conditions[:, order], group[order])


def test_nothing_is_found_in_a_group_of_all_or_of_none() -> None:
    conditions = np.random.default_rng(7).random((5, 200)) < 0.5
    for group in (np.ones(200, bool), np.zeros(200, bool)):
        assert find_subgroups(conditions, group, least=5).subgroups == ()
