"""The parameter of a catalogue entry: what may stand in a place of its rule, and what does unless one says."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal, get_args

from tesela.base import InputError, text
from tesela.language import by_language, check_keys
from tesela.segments.filling import as_duration, plain, read_value, written_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.base import Language, Unit
    from tesela.segments.filling import Value

Kind = Literal["number", "share", "duration", "text"]
Figure = Literal[
    "order_gap", "second_order_gap", "category_gap", "most_common", "most_repeated", "companion", "price",
]  # fmt: skip

_KEYS = frozenset({"kind", "unit", "min", "max", "whole", "fixed", "measured", "es", "en"})
_LONGEST_TEXT = 200
_SECONDS: dict[Unit, int] = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_629_746,
    "quarter": 7_889_238,
    "year": 31_556_952,
}
_FIXED: tuple[Unit, ...] = ("second", "minute", "hour", "day", "week")


@dataclass(frozen=True, slots=True)
class Measure:
    """What of the shop's own data a parameter is taken from.

    Attributes:
        what: Which figure.
        at: Which percentage of the cases lies at or under it.
        event: Event whose field is meant; empty: a field of the profile.
        field: That field.
        of: Parameter of the same entry that names the category meant.
    """

    what: Figure
    at: int = 0
    event: str = ""
    field: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What may stand in one place of a rule.

    Attributes:
        name: The place.
        kind: `share` is 0 to 1; durations are written such as `30 days`.
        meaning: What it says, by language.
        default: What stands there unless one says, and unless the shop's data can say.
        unit: What a number counts; empty for the other kinds.
        low, high: Bounds, both allowed; None for texts.
        is_whole: Whether a number has no decimals.
        is_fixed: Whether a duration is told in units that always last as long: weeks and shorter.
        measured: What of the shop's data it is taken from; None: always the default.
    """

    name: str
    kind: Kind
    meaning: Mapping[Language, str]
    default: Value
    unit: str = ""
    low: Value | None = None
    high: Value | None = None
    is_whole: bool = False
    is_fixed: bool = False
    measured: Measure | None = None

    def read(self, told: object) -> Value:
        """Return the value that a person or a file tells.

        Raises:
            InputError: when it is of another kind, or out of bounds.
        """
        value = self._typed(told)
        if (
            self.low is not None
            and self.high is not None
            and not size_of(self.low) <= size_of(value) <= size_of(self.high)
        ):
            raise InputError(
                "segments.catalogue.out_of_bounds", name=self.name, value=str(value), low=self.low, high=self.high
            )
        return value

    def _typed(self, told: object) -> Value:
        written = str(told).strip()
        if self.kind == "text":
            if not written or len(written) > _LONGEST_TEXT or as_duration(written):
                raise InputError("segments.catalogue.bad_text", name=self.name, value=written, longest=_LONGEST_TEXT)
            return written
        if self.kind == "duration":
            found = as_duration(written)
            if not found or found[0] == 0 or (self.is_fixed and found[1] not in _FIXED):
                units = ", ".join(_FIXED if self.is_fixed else _SECONDS)
                raise InputError("segments.catalogue.bad_duration", name=self.name, value=written, units=units)
            return written_duration(*found)
        try:
            number = Decimal(written)
        except InvalidOperation:
            number = Decimal("nan")
        if not number.is_finite() or (self.is_whole and number != number.to_integral_value()):
            raise InputError("segments.catalogue.bad_number", name=self.name, value=written)
        return number

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        bounds = {"min": self.low, "max": self.high}
        measured = self.measured
        return {
            "kind": self.kind,
            "default": plain(self.default),
            "unit": self.unit,
            **{name: plain(bound) for name, bound in bounds.items() if bound is not None},
            "measured": measured and {"what": measured.what, "at": measured.at},
            "meaning": dict(self.meaning),
        }

    @classmethod
    def from_dict(cls, slug: str, name: str, written: object, default: object) -> Parameter:
        """Return the parameter that a file of the catalogue tells.

        Raises:
            InputError: when a key is unknown or a value of the wrong kind.
        """
        told = check_keys(f"{slug}.{name}", written, _KEYS, "kind")
        bounds = {"min": 0, "max": 1} if told["kind"] == "share" else {}
        low, high = (
            None if (bound := told.get(key, bounds.get(key))) is None else read_value(slug, name, bound)
            for key in ("min", "max")
        )
        meaning = by_language(slug, name, {language: told[language] for language in ("es", "en")})
        measured = Measure(**told["measured"]) if "measured" in told else None
        if told["kind"] not in get_args(Kind) or (measured and measured.what not in get_args(Figure)):
            raise InputError("segments.bad_value", segment=slug, place=name, value=dict(told))
        whole = told["kind"] == "number" and told.get("whole", told.get("unit") not in ("percent", "money"))
        made = cls(
            name, told["kind"], meaning, "", told.get("unit", ""), low, high, bool(whole),
            bool(told.get("fixed")), measured,
        )  # fmt: skip
        return cls(
            name, made.kind, meaning, made.read(default), made.unit, low, high, made.is_whole, made.is_fixed, measured
        )


def size_of(value: Value) -> Decimal:
    """Return what a value is compared by: a number itself, a duration in seconds (of an average month or year)."""
    if isinstance(value, Decimal):
        return value
    count, unit = as_duration(value) or (0, "second")
    return Decimal(count * _SECONDS[unit])


def say_value(value: Value, kind: Kind, language: Language) -> str:
    """Return a value as a sentence of the language has it: `30 días`, `80 %`, `2,5`."""
    if isinstance(value, str):
        found = as_duration(value)
        if not found:
            return value
        one, many = text(f"segments.catalogue.duration.{found[1]}", language).split("|")
        return f"{found[0]} {one if found[0] == 1 else many}"
    shown = f"{(value * 100 if kind == 'share' else value).normalize():f}" + (" %" if kind == "share" else "")
    return shown.replace(".", ",") if language == "es" else shown
