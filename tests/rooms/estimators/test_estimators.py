"""The mathematics against published figures, other implementations and trials."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tesela.estimators import (
    TOO_FEW,
    Interval,
    Moments,
    adjust_holm,
    compare_means,
    compare_shares,
    mean_interval,
    median_interval,
    needed_for_mean,
    needed_for_share,
    share_interval,
)


def of_people(seen: int, people: int) -> Moments:
    return Moments(people, people, seen, people, seen, seen)


@pytest.mark.parametrize(
    ("seen", "people", "low", "high"),
    [(81, 263, 0.2535, 0.3682), (15, 148, 0.0598, 0.1644), (0, 20, 0.0, 0.2005), (1, 29, 0.0018, 0.1963)],
)
def test_shares_as_newcombe_published_them(seen: int, people: int, low: float, high: float) -> None:
    """Newcombe (1998), Stat. Med. 17:857-872, table I, method 4."""
    interval = share_interval(of_people(seen, people))
    assert (round(float(interval.low), 4), round(float(interval.high), 4)) == (low, high)


def test_shares_mirror_each_other() -> None:
    seen = np.arange(0, 31)
    one, other = share_interval(of_people(seen, 30)), share_interval(of_people(30 - seen, 30))  # type: ignore[arg-type]
    np.testing.assert_allclose(one.low, 1 - other.high, atol=1e-12)
    assert ((one.low >= 0) & (one.high <= 1) & (one.low <= one.high)).all()


def test_a_person_with_many_messages_is_one_person() -> None:
    whole = Moments.of([10] * 30, [10] * 6 + [0] * 24)
    people = share_interval(of_people(6, 30))
    interval = share_interval(whole)
    assert interval.low <= people.low
    assert interval.high >= people.high
    nothing = share_interval(Moments.of([10] * 30, [0] * 30))
    assert nothing.high == pytest.approx(float(share_interval(of_people(0, 30)).high), rel=0.1)


def test_means_of_plain_values_are_nearly_students() -> None:
    values = np.random.default_rng(1).normal(100, 10, 400)
    interval = mean_interval(Moments.of(np.ones(400), values))
    plain = stats.t.interval(0.95, 399, values.mean(), stats.sem(values))
    assert (float(interval.low), float(interval.high)) == pytest.approx(plain, abs=0.05)


def test_means_of_skewed_values_reach_further_up() -> None:
    values = np.random.default_rng(2).lognormal(3, 1, 200)
    interval = mean_interval(Moments.of(np.ones(200), values))
    assert interval.high - values.mean() > 1.2 * (values.mean() - interval.low)


@pytest.mark.parametrize("values", [[], [5.0], [5.0, 5.0, 5.0]])
def test_no_interval_without_spread(values: list[float]) -> None:
    interval = mean_interval(Moments.of(np.ones(len(values)), values))
    assert np.isnan(interval.low)
    assert np.isnan(interval.high)


def test_nothing_counted_is_missing() -> None:
    nothing = Moments.of([0, 0], [0, 0])
    assert np.isnan(nothing.ratio)
    assert np.isnan(share_interval(nothing).low)
    assert np.isnan(compare_shares(nothing, of_people(1, 2)))
    assert np.isnan(median_interval([], [])[0])


def test_moments_of_the_others_are_those_of_all_less_theirs() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(1, 9, 50), rng.gamma(2, 3, 50)
    rest = Moments.of(x, y) - Moments.of(x[:20], y[:20])
    others = Moments.of(x[20:], y[20:])
    assert float(rest.ratio) == pytest.approx(float(others.ratio))
    assert float(rest.variance) == pytest.approx(float(others.variance))
    assert float(rest.skewness) == pytest.approx(float(others.skewness))


def test_a_median_stands_between_order_statistics() -> None:
    """For 30 values the ranks are 10 and 21 (Conover, 1999, table A.3)."""
    middle, interval = median_interval(list(range(1, 31)), [1] * 30)
    assert (middle, float(interval.low), float(interval.high)) == (15, 10, 21)
    few, missing = median_interval([3, 7], [2, 3])
    assert few == 7
    assert np.isnan(missing.low)


def test_means_are_compared_as_welch_does() -> None:
    rng = np.random.default_rng(4)
    one, other = rng.normal(10, 2, 300), rng.normal(10.4, 3, 500)
    told = compare_means(Moments.of(np.ones(300), one), Moments.of(np.ones(500), other))
    assert float(told) == pytest.approx(stats.ttest_ind(one, other, equal_var=False).pvalue, rel=0.02)


def test_shares_are_compared_as_a_contingency_table_is() -> None:
    told = compare_shares(of_people(40, 200), of_people(90, 300))
    plain = stats.chi2_contingency([[40, 160], [90, 210]], correction=False).pvalue
    assert float(told) == pytest.approx(plain)


def test_holm_as_r_tells_it() -> None:
    """R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm")."""
    assert adjust_holm([0.01, 0.02, 0.03, 0.04, 0.05]).tolist() == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    told = adjust_holm([0.04, np.nan, 0.01])
    assert told[[0, 2]].tolist() == [0.04, 0.02]
    assert np.isnan(told[1])
    assert adjust_holm([]).tolist() == []


def test_needed_sizes_as_r_tells_them() -> None:
    """R: power.prop.test(p1 = .05, p2 = .06, power = .8) is 8158, power.t.test(delta = 1, sd = 5, power = .8) 393."""
    assert needed_for_share(0.05, 0.2) == 8158
    assert needed_for_mean(10, 5, 0.1) == pytest.approx(393, abs=2)
    assert needed_for_share(0, 0.2) is None
    assert needed_for_share(0.9, 0.2) is None
    assert needed_for_mean(0, 5, 0.1) is None


@pytest.mark.slow
@pytest.mark.parametrize(("people", "buyers", "spread"), [(200, 0.1, 0.8), (1000, 0.05, 1.2), (100, 1.0, 0.8)])
def test_intervals_of_money_hold_the_truth(people: int, buyers: float, spread: float) -> None:
    rng = np.random.default_rng(5)
    draws = 4000
    spent = np.where(rng.random((draws, people)) < buyers, rng.lognormal(-(spread**2) / 2, spread, (draws, people)), 0)
    interval: Interval = mean_interval(Moments.of(np.ones_like(spent), spent))
    assert people * buyers >= TOO_FEW
    assert 0.935 < interval.holds(buyers).mean() < 0.99
