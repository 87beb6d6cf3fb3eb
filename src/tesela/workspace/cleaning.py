"""Cleaning, as a person sees it: what the rules found, which are on, and what she accepts of what they suggest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela import profiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tesela.base import Clock, Language
    from tesela.workspace.stores import Stores

_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class CleaningReport:
    """What cleaning found: personal data.

    Attributes:
        values: How many distinct values there are of each kind.
        findings: `kind`, `rule`, `is_on`, `changed`, `flagged` (values by flag), `suggested`, `accepted`, `samples` (of
            `original`, `value`), in the order of the rules.
    """

    values: Mapping[str, int]
    findings: Sequence[Mapping[str, Any]]


class Cleaning:
    """Shows what cleaning did, and lets a person accept what it suggests.

    Args:
        stores: The open stores.
        clock: Tells the present.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    def show(self, *, samples: int = _SAMPLES) -> CleaningReport:
        """Return per kind and rule how many values were changed, flagged and suggested, with samples.

        Args:
            samples: How many values are shown of each.
        """
        self._stores.refresh()
        cleaning, warehouse = self._stores.cleaning, self._stores.warehouse
        return CleaningReport(cleaning.counts(warehouse), cleaning.findings(warehouse, samples=samples))

    def rules(self, language: Language | None = None) -> list[dict[str, Any]]:
        """Return every rule: `rule`, `kinds`, `is_on`, `does` (in words), `flags`, `changes`, `suggests`.

        Args:
            language: Of the words; the workspace's by default.
        """
        return self._stores.cleaning.rules(language or self._stores.settings.language)

    def suggestions(self, rule: str | None = None) -> list[dict[str, Any]]:
        """Return what is suggested: `kind`, `context`, `original`, `suggestion`, `rule`, `is_accepted`; personal data.

        Args:
            rule: A rule (`email.typo`) or a flag (`typo_domain`); all by default.
        """
        self._stores.refresh()
        return self._stores.cleaning.suggestions(self._stores.warehouse, rule=rule)

    def accept(
        self, original: str | None = None, *, rule: str | None = None, actor: str, note: str = ""
    ) -> profiles.cleaning.CleaningAct:
        """Put what is suggested in the place of a value, or of all values of a rule; `undo` takes it back.

        Identifiers, consents and the record stay as they came.

        Args:
            original: The value that the suggestion is about.
            rule: A rule (`email.typo`) or a flag (`typo_domain`) whose suggestions are all accepted.
            actor: Who decides.
            note: Why.

        Raises:
            NotFoundError: when nothing is suggested that has not been accepted.
        """
        self._stores.refresh()
        effects = self._stores.cleaning.accept(self._stores.warehouse, rule=rule, original=original)
        return self._stores.decide_cleaning(
            profiles.cleaning.CleaningAct("accept", actor, self._clock.now(), note, effects)
        )

    def normalise(
        self, effects: Sequence[profiles.cleaning.Accepted], *, actor: str, note: str = ""
    ) -> profiles.cleaning.CleaningAct:
        """Put values of a person's own in the place of what contacts say; `undo` takes it back.

        Identifiers, consents and the record stay as they came.

        Args:
            effects: Kind, context and original of each value, as `cleaned_values` has them, and what it means.
            actor: Who decides.
            note: Why.
        """
        self._stores.refresh()
        return self._stores.decide_cleaning(
            profiles.cleaning.CleaningAct("normalise", actor, self._clock.now(), note, tuple(effects))
        )

    def undo(self, number: int, *, actor: str, note: str = "") -> profiles.cleaning.CleaningAct:
        """Take an act back exactly.

        Args:
            number: Of the act, as `acts` tells it.
            actor: Who takes it back.
            note: Why.

        Raises:
            NotFoundError: when there is no such act.
            ConflictError: when it has been taken back, or a later act was about the same value.
        """
        self._stores.refresh()
        effects = self._stores.cleaning.take_back(self._stores.control, number)
        return self._stores.decide_cleaning(
            profiles.cleaning.CleaningAct("undo", actor, self._clock.now(), note, effects, number)
        )

    def acts(self) -> list[profiles.cleaning.CleaningAct]:
        """Return what people decided about values, the oldest first."""
        return self._stores.cleaning.acts(self._stores.control)
