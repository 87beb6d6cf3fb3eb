"""Random trees of the language, of every node that can be written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args

from hypothesis import strategies as st

from tesela.base import Unit
from tesela.language import nodes as n

WORDS = [
    "city",
    "amount",
    "own field",
    "Ñandú",
    "in",
    "top",
    "did",
    "missing",
    "day",
    "where",
    "everyone",
    "x1",
    "hour",
]
TEXTS = ["", "a", 'say "hi"', "back\\slash", "línea\ny más", "ñ", "';--", "{x}", "%s", "100%"]

words = st.sampled_from(WORDS)
texts = st.sampled_from(TEXTS)
names = st.builds(lambda parts: n.Name(tuple(parts)), st.lists(words, min_size=1, max_size=3))
decimals = st.decimals(min_value=0, max_value=10**9, places=4).map(lambda value: Decimal(str(value)))
shares = st.integers(0, 10_000).map(lambda value: Decimal(value) / 10_000)
units = st.sampled_from(get_args(Unit))
calendar_units = st.sampled_from(["day", "week", "month", "quarter", "year"])
counts = st.integers(1, 400)
durations = st.builds(n.Duration, counts, units)
moments = st.builds(
    n.Moment,
    st.dates(date(1900, 1, 1), date(2200, 1, 1))
    | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.sampled_from([None, UTC])),
)
numbers = st.builds(n.Number, decimals | decimals.map(lambda value: -value))
literals = st.one_of(numbers, st.builds(n.Text, texts), st.builds(n.Truth, st.booleans()), moments)
windows = st.one_of(
    st.builds(n.Rolling, counts, units),
    st.builds(n.Rolling, counts, calendar_units, st.just(False), st.just(True)),
    st.builds(lambda near, more, unit: n.Ago(near, near + more, unit), st.integers(0, 90), counts, units),
    st.builds(n.Previous, calendar_units, st.integers(1, 12)),
    st.builds(n.Current, calendar_units),
    st.builds(n.Calendar, st.sampled_from(["on", "before", "after"]), moments),
    st.builds(
        lambda first, more: n.Calendar(
            "between", n.Moment(first), n.Moment(date.fromordinal(first.toordinal() + more))
        ),
        st.dates(date(1900, 1, 1), date(2100, 1, 1)),
        st.integers(0, 400),
    ),
)
any_window = windows | st.builds(n.Rolling, counts, units, st.just(True))
slugs = st.sampled_from(["loyal", "in", "my segment", "top"])
points = st.tuples(st.integers(-90, 90), st.integers(-180, 180)).map(lambda p: (Decimal(p[0]), Decimal(p[1]) / 2))
quantifiers = st.sampled_from(["any", "all", "none"])
text_tests = st.sampled_from(["contains", "starts with", "ends with", "matches"])
signs = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def events(conditions: Any, values: Any, field: bool | None = None) -> Any:
    """Return selections; with a field, without one, or either."""
    value = {True: names, False: st.none(), None: st.none() | names}[field]
    return st.builds(n.Events, words, value, st.none() | conditions, st.none() | windows, st.none() | values)


def values_over(conditions: Any, values: Any) -> Any:
    """Return values that hold others."""
    some = events(conditions, values)
    plain = events(conditions, values, field=False)
    with_field = events(conditions, values, field=True)
    per, among = st.none() | names, st.none() | conditions
    functions = st.sampled_from(["sum", "avg", "min", "max", "median", "mode", "distinct"])
    return st.one_of(
        st.builds(n.Aggregate, st.just("count"), some),
        st.builds(n.Aggregate, functions, with_field),
        st.builds(n.Aggregate, st.just("most"), plain, names),
        st.builds(lambda s, c: n.Aggregate("share", n.Events(s.name, s.value, c, s.window, s.since)), some, conditions),
        st.builds(n.Aggregate, st.sampled_from(["first", "last"]), plain),
        st.builds(n.ValueAt, st.sampled_from(["first", "last"]), plain, names),
        st.builds(n.Revenue, st.none() | windows),
        st.builds(n.PreviousValue, names),
        st.builds(n.Consent, slugs, st.sampled_from(["marketing", "a b"]), st.sampled_from(["status", "at", "source"])),
        st.builds(n.Arithmetic, st.sampled_from(["+", "-", "*", "/"]), values, values),
        st.builds(n.If, conditions, values | literals | conditions, values | literals),
        st.builds(
            n.Extreme, st.sampled_from(["least", "greatest"]), st.lists(values, min_size=2, max_size=3).map(tuple)
        ),
        st.builds(n.StoreValue, st.sampled_from(["count", "sum", "median"]), some),
        st.builds(n.PopulationValue, st.sampled_from(["count", "avg", "median"]), values | conditions, among, per),
        st.builds(n.Percentile, values, among, per),
        st.builds(n.Decile, values, among, per),
        st.builds(n.Rank, values, among, per),
    )


def conditions_over(conditions: Any, values: Any) -> Any:
    """Return conditions that hold others."""
    many = st.lists(conditions, min_size=2, max_size=3).map(tuple)
    plain = events(conditions, values, field=False)
    only_where = st.builds(n.Events, words, st.none(), st.none() | conditions)
    written = st.lists(texts, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(n.And, many),
        st.builds(n.Or, many),
        st.builds(n.Xor, conditions, conditions),
        st.builds(n.Not, conditions),
        st.builds(n.OfThese, many, st.integers(0, 2), st.none()),
        st.builds(n.OfThese, many, st.none(), st.integers(0, 2)),
        st.builds(lambda items, both: n.OfThese(items, both, both), many, st.integers(0, 2)),
        st.builds(n.Did, plain, st.booleans()),
        st.builds(n.Comparison, signs, values, values | literals | conditions),
        st.builds(n.Comparison, signs, literals, values),
        st.builds(n.Comparison, signs, st.builds(n.TimeSince, values), durations),
        st.builds(n.Comparison, signs, st.builds(n.Length, values), numbers),
        st.builds(n.Between, values, values | literals, values | literals, st.booleans()),
        st.builds(lambda v, items, no: n.OneOf(v, (), items, no), values, written, st.booleans()),
        st.builds(n.OneOf, values, st.lists(numbers, min_size=1).map(tuple), st.just(()), st.booleans()),
        st.builds(n.Presence, values, st.booleans()),
        st.builds(n.TextTest, text_tests, values, texts, st.booleans(), st.booleans()),
        st.builds(n.Within, values, any_window),
        st.builds(n.Birthday, counts),
        st.builds(n.Anniversary, values, counts),
        st.builds(n.InSegment, slugs),
        st.builds(n.InFor, slugs, durations),
        st.builds(n.Stay, st.sampled_from(["joined", "left", "ever in"]), slugs, st.none() | windows),
        st.builds(n.CanReceive, slugs, st.sampled_from(["marketing", "a b"])),
        st.builds(n.ListTest, values, quantifiers, written),
        st.builds(n.ListTest, values, quantifiers, st.just(()), text_tests, texts, st.booleans()),
        st.builds(n.GeoTest, values, st.just("near"), points.map(lambda point: (point,)), decimals),
        st.builds(n.GeoTest, values, st.just("inside"), st.lists(points, min_size=3, max_size=5).map(tuple)),
        st.builds(n.Related, quantifiers, plain, st.none() | names),
        st.builds(_sequence, st.lists(steps(conditions), min_size=1, max_size=4), st.none() | windows),
        st.builds(_regularly, only_where, counts, st.integers(0, 20), units, calendar_units, st.booleans()),
        st.builds(n.Stopped, only_where, durations),
        st.builds(n.Resumed, only_where, durations),
        st.builds(n.Changed, names, st.none() | windows),
        st.builds(n.Held, conditions, durations),
        st.builds(n.Sample, shares, texts),
        st.builds(n.Top, shares, values, st.none() | conditions, st.none() | names),
    )


def steps(conditions: Any) -> Any:
    """Return steps of sequences."""
    selected = st.builds(n.Events, words, st.none(), st.none() | conditions)
    same = st.lists(names, max_size=2).map(tuple)
    return st.builds(n.Step, selected, st.booleans(), st.none() | durations, same)


def _sequence(found: list[n.Step], window: Any) -> n.Sequence:
    first = n.Step(found[0].events, False, found[0].within, found[0].same)
    return n.Sequence((first, *found[1:]), window)


def _regularly(selected: Any, least: int, more: int, unit: Any, calendar_unit: Any, calendar: bool) -> n.Regularly:
    periods = n.Previous(calendar_unit, least + more) if calendar else n.Rolling(least + more, unit)
    return n.Regularly(selected, least, periods)


@st.composite
def rules(draw: st.DrawFn, depth: int = 2) -> n.Rule:
    """Return a random rule."""
    values: Any = names
    conditions: Any = st.builds(n.Comparison, st.just(">="), names, numbers) | st.builds(n.Birthday, counts)
    for _ in range(depth):
        values, conditions = names | values_over(conditions, values), names | conditions_over(conditions, values)
    return n.Rule(draw(conditions), draw(st.booleans()))
