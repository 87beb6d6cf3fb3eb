"""What people decide about values: kept in the control store, read as what holds, and taken back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Literal

from tesela.base import ConflictError, NotFoundError
from tesela.profiles.acts import find_act, find_later, last_words, words_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tesela.control import ControlStore

CleaningActName = Literal["accept", "normalise", "undo"]
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A value and what stands in its place by a person's word.

    Attributes:
        kind: What it is.
        context: What it was read by, as in `cleaned_values`.
        original: As it came: personal data.
        value: What a person put in its place: personal data; None when that was taken back.
        is_own: Whether she wrote it herself; else cleaning suggested it, and it holds as long as cleaning does.
    """

    kind: str
    context: str
    original: str
    value: str | None
    is_own: bool = False

    @property
    def key(self) -> Key:
        """What it is about."""
        return self.kind, self.context, self.original


@dataclass(frozen=True, slots=True)
class CleaningAct:
    """What a person decided about values.

    Attributes:
        name: `accept` (of suggestions), `normalise` (by her own word) or `undo`.
        actor: Who did it.
        acted_at: When, naive UTC.
        note: Why, in the person's words; may be empty.
        effects: What it changed.
        undoes: Number of the act that an `undo` took back.
        number: Place among all acts, from 1; 0 before it is kept.
    """

    name: CleaningActName
    actor: str
    acted_at: datetime
    note: str = ""
    effects: tuple[Accepted, ...] = ()
    undoes: int | None = None
    number: int = 0


def list_cleaning_acts(control: ControlStore) -> list[CleaningAct]:
    """Return all acts, the oldest first."""
    import sqlalchemy as sa

    from tesela.profiles.cleaning.tables import CLEANING_ACTS, CLEANING_EFFECTS

    with control.transaction() as connection:
        acts = connection.execute(sa.select(CLEANING_ACTS).order_by(CLEANING_ACTS.c.id)).mappings().all()
        effects = connection.execute(sa.select(CLEANING_EFFECTS)).mappings().all()
    by_act: dict[int, list[Accepted]] = {}
    for row in effects:
        by_act.setdefault(row["act_id"], []).append(
            Accepted(row["kind"], row["context"], row["original"], row["value"], bool(row["is_own"]))
        )
    return [
        CleaningAct(
            row["act"],
            row["actor"],
            row["acted_at"],
            row["note"],
            tuple(by_act.get(row["id"], ())),
            row["undoes"],
            row["id"],
        )
        for row in acts
    ]


def keep_cleaning_act(control: ControlStore, act: CleaningAct) -> CleaningAct:
    """Write an act, durable when this returns, and return it with its number."""
    import sqlalchemy as sa

    from tesela.profiles.cleaning.tables import CLEANING_ACTS, CLEANING_EFFECTS

    told = {"act": act.name, "actor": act.actor, "acted_at": act.acted_at, "note": act.note, "undoes": act.undoes}
    with control.transaction() as connection:
        added = connection.execute(sa.insert(CLEANING_ACTS).values(**told)).inserted_primary_key
        number = int(added[0]) if added else 0
        rows = [{"act_id": number, **asdict(effect)} for effect in act.effects]
        if rows:
            connection.execute(sa.insert(CLEANING_EFFECTS), rows)
    return replace(act, number=number)


def accepted_by(acts: Iterable[CleaningAct]) -> list[Accepted]:
    """Return what holds after some acts, in their order: the last word on each value."""
    return [word for _, word in sorted(last_words(acts).items()) if word.value is not None]


def take_back_cleaning(acts: Sequence[CleaningAct], number: int) -> tuple[Accepted, ...]:
    """Return what takes an act back exactly.

    Raises:
        NotFoundError: when there is no such act.
        ConflictError: when it has been taken back, or a later act was about the same value.
    """
    act = find_act(acts, number)
    if act is None:
        raise NotFoundError("profiles.cleaning.no_such_act", number=number, known=len(acts))
    if later := find_later(acts, act):
        raise ConflictError("profiles.cleaning.changed_since", number=number, later=later)
    before = words_before(acts, act)
    return tuple(before.get(effect.key, replace(effect, value=None)) for effect in act.effects)
