"""Answers for many values at once: small enough to be handed from process to process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela.profiles.cleaning.cleaned import Cleaned
from tesela.profiles.cleaning.rules import LEFT_ALONE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

COLUMNS = ("original", "value", "rules", "flags", "suggestion")
"""Columns of a table of answers: texts, but `rules` and `flags`, which are lists of them."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What cleaning found of a list of values.

    Attributes:
        values: The cleaned value of each; None where nothing was changed.
        marks: Place in `seen` of each one's rules and flags.
        seen: The combinations of rules and flags that occur.
        suggestions: What is proposed, by place.
    """

    values: list[str | None]
    marks: list[int]
    seen: list[tuple[tuple[str, ...], tuple[str, ...]]]
    suggestions: dict[int, str]

    def to_dict(self) -> dict[str, Any]:
        """Return the answers as plain values, for JSON."""
        return {
            "values": self.values,
            "marks": self.marks,
            "seen": self.seen,
            "suggestions": list(self.suggestions.items()),
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Answers:
        """Return the answers that `to_dict` wrote."""
        seen = [(tuple(rules), tuple(flags)) for rules, flags in told["seen"]]
        return cls(told["values"], told["marks"], seen, dict(told["suggestions"]))


def answer(values: Sequence[str], read: Callable[[str], Cleaned]) -> Answers:
    """Clean a list of values."""
    found: list[str | None] = []
    marks: list[int] = []
    places: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
    suggestions: dict[int, str] = {}
    for place, written in enumerate(values):
        cleaned = read(written)
        found.append(cleaned.value if cleaned.rules else None)
        marks.append(places.setdefault((cleaned.rules, cleaned.flags), len(places)))
        if cleaned.suggestion is not None:
            suggestions[place] = cleaned.suggestion
    return Answers(found, marks, list(places), suggestions)


def to_table(originals: pa.Array, answers: Answers) -> pa.Table:
    """Return answers as a table, one row per value, in their order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    marks = pa.array(answers.marks, pa.int32())
    lists = [pa.array([list(each[part]) for each in answers.seen], pa.list_(pa.string())) for part in (0, 1)]
    proposed = [answers.suggestions.get(place) for place in range(len(originals))]
    values = pc.coalesce(pa.array(answers.values, pa.string()), originals)
    columns = [originals, values, lists[0].take(marks), lists[1].take(marks), pa.array(proposed, pa.string())]
    return pa.table(dict(zip(COLUMNS, columns, strict=True)))


def untouched(originals: pa.Array) -> pa.Table:
    """Return the table of values that are left alone."""
    return to_table(originals, Answers([None] * len(originals), [0] * len(originals), [((), (LEFT_ALONE,))], {}))


def from_row(row: Mapping[str, Any]) -> Cleaned:
    """Return a row of such a table as one cleaned value."""
    return Cleaned(row["original"], row["value"], tuple(row["rules"]), tuple(row["flags"]), row["suggestion"])
