"""Acts by hand: kept for ever, read as the decisions that hold, and taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import sqlalchemy as sa

from tesela.base import ConflictError, NotFoundError
from tesela.profiles.acts import find_act, find_later, last_words, words_before
from tesela.profiles.merging.tables import IDENTITY_ACTS, IDENTITY_EFFECTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tesela.control import ControlStore
    from tesela.profiles.resolution import Decisions

ActName = Literal["merge", "unmerge", "undo"]
Pairing = Literal["together", "apart"]


@dataclass(frozen=True, slots=True)
class Effect:
    """A pair of subjects that is put together or apart by hand, or is so no more.

    Attributes:
        pairing: `together` or `apart`.
        one, other: The subjects, the smaller first.
        holds: Whether it is so from now on.
    """

    pairing: Pairing
    one: int
    other: int
    holds: bool = True

    @property
    def key(self) -> tuple[Pairing, int, int]:
        """What it is about."""
        return self.pairing, self.one, self.other


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did.

    Attributes:
        name: `merge`, `unmerge` or `undo`.
        one, other: The subjects it was about.
        actor: Who did it.
        acted_at: When, naive UTC.
        note: Why, in the person's words; may be empty.
        effects: What it changed.
        undoes: Number of the act that an `undo` took back.
        number: Place among all acts, from 1; 0 before it is kept.
    """

    name: ActName
    one: int
    other: int
    actor: str
    acted_at: datetime
    note: str = ""
    effects: tuple[Effect, ...] = ()
    undoes: int | None = None
    number: int = 0


def list_acts(control: ControlStore) -> list[Act]:
    """Return all acts, the oldest first."""
    with control.transaction() as connection:
        acts = connection.execute(sa.select(IDENTITY_ACTS).order_by(IDENTITY_ACTS.c.id)).mappings().all()
        effects = connection.execute(sa.select(IDENTITY_EFFECTS)).mappings().all()
    by_act: dict[int, list[Effect]] = {}
    for row in effects:
        told = Effect(row["pairing"], row["one"], row["other"], row["holds"])
        by_act.setdefault(row["act_id"], []).append(told)
    return [
        Act(
            row["act"],
            row["one"],
            row["other"],
            row["actor"],
            row["acted_at"],
            row["note"],
            tuple(by_act.get(row["id"], ())),
            row["undoes"],
            row["id"],
        )
        for row in acts
    ]


def keep_act(control: ControlStore, act: Act) -> Act:
    """Write an act, durable when this returns, and return it with its number."""
    return keep_acts(control, [act])[0]


def keep_acts(control: ControlStore, acts: Sequence[Act]) -> list[Act]:
    """Write acts, all or none, durable when this returns, and return them with their numbers."""
    with control.transaction() as connection:
        return [replace(act, number=_write(connection, act)) for act in acts]


def _write(connection: sa.Connection, act: Act) -> int:
    told = {"act": act.name, "one": act.one, "other": act.other, "actor": act.actor, "note": act.note}
    added = connection.execute(
        sa.insert(IDENTITY_ACTS).values(**told, acted_at=act.acted_at, undoes=act.undoes)
    ).inserted_primary_key
    number = int(added[0]) if added else 0
    if act.effects:
        rows = [
            {"act_id": number, "pairing": e.pairing, "one": e.one, "other": e.other, "holds": e.holds}
            for e in act.effects
        ]
        connection.execute(sa.insert(IDENTITY_EFFECTS), rows)
    return number


def decisions_of(acts: Iterable[Act]) -> Decisions:
    """Return what holds after some acts, in their order.

    Raises:
        ConflictError: when what people put together and what they put apart contradict each other.
    """
    # brings SciPy
    from tesela.profiles.resolution import Decisions

    held = [word for word in last_words(acts).values() if word.holds]
    pairs = {
        pairing: frozenset((word.one, word.other) for word in held if word.pairing == pairing)
        for pairing in get_args(Pairing)
    }
    return Decisions(**pairs)


def take_back(acts: Sequence[Act], number: int) -> tuple[Act, tuple[Effect, ...]]:
    """Return an act and what takes it back exactly.

    Raises:
        NotFoundError: when there is no such act.
        ConflictError: when it has been taken back, or a later act changed the same.
    """
    act = find_act(acts, number)
    if act is None:
        raise NotFoundError("profiles.merging.no_such_act", number=number, known=len(acts))
    if later := find_later(acts, act):
        raise ConflictError("profiles.merging.changed_since", number=number, later=later)
    before = {key: word.holds for key, word in words_before(acts, act).items()}
    return act, tuple(
        replace(effect, holds=before.get(effect.key, False))
        for effect in act.effects
        if effect.holds != before.get(effect.key, False)
    )
