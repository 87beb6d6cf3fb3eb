"""Limits of the language: what is large is answered, what is too large is refused, and neither harms other rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rooms.language.a_shop import AS_OF, LONG_AGO, MADRID, an_event, an_order
from tesela.base import InputError, TeselaError
from tesela.language import Vocabulary, from_json, parse, plan_segments, say, to_json, write_text
from tesela.language import nodes as n
from tesela.segments import MEMBERSHIPS

if TYPE_CHECKING:
    from rooms.language.a_shop import AShop

HOSTILE = [
    "'; DROP TABLE events; --",
    '"; DROP TABLE events; --',
    "' OR '1'='1",
    "\\' OR 1=1 --",
    "%_\\",
    "{t:Identifier}",
    "$1 :name ? %s %(name)s",
    "/* */ -- #",
    "\n'\n",
    "`x`",
]


def plan(rule: str, **others: str) -> object:
    return plan_segments(
        {"asked": rule}, as_of=AS_OF, zone=MADRID, others=others, vocabulary=Vocabulary(()), memberships=MEMBERSHIPS
    )


def refused(rule: str) -> InputError:
    with pytest.raises(InputError) as caught:
        plan(rule)
    for language in ("es", "en"):
        assert caught.value.message(language)  # type: ignore[arg-type]
        assert caught.value.hint(language)  # type: ignore[arg-type]
    return caught.value


def listed(texts: list[str], between: str = ", ") -> str:
    return between.join(f'"{each}"' for each in texts)


# --- large, and answered ----------------------------------------------------------------------------------

NAMES = [f"c{number}" for number in range(10_000)]
LARGE = {
    "ten thousand alternatives": (" or ".join(f'country = "{name}"' for name in NAMES), [1]),
    "ten thousand conditions": (" and ".join(f'country != "{name}"' for name in NAMES), [2]),
    "none of thousands": ("none of (" + ", ".join(f'country = "{name}"' for name in NAMES[:3000]) + ")", [2, 3]),
    "some of thousands": ("at least 2999 of (" + ", ".join(f'country != "{n}"' for n in NAMES[:3000]) + ")", [1, 2]),
    "a thousand different counts": (
        " or ".join(f'count(order_completed where coupon = "{name}") > 0' for name in NAMES[:1000]),
        [2],
    ),
    "a thousand windows": (
        " or ".join(f"did order_completed in last {number} hours" for number in range(1, 1000)),
        [1, 2],
    ),
    "a hundred sequences": (
        " or ".join(f"sequence(product_viewed, order_completed within {number} hours)" for number in range(1, 100)),
        [1],
    ),
    "a long sum": (" + ".join(["count(order_completed)"] * 390) + " >= 390", [1, 2]),
    "a long exclusive or": (" xor ".join(["did order_completed"] * 99), [1, 2]),
    "deep parentheses": ("(" * 199 + "did order_completed" + ")" * 199, [1, 2]),
    "a million texts": (f"country in ({listed([f'c{number}' for number in range(1_000_000)])})", [1]),
    "a million texts in a filter": (
        f"did order_completed where coupon not in ({listed([f'v{number}' for number in range(1_000_000)])})",
        [2],
    ),
    "a million numbers": (f"count(order_completed) in ({', '.join(map(str, range(1, 1_000_001)))})", [1, 2]),
    "many decimals": (
        f"sum(order_completed.amount) in ({', '.join(f'{number}.5' for number in range(100_000))}, 10.0)",
        [1, 2],
    ),
    "a million codes": (f"erp_code in ({', '.join(map(str, range(1_000_000)))})", [1]),
    "none of a million codes": (f"erp_code not in ({', '.join(map(str, range(1_000_000)))}, 1.5)", [2]),
    "numbers and a date, of which no text is both": ("erp_code not in (" + "7, " * 200 + "2026-01-31)", []),
    "a text of a million letters": ('country = "' + "x" * 1_000_000 + '"', []),
    "a text of a million letters that it is not": ('country != "' + "x" * 1_000_000 + '"', [1, 2]),
    "a large pattern": ('country matches "^' + "a?" * 1000 + 'c3$"', [1]),
    # engines that go back and try again take years for this one
    "a hostile pattern": ('country matches "^(a+)+$"', []),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_rule_is_answered(shop: AShop, name: str) -> None:
    shop.with_people(1, 2, 3).with_events(
        an_order(profile=1),
        an_order(profile=2, coupon="c3"),
        an_event("product_viewed", profile=1, days_ago=1.05),
    )
    shop.with_attributes((1, "country", "c3", LONG_AGO), (2, "country", "a" * 60 + "!", LONG_AGO))
    shop.with_attributes(
        (1, "erp_code", "08001", LONG_AGO),
        (2, "erp_code", "-5", LONG_AGO),
        (3, "erp_code", "2026-03-01", LONG_AGO),
    )
    rule, expected = LARGE[name]
    assert shop.members(rule) == expected


def test_a_large_rule_stands_beside_others(shop: AShop) -> None:
    shop.with_people(1, 2).with_attribute(1, "country", "c3")
    assert shop.members("in segment large", large=LARGE["ten thousand alternatives"][0]) == [1]


# --- too large, and refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        "(" * 201 + "did order_completed" + ")" * 201,
        "not " * 5000 + "did order_completed",
        "(" * 100_000,
        "count(order_completed where " * 5000,
        " + ".join(["count(order_completed)"] * 5000) + " > 1",
        " - ".join(["count(order_completed)"] * 401) + " > 1",
    ],
    ids=["parentheses", "not", "never closed", "filters", "sum", "difference"],
)
def test_deeper_than_two_hundred_levels_is_refused(rule: str) -> None:
    error = refused(rule)
    assert error.code == "language.too_deep"
    assert "200" in error.message("es")


def test_json_that_is_too_deep_is_refused() -> None:
    told = to_json(parse("did order_completed"))["when"]
    for _ in range(5000):
        told = {"op": "not", "item": told}
    with pytest.raises(InputError) as caught:
        from_json({"when": told})
    assert caught.value.code == "language.too_deep"


def test_a_list_of_more_than_ten_million_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # the limit itself takes a gigabyte of text
    monkeypatch.setattr("tesela.language.parsing.comparisons.MAX_LIST", 1000)
    plan(f"country in ({listed(NAMES[:1000])})")
    for rule in (f"country in ({listed(NAMES[:1001])})", f"age in ({', '.join(map(str, range(1001)))})"):
        error = refused(rule)
        assert error.code == "language.too_long_list"
        assert "1000" in error.message("es").replace(".", "").replace(",", "")


def test_what_grows_when_it_is_written_out_is_refused() -> None:
    rule = "count(order_completed)"
    for _ in range(100):
        # what is divided by is asked twice: whether it is zero, and for its value
        rule = f"1 / ({rule})"
    assert refused(f"{rule} > 1").code == "language.too_large"


def test_a_number_beyond_128_bits_is_an_error_in_words_on_duckdb(shop: AShop) -> None:
    if shop.engine.name != "duckdb":
        pytest.skip("only DuckDB says so (docs/reference/language.md)")
    shop.with_people(1).with_events(*(an_order(amount="900000000000") for _ in range(3)))
    with pytest.raises(InputError) as caught:
        shop.members(" * ".join(["sum(order_completed.amount)"] * 4) + " > 1")
    assert caught.value.code == "warehouse.number_too_large"
    assert shop.members("sum(order_completed.amount) * sum(order_completed.amount) > 1") == [1]


@pytest.mark.parametrize("pattern", ["(", "a{2,1}", "(?=a)", r"(a)\1", "(x{1000}){1000}", "[z-a]", "*"])
def test_a_pattern_that_no_engine_runs_is_refused(pattern: str) -> None:
    escaped = pattern.replace("\\", "\\\\")
    assert refused(f'country matches "{escaped}"').code == "language.bad_pattern"


# --- SQL in names and values ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_sql_in_values_is_a_value(shop: AShop, text: str) -> None:
    shop.with_people(1, 2, 3).with_events(
        an_order(profile=1, coupon=text), an_order(profile=2, coupon="X"), an_event(text, profile=3)
    )
    shop.with_attributes((1, "country", text, LONG_AGO), (2, "country", "ES", LONG_AGO))
    shop.with_attribute(3, text, "5")
    written = text.replace("\\", "\\\\").replace('"', '\\"')
    name = f"`{text}`"
    asked = {
        f'country = "{written}"': [1],
        f'country in ("{written}", "FR")': [1],
        f'country contains "{written}"': [1] if text.strip() else [],
        f'country starts with exactly "{written}"': [1],
        f'did order_completed where coupon = "{written}"': [1],
        f'count(order_completed where coupon in ("{written}")) >= 1': [1],
        f'regularly(order_completed where coupon = "{written}", 1 of last 2 weeks)': [1],
        f'sample(100%, "{written}")': [1, 2, 3],
    }
    if "`" not in text:
        asked |= {f"did {name}": [3], f"{name} = 5": [3], f"{name} > 5": [], f"never {name}": [1, 2]}
    for rule, expected in asked.items():
        assert shop.members(rule) == expected, rule
        parsed = parse(rule)
        assert write_text(parse(write_text(parsed))) == write_text(parsed)
        assert say(parsed, "es")
        assert say(parsed, "en")


@pytest.mark.parametrize("name", ["'; DROP TABLE events; --", 'a"b', "a b", "", "../x", "ñ" * 300, "a`b"])
def test_a_segment_named_like_sql_is_refused_and_others_stand(shop: AShop, name: str) -> None:
    shop.with_people(1).with_events(an_order(profile=1))
    with pytest.raises(TeselaError):
        shop.members("in segment `" + name + "`")
    assert shop.members("did order_completed") == [1]


def test_a_large_tree_made_by_hand_round_trips() -> None:
    body = n.Or(tuple(parse(f'country = "{name}"').body for name in NAMES))
    rule = n.Rule(body)
    assert write_text(parse(write_text(rule))) == write_text(rule)
