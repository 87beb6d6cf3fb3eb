"""A rule as plain JSON, for programs and visual builders; YAML is the same structure.

Every node is an object whose `op` says what it is and whose other keys are its parts; what is as it is by
default is left out. Texts, whole numbers and truths stand for themselves, a field for `{"field": "city"}`, other
numbers, dates and durations for `{"number": "0.9"}`, `{"date": "2026-11-22"}`, `{"duration": [30, "day"]}`.
"""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from tesela.base import InputError, Unit
from tesela.language import nodes
from tesela.language.nesting import MAX_LIST, MAX_NESTING, allow_nesting
from tesela.language.nodes import Node, Rule
from tesela.language.notations.text import write_text
from tesela.language.parsing import parse
from tesela.language.places import near_names

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any

_SAFE_WHOLE = 2**53
# What `resolve` puts in is no part of any notation.
_RESOLVED = (
    nodes.EventField, nodes.EventClock, nodes.ProductField, nodes.StoredTrait, nodes.Property, nodes.Attribute,
    nodes.Age, nodes.Instant, nodes.Bounds, nodes.Periods,
)  # fmt: skip
_SHORT = (nodes.Number, nodes.Text, nodes.Truth, nodes.Moment, nodes.Name, nodes.Duration)


def _snake(kind: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


KINDS: Mapping[str, type[Node]] = {
    _snake(kind): kind
    for kind in vars(nodes).values()
    if isinstance(kind, type) and issubclass(kind, Node) and kind not in (Node, Rule, nodes.Window, *_RESOLVED, *_SHORT)
}
"""Nodes by their `op`."""

_OPS = {kind: op for op, kind in KINDS.items()}
_HINTS: dict[type[Node], dict[str, Any]] = {}


def to_json(rule: Rule) -> dict[str, Json]:
    """Return a rule as what JSON can hold.

    Example:
        >>> from tesela.language import parse
        >>> to_json(parse("did order_completed in last 30 days"))["when"]["events"]["window"]
        {'op': 'rolling', 'count': 30, 'unit': 'day'}
    """
    told: dict[str, Json] = {"when": _told(rule.body)}
    return {**told, "among": "everyone"} if rule.everyone else told


def from_json(told: Json) -> Rule:
    """Return the rule that a JSON value holds.

    Raises:
        InputError: where it holds none, with the path of the part at fault.
    """
    allow_nesting()
    if not isinstance(told, dict) or "when" not in told:
        raise _wrong("", told, '{"when": …}')
    for key in told:
        if key not in ("when", "among"):
            raise _unknown(f"/{key}", key, ("when", "among"))
    if told.get("among") not in (None, "everyone"):
        raise _wrong("/among", told["among"], '"everyone"')
    rule = Rule(_node(told["when"], "/when", 0), told.get("among") == "everyone")
    # a tree that no text says (a list of nothing, a point off the earth) is no rule
    return parse(write_text(rule))


# --- out --------------------------------------------------------------------------------------------------


def _told(value: object) -> Json:
    if isinstance(value, nodes.Text | nodes.Truth):
        return value.value
    if isinstance(value, nodes.Number):
        whole = value.value == value.value.to_integral_value() and abs(value.value) < _SAFE_WHOLE
        return int(value.value) if whole else {"number": _decimal(value.value)}
    if isinstance(value, nodes.Name):
        return {"field": value.parts[0] if len(value.parts) == 1 else list(value.parts)}
    if isinstance(value, nodes.Moment):
        key = "time" if isinstance(value.value, datetime) else "date"
        return {key: value.value.isoformat()}
    if isinstance(value, nodes.Duration):
        return {"duration": [value.count, value.unit]}
    if isinstance(value, Node):
        return {"op": _OPS[type(value)], **_parts(value)}
    if isinstance(value, tuple):
        return [_told(each) for each in value]
    return _decimal(value) if isinstance(value, Decimal) else value


def _parts(node: Node) -> dict[str, Json]:
    written = {each.name: (getattr(node, each.name), each.default) for each in fields(node) if each.compare}
    return {name: _told(value) for name, (value, default) in written.items() if default is MISSING or value != default}


def _decimal(value: Decimal) -> str:
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


# --- in ---------------------------------------------------------------------------------------------------


def _node(told: Json, path: str, depth: int) -> Node:
    if depth > MAX_NESTING:
        raise InputError("language.too_deep", limit=MAX_NESTING)
    if isinstance(told, bool):
        return nodes.Truth(told)
    if isinstance(told, str):
        return nodes.Text(told)
    if isinstance(told, int):
        return nodes.Number(Decimal(told))
    if isinstance(told, float):
        return nodes.Number(_exact(repr(told), path))
    if not isinstance(told, dict):
        raise _wrong(path, told, '{"op": …}')
    if "op" not in told:
        return _short(told, path)
    kind = KINDS.get(told["op"]) if isinstance(told["op"], str) else None
    if kind is None:
        raise _unknown(f"{path}/op", told["op"], KINDS)
    return _made(kind, told, path, depth)


def _short(told: dict[str, Json], path: str) -> Node:
    """Read a field, number, date, time or duration."""
    (key, value), *rest = told.items() if told else [("", None)]
    readers = {"field": _name, "number": _number, "date": _date, "time": _time, "duration": _duration}
    if rest or key not in readers:
        raise _unknown(path, key, ("op", *readers))
    return readers[key](value, f"{path}/{key}")


def _name(value: Json, path: str) -> Node:
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list) or not parts or not all(isinstance(part, str) and part for part in parts):
        raise _wrong(path, value, '"city"')
    return nodes.Name(tuple(parts))


def _number(value: Json, path: str) -> Node:
    return nodes.Number(_exact(value, path))


def _exact(value: Json, path: str) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) else Decimal("nan")
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise _wrong(path, value, '"0.9"')
    return number


def _date(value: Json, path: str) -> Node:
    try:
        return nodes.Moment(date.fromisoformat(value))
    except (TypeError, ValueError):
        raise _wrong(path, value, '"2026-01-31"') from None


def _time(value: Json, path: str) -> Node:
    try:
        return nodes.Moment(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        raise _wrong(path, value, '"2026-01-31T09:30"') from None


def _duration(value: Json, path: str) -> nodes.Duration:
    is_pair = isinstance(value, list) and len(value) == 2
    if not is_pair or not isinstance(value[0], int) or isinstance(value[0], bool) or value[0] < 1:
        raise _wrong(path, value, '[30, "day"]')
    if value[1] not in get_args(Unit):
        raise _unknown(f"{path}/1", value[1], get_args(Unit))
    return nodes.Duration(value[0], value[1])


def _made(kind: type[Node], told: dict[str, Json], path: str, depth: int) -> Node:
    known = {each.name: each for each in fields(kind) if each.compare}
    for key in told:
        if key != "op" and key not in known:
            raise _unknown(f"{path}/{key}", key, known)
    hints = hints_of(kind)
    given: dict[str, Any] = {}
    for name, each in known.items():
        if name in told:
            given[name] = _typed(told[name], hints[name], f"{path}/{name}", depth + 1)
        elif each.default is MISSING:
            raise InputError("language.json_lacks", path=path or "/", key=name, op=told["op"])
    return kind(**given)


def hints_of(kind: type[Node]) -> dict[str, Any]:
    """Return the types of a node's parts, by name."""
    if kind not in _HINTS:
        _HINTS[kind] = get_type_hints(kind, vars(nodes) | {"Unit": Unit})
    return _HINTS[kind]


def _typed(told: Json, hint: Any, path: str, depth: int) -> Any:
    """Read what a field of a node holds, by the field's own type."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        if told is None:
            return None
        inner = [each for each in get_args(hint) if each is not type(None)]
        return _typed(told, inner[0], path, depth)
    if origin is Literal:
        if told not in get_args(hint):
            raise _unknown(path, told, get_args(hint))
        return told
    if origin is tuple:
        return _tuple(told, get_args(hint), path, depth)
    if hint is Decimal:
        return _exact(told, path)
    if hint in (str, int, bool):
        if type(told) is not hint:
            raise _wrong(path, told, {"str": '"…"', "int": "1", "bool": "true"}[hint.__name__])
        return told
    node = _node(told, path, depth)
    if not isinstance(node, hint):
        raise _wrong(path, told, f'{{"op": "{_snake(hint)}", …}}')
    return node


def _tuple(told: Json, kinds: tuple[Any, ...], path: str, depth: int) -> tuple[Any, ...]:
    if not isinstance(told, list):
        raise _wrong(path, told, "[…]")
    if len(told) > MAX_LIST:
        raise InputError("language.too_long_list", limit=MAX_LIST, line=1, column=1)
    if kinds[-1] is not Ellipsis:
        if len(told) != len(kinds):
            raise _wrong(path, told, f"{len(kinds)} × …")
        return tuple(
            _typed(each, kind, f"{path}/{n}", depth) for n, (each, kind) in enumerate(zip(told, kinds, strict=True))
        )
    if kinds[0] is str and all(type(each) is str for each in told):
        return tuple(told)
    return tuple(_typed(each, kinds[0], f"{path}/{n}", depth) for n, each in enumerate(told))


# --- errors -----------------------------------------------------------------------------------------------


def _wrong(path: str, told: Json, expected: str) -> InputError:
    found = repr(told)
    return InputError("language.json_wrong", path=path or "/", found=found[:60], expected=expected)


def _unknown(path: str, word: Json, known: Any) -> InputError:
    names = [str(each) for each in known]
    near = near_names(str(word), names) or sorted(names)[:12]
    return InputError("language.json_unknown", path=path or "/", word=str(word)[:60], near=", ".join(near))
