"""The award: what gives points in a score."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal, get_args

from tesela.base import InputError, Unit, parse_period, write_period
from tesela.language import dissect, from_json, parse, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.base import Language
    from tesela.language import Rule

AwardKind = Literal["when", "each", "value"]

HALVINGS = 6
"""How many half-lives an event counts for; in the last of them for a thirty-second, then for nothing."""

_KEYS = frozenset({*get_args(AwardKind), "points", "cap", "half_life"})

Part = Any
"""A part of a rule, in the language's JSON."""


@dataclass(frozen=True, slots=True)
class Award:
    """Points for something.

    Attributes:
        kind: `when` gives points while a condition holds, `each` for each of some events, `value` for each unit of a
            number.
        text: The condition, the events or the value, in the language.
        points: How many; may be negative.
        cap: How many at most, without regard to the sign; None is no limit.
        half_life: Of `each`: after so long an event gives half of its points, and half of that after as long again.
    """

    kind: AwardKind
    text: str
    points: Decimal
    cap: Decimal | None = None
    half_life: tuple[int, Unit] | None = None

    def __post_init__(self) -> None:
        # looks whether the language can read it
        _ = self.worth

    @property
    def measure(self) -> Rule:
        """What it looks at, as a value: the condition, the count of the events, the number."""
        return from_json({"when": self._measure})

    @property
    def worth(self) -> Rule:
        """Its points, as a value."""
        return from_json({"when": self.part})

    @property
    def part(self) -> Part:
        """Its points, as a part of a value."""
        if self.kind == "when":
            return self._capped(_if(self._measure, number(self.points), 0))
        if self.kind == "value":
            worth = _times(self.points, self._measure)
            return self._capped(_if({"op": "presence", "value": self._measure, "is_set": True}, worth, 0))
        if self.half_life is None:
            return self._capped(_times(self.points, self._measure))
        count, unit = self.half_life
        parts = [_times(self.points, self._within({"op": "rolling", "count": count, "unit": unit}))]
        for step in range(1, HALVINGS):
            window = {"op": "ago", "near": count * step, "far": count * (step + 1), "unit": unit}
            parts.append(_times(self.points / 2**step, self._within(window)))
        return self._capped(add(parts))

    @property
    def _measure(self) -> Part:
        if self.kind != "each":
            return to_json(parse(self.text))["when"]
        if self.half_life is None:
            return self._counted
        count, unit = self.half_life
        return self._within({"op": "rolling", "count": count * HALVINGS, "unit": unit})

    @property
    def _counted(self) -> Part:
        """The count of the events, as they are told."""
        counted = to_json(parse(f"count({self.text})"))["when"]
        if counted.get("op") != "aggregate" or "value" in counted["events"]:
            raise InputError("traits.scores.no_events", text=self.text)
        if self.half_life is not None and "window" in counted["events"]:
            raise InputError("traits.scores.window_and_half_life", text=self.text)
        return counted

    def _within(self, window: Part) -> Part:
        counted = self._counted
        return {**counted, "events": {**counted["events"], "window": window}}

    def _capped(self, part: Part) -> Part:
        if self.cap is None:
            return part
        if self.points > 0:
            return extreme("least", part, self.cap)
        return extreme("greatest", part, -self.cap)

    def said(self, language: Language) -> str:
        """Return what it looks at in plain words; a number as it is written."""
        if self.kind == "value":
            return self.text
        return dissect(parse(f"did {self.text}" if self.kind == "each" else self.text)).said(language)

    def to_dict(self) -> dict[str, Any]:
        """Return what a definition file says of it."""
        told: dict[str, Any] = {self.kind: self.text, "points": plain_number(self.points)}
        if self.half_life is not None:
            told["half_life"] = write_period(*self.half_life)
        return told if self.cap is None else {**told, "cap": plain_number(self.cap)}

    @classmethod
    def from_dict(cls, slug: str, place: int, told: Any) -> Award:
        """Return the award that a definition file tells.

        Args:
            slug: Of the score.
            place: Of the award among the others, from 1.
            told: What stands there.

        Raises:
            InputError: when a key is unknown, missing or of the wrong kind, or a rule cannot be read.
        """
        if not isinstance(told, dict) or set(told) - _KEYS:
            raise InputError("traits.scores.bad_award", score=slug, place=place, told=told)
        kinds = [kind for kind in get_args(AwardKind) if kind in told]
        if len(kinds) != 1 or not isinstance(told[kinds[0]], str) or not told[kinds[0]].strip():
            raise InputError("traits.scores.bad_award", score=slug, place=place, told=told)
        [kind] = kinds
        points = read_number(slug, "points", told.get("points"))
        cap = None if told.get("cap") is None else read_number(slug, "cap", told["cap"])
        if points == 0 or (cap is not None and cap <= 0):
            key = "points" if points == 0 else "cap"
            raise InputError("traits.scores.bad_number", score=slug, key=key, value=told[key])
        return cls(kind, told[kind].strip(), points, cap, _half_life(slug, place, kind, told))


def add(terms: list[Part]) -> Part:
    """Return the sum of some values."""
    total = terms[0]
    for term in terms[1:]:
        total = {"op": "arithmetic", "operator": "+", "left": total, "right": term}
    return total


def extreme(function: Literal["least", "greatest"], part: Part, bound: Decimal) -> Part:
    """Return a value that does not go past a bound."""
    return {"op": "extreme", "function": function, "values": [part, number(bound)]}


def number(exact: Decimal) -> Part:
    """Return a written number."""
    return {"number": f"{exact:f}"}


def read_number(slug: str, key: str, told: object) -> Decimal:
    """Return the exact number that a definition file tells.

    Raises:
        InputError: when it is none.
    """
    if isinstance(told, int | float | Decimal) and not isinstance(told, bool):
        try:
            number = Decimal(str(told))
        except InvalidOperation:
            number = Decimal("nan")
        if number.is_finite():
            return number
    raise InputError("traits.scores.bad_number", score=slug, key=key, value=told)


def plain_number(number: Decimal) -> int | float:
    """Return a number as a definition file tells it."""
    return int(number) if number == number.to_integral_value() else float(number)


def _half_life(slug: str, place: int, kind: str, told: Mapping[str, Any]) -> tuple[int, Unit] | None:
    written = told.get("half_life")
    if written is None:
        return None
    count, unit = parse_period(written) or (0, None)
    if kind != "each" or unit is None:
        raise InputError("traits.scores.bad_half_life", score=slug, place=place, value=written)
    return count, unit


def _if(condition: Part, then: Part, otherwise: Part) -> Part:
    return {"op": "if", "condition": condition, "then": then, "otherwise": otherwise}


def _times(points: Decimal, part: Part) -> Part:
    return part if points == 1 else {"op": "arithmetic", "operator": "*", "left": number(points), "right": part}
