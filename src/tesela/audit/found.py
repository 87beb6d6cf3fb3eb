"""What a probe found, or why it cannot tell."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tesela.base import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyroaring import BitMap64

    from tesela.base import Language
    from tesela.segments import catalogue


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found.

    Attributes:
        count: How many, in the check's unit.
        of: Of how many.
        people: Who, where it is about people.
        samples: Up to five values or addresses; personal data. Where there are none and `people` is given, the audit
            shows some of those.
        figures: Further figures of the finding, by name; their words are `audit.figure.NAME`.
        marked: How many the score counts, where the shop's settings make it count others: no setting moves the score.
        marked_of: Of how many the score counts it, where that is neither the base (people) nor `of`: whatever a fix
            does, it must stay or grow.
    """

    count: int
    of: int
    people: BitMap64 | None = None
    samples: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    marked: int | None = None
    marked_of: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A check that the data cannot answer.

    Attributes:
        reason: Which text of `audit.unknown` says why.
        facts: What stands in its places.
    """

    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def said(self, language: Language) -> str:
        """Return why, in words."""
        told = dict(self.facts)
        if "field" in told:
            told["field"] = _say(f"audit.report.field.{told['field']}", language, told["field"])
        return text(f"audit.unknown.{self.reason}", language, **told)


class Unheard(Unknown):
    """A question about events of which none has been imported.

    Args:
        names: Of the events.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__("no_events", {"events": tuple(names)})

    def said(self, language: Language) -> str:
        """Return what is wanting, in words."""
        return text(
            "audit.unknown.no_events",
            language,
            events=", ".join(_say(f"audit.event.{name}", language, name) for name in self.facts["events"]),
        )


class Wanting(Unknown):
    """A rule that reads data which nobody has.

    Args:
        needs: What is wanting.
    """

    def __init__(self, needs: Sequence[catalogue.Need]) -> None:
        super().__init__("no_data", {"needs": tuple(needs)})

    def said(self, language: Language) -> str:
        """Return what is wanting, in words."""
        needs: Sequence[catalogue.Need] = self.facts["needs"]
        return text("audit.unknown.no_data", language, data=", ".join(need.say(language) for need in needs))


def _say(key: str, language: Language, name: str) -> str:
    """Return a text; where there is none, as of what is the shop's own, its name."""
    try:
        return text(key, language)
    except KeyError:
        return name


def tell_figures(found: Found, language: Language, number: Callable[[Any], str]) -> dict[str, str]:
    """Return the further figures of a finding as sentences, by name: those that have words.

    Args:
        found: What was found.
        language: Of the words.
        number: Writes a number as the language does.
    """
    told = {}
    for name, value in found.figures.items():
        written = number(value) if isinstance(value, int | float | Decimal) else str(value)
        # figures without words are for charts
        with contextlib.suppress(KeyError):
            told[name] = text(f"audit.figure.{name}", language, value=written)
    return told
