"""The page of the language: its grammar comes first, every example runs, every agreed word has its row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rooms.language.a_shop import AS_OF, MADRID, AShop, an_event, an_order
from tesela.segments import count_segments
from tesela.traits import Trait, lifecycle

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "language.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| Word", "| ---"))
]
EXAMPLES = [row[-1].rstrip("| ").strip("`") for row in ROWS]

# guide/vocabulary.md 2g, word by word: the words of the page that say it, or why it is not there yet
AGREED = {
    "and/or/not": ["and, or, not"],
    "xor": ["xor"],
    "none": ["all of, any of, none of"],
    "n-of-m": ["at least, at most, exactly"],
    "exclusion group": ["except"],
    "text": ["contains, starts with, ends with", "= != < <= > >="],
    "regex": ["matches"],
    "number/between": ["between"],
    "list any/all/none": ["has", "has any, all, none of", "has any, all, none containing"],
    "list length": ["length"],
    "null handling explicit": ["or missing", "is set, is missing"],
    "date fixed": ["between, on, before, after"],
    "date rolling": ["in last"],
    "date calendar": ["in last … calendar", "previous", "this, today, yesterday"],
    "anniversary": ["anniversary", "birthday"],
    "between-N-and-M": ["between … ago"],
    "next": ["in next"],
    "state held for duration": ["held"],
    "value changed": ["changed"],
    "previous value": ["previous"],
    "did/never": ["did, never"],
    "N times": ["count"],
    "first/last": ["first, last", "first().f, last().f"],
    "regularly": ["regularly"],
    "stopped": ["stopped"],
    "resumed": ["resumed"],
    "sequence with gaps": ["sequence", "within"],
    "negated steps": ["no"],
    "property joins": ["with same"],
    "aggregates": ["count", "sum", "avg, min, max, median", "distinct", "mode", "first, last"],
    "time-since": ["time_since", "since"],
    "share-of": ["share"],
    "most": ["most"],
    "part of day/week": ["hour, weekday", "local.hour, local.weekday"],
    "relation any/all/none with hops": ["any, all, none", "product"],
    "member of now": ["in segment"],
    "member since": ["in segment … for"],
    "member ever, between": ["ever in"],
    "joined and left": ["joined, left"],
    "consent by channel/purpose/source/date": ["consent"],
    "reachability": ["can_receive"],
    "geo radius": ["within km of"],
    "geo polygon": ["inside"],
    "random bucket and control group": ["sample"],
    "decile": ["decile"],
    "vs population mean/median": ["population", "store"],
    "vs population percentile": ["percentile", "rank", "top"],
    "peer group": ["per", "among"],
    "traits": ["a trait's name"],
    "lifecycle": ["lifecycle.stage"],
    "RFM cell, tier": ["rfm.r, rfm.f, rfm.m", "rfm.segment", "rfm.tier"],
}
LATER = ["predicted next date", "propensity and lifetime", "deliveries inside journeys"]


def test_the_grammar_comes_first() -> None:
    assert PAGE.index("```ebnf") < PAGE.index("## Meaning") < PAGE.index("## Words")


def test_every_agreed_word_has_its_row() -> None:
    words = {row[0] for row in ROWS}
    missing = {agreed: word for agreed, needed in AGREED.items() for word in needed if word not in words}
    assert not missing
    assert all(later in PAGE.replace("\n", " ") for later in LATER)


def test_rows_are_whole() -> None:
    assert len(ROWS) > 70
    assert all(len(row) == 4 for row in ROWS), [row for row in ROWS if len(row) != 4]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> AShop:
    made = AShop.open(tmp_path_factory.mktemp("page")).with_people(1, 2, 3)
    for name in ("tags", "expires_at", "location"):
        made.with_attribute(1, name, "x")
    return made.with_events(an_order(profile=1), an_event("product_viewed", profile=2))


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_runs(shop: AShop, example: str) -> None:
    rules = {"loyal": "did order_completed", "asked": example}
    own = (Trait("orders_90d", "count(order_completed in last 90 days)"), lifecycle.stage_trait(lifecycle.Rhythm()))
    traits = {trait.slug: trait for trait in own}
    sizes = count_segments(shop.engine, rules, as_of=AS_OF, zone=MADRID, asked=["asked"], traits=traits)
    assert 0 <= sizes["asked"] <= sizes["asked"].base == 3
    opposite = {**rules, "asked": f"not ({example.removesuffix(' among everyone')})"}
    others = count_segments(shop.engine, opposite, as_of=AS_OF, zone=MADRID, asked=["asked"], traits=traits)
    assert sizes["asked"] + others["asked"] == 3


def test_no_row_has_lost_its_example() -> None:
    assert all(re.search(r"\w", example) for example in EXAMPLES)
