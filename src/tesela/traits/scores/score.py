"""The score: the sum of its awards, within bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela.base import InputError
from tesela.language import from_json, write_text
from tesela.traits.scores.award import Award, add, extreme, plain_number, read_number

if TYPE_CHECKING:
    from decimal import Decimal

MOST_AWARDS = 100
"""How many awards a score may have."""


@dataclass(frozen=True, slots=True)
class Score:
    """Points for what people are and do.

    Attributes:
        awards: What gives points.
        cap: How many points at most; None is no limit.
        floor: How many at least; None is no limit.
    """

    awards: tuple[Award, ...]
    cap: Decimal | None = None
    floor: Decimal | None = None

    @property
    def value(self) -> str:
        """The score as a value of the language, like any other.

        Example:
            >>> from decimal import Decimal
            >>> Score((Award("each", "email_opened in last 30 days", Decimal(2), cap=Decimal(10)),)).value
            'least(2 * count(email_opened in last 30 days), 10)'
        """
        total = add([award.part for award in self.awards])
        if self.cap is not None:
            total = extreme("least", total, self.cap)
        if self.floor is not None:
            total = extreme("greatest", total, self.floor)
        return write_text(from_json({"when": total}))

    def to_dict(self) -> dict[str, Any]:
        """Return what a definition file says of it."""
        bounds = {"cap": self.cap, "floor": self.floor}
        told = {key: plain_number(bound) for key, bound in bounds.items() if bound is not None}
        return {"points": [award.to_dict() for award in self.awards], **told}

    @classmethod
    def from_dict(cls, slug: str, told: dict[str, Any]) -> Score:
        """Return the score that a definition file tells.

        Raises:
            InputError: when it makes no sense.
        """
        listed = told["points"]
        if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_AWARDS:
            raise InputError("traits.scores.no_awards", score=slug, most=MOST_AWARDS)
        cap, floor = (None if told.get(key) is None else read_number(slug, key, told[key]) for key in ("cap", "floor"))
        if cap is not None and floor is not None and floor >= cap:
            raise InputError("traits.scores.bounds_backwards", score=slug, cap=cap, floor=floor)
        return cls(tuple(Award.from_dict(slug, place, each) for place, each in enumerate(listed, 1)), cap, floor)
