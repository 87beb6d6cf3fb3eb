"""Proposals that two people are one: kept in the control store, with what was decided on them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from tesela.base import NotFoundError
from tesela.profiles.matching.pairs import Evidence
from tesela.profiles.matching.tables import MATCH_PROPOSALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tesela.control import ControlStore

State = Literal["open", "accepted", "rejected"]

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class MatchProposal:
    """Two people who are probably one.

    Attributes:
        one, other: Numbers of the profiles when it was found, the smaller first; subjects, so they never change hands.
        probability: That their groups are one person, in [0, 1].
        weight: The same in bits: 0 is as likely as not, each further bit doubles the odds.
        evidence: What each field of the two says.
        fingerprint: Of the values that were compared.
        found_at: When it was found first, naive UTC.
        state: `open`, `accepted` or `rejected`.
        number: Its number, from 1; 0 before it is kept.
        decided_at: When it was decided.
        actor: Who decided.
        note: Why, in the person's words.
        act: Number of the merge that followed, which `tesela profile undo` takes back.
        profiles: Today's profiles of the two, where it is shown.
        values: Where it is shown: by field, the value of each that was compared; personal data, never kept.
    """

    one: int
    other: int
    probability: float
    weight: float
    evidence: tuple[Evidence, ...]
    fingerprint: str
    found_at: datetime
    state: State = "open"
    number: int = 0
    decided_at: datetime | None = None
    actor: str | None = None
    note: str | None = None
    act: int | None = None
    profiles: tuple[int, int] = (0, 0)
    values: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, int, str]:
        """What tells it from others: the pair, and what its values were."""
        return self.one, self.other, self.fingerprint

    def decided(self, state: State, *, at: datetime, actor: str, note: str, act: int | None = None) -> MatchProposal:
        """Return it as somebody decided on it."""
        return replace(self, state=state, decided_at=at, actor=actor, note=note, act=act)


def list_proposals(
    control: ControlStore,
    *,
    state: State | None = None,
    least: float = 0.0,
    limit: int | None = None,
) -> list[MatchProposal]:
    """Return proposals, the most probable first.

    Args:
        control: The control store.
        state: Only those in this state.
        least: Only those at least so probable.
        limit: So many of them.
    """
    table = MATCH_PROPOSALS
    asked = sa.select(table).where(table.c.probability >= least).order_by(table.c.weight.desc(), table.c.id)
    if state is not None:
        asked = asked.where(table.c.state == state)
    with control.transaction() as connection:
        rows = connection.execute(asked if limit is None else asked.limit(limit)).mappings().all()
    return [_read(row) for row in rows]


def find_proposals(control: ControlStore, numbers: Iterable[int]) -> list[MatchProposal]:
    """Return the proposals of some numbers, in order of their numbers.

    Raises:
        NotFoundError: when there is no proposal of a number.
    """
    asked = sorted(set(numbers))
    table, found = MATCH_PROPOSALS, []
    with control.transaction() as connection:
        for begin in range(0, len(asked), _AT_ONCE):
            chosen = sa.select(table).where(table.c.id.in_(asked[begin : begin + _AT_ONCE])).order_by(table.c.id)
            found += [_read(row) for row in connection.execute(chosen).mappings()]
    missing = set(asked) - {each.number for each in found}
    if missing:
        raise NotFoundError("profiles.matching.no_such_proposal", number=min(missing))
    return found


def replace_open(control: ControlStore, found: Sequence[MatchProposal]) -> tuple[int, int]:
    """Let what was found take the place of all open proposals; return how many are new, how many have gone.

    A pair that was open already keeps its number and since when; one that was decided on keeps the decision.
    """
    table = MATCH_PROPOSALS
    with control.transaction() as connection:
        rows = connection.execute(sa.select(table)).mappings().all()
        known = {(row["one"], row["other"], row["fingerprint"]): row for row in rows}
        now = {each.key: each for each in found}
        gone = [row["id"] for key, row in known.items() if row["state"] == "open" and key not in now]
        fresh = [each for key, each in now.items() if key not in known]
        again = [(known[key]["id"], each) for key, each in now.items() if key in known]
        if gone:
            connection.execute(sa.delete(table).where(table.c.id == sa.bindparam("gone")), [{"gone": n} for n in gone])
        if again:
            connection.execute(
                sa.update(table)
                .where(table.c.id == sa.bindparam("number"), table.c.state == "open")
                .values(**{name: sa.bindparam(f"new_{name}") for name in ("probability", "weight", "evidence")}),
                [{"number": number, **{f"new_{k}": v for k, v in _scores(each).items()}} for number, each in again],
            )
        if fresh:
            connection.execute(sa.insert(table), [_row(each) for each in fresh])
    return len(fresh), len(gone)


def decide(control: ControlStore, decided: Iterable[MatchProposal]) -> None:
    """Write down what was decided on proposals."""
    table = MATCH_PROPOSALS
    rows = [
        {
            "number": each.number,
            "new_state": each.state,
            "new_decided_at": each.decided_at,
            "new_actor": each.actor,
            "new_note": each.note,
            "new_act_id": each.act,
        }
        for each in decided
    ]
    if not rows:
        return
    names = ("state", "decided_at", "actor", "note", "act_id")
    with control.transaction() as connection:
        connection.execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("number"))
            .values(**{name: sa.bindparam(f"new_{name}") for name in names}),
            rows,
        )


def _scores(each: MatchProposal) -> dict[str, object]:
    evidence = json.dumps([asdict(told) for told in each.evidence])
    return {"probability": each.probability, "weight": each.weight, "evidence": evidence}


def _row(each: MatchProposal) -> dict[str, object]:
    told = {"one": each.one, "other": each.other, "fingerprint": each.fingerprint, "found_at": each.found_at}
    return {**told, **_scores(each), "state": each.state}


def _read(row: Mapping[Any, Any]) -> MatchProposal:
    return MatchProposal(
        row["one"],
        row["other"],
        row["probability"],
        row["weight"],
        tuple(Evidence(**each) for each in json.loads(row["evidence"])),
        row["fingerprint"],
        row["found_at"],
        row["state"],
        row["id"],
        row["decided_at"],
        row["actor"],
        row["note"],
        row["act_id"],
    )
