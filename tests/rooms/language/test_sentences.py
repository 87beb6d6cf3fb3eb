"""Every rule is said back in plain Spanish and English."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from rooms.language.strategies import rules
from tesela.language import Rule, parse, say
from tesela.segments.definitions import load_starter

HERE = Path(__file__).parent
PAGE = (HERE.parents[2] / "docs" / "reference" / "language.md").read_text("utf-8")
EXAMPLES = re.findall(r"\| `([^`]+)` \|$", PAGE, re.MULTILINE) + [segment.when for segment in load_starter()]
GOLDEN = json.loads((HERE / "sentences.json").read_text("utf-8"))


@pytest.mark.parametrize("rule", dict.fromkeys([*EXAMPLES, *GOLDEN]))
def test_the_sentences_are_those_that_were_read(rule: str) -> None:
    # a new example needs its two sentences in sentences.json, after somebody has read them
    assert {"es": say(parse(rule), "es"), "en": say(parse(rule), "en")} == GOLDEN[rule]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(rule=rules())
def test_every_tree_has_a_sentence(rule: Rule) -> None:
    spanish, english = say(rule, "es"), say(rule, "en")
    assert spanish.startswith("Cada persona: ")
    assert english.startswith("Each person: ")
    assert "{" not in spanish.replace("{x}", "") + english.replace("{x}", "")


def test_steps_are_told_in_their_order() -> None:
    rule = "sequence(product_viewed, no order_completed, product_added, no order_completed within 1 day)"
    assert say(parse(rule), "es") == (
        "Cada persona: vio un producto; hasta el paso siguiente no hizo ningún pedido; después añadió un producto al"
        " carrito; en el día siguiente no hizo ningún pedido."
    )


def test_a_negative_says_that_the_value_must_be_there() -> None:
    assert say(parse('country != "ES"'), "es") == "Cada persona: el país tiene valor y no es «ES»."
    assert say(parse('country != "ES" or missing'), "en") == "Each person: the country is not “ES” (or has no value)."
    assert say(parse('not country = "ES"'), "es") == "Cada persona: el país no es «ES» (o no tiene valor)."
    assert say(parse('city does not contain "x"'), "es") == "Cada persona: la ciudad tiene valor y no contiene «x»."
