"""What editors are told of the files that people write: JSON Schemas (2020-12), made from the nodes themselves.

`tools/reference.py` writes what `make_schema` returns into `schemas/`; the package carries those files, so reading
one needs no code that knows the language.
"""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields
from decimal import Decimal
from importlib import resources
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from tesela.base import LANGUAGES, Unit
from tesela.language.definitions import SLUG
from tesela.language.nesting import MAX_LIST
from tesela.language.nodes import Duration, Moment, Name, Node
from tesela.language.notations.json import KINDS, hints_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SchemaKind = Literal["segments", "traits", "rule"]
Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NODE: Schema = {"$ref": "#/$defs/node"}
_EXACT: Schema = {
    "title": "An exact number",
    "description": 'A whole number, or a text such as "0.9".',
    "type": ["string", "integer"],
    "pattern": r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$",
}
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SOME_TEXT: Schema = {"type": "string", "minLength": 1}
_SHORT: Mapping[str, tuple[str, Schema]] = {
    "field": (
        "A field of the profile or of the event; a list of names is one name with dots.",
        {"type": ["string", "array"], "minLength": 1, "minItems": 1, "items": _SOME_TEXT},
    ),
    "number": ("A number that is not whole, exactly as it is written.", _EXACT),
    "date": ("A day of the calendar: 2026-01-31.", {"type": "string", "pattern": f"^{_DAY}$"}),
    "time": (
        "A time: 2026-01-31T09:30, local unless it carries an offset.",
        {"type": "string", "pattern": f"^{_DAY}([T ].+)?$"},
    ),
    "duration": (
        'A length of time: [30, "day"].',
        {
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "prefixItems": [{"type": "integer", "minimum": 1}, {"enum": list(get_args(Unit))}],
        },
    ),
}
# What `from_json` reads a node of these kinds from, beside an object with `op`.
_READ_AS: Mapping[type[Node], str] = {Duration: "duration", Name: "field", Moment: "moment"}


def make_schema(kind: SchemaKind) -> Schema:
    """Return the JSON Schema of a file of segments, a file of traits, or a rule's structure.

    It lets pass what `to_json` writes. What passes may still be refused: it knows keys, operators and types, not
    names, depths or texts.

    Example:
        >>> make_schema("rule")["required"]
        ['when']
    """
    made = {"segments": _segments, "traits": _traits, "rule": _rule}[kind]()
    return {"$schema": _DIALECT, "$id": f"urn:tesela:schema:{kind}", **made}


def read_schema(kind: SchemaKind) -> str:
    """Return the text of a schema as the package carries it."""
    return resources.files("tesela.language.notations").joinpath("schemas", f"{kind}.json").read_text("utf-8")


# --- files ------------------------------------------------------------------------------------------------


def _segments() -> Schema:
    when = {
        "title": "The rule",
        "description": "Who belongs: the rule as text, or its structure.",
        "examples": ["count(order_completed in last 6 months) >= 5"],
        "type": ["string", "object"],
        "pattern": r"\S",
        "if": {"type": "object", "required": ["when"]},
        "then": {"$ref": "#/$defs/rule"},
        "else": {"if": {"type": "object"}, "then": _NODE},
    }
    values = {
        "title": "Values",
        "description": "What stands in the rule's {places}: numbers, durations such as 30 days, and texts.",
        "examples": [{"orders": 2, "window": "30 days"}],
        "type": ["object", "null"],
        "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
        "additionalProperties": {"type": ["number", "string"]},
    }
    file = _file("Segments", "A segment: a rule with a name.", "when", when, {"with": values})
    return {**file, "$defs": {**file["$defs"], "rule": _rule_alone(), **_nodes()}}


def _traits() -> Schema:
    value = {
        "title": "The value",
        "description": "What is computed for every profile, as text in the language of the segments.",
        "examples": ["sum(order_completed.amount in last 90 days)"],
        "type": "string",
        "pattern": r"\S",
    }
    bounds = {
        key: {"title": title, "description": f"How many points a person has at {word}.", "type": "number"}
        for key, title, word in (("cap", "Cap", "most"), ("floor", "Floor", "least"))
    }
    points = {
        "title": "Points",
        "description": "Of a score: what gives points; their sum is the value.",
        "examples": [[{"when": "did email_opened in last 30 days", "points": 10}]],
        "type": "array",
        "minItems": 1,
        "maxItems": 100,
        "items": {"$ref": "#/$defs/award"},
    }
    meaning = "A trait: a value of every profile, used in rules by its name; or a score, the sum of points."
    file = _file("Computed traits", meaning, "value", value, {"points": points, **bounds})
    definition = {key: told for key, told in file["$defs"]["definition"].items() if key != "required"}
    definition["oneOf"] = [{"required": ["value"]}, {"required": ["points"]}]
    definition["dependentRequired"] = {"cap": ["points"], "floor": ["points"]}
    return {**file, "$defs": {"definition": definition, "award": _award()}}


def _award() -> Schema:
    """Return the schema of what gives points in a score."""
    told = {
        "when": ("Condition", "Gives the points while it holds.", "did email_opened in last 30 days"),
        "each": ("Events", "Each of them gives the points.", "email_link_clicked in last 90 days"),
        "value": ("Number", "Each unit of it gives the points.", "count(order_completed)"),
    }
    kinds = {
        key: {"title": title, "description": meaning, "examples": [example], "type": "string", "pattern": r"\S"}
        for key, (title, meaning, example) in told.items()
    }
    half_life = "Of `each`: after so long an event gives half of its points, and half of that after as long again."
    return {
        "description": "What gives points.",
        "type": "object",
        "properties": {
            **kinds,
            "points": {"title": "Points", "description": "How many; may be negative.", "type": "number"},
            "cap": {
                "title": "Cap",
                "description": "How many at most, without regard to the sign.",
                "type": "number",
                "exclusiveMinimum": 0,
            },
            "half_life": {"title": "Half-life", "description": half_life, "examples": ["30 days"], **_SOME_TEXT},
        },
        "required": ["points"],
        "oneOf": [{"required": [key]} for key in told],
        "dependentRequired": {"half_life": ["each"]},
        "additionalProperties": False,
    }


def _file(title: str, meaning: str, key: str, told: Schema, more: Schema | None = None) -> Schema:
    """Return the schema of a file: short names and, under each, a definition with a key of its own, and maybe more."""
    words = {
        "name": {"title": "Name", "description": "What it is called, by language.", **_BY_LANGUAGE},
        "description": {"title": "Description", "description": "What it is for, by language.", **_BY_LANGUAGE},
    }
    definition = {
        "description": meaning,
        "type": "object",
        "properties": {**words, key: told, **(more or {})},
        "required": [key],
        "additionalProperties": False,
    }
    return {
        "title": title,
        "description": f"Short names (small letters, digits and _, a letter first), each with a definition. {meaning}",
        "type": ["object", "null"],
        "patternProperties": {f"^{SLUG}$": {"$ref": "#/$defs/definition"}},
        "additionalProperties": False,
        "$defs": {"definition": definition},
    }


_BY_LANGUAGE: Schema = {
    "type": ["object", "null"],
    "properties": {language: {"type": "string"} for language in LANGUAGES},
    "additionalProperties": False,
}


# --- rules ------------------------------------------------------------------------------------------------


def _rule() -> Schema:
    return {**_rule_alone(), "$defs": _nodes()}


def _rule_alone() -> Schema:
    return {
        "title": "A rule as a structure",
        "description": "The JSON and YAML notation of the segment language.",
        "type": "object",
        "properties": {
            "when": {"title": "The condition", "description": "What makes a profile a member.", **_NODE},
            "among": {
                "title": "Who is asked",
                "description": "`everyone` asks anonymous visitors too.",
                "enum": ["everyone", None],
            },
        },
        "required": ["when"],
        "additionalProperties": False,
    }


def _nodes() -> dict[str, Schema]:
    """Return the schema of any part of a rule, of each `op`, and of what is written without one."""
    short = {key: _short(key, meaning, value) for key, (meaning, value) in _SHORT.items()}
    moment = {"anyOf": [{"$ref": "#/$defs/date"}, {"$ref": "#/$defs/time"}]}
    ops = {f"op_{op}": _op(op, kind) for op, kind in KINDS.items()}
    return {"node": _node(), **short, "moment": moment, **ops}


def _node() -> Schema:
    """Return the schema of any part: by its `op`, so that an editor tells of the one op meant and no other."""
    by_op = [{"if": _has("op", {"const": op}), "then": {"$ref": f"#/$defs/op_{op}"}} for op in KINDS]
    without = [{"if": _has(key, True), "then": {"$ref": f"#/$defs/{key}"}} for key in _SHORT]
    return {
        "title": "A condition or a value",
        "description": 'An object with `op`, a text, a number, true or false, or such as {"field": "city"}.',
        "type": ["object", "string", "number", "boolean"],
        "if": _has("op", True),
        "then": {"properties": {"op": {"enum": sorted(KINDS)}}, "allOf": by_op},
        "else": {
            "if": {"type": "object"},
            "then": {"minProperties": 1, "propertyNames": {"enum": ["op", *_SHORT]}, "allOf": without},
        },
    }


def _has(key: str, value: Schema | bool) -> Schema:
    return {"type": "object", "required": [key], "properties": {key: value}}


def _short(key: str, meaning: str, value: Schema) -> Schema:
    return {
        "description": meaning,
        "type": "object",
        "properties": {key: value},
        "required": [key],
        "additionalProperties": False,
    }


def _op(op: str, kind: type[Node]) -> Schema:
    """Return the schema of one kind of node."""
    parts = {each.name: each for each in fields(kind) if each.compare}
    hints = hints_of(kind)
    return {
        "title": op,
        "description": inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " "),
        "type": "object",
        "properties": {"op": {"const": op}, **{name: _typed(hints[name]) for name in parts}},
        "required": ["op", *(name for name, each in parts.items() if each.default is MISSING)],
        "additionalProperties": False,
    }


def _typed(hint: Any) -> Schema:
    """Return the schema of what a field of a node holds, by the field's own type."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return {"anyOf": [_typed(next(each for each in inner if each is not type(None))), {"type": "null"}]}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is tuple:
        return _tuple(inner)
    if hint is Decimal:
        return _EXACT
    if hint in (str, int, bool):
        return {"type": {"str": "string", "int": "integer", "bool": "boolean"}[hint.__name__]}
    if hint is Node:
        return _NODE
    return {"$ref": f"#/$defs/{_READ_AS.get(hint) or _op_of(hint)}"}


def _tuple(kinds: tuple[Any, ...]) -> Schema:
    if kinds[-1] is Ellipsis:
        return {"type": "array", "items": _typed(kinds[0]), "maxItems": MAX_LIST}
    size = len(kinds)
    return {"type": "array", "prefixItems": [_typed(each) for each in kinds], "minItems": size, "maxItems": size}


def _op_of(kind: type[Node]) -> str:
    return next(f"op_{op}" for op, each in KINDS.items() if each is kind)
