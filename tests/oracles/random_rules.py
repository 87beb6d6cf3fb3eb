"""Random rules over the whole language, each with what the naive interpreter makes of it."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from oracles import language as o
from oracles.random_parts import (
    NAMES,
    dated,
    fields,
    likes,
    number_tests,
    parts,
    selections,
    signs,
    text_tests,
    units,
    windows,
)

edges = st.sampled_from(["first", "last"])
peers = st.sampled_from(["country", "city", None, None])
fixed = st.sampled_from(["minute", "hour", "day", "week"])
POLYGONS = [
    [("36", "-10"), ("44", "-10"), ("44", "4"), ("36", "4")],
    [("40.4168", "-3.7038"), ("41.39", "2.17"), ("50", "0")],
    [("0", "0"), ("90", "0"), ("90", "180"), ("0", "180"), ("45", "90")],
]


@st.composite
def values(draw: st.DrawFn) -> o.Rule:
    """A number of a profile's own events or fields."""
    choice = draw(st.integers(0, 13))
    s = draw(selections())
    amount = draw(st.sampled_from(["amount", "amount", "quantity"]))
    if choice <= 1:
        return o.counted(s)
    if choice <= 3:
        return o.aggregate(draw(st.sampled_from(["sum", "avg", "min", "max"])), s, amount)
    if choice == 4:
        name = draw(st.sampled_from(["coupon", "category", "amount"]))
        return o.distinct_anywhere("session_id") if draw(st.integers(0, 3)) == 0 else o.aggregate("distinct", s, name)
    if choice == 5:
        return o.most(s, draw(fields))
    if choice == 6:
        return o.share(draw(selections(where=True)), draw(st.sampled_from(["", "amount"])))
    if choice == 7:
        return o.revenue(draw(st.none() | windows))
    if choice == 8:
        return o.age() if draw(st.booleans()) else o.edge_field(draw(edges), s, "amount")
    if choice == 9:
        return o.median(s, amount)
    if choice == 12:
        return o.chosen(draw(conditions(depth=0, people=False)), draw(values()), draw(values()))
    if choice == 13:
        more = draw(st.lists(values(), min_size=2, max_size=3))
        return o.extreme(draw(st.sampled_from(["least", "greatest"])), *more)
    factor = draw(st.sampled_from(["2", "0.5", "1.25", "0"]))
    if choice == 10:
        return o.calculated(o.written(Fraction(factor), factor), "*", draw(values()))
    return o.calculated(draw(values()), draw(st.sampled_from(["+", "-", "/"])), draw(values()))


@st.composite
def numbers(draw: st.DrawFn, people: bool = True) -> o.Rule:
    """A number: one of the profile's own, or with `people`, one about others."""
    choice = draw(st.integers(0, 9 if people else 5))
    if choice <= 5:
        return draw(values())
    among = draw(st.none() | conditions(depth=0, people=False))
    if choice == 6:
        s = draw(selections(since=False))
        name = draw(st.sampled_from(["", "amount"]))
        return o.store(draw(st.sampled_from(["sum", "avg", "min", "max", "median"])) if name else "count", s, name)
    if choice == 7:
        s = draw(selections())
        whole = o.counted(s) if draw(st.booleans()) else o.aggregate("sum", s, "amount")
        function = draw(st.sampled_from(["count", "sum", "avg", "min", "max", "median"]))
        return o.population(function, whole, among, draw(peers))
    if choice == 8 and draw(st.booleans()):
        return o.population("count", draw(values()), among, draw(peers))
    word = draw(st.sampled_from(["rank", "percentile", "decile"]))
    return o.standing(word, draw(values()), among, draw(peers))


def _literals(left: o.Rule) -> list[str]:
    """Written numbers that a value can be: others are refused."""
    ranged = {"share(": ["0", "0.5", "1", "0.3333"], "decile(": ["1", "2", "10"], "percentile(": ["0", "33.3333", "50"]}
    return next(
        (found for word, found in ranged.items() if left.text.startswith(word)),
        ["0", "1", "2", "9.99", "0.5", "33.3333", "50"],
    )


@st.composite
def conditions(draw: st.DrawFn, depth: int = 2, people: bool = True) -> o.Rule:
    choice = draw(st.integers(0, 14 if depth else 11))
    s = draw(selections())
    if choice <= 1:
        return draw(st.sampled_from([o.did, o.never]))(s)
    if choice <= 4:
        left = draw(numbers(people))
        literal = draw(st.sampled_from(_literals(left)))
        right = draw(numbers(people)) if draw(st.booleans()) else o.written(Fraction(literal), literal)
        return o.compared(left, draw(signs), right)
    if choice == 5:
        low, high = o.written(Fraction(1), "1"), draw(numbers(people))
        return o.between(draw(numbers(people)), low, high, draw(st.booleans()))
    if choice == 6:
        value = draw(numbers(people) | st.just(o.fact("city")))
        return o.passes(value, o.is_set(draw(st.booleans()), draw(st.booleans())))
    if choice == 7:
        value = o.fact("city") if draw(st.booleans()) else o.edge_field(draw(edges), s, draw(fields))
        return o.passes(value, draw(text_tests()))
    if choice == 8:
        value = o.edge(draw(edges), s) if draw(st.booleans()) else o.edge_time(draw(st.sampled_from(["min", "max"])), s)
        return o.within(value, draw(windows))
    if choice == 9:
        return o.birthday(draw(st.sampled_from([1, 7, 120, 366])))
    if choice == 10:
        return o.sampled(draw(st.sampled_from(["0", "30", "50", "100", "12.5"])), "spring")
    if choice == 11:
        if people:
            among = draw(st.none() | conditions(depth=0, people=False))
            percent = draw(st.sampled_from([0, 10, 50, 100]))
            return o.standing("top", draw(values()), among, draw(peers), percent)
        return o.compared(o.edge("first", s), draw(signs), o.edge("last", draw(selections())))
    if choice == 12:
        return o.opposite(draw(conditions(depth - 1, people)))
    word = draw(st.sampled_from(["and", "or", "xor", "except"]))
    return o.joined(draw(conditions(depth - 1, people)), word, draw(conditions(depth - 1, people)))


@st.composite
def steps(draw: st.DrawFn) -> list[o.Step]:
    found = []
    for number in range(draw(st.integers(1, 4))):
        # few names and few filters, or hardly any history has all steps
        names = st.sampled_from(["order_completed", "product_added"]) | st.sampled_from(NAMES)
        s = o.Selection(draw(names), draw(st.none() | st.none() | parts(depth=0)))
        within = draw(st.none() | st.tuples(st.sampled_from([1, 5, 30]), fixed)) if number else None
        same = draw(st.sampled_from([(), (), (), ("category",), ("product_id",), ("category", "product_id")]))
        found.append(o.Step(s, bool(number) and draw(st.booleans()), within, same if number else ()))
    return found


@st.composite
def rhythms(draw: st.DrawFn) -> o.Rule:
    """Sequences, and whether things happen again and again."""
    choice = draw(st.integers(0, 6))
    s = o.Selection(draw(st.sampled_from(NAMES)), draw(st.none() | parts(depth=0)))
    number = draw(st.sampled_from([1, 2, 6]))
    if choice <= 3:
        return o.sequence(draw(steps()), draw(st.none() | windows))
    if choice == 4:
        return o.regularly(s, draw(st.integers(1, 2)), draw(st.sampled_from([2, 6])), draw(units), draw(st.booleans()))
    if choice == 5:
        return o.stopped(s, number, draw(st.sampled_from(["hour", "day", "week", "month"])))
    return o.resumed(s, number, draw(fixed))


@st.composite
def histories(draw: st.DrawFn) -> o.Rule:
    """Fields of the profile: their history, lists, places, numbers and times in them."""
    choice = draw(st.integers(0, 12))
    number, unit = draw(st.sampled_from([1, 2, 6])), draw(units)
    field = draw(st.sampled_from(["city", "country", "tags"]))
    tags, expires = (
        o.fact("tags"),
        draw(st.sampled_from([o.own_time(o.fact("expires")), o.own_time(o.fact("created_at"), utc=True)])),
    )
    word = draw(st.sampled_from(["any", "all", "none"]))
    if choice <= 1:
        return o.changed(field, draw(st.none() | windows))
    if choice == 2:
        return o.passes(o.previous_value(field), draw(text_tests()))
    if choice == 3:
        return o.held(field, draw(text_tests(setness=False)), number, unit)
    if choice == 4:
        wanted = draw(st.sampled_from([["vip"], ["b2b", "Ñ"], ["vip", "b2b"]]))
        return o.has(tags, word, wanted) if draw(st.integers(0, 3)) else o.has_one(tags, wanted[-1])
    if choice == 5:
        return o.has_passing(tags, word, draw(likes(negated=False)))
    if choice == 6:
        return o.length(tags, draw(signs), draw(st.integers(0, 2)))
    if choice == 7:
        return o.near(o.fact("location"), draw(st.sampled_from([1, 505, 600])), (40.4168, -3.7038))
    if choice == 8:
        return o.inside(o.fact("location"), draw(st.sampled_from(POLYGONS)))
    if choice == 9:
        return o.passes(o.own_number(o.fact("points")), draw(number_tests(("10", "9.99", "100", "-3"))))
    if choice == 10:
        if draw(st.integers(0, 2)) == 0:
            return o.within(o.own_time(o.fact("birth_date")), draw(dated))
        ahead = st.builds(o.coming, st.sampled_from([1, 7, 40]), st.sampled_from(["day", "week", "month", "hour"]))
        return o.within(expires, draw(windows | ahead))
    s = draw(selections(since=False))
    value = o.edge(draw(edges), s) if draw(st.booleans()) else expires
    if choice == 11:
        return o.time_since(value, draw(signs), number, draw(st.sampled_from(["hour", "day", "week", "month", "year"])))
    value = draw(st.sampled_from([value, o.own_time(o.fact("birth_date"))]))
    return o.anniversary(value, draw(st.sampled_from([1, 7, 120])))


@st.composite
def records(draw: st.DrawFn) -> o.Rule:
    """Recorded stays and consents."""
    choice = draw(st.integers(0, 4))
    if choice == 0:
        return o.in_for("other", draw(st.sampled_from([1, 2, 6])), draw(fixed))
    if choice <= 2:
        return o.stay(draw(st.sampled_from(["joined", "left", "ever in"])), "other", draw(st.none() | windows))
    channel, purpose = draw(st.sampled_from(["email", "sms", "post"])), draw(st.sampled_from(["marketing", "service"]))
    if choice == 3:
        return o.can_receive(channel, purpose, draw(st.booleans()))
    part = draw(st.sampled_from(["", ".at", ".source"]))
    said = o.consent(channel, purpose, part)
    if part == ".at":
        return o.within(said, draw(windows))
    words = ["yes", "no"] if not part else ["no", "form"]
    return o.passes(said, o.is_text(draw(signs), draw(st.sampled_from(words))))


def others() -> st.SearchStrategy[o.Rule]:
    """Words about rhythm, history, lists, places, segments and consents."""
    return st.one_of(rhythms(), rhythms(), histories(), histories(), records())


@st.composite
def wholes(draw: st.DrawFn) -> o.Rule:
    """A rule of any words that need nothing but the world."""
    choice = draw(st.integers(0, 11))
    if choice <= 4:
        return draw(conditions())
    if choice <= 8:
        return draw(others())
    rules = draw(st.lists(others() | conditions(depth=1), min_size=2, max_size=4))
    if choice == 9:
        size = len(rules) - 1
        words = draw(st.lists(st.sampled_from(list(o.TWO)), min_size=size, max_size=size))
        turned = [o.negated(rule) if draw(st.booleans()) else rule for rule in rules]
        return o.chain(turned, words)
    if choice == 10:
        return o.these(draw(st.sampled_from(["all", "any", "none"])), rules)
    if draw(st.booleans()):
        mode = o.mode(draw(selections()), draw(fields))
        return o.or_missing(mode, o.passes(mode, draw(text_tests(setness=False))))
    return o.so_many(draw(st.sampled_from(["at least", "at most", "exactly"])), draw(st.integers(0, 2)), rules)


TRAITS: dict[str, o.Rule] = {
    "orders_ever": o.counted(o.Selection("order_completed")),
    "spent_this_month": o.aggregate("sum", o.Selection("order_completed", window=o.this("month")), "amount"),
    "usual_category": o.mode(o.Selection("product_added"), "category"),
}
"""Computed traits that plans of the differential runs know."""


@st.composite
def rules(draw: st.DrawFn) -> o.Rule:
    """Any rule: also of traits, and among everyone."""
    choice = draw(st.integers(0, 19))
    if choice == 0:
        return o.passes(o.scored("score"), draw(number_tests(("0", "10", "0.5"))))
    if choice == 1:
        name = draw(st.sampled_from(["orders_ever", "spent_this_month"]))
        return o.passes(o.trait(name, TRAITS[name]), draw(number_tests(("0", "1", "10"))))
    if choice == 2:
        return o.passes(o.trait("usual_category", TRAITS["usual_category"]), draw(text_tests()))
    if choice <= 4:
        return o.of_everyone(draw(wholes()))
    return draw(wholes())
