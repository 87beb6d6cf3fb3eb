"""Measure segments in a window: every metric with its interval, against the rest of the base or the period before."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from math import isfinite, isnan, nan
from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.measurement.facts import BASE
from tesela.measurement.metrics import CATALOGUE, Metric
from tesela.measurement.scorecard import Comparison, Measurement, Scorecard
from tesela.measurement.tallies import tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tesela.estimators import Interval, Moments
    from tesela.measurement.scorecard import Against, Caution, Period
    from tesela.measurement.tallies import Tallies
    from tesela.warehouse import Engine

_PLACES = Decimal("0.000001")
_INSIDE = "?in the base: "
_COMPARED = ("share", "mean", "median")


def measure_kpis(
    engine: Engine,
    now: Period,
    before: Period | None = None,
    *,
    metrics: Sequence[Metric] = CATALOGUE,
    against: Against | None = None,
) -> Scorecard:
    """Return the metrics of the base and of segments, all of them in as many queries as there are kinds of facts.

    Segments are compared with the rest of the base, which has nobody in common with them; or each with itself in the
    period before, as if these were other people: of those who are the same the difference is surer than told.

    Args:
        engine: Where the events are.
        now: The window, and who was in when it ended.
        before: The same of the window before; without it nothing grows.
        metrics: Which ones.
        against: What to compare with; None compares nothing.

    Raises:
        InputError: when a segment is called `base`, or there is no period before to compare with.
    """
    if BASE in now.members:
        raise InputError("measurement.reserved_slug", slug=BASE)
    if against == "previous" and before is None:
        raise InputError("measurement.nothing_before")
    # of a segment with anonymous visitors, its people of the base are needed apart
    inside = {_INSIDE + slug: own & now.base for slug, own in now.members.items() if not own <= now.base}
    groups = {BASE: now.base, **now.members, **(inside if against == "base" else {})}
    told = tally(engine, groups, metrics, since=now.since, as_of=now.as_of)
    other: dict[str, tuple[Tallies, str]] = {}
    if against == "base":
        for slug in now.members:
            part = _INSIDE + slug if _INSIDE + slug in inside else slug
            other[slug] = told.rest(BASE, part), part
    sizes = {} if before is None else {BASE: len(before.base), **{s: len(own) for s, own in before.members.items()}}
    if against == "previous" and before is not None:
        groups_then = {BASE: before.base, **before.members}
        earlier = tally(engine, groups_then, metrics, since=before.since, as_of=before.as_of)
        other = {scope: (earlier, scope) for scope in groups_then if scope in groups}
    scopes = (BASE, *now.members)
    found: dict[tuple[str, str], Measurement] = {}
    for metric in metrics:
        for each in _measured(metric, scopes, told, other, sizes, against):
            found[each.scope, metric.key] = each
    return Scorecard(
        since=now.since,
        as_of=now.as_of,
        against=against,
        base=len(now.base),
        metrics=tuple(metrics),
        scopes=scopes,
        measurements=found,
    )


def _measured(
    metric: Metric,
    scopes: Sequence[str],
    told: Tallies,
    other: Mapping[str, tuple[Tallies, str]],
    sizes: Mapping[str, int],
    against: Against | None,
) -> Iterable[Measurement]:
    lows, highs = _ends(metric, scopes, told)
    others, p_values = _others(metric, scopes, told, other, against)
    for place, scope in enumerate(scopes):
        value = _value(metric, told, scope, sizes)
        people = _people(metric, told, scope)
        compared = None
        if against is not None and (against == "previous" or scope != BASE):
            figure, p_value = others.get(scope), p_values.get(scope, nan)
            compared = Comparison(other=figure, change=_change(value, figure), p_value=_number(p_value))
        yield Measurement(
            metric=metric,
            scope=scope,
            value=value,
            low=lows[place],
            high=highs[place],
            n=_counted(metric, told, scope),
            people=people,
            caution=_caution(metric, people) if value is not None else None,
            against=compared,
        )


# --- values -----------------------------------------------------------------------------------------------------


def _value(metric: Metric, told: Tallies, scope: str, sizes: Mapping[str, int]) -> Decimal | None:
    match metric.kind:
        case "size":
            return Decimal(told.sizes[scope])
        case "sum":
            return Decimal(told.sum(scope, metric.told)) * metric.scale
        case "part":
            return _ratio(told.sum(scope, metric.told), told.sum(BASE, metric.told))
        case "growth":
            return _ratio(told.sizes[scope] - sizes[scope], sizes[scope]) if scope in sizes else None
        case "median":
            values, counts = _columns(told, scope)
            from tesela.estimators import median_interval

            middle = median_interval(values, counts)[0]
            return None if isnan(middle) else Decimal(int(middle))
        case _:
            return _ratio(told.sum(scope, metric.told), told.sum(scope, metric.counted), metric.scale)


def _ratio(part: int, whole: int, scale: Decimal = Decimal(1)) -> Decimal | None:
    return (part * scale / whole).quantize(_PLACES, ROUND_HALF_EVEN) if whole else None


def _counted(metric: Metric, told: Tallies, scope: str) -> int:
    if metric.kind == "median":
        return sum(people for _, people in told.days.get(scope, ()))
    if metric.kind in ("share", "mean"):
        return told.sum(scope, metric.counted)
    return told.sum(scope, "orders") if metric.grain == "orders" else told.sizes[scope]


def _people(metric: Metric, told: Tallies, scope: str) -> int:
    if metric.kind == "median":
        return _counted(metric, told, scope)
    if metric.kind == "mean":
        # who answered in the middle adds nothing to the points, and stands behind them all the same
        return told.people(scope, metric.counted if metric.unit == "points" else metric.told)
    return told.people(scope, metric.counted) if metric.kind == "share" else told.sizes[scope]


def _caution(metric: Metric, people: int) -> Caution | None:
    """Warn of means that few people stand behind; intervals of shares and medians are as wide as they must be."""
    from tesela.estimators import FEW, TOO_FEW

    if metric.kind != "mean" or not 0 < people < FEW:
        return None
    return "too_few" if people < TOO_FEW else "few"


# --- intervals --------------------------------------------------------------------------------------------------


def _ends(
    metric: Metric, scopes: Sequence[str], told: Tallies
) -> tuple[Sequence[Decimal | None], Sequence[Decimal | None]]:
    interval = _interval(metric, scopes, told)
    if interval is None:
        nothing = [None] * len(scopes)
        return nothing, nothing
    low, high = (
        [_decimal(each, metric.scale) for each in end.reshape(-1).tolist()] for end in (interval.low, interval.high)
    )
    return low, high


def _interval(metric: Metric, scopes: Sequence[str], told: Tallies) -> Interval | None:
    import numpy as np

    from tesela.estimators import Interval, mean_interval, median_interval, share_interval

    match metric.kind:
        case "share":
            return share_interval(_moments(metric, [(told, scope) for scope in scopes]))
        case "mean":
            within = (-1.0, 1.0) if metric.unit == "points" else (0.0, np.inf)
            return mean_interval(_moments(metric, [(told, scope) for scope in scopes])).within(*within)
        case "median":
            each = [median_interval(*_columns(told, scope))[1] for scope in scopes]
            return Interval(np.array([one.low for one in each]), np.array([one.high for one in each]))
        case _:
            return None


def _moments(metric: Metric, groups: Sequence[tuple[Tallies, str]]) -> Moments:
    from tesela.estimators import Moments

    x, y = metric.counted, metric.told
    powers: dict[str, tuple[str, ...]] = {"xx": (x, x), "xy": (x, y), "yy": (y, y)}
    if metric.kind == "mean":
        powers |= {"xxx": (x, x, x), "xxy": (x, x, y), "xyy": (x, y, y), "yyy": (y, y, y)}
    sums = {name: [told.moment(scope, *facts) for told, scope in groups] for name, facts in powers.items()}
    for name, fact in (("x", x), ("y", y)):
        sums[name] = [float(told.sum(scope, fact)) for told, scope in groups]
    # where everybody is counted once, x is 1 and the products are those of y
    if not x:
        plain = {"xx": "x", "xy": "y", "xxx": "x", "xxy": "y", "xyy": "yy"}
        sums |= {name: sums[same] for name, same in plain.items() if name in sums}
    return Moments(n=[told.people(scope, x) for told, scope in groups], **sums)


def _columns(told: Tallies, scope: str) -> tuple[list[int], list[int]]:
    days = told.days.get(scope, ())
    return [value for value, _ in days], [people for _, people in days]


# --- comparisons ------------------------------------------------------------------------------------------------


def _others(
    metric: Metric,
    scopes: Sequence[str],
    told: Tallies,
    other: Mapping[str, tuple[Tallies, str]],
    against: Against | None,
) -> tuple[Mapping[str, Decimal | None], Mapping[str, float]]:
    """Return the figures to compare with by scope, and p-values corrected for all segments asked."""
    compared = _COMPARED if against == "base" else (*_COMPARED, "size", "sum", "part")
    if metric.kind not in compared:
        return {}, {}
    asked = [scope for scope in scopes if scope in other]
    values = {scope: _value(metric, *other[scope], {}) for scope in asked}
    return values, dict(zip(asked, _tested(metric, asked, told, other), strict=True))


def _tested(
    metric: Metric, asked: Sequence[str], told: Tallies, other: Mapping[str, tuple[Tallies, str]]
) -> Sequence[float]:
    from tesela.estimators import adjust_holm, compare_means, compare_shares

    if metric.kind not in ("share", "mean") or not asked:
        return [float("nan")] * len(asked)
    compare = compare_shares if metric.kind == "share" else compare_means
    own = _moments(metric, [(told, scope) for scope in asked])
    p_values = compare(own, _moments(metric, [other[scope] for scope in asked]))
    # the base itself is no segment among those asked
    segments = [place for place, scope in enumerate(asked) if scope != BASE]
    p_values[segments] = adjust_holm(p_values[segments])
    corrected: list[float] = p_values.tolist()
    return corrected


def _change(value: Decimal | None, other: Decimal | None) -> Decimal | None:
    if value is None or other is None or not other:
        return None
    return ((value - other) / abs(other)).quantize(_PLACES, ROUND_HALF_EVEN)


def _decimal(value: float, scale: Decimal) -> Decimal | None:
    if not isfinite(value):
        return None
    return (Decimal(repr(value)) * scale).quantize(_PLACES, ROUND_HALF_EVEN)


def _number(value: float) -> float | None:
    return None if isnan(value) else value


def needed_people(share: float | None, change: float) -> int | None:
    """Return how many people each of two groups needs for a change of a share to be seen; None where nothing tells.

    Args:
        share: What it is now, 0 to 1.
        change: Relative: 0.2 is from 5 % to 6 %.
    """
    from tesela.estimators import needed_for_share

    return None if share is None else needed_for_share(share, change)
