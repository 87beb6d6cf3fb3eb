"""Cleaning in one workspace: what contacts say, what was made of it, and what people decided about it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela.base import NotFoundError
from tesela.events import RECORDS
from tesela.profiles.cleaned_values import (
    CleanedValues,
    find_cleaned,
    outdate_cleaning,
    read_cleaning_stamp,
    spell_out,
    stamp_cleaning,
    write_cleaned,
    write_decisions,
)
from tesela.profiles.cleaning import (
    RULES,
    accepted_by,
    describe_flag,
    describe_rule,
    keep_cleaning_act,
    list_cleaning_acts,
    take_back_cleaning,
)
from tesela.profiles.cleaning_report import as_accepted, count_values, read_findings, read_suggestions
from tesela.profiles.tables import CLEANED_VALUES
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from tesela.base import Language
    from tesela.control import ControlStore
    from tesela.profiles.cleaning import Accepted, CleaningAct, CleaningSettings
    from tesela.warehouse import Engine, Statement


@dataclass(frozen=True, slots=True)
class Cleaning:
    """A step of cleaning: what was found, and what people decided.

    Attributes:
        found: What was found of values without an answer.
        accepted: What holds by people's word.
    """

    found: CleanedValues
    accepted: Sequence[Accepted]

    @property
    def is_part(self) -> bool:
        """Whether nothing but what new loads bring can be another value than before."""
        return self.found.is_part


@dataclass(frozen=True, slots=True)
class ContactCleaning:
    """Cleans what contacts say, between the record and the people.

    Attributes:
        settings: Which rules are on.
    """

    settings: CleaningSettings

    def is_current(self, engine: Engine) -> bool:
        """Return whether the attributes are by today's rules and decisions, as far as the loads looked at."""
        if read_cleaning_stamp(engine)[0] == spell_out(self.settings):
            return True
        contacts = statement("SELECT 1 AS n FROM {contacts} LIMIT 1", tables={"contacts": RECORDS["contacts"]})
        return not engine.query(contacts).num_rows

    def token(self, engine: Engine) -> str:
        """Return what tells the cleaning that the attributes are of from others; empty before the first."""
        return read_cleaning_stamp(engine)[1]

    def outdate(self, engine: Engine) -> None:
        """Note that somebody is about to decide something: until what follows is computed, nothing is current."""
        outdate_cleaning(engine)

    def acts(self, control: ControlStore) -> list[CleaningAct]:
        """Return what people decided about values, the oldest first."""
        return list_cleaning_acts(control)

    def rules(self, language: Language) -> list[dict[str, Any]]:
        """Return every rule: `rule`, `kinds`, `is_on`, `does` (in words), `flags`, `changes`, `suggests`."""
        return [
            {
                "rule": rule.name,
                "kinds": list(rule.kinds),
                "is_on": rule.name not in self.settings.off,
                "does": describe_rule(rule.name, language),
                "flags": {flag: describe_flag(flag, language) for flag in rule.flags},
                "changes": rule.changes,
                "suggests": rule.suggests,
            }
            for rule in RULES
        ]

    def findings(self, engine: Engine, *, samples: int) -> list[dict[str, Any]]:
        """Return what each rule did to each kind of value (`cleaning_report.read_findings`)."""
        return read_findings(engine, samples=samples, off=self.settings.off)

    def counts(self, engine: Engine) -> dict[str, int]:
        """Return how many distinct values of each kind there are."""
        return count_values(engine)

    @property
    def mailbox_providers(self) -> frozenset[str]:
        """The domains where many people have their mail."""
        from tesela.profiles.cleaning.domains import Domains

        return frozenset(Domains(frozenset()).providers)

    def flagged(self, engine: Engine, kind: str) -> pa.Table:
        """Return the values of a kind that have a flag: rows of `original`, `value`, `flags`; personal data."""
        return engine.query(
            statement(
                "SELECT DISTINCT original, value, flags FROM {cleaned} WHERE kind = $kind AND flags <> ''",
                tables={"cleaned": CLEANED_VALUES},
                kind=kind,
            )
        )

    def suggestions(self, engine: Engine, *, rule: str | None = None, original: str | None = None) -> list[Any]:
        """Return what is suggested, of a rule or flag, or of one value (`cleaning_report.read_suggestions`)."""
        return read_suggestions(engine, rule=rule, original=original)

    def accept(self, engine: Engine, *, rule: str | None = None, original: str | None = None) -> tuple[Accepted, ...]:
        """Return what accepting suggestions changes.

        Raises:
            NotFoundError: when nothing is suggested that has not been accepted.
        """
        open_ones = [row for row in self.suggestions(engine, rule=rule, original=original) if not row["is_accepted"]]
        if not open_ones:
            raise NotFoundError("profiles.cleaning.no_suggestion", what=original or rule or "")
        return as_accepted(open_ones)

    def take_back(self, control: ControlStore, number: int) -> tuple[Accepted, ...]:
        """Return what takes an act back exactly.

        Raises:
            NotFoundError: when there is no such act.
            ConflictError: when it has been taken back, or a later act was about the same value.
        """
        return take_back_cleaning(self.acts(control), number)

    def keep(self, control: ControlStore, act: CleaningAct) -> CleaningAct:
        """Write an act, durable when this returns, and return it with its number."""
        return keep_cleaning_act(control, act)

    def clean(self, engine: Engine, control: ControlStore, loads: Sequence[int]) -> Cleaning:
        """Clean what has no answer yet; nothing is written.

        Args:
            engine: The warehouse.
            control: Knows what people decided.
            loads: The loads that were not looked at yet.
        """
        is_known = read_cleaning_stamp(engine)[0] == spell_out(self.settings)
        found = find_cleaned(engine, self.settings, loads if is_known else None)
        return Cleaning(found, accepted_by(list_cleaning_acts(control)))

    def write(self, cleaning: Cleaning) -> Iterator[Statement]:
        """Bring the tables up to what was found and decided.

        Args:
            cleaning: What `clean` gave.
        """
        yield from write_cleaned(cleaning.found)
        if not cleaning.is_part:
            yield from write_decisions(cleaning.accepted)
            yield from stamp_cleaning(self.settings, uuid.uuid4().hex)
