"""The JSON Schemas that editors are given: they take what the language writes and refuse what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from rooms.language.strategies import rules
from tesela.base import TeselaError
from tesela.language import Rule, from_json, parse, read_schema, to_json
from tesela.language.notations.schema import SchemaKind, make_schema
from tesela.segments import Segment
from tesela.segments.catalogue import load_starter
from tesela.traits import Trait

HERE = Path(__file__).parent
PAGE = (HERE.parents[2] / "docs" / "reference" / "language.md").read_text("utf-8")
SENTENCES = json.loads((HERE / "sentences.json").read_text("utf-8"))
EXAMPLES = list(dict.fromkeys([*SENTENCES, *re.findall(r"\| `([^`]+)` \|$", PAGE, re.MULTILINE)]))
SCHEMAS = {kind: json.loads(read_schema(kind)) for kind in get_args(SchemaKind)}
MAKERS = {"segments": Segment.from_dict, "traits": Trait.from_dict}
DID: dict[str, Any] = {"op": "did", "events": {"op": "events", "name": "order_completed"}}


def faults(kind: str, told: object) -> list[str]:
    return [fault.message for fault in Draft202012Validator(SCHEMAS[kind]).iter_errors(told)]


def is_taken(kind: str, told: Any) -> bool:
    """Tell whether Tesela itself takes it."""
    try:
        if kind == "rule":
            from_json(told)
        else:
            assert isinstance(told, dict | None)
            for slug, definition in (told or {}).items():
                MAKERS[kind](slug, definition)
    except TeselaError:
        return False
    return True


@pytest.mark.parametrize("kind", get_args(SchemaKind))
def test_the_shipped_schema_is_current_and_a_schema(kind: SchemaKind) -> None:
    Draft202012Validator.check_schema(SCHEMAS[kind])
    assert make_schema(kind) == SCHEMAS[kind], "run `make reference`"


def test_every_op_and_key_is_described() -> None:
    ops = [part for name, part in SCHEMAS["rule"]["$defs"].items() if name.startswith("op_")]
    assert len(ops) > 40
    assert all(op["title"] and op["description"] for op in ops)
    for kind, key in (("segments", "when"), ("traits", "value")):
        told = SCHEMAS[kind]["$defs"]["definition"]["properties"]
        more = {"segments": {"with"}, "traits": {"points", "cap", "floor"}}
        assert set(told) == {"name", "description", key, *more[kind]}
        assert all(part["title"] and part["description"] for part in told.values())


@pytest.mark.parametrize("rule", EXAMPLES)
def test_every_example_is_taken(rule: str) -> None:
    told = json.loads(json.dumps(to_json(parse(rule))))
    assert faults("rule", told) == []
    # a bare truth is written as text in a file
    for when in (rule, told, *([told["when"]] if isinstance(told["when"], dict) else [])):
        assert faults("segments", {"asked": {"name": {"es": "x"}, "when": when}}) == []
    assert faults("traits", {"asked": {"description": {"en": "x"}, "value": rule}}) == []


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(rule=rules())
def test_every_rule_is_taken(rule: Rule) -> None:
    assert faults("rule", json.loads(json.dumps(to_json(rule)))) == []


def test_scores_are_taken() -> None:
    awards = [
        {"when": 'country = "ES"', "points": 10},
        {"each": "email_link_clicked", "points": 2.5, "cap": 10, "half_life": "30 days"},
        {"value": "count(order_completed)", "points": -1},
    ]
    told = {"engagement": {"name": {"es": "x"}, "points": awards, "cap": 100, "floor": 0}}
    assert faults("traits", told) == []
    assert is_taken("traits", told)


def test_starter_segments_are_taken() -> None:
    assert faults("segments", {segment.slug: segment.to_dict() for segment in load_starter()}) == []
    assert faults("segments", None) == faults("traits", None) == []


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("rule", {}),
        ("rule", "did order_completed"),
        ("rule", {"among": "everyone"}),
        ("rule", {"when": DID, "among": "all"}),
        ("rule", {"when": DID, "amongst": "everyone"}),
        ("rule", {"when": None}),
        ("rule", {"when": []}),
        ("rule", {"when": {}}),
        ("rule", {"when": {"op": "dod", "events": DID["events"]}}),
        ("rule", {"when": {"op": 3}}),
        ("rule", {"when": {"op": "did"}}),
        ("rule", {"when": DID | {"evnts": 3}}),
        ("rule", {"when": {"op": "did", "events": {"op": "events", "name": 3}}}),
        ("rule", {"when": {"op": "did", "events": {"field": "order_completed"}}}),
        ("rule", {"when": {"op": "did", "events": {"op": "not", "item": True}}}),
        ("rule", {"when": {"op": "and", "items": DID}}),
        ("rule", {"when": {"op": "and", "items": [DID, {"op": "not"}]}}),
        ("rule", {"when": {"op": "comparison", "operator": "~", "left": 1, "right": 2}}),
        ("rule", {"when": {"op": "comparison", "operator": "==", "left": {"field": "age"}, "right": 2}}),
        ("rule", {"when": {"op": "comparison", "operator": "=", "left": {"fild": "age"}, "right": 2}}),
        ("rule", {"when": {"op": "comparison", "operator": "=", "left": {"field": ""}, "right": 2}}),
        ("rule", {"when": {"op": "comparison", "operator": "=", "left": {"field": []}, "right": 2}}),
        ("rule", {"when": {"op": "comparison", "operator": "=", "left": {"field": "a"}, "right": {"number": "much"}}}),
        ("rule", {"when": {"op": "comparison", "operator": "=", "left": {"field": "a"}, "right": {"date": "soon"}}}),
        ("rule", {"when": {"op": "comparison", "operator": "=", "left": {"field": "a", "op2": 1}, "right": 2}}),
        ("rule", {"when": {"op": "birthday", "days": "7"}}),
        ("rule", {"when": {"op": "birthday", "days": True}}),
        ("rule", {"when": {"op": "sample", "share": "much", "salt": "x"}}),
        ("rule", {"when": {"op": "held", "condition": DID, "duration": {"duration": [0, "day"]}}}),
        ("rule", {"when": {"op": "held", "condition": DID, "duration": {"duration": [1, "fortnight"]}}}),
        ("rule", {"when": {"op": "held", "condition": DID, "duration": {"duration": [1, "day", 2]}}}),
        ("rule", {"when": {"op": "geo_test", "value": {"field": "x"}, "kind": "near", "points": [["1"]]}}),
        ("rule", {"when": {"op": "presence", "value": {"field": "x"}, "is_set": "yes"}}),
        ("rule", {"when": {"op": "instant", "at": "2026-01-01"}}),
        ("segments", {"loyal": {}}),
        ("segments", {"loyal": {"name": {"es": "x"}}}),
        ("segments", {"loyal": "did order_completed"}),
        ("segments", {"loyal": {"when": "  "}}),
        ("segments", {"loyal": {"when": 3}}),
        ("segments", {"loyal": {"when": True}}),
        ("segments", {"loyal": {"when": ["did order_completed"]}}),
        ("segments", {"loyal": {"when": {"op": "did"}}}),
        ("segments", {"loyal": {"when": {"when": DID, "op": "did"}}}),
        ("segments", {"loyal": {"when": "did order_completed", "value": "revenue"}}),
        ("segments", {"loyal": {"when": "did order_completed", "name": "Loyal"}}),
        ("segments", {"loyal": {"when": "did order_completed", "name": {"fr": "x"}}}),
        ("segments", {"loyal": {"when": "did order_completed", "name": {"es": 3}}}),
        ("segments", {"Loyal people": {"when": "did order_completed"}}),
        ("segments", {"x" * 64: {"when": "did order_completed"}}),
        ("traits", {"spent": {}}),
        ("traits", {"spent": {"value": {"op": "revenue"}}}),
        ("traits", {"spent": {"when": "did order_completed"}}),
        ("traits", {"spent": {"value": "revenue", "unit": "EUR"}}),
        ("traits", {"2nd": {"value": "revenue"}}),
        ("traits", {"x": {"value": "revenue", "cap": 3}}),
        ("traits", {"x": {"value": "revenue", "points": [{"when": "did page_viewed", "points": 1}]}}),
        ("traits", {"x": {"points": []}}),
        ("traits", {"x": {"points": [{"points": 1}]}}),
        ("traits", {"x": {"points": [{"when": "did page_viewed", "each": "page_viewed", "points": 1}]}}),
        ("traits", {"x": {"points": [{"when": "did page_viewed", "points": 1, "half_life": "1 day"}]}}),
        ("traits", {"x": {"points": [{"when": "did page_viewed", "points": 1, "cap": 0}]}}),
    ],
)
def test_planted_faults_are_refused_by_schema_and_by_tesela(kind: str, told: object) -> None:
    assert faults(kind, told)
    assert not is_taken(kind, told)


def test_a_fault_is_told_of_the_one_op_meant() -> None:
    # an editor shows these: not fifty alternatives that do not fit either
    assert sorted(faults("rule", {"when": {"op": "birthday", "day": 3}})) == [
        "'days' is a required property",
        "Additional properties are not allowed ('day' was unexpected)",
    ]


def test_the_page_shows_a_file_that_the_schema_takes() -> None:
    [shown] = re.findall(r"```yaml\n(# yaml-language-server: .+?)```", PAGE, re.DOTALL)
    told = YAML(typ="safe", pure=True).load(shown)
    assert faults("segments", told) == []
    assert is_taken("segments", told)
