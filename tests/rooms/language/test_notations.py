"""Text, JSON and YAML are one tree: each reads back what another wrote."""

from __future__ import annotations

import json
import os
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from ruamel.yaml import YAML

from rooms.language.strategies import rules
from tesela.base import InputError
from tesela.language import Rule, from_json, parse, to_json, write_text

EXAMPLES = int(os.environ.get("TESELA_EXAMPLES", "200"))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(rule=rules())
def test_every_tree_survives_text_json_and_yaml(rule: Rule) -> None:
    text = write_text(rule)
    assert parse(text) == rule, text
    told = to_json(rule)
    assert from_json(json.loads(json.dumps(told))) == rule, text
    stream = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.dump(told, stream)
    assert from_json(yaml.load(stream.getvalue())) == rule, text


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("( did a ) and(x=1 or y in ('u'))", 'did a and (x = 1 or y in ("u"))'),
        ("not (not did a)", "not not did a"),
        ("did a where (x = 1) in last 1 days", "did a where x = 1 in last 1 day"),
        ("did a where (x = 1 or y = 2)", "did a where (x = 1 or y = 2)"),
        ("a = 1 except b = 2", "a = 1 and not b = 2"),
        ('country != "ES" or missing', 'country != "ES" or country is missing'),
        ("(1 + 2) * x > 3 - (2 - 1)", "(1 + 2) * x > 3 - (2 - 1)"),
        ("count(a yesterday) > 0", "count(a previous day) > 0"),
        ("none of (did a, did b)", "not (did a or did b)"),
        ("`own field` is set", "`own field` is set"),
        ("top 12.5% by count(a) among did b among everyone", "top 12.5% by count(a) among (did b) among everyone"),
        ("x between (2026-01-01) and y", "x between (2026-01-01) and y"),
        ("held (in segment x) for 3 days", "held (in segment x) for 3 days"),
        ("population.count((did x) where a = 1) > 1", "population.count((did x) where a = 1) > 1"),
    ],
)
def test_text_is_tidy(written: str, tidy: str) -> None:
    assert write_text(parse(written)) == tidy
    assert parse(tidy) == parse(written)


def test_json_is_readable() -> None:
    assert to_json(parse('count(order_completed where coupon is set in last 30 days) >= 2 and country = "ES"')) == {
        "when": {
            "op": "and",
            "items": [
                {
                    "op": "comparison",
                    "operator": ">=",
                    "left": {
                        "op": "aggregate",
                        "function": "count",
                        "events": {
                            "op": "events",
                            "name": "order_completed",
                            "where": {"op": "presence", "value": {"field": "coupon"}, "is_set": True},
                            "window": {"op": "rolling", "count": 30, "unit": "day"},
                        },
                    },
                    "right": 2,
                },
                {"op": "comparison", "operator": "=", "left": {"field": "country"}, "right": "ES"},
            ],
        }
    }


@pytest.mark.parametrize(
    ("told", "code", "path"),
    [
        ("did x", "json_wrong", "/"),
        ({"when": None}, "json_wrong", "/when"),
        ({"when": {"op": "dod"}}, "json_unknown", "/when/op"),
        ({"when": {"op": "did"}}, "json_lacks", "/when"),
        ({"when": {"op": "did", "events": 3}}, "json_wrong", "/when/events"),
        ({"when": {"op": "did", "events": {"op": "events", "name": 3}}}, "json_wrong", "/when/events/name"),
        ({"when": {"op": "did", "events": {"op": "events", "nme": "x"}}}, "json_unknown", "/when/events/nme"),
        ({"when": {"op": "not", "item": {"number": "much"}}}, "json_wrong", "/when/item/number"),
        ({"when": {"duration": [0, "day"]}}, "json_wrong", "/when/duration"),
        ({"when": {"duration": [1, "fortnight"]}}, "json_unknown", "/when/duration/1"),
        ({"when": {"op": "comparison", "operator": "~", "left": 1, "right": 2}}, "json_unknown", "/when/operator"),
        ({"when": {"op": "and", "items": {}}}, "json_wrong", "/when/items"),
        ({"when": True, "amongst": "everyone"}, "json_unknown", "/amongst"),
        ({"when": {"op": "__class__"}}, "json_unknown", "/when/op"),
        ({"when": {"op": "instant", "at": "2026-01-01"}}, "json_unknown", "/when/op"),
    ],
)
def test_wrong_json_is_refused_with_its_path(told: object, code: str, path: str) -> None:
    with pytest.raises(InputError) as caught:
        from_json(told)
    assert (caught.value.code, caught.value.facts["path"]) == (f"language.{code}", path)
    assert caught.value.message("es") != caught.value.message("en")


@pytest.mark.parametrize(
    "when",
    [
        {"op": "geo_test", "value": {"field": "x"}, "kind": "near", "points": [["91", "0"]], "kilometres": "1"},
        {"op": "geo_test", "value": {"field": "x"}, "kind": "inside", "points": [["1", "0"]]},
        {"op": "sample", "share": "1.5", "salt": "x"},
        {"op": "birthday", "days": 0},
        {"op": "comparison", "operator": "=", "left": {"field": "x"}, "right": float("inf")},
    ],
)
def test_json_that_no_text_says_is_refused(when: dict[str, object]) -> None:
    with pytest.raises(InputError):
        from_json({"when": when})


def test_json_nested_too_deep_is_refused() -> None:
    told: dict[str, object] = {"op": "birthday", "days": 1}
    for _ in range(300):
        told = {"op": "not", "item": told}
    with pytest.raises(InputError) as caught:
        from_json({"when": told})
    assert caught.value.code == "language.too_deep"
