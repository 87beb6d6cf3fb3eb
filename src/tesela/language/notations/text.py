"""Write a rule as the text that reads back as the same tree, with no more parentheses than it needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tesela.language import nodes, words
from tesela.language.parsing.cursor import AND, COMPARISON, NOT, OR, PRODUCT, SUM, XOR
from tesela.language.parsing.rule import CONDITIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from tesela.language.nodes import Node, Rule

_PLAIN = re.compile(r"[^\W\d]\w*")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d")
_ATOM = PRODUCT + 1
_TESTS = (
    nodes.Comparison, nodes.Between, nodes.OneOf, nodes.Presence, nodes.TextTest, nodes.Within, nodes.ListTest,
    nodes.GeoTest,
)  # fmt: skip
_LEVELS: dict[type[Node], int] = {
    nodes.Or: OR,
    nodes.Xor: XOR,
    nodes.And: AND,
    nodes.Not: NOT,
    **dict.fromkeys(_TESTS, COMPARISON),
}
_RESERVED = frozenset({
    "after", "ago", "all", "among", "and", "any", "at", "before", "between", "birthday", "by", "can_receive",
    "contains", "did", "does", "ends", "ever", "everyone", "except", "exactly", "false", "for", "has", "held", "in",
    "inside", "is", "joined", "left", "matches", "missing", "never", "no", "none", "not", "of", "on", "or", "per",
    "population", "previous", "revenue", "since", "starts", "store", "this", "today", "top", "true", "where",
    "with", "within", "xor", "yesterday",
})  # fmt: skip
_NEGATED = {
    "contains": "does not contain",
    "starts with": "does not start with",
    "ends with": "does not end with",
    "matches": "does not match",
}
_OF_ITEMS = {
    "contains": "containing",
    "starts with": "starting with",
    "ends with": "ending with",
    "matches": "matching",
}


def write_text(written: Rule | str | Decimal) -> str:
    r"""Return the text of a rule, which `parse` reads as the same tree; of a text or number, how a rule writes it.

    Example:
        >>> from tesela.language import parse
        >>> write_text(parse("( did x ) and(a=1 or b in ('u'))"))
        'did x and (a = 1 or b in ("u"))'
        >>> write_text('the "best"')
        '"the \\"best\\""'
    """
    if isinstance(written, str):
        return quoted(written)
    if not isinstance(written, nodes.Rule):
        return decimal(written)
    return _write(written.body, 0) + (" among everyone" if written.everyone else "")


def write_node(node: Node) -> str:
    """Return the text of a part of a rule."""
    return _write(node, 0)


def _write(node: Node, minimum: int) -> str:
    """Return the text of a node; in parentheses when it binds less tightly than asked."""
    text = _WRITERS[type(node)](node)
    return f"({text})" if _level(node) < minimum else text


def _level(node: Node) -> int:
    if isinstance(node, nodes.Arithmetic):
        return SUM if node.operator in ("+", "-") else PRODUCT
    return _LEVELS.get(type(node), _ATOM)


def _closed(node: Node) -> str:
    """Return a condition that other words may follow."""
    text = _write(node, 0)
    return text if isinstance(node, _TESTS) else f"({text})"


# --- written values ---------------------------------------------------------------------------------------


def name(parts: tuple[str, ...]) -> str:
    """Return a name, in back quotes where it is no plain word."""
    return ".".join(_word(part) for part in parts)


def _word(word: str) -> str:
    is_plain = _PLAIN.fullmatch(word) and word.lower() not in _RESERVED and word.lower() not in words.UNITS
    return word if is_plain else f"`{word}`"


def quoted(text: str) -> str:
    """Return a text in quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def decimal(value: Decimal) -> str:
    """Return a number without an exponent and without closing zeros."""
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _slug(slug: str) -> str:
    return _word(slug)


def _duration(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _list(node: nodes.OneOf) -> str:
    items = [quoted(text) for text in node.texts] or [decimal(number) for number in node.numbers]
    items = items or [_write(item, 0) for item in node.items]
    return f"({', '.join(items)})"


def _point(point: tuple[Decimal, Decimal]) -> str:
    return f"({decimal(point[0])}, {decimal(point[1])})"


# --- windows ----------------------------------------------------------------------------------------------


def _rolling(node: nodes.Rolling) -> str:
    if node.calendar:
        unit = node.unit if node.count == 1 else f"{node.unit}s"
        return f"in last {node.count} calendar {unit}"
    return f"in {'next' if node.forward else 'last'} {_duration(node.count, node.unit)}"


def _previous(node: nodes.Previous) -> str:
    return f"previous {node.unit}" if node.count == 1 else f"previous {node.count} {node.unit}s"


def _calendar(node: nodes.Calendar) -> str:
    if node.last is not None:
        return f"between {_write(node.first, 0)} and {_write(node.last, 0)}"
    return f"{node.word} {_write(node.first, 0)}"


# --- events -----------------------------------------------------------------------------------------------


def _selection(node: nodes.Events, by: Node | None = None) -> str:
    what = () if node.name is None else (node.name,)
    field = node.value.parts if isinstance(node.value, nodes.Name) else ()
    text = name((*what, *field))
    if by is not None:
        text += f" by {_write(by, _ATOM)}"
    window = "" if node.window is None else f" {_write(node.window, 0)}"
    text += _beside_where(node.where, window)
    return text if node.since is None else f"{text} since {_write(node.since, SUM)}"


def _beside_where(where: Node | None, others: str) -> str:
    """Write a condition and other modifiers: after a bare value a window would be taken for its own."""
    if where is None:
        return others
    condition = f" where {_closed(where)}"
    return condition + others if isinstance(where, CONDITIONS) else others + condition


def _step(node: nodes.Step) -> str:
    text = ("no " if node.negated else "") + name((node.events.name or "",))
    others = ""
    if node.same:
        others += " with same " + " and ".join(_write(each, _ATOM) for each in node.same)
    if node.within is not None:
        others += f" within {_write(node.within, 0)}"
    return text + _beside_where(node.events.where, others)


def _sequence(node: nodes.Sequence) -> str:
    steps = ", ".join(_step(step) for step in node.steps)
    return f"sequence({steps})" + (f" {_write(node.window, 0)}" if node.window else "")


def _regularly(node: nodes.Regularly) -> str:
    periods = _write(node.periods, 0).removeprefix("in ")
    return f"regularly({_selection(node.events)}, {node.at_least} of {periods})"


def _population(node: nodes.PopulationValue) -> str:
    # the `where` of a condition would be taken for the population's
    text = f"({_write(node.value, 0)})" if isinstance(node.value, CONDITIONS) else _write(node.value, NOT)
    text += f" where {_closed(node.where)}" if node.where else ""
    return f"population.{node.function}({text}{_per(node.per)})"


def _standing(word: str) -> Callable[[Any], str]:
    return lambda node: f"{word}({_write(node.value, SUM)}{_per(node.per)}{_among(node.among)})"


def _per(node: Node | None) -> str:
    return f" per {_write(node, _ATOM)}" if node else ""


def _among(node: Node | None) -> str:
    return f" among {_closed(node)}" if node else ""


# --- conditions -------------------------------------------------------------------------------------------


def _joined(word: str, minimum: int) -> Callable[[Any], str]:
    return lambda node: f" {word} ".join(_write(item, minimum) for item in node.items)


def _of_these(node: nodes.OfThese) -> str:
    items = ", ".join(_write(item, 0) for item in node.items)
    if node.minimum == node.maximum:
        return f"exactly {node.minimum} of ({items})"
    if node.maximum is None:
        return f"at least {node.minimum} of ({items})"
    if node.minimum is None:
        return f"at most {node.maximum} of ({items})"
    return f"at least {node.minimum} of ({items}) and at most {node.maximum} of ({items})"


def _between(node: nodes.Between) -> str:
    word, low = "not between" if node.negated else "between", _write(node.low, SUM)
    if _MOMENT.match(low):
        # two dates after `between` are a window
        low = f"({low})"
    return f"{_write(node.value, SUM)} {word} {low} and {_write(node.high, SUM)}"


def _text_test(node: nodes.TextTest) -> str:
    word = _NEGATED[node.kind] if node.negated else node.kind
    exactly = " exactly" if node.exactly else ""
    return f"{_write(node.value, SUM)} {word}{exactly} {quoted(node.needle)}"


def _list_test(node: nodes.ListTest) -> str:
    value = _write(node.value, SUM)
    if node.kind is not None:
        exactly = " exactly" if node.exactly else ""
        return f"{value} has {node.quantifier} {_OF_ITEMS[node.kind]}{exactly} {quoted(node.needle)}"
    if node.quantifier == "any" and len(node.items) == 1:
        return f"{value} has {quoted(node.items[0])}"
    return f"{value} has {node.quantifier} of ({', '.join(quoted(item) for item in node.items)})"


def _geo_test(node: nodes.GeoTest) -> str:
    value = _write(node.value, SUM)
    if node.kind == "near":
        return f"{value} within {decimal(node.kilometres)} km of {_point(node.points[0])}"
    return f"{value} inside ({', '.join(map(_point, node.points))})"


def _consent(node: nodes.Consent) -> str:
    return f"consent({_address(node)})" + ("" if node.part == "status" else f".{node.part}")


def _address(node: nodes.Consent | nodes.CanReceive) -> str:
    return _slug(node.channel) + ("" if node.purpose == "marketing" else f", {quoted(node.purpose)}")


def _stay(node: nodes.Stay) -> str:
    return f"{node.word} {_slug(node.slug)}" + (f" {_write(node.window, 0)}" if node.window else "")


def _held(node: nodes.Held) -> str:
    text = _write(node.condition, 0)
    side = getattr(node.condition, "left", None) or getattr(node.condition, "value", None)
    is_plain = isinstance(node.condition, _TESTS) and isinstance(side, nodes.Name)
    return f"held {text if is_plain else f'({text})'} for {_write(node.duration, 0)}"


def _top(node: nodes.Top) -> str:
    return f"top {decimal(node.share * 100)}% by {_write(node.value, SUM)}{_per(node.per)}{_among(node.among)}"


def _aggregate(node: nodes.Aggregate) -> str:
    return f"{node.function}({_selection(node.events, node.by)})"


_WRITERS: dict[type[Node], Callable[[Any], str]] = {
    nodes.Number: lambda node: decimal(node.value),
    nodes.Text: lambda node: quoted(node.value),
    nodes.Truth: lambda node: "true" if node.value else "false",
    nodes.Moment: lambda node: node.value.isoformat(),
    nodes.Name: lambda node: name(node.parts),
    nodes.Duration: lambda node: _duration(node.count, node.unit),
    nodes.Rolling: _rolling,
    nodes.Ago: lambda node: f"between {node.near} and {node.far} {node.unit}s ago",
    nodes.Current: lambda node: "today" if node.unit == "day" else f"this {node.unit}",
    nodes.Previous: _previous,
    nodes.Calendar: _calendar,
    nodes.Events: _selection,
    nodes.Aggregate: _aggregate,
    nodes.ValueAt: lambda node: f"{node.which}({_selection(node.events)}).{_write(node.value, _ATOM)}",
    nodes.Revenue: lambda node: f"revenue({_write(node.window, 0)})" if node.window else "revenue",
    nodes.TimeSince: lambda node: f"time_since({_write(node.value, SUM)})",
    nodes.PreviousValue: lambda node: f"previous({_write(node.field, _ATOM)})",
    nodes.Consent: _consent,
    nodes.Length: lambda node: f"length({_write(node.value, SUM)})",
    nodes.Arithmetic: lambda node: (
        f"{_write(node.left, _level(node))} {node.operator} {_write(node.right, _level(node) + 1)}"
    ),
    nodes.If: lambda node: f"if({_write(node.condition, 0)}, {_write(node.then, 0)}, {_write(node.otherwise, 0)})",
    nodes.Extreme: lambda node: f"{node.function}({', '.join(_write(each, SUM) for each in node.values)})",
    nodes.StoreValue: lambda node: f"store.{node.function}({_selection(node.events)})",
    nodes.PopulationValue: _population,
    nodes.Percentile: _standing("percentile"),
    nodes.Decile: _standing("decile"),
    nodes.Rank: _standing("rank"),
    nodes.Top: _top,
    nodes.And: _joined("and", NOT),
    nodes.Or: _joined("or", XOR),
    nodes.Xor: lambda node: f"{_write(node.left, XOR)} xor {_write(node.right, AND)}",
    nodes.OfThese: _of_these,
    nodes.Not: lambda node: f"not {_write(node.item, NOT)}",
    nodes.Did: lambda node: f"{'never' if node.never else 'did'} {_selection(node.events)}",
    nodes.Comparison: lambda node: f"{_write(node.left, SUM)} {node.operator} {_write(node.right, SUM)}",
    nodes.Between: _between,
    nodes.OneOf: lambda node: f"{_write(node.value, SUM)} {'not in' if node.negated else 'in'} {_list(node)}",
    nodes.Presence: lambda node: f"{_write(node.value, SUM)} is {'set' if node.is_set else 'missing'}",
    nodes.TextTest: _text_test,
    nodes.Within: lambda node: f"{_write(node.value, SUM)} {_write(node.window, 0)}",
    nodes.Birthday: lambda node: f"birthday in next {_duration(node.days, 'day')}",
    nodes.Anniversary: lambda node: f"anniversary({_write(node.value, SUM)}) in next {_duration(node.days, 'day')}",
    nodes.InSegment: lambda node: f"in segment {_slug(node.slug)}",
    nodes.InFor: lambda node: f"in segment {_slug(node.slug)} for {_write(node.duration, 0)}",
    nodes.Stay: _stay,
    nodes.CanReceive: lambda node: f"can_receive({_address(node)})",
    nodes.ListTest: _list_test,
    nodes.GeoTest: _geo_test,
    nodes.Related: lambda node: (
        f"{node.quantifier}({_selection(node.events)}" + (f" by {_write(node.key, _ATOM)})" if node.key else ")")
    ),
    nodes.Sequence: _sequence,
    nodes.Regularly: _regularly,
    nodes.Stopped: lambda node: f"stopped({_selection(node.events)}, {_write(node.duration, 0)})",
    nodes.Resumed: lambda node: f"resumed({_selection(node.events)}, {_write(node.duration, 0)})",
    nodes.Changed: lambda node: (
        f"changed({_write(node.field, _ATOM)}" + (f" {_write(node.window, 0)})" if node.window else ")")
    ),
    nodes.Held: _held,
    nodes.Sample: lambda node: f"sample({decimal(node.share * 100)}%, {quoted(node.salt)})",
}
