"""Random windows, tests on values and conditions on events: the parts that random rules are made of."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from oracles import language as o

NAMES = [
    "order_completed",
    "order_refunded",
    "email_opened",
    "email_opened_any",
    "product_added",
    "product_purchased",
    "own_event",
]
STORED = ["order_completed", "order_completed", "order_cancelled", *NAMES[1:3], *NAMES[4:]]
# blank in several ways; letters that fold; beyond 16 bits, where UTF-16 sorts otherwise; what could break out of SQL
TEXTS = [
    "", "  ", "\u00a0\u3000", "Camión", "camion", "b", "Ñandú", "STRASSE", "Straße", "\uffee", "😀",
    "x'); DROP TABLE events; --", 'a"b\\c', "%_$1{e}?", " b ",
]  # fmt: skip
WORDS = [text for text in TEXTS if text.strip()]
NEEDLES = ["CAM", "ión", "n", "ñ", "n\u0303", "SS", "ß", "😀", "'", '"', "\\", "%", "_", " "]
# as written, and with letters folded; of the part that Python's search and RE2 share
PATTERNS = [
    ("^cam", "^cam"),
    ("Ñ", "n"),
    ("[ao]ni?d", "[ao]ni?d"),
    ("^\\D+$", "^\\D+$"),
    ("^.$", "^.$"),
    ("b|ión$", "b|ion$"),
    ("^\\S{5,}", "^\\S{5,}"),
    ("\\x27\\)", "\\x27\\)"),
    ("straße", "strasse"),
    ("^STRAS+E$", "^stras+e$"),
]
FIELDS = ["coupon", "category", "coupon", "category", "list", "session_id"]

fields = st.sampled_from(FIELDS)
signs = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
amounts = st.sampled_from([Decimal("0"), Decimal("0.0001"), Decimal("9.99"), Decimal("10"), Decimal("30"), None])
quantities = st.sampled_from([Decimal("0.5"), Decimal(1), Decimal(3), None])
units = st.sampled_from(["day", "week", "month", "quarter", "year"])
everything = st.sampled_from(["second", "minute", "hour", "day", "week", "month", "quarter", "year"])
days = st.sampled_from([date(2026, 3, 29), date(2026, 9, 6), date(2026, 11, 21), date(2024, 2, 29)])
# a time that Madrid skips, one that it has twice, a midnight that Santiago skips
times = st.sampled_from(
    [datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30), datetime(2026, 9, 6), datetime(2026, 11, 21, 9, 0, 1)]
)

# what dates without a time are compared with
dated = st.one_of(
    st.builds(
        o.one_day, st.sampled_from(["on", "before", "after"]), st.sampled_from([date(1990, 11, 23), date(2000, 2, 29)])
    ),
    st.builds(o.days, st.just(date(1990, 2, 28)), st.sampled_from([date(1996, 3, 1), date(2030, 1, 1)])),
)
every_window = st.one_of(
    st.builds(o.ago, st.sampled_from([0, 1]), st.sampled_from([2, 6]), everything),
    st.builds(o.this, units),
    st.builds(o.previous, st.sampled_from([1, 2, 6]), units),
    st.builds(o.calendar_last, st.sampled_from([1, 2, 6]), units),
    st.builds(o.one_day, st.sampled_from(["on", "before", "after"]), days),
    st.builds(o.last, st.sampled_from([1, 2, 6]), everything),
    st.builds(o.days, st.just(date(2026, 3, 28)), st.sampled_from([date(2026, 3, 29), date(2026, 11, 21)])),
    st.builds(o.one_time, st.sampled_from(["before", "after"]), times),
    st.builds(o.between_times, st.just(datetime(2026, 3, 28, 12)), times.filter(lambda at: at.year == 2026)),
)
# worlds have events at the edges of these, so rules ask for them most
FAVOURITES = [
    o.last(1, "day"),
    o.last(1, "month"),
    o.ago(1, 2, "week"),
    o.previous(1, "month"),
    o.previous(1, "week"),
    o.this("day"),
    o.calendar_last(2, "day"),
    o.days(date(2026, 3, 28), date(2026, 3, 29)),
    o.one_time("after", datetime(2026, 10, 25, 2, 30)),
    o.between_times(datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)),
]
favourites = st.sampled_from(FAVOURITES)
windows = favourites | favourites | every_window


@st.composite
def text_tests(draw: st.DrawFn, setness: bool = True) -> o.Test:
    choice = draw(st.integers(0, 6 if setness else 5))
    if choice <= 1:
        return o.is_text(draw(signs), draw(st.sampled_from(WORDS)))
    if choice == 2:
        return o.one_of(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)), draw(st.booleans()))
    if choice <= 4:
        return draw(likes())
    if choice == 5:
        pattern, bare = draw(st.sampled_from(PATTERNS))
        return o.matching(pattern, bare, draw(st.booleans()), draw(st.booleans()))
    return o.is_set(draw(st.booleans()), draw(st.booleans()))


@st.composite
def likes(draw: st.DrawFn, negated: bool = True) -> o.Test:
    words = [*o.TEXT_WORDS, *(o.NEGATED if negated else [])]
    return o.like(draw(st.sampled_from(words)), draw(st.sampled_from(NEEDLES)), draw(st.booleans()))


@st.composite
def number_tests(draw: st.DrawFn, texts: tuple[str, ...] = ("0", "9.99", "10", "0.00005")) -> o.Test:
    text = draw(st.sampled_from(texts))
    return o.is_number(draw(signs), Fraction(text), text)


@st.composite
def parts(draw: st.DrawFn, depth: int = 1, local: bool = True) -> o.Part:
    """A condition on one event; without `local`, nothing that asks about the event's profile."""
    simple = draw(st.integers(0, 10 if depth else 7))
    if simple <= 2:
        return o.field(draw(fields), draw(text_tests()))
    if simple == 3:
        return o.field(draw(st.sampled_from(["amount", "quantity"])), draw(number_tests()))
    if simple == 4:
        return draw(_clocks(local))
    if simple == 5:
        return draw(_products())
    if simple == 6:
        return o.own_property(draw(st.sampled_from(["color", "a/b~c"])), draw(text_tests()))
    if simple == 7:
        if draw(st.booleans()):
            return o.is_machine(draw(st.sampled_from(["=", "!="])), draw(st.booleans()))
        return o.happened(draw(windows))
    if simple == 8:
        inner = draw(st.none() | parts(depth=0, local=False))
        s = o.Selection(draw(st.sampled_from(NAMES)), inner, draw(st.none() | windows))
        return o.related(
            draw(st.sampled_from(["any", "all", "none"])), s, draw(st.sampled_from([None, None, "coupon", "category"]))
        )
    if simple == 9:
        return o.part_not(draw(parts(depth - 1, local)))
    return o.part_both(
        draw(parts(depth - 1, local)), draw(st.sampled_from(["and", "or"])), draw(parts(depth - 1, local))
    )


@st.composite
def _clocks(draw: st.DrawFn, local: bool) -> o.Part:
    where = draw(st.sampled_from(["", "local."] if local else [""]))
    choice = draw(st.integers(0, 2))
    if choice == 0:
        return o.hour_is(where, draw(number_tests(("0", "1", "9", "23"))))
    if choice == 1:
        return o.weekday_is(where, o.one_of(draw(st.lists(st.sampled_from(o.DAYS), min_size=1, max_size=4)), False))
    return o.weekday_is(where, o.is_text(draw(st.sampled_from(["=", "!="])), draw(st.sampled_from(o.DAYS))))


@st.composite
def _products(draw: st.DrawFn) -> o.Part:
    name = draw(st.sampled_from(["margin", "price", "brand", "category", "name", "in_stock"]))
    if name in ("margin", "price"):
        return o.product_is(name, draw(number_tests(("0", "5", "9.99"))))
    if name == "in_stock":
        expected = draw(st.booleans())
        test = o.Test(f"= {'true' if expected else 'false'}", lambda v: v is not None and v == expected)
        return o.product_is(name, test)
    return o.product_is(name, draw(text_tests()))


@st.composite
def selections(draw: st.DrawFn, where: bool | None = None, since: bool = True) -> o.Selection:
    has_where = draw(st.booleans()) if where is None else where
    later: Any = None
    if since and draw(st.integers(0, 4)) == 0:
        later = o.edge(draw(st.sampled_from(["first", "last"])), draw(selections(since=False)))
    return o.Selection(
        draw(st.sampled_from(NAMES)), draw(parts()) if has_where else None, draw(st.none() | windows), later
    )
