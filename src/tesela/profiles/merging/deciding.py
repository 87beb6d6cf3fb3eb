"""What a merge or an unmerge by hand changes, so that it has the effect meant and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tesela.base import ConflictError
from tesela.profiles.merging.acts import Effect
from tesela.profiles.resolution import DECISION, explain_merge, resolve_touched

if TYPE_CHECKING:
    from tesela.profiles.resolution import Decisions, Resolution


def plan_merge(resolution: Resolution, one: int, other: int) -> tuple[Effect, ...]:
    """Return what makes two subjects one person: the newest word counts, so what kept them apart is taken back.

    Raises:
        ConflictError: when they are one already.
    """
    profiles = {profile_of(resolution, one), profile_of(resolution, other)}
    if len(profiles) == 1:
        raise ConflictError("profiles.merging.one_already", profile=profiles.pop())
    between = (
        Effect("apart", *pair, holds=False)
        for pair in sorted(resolution.rules.decisions.apart)
        if {profile_of(resolution, subject) for subject in pair} == profiles
    )
    return *between, Effect("together", min(one, other), max(one, other))


def plan_unmerge(resolution: Resolution, one: int, other: int) -> tuple[Effect, ...]:
    """Return what makes two subjects two people.

    What people decided between them is taken back first. Where their identifiers still join them, or nobody had
    decided anything, they are put apart, whatever their identifiers say.

    Raises:
        ConflictError: when they are two already, or the same.
    """
    if one == other:
        raise ConflictError("profiles.merging.same_identifier", subject=one)
    if profile_of(resolution, one) != profile_of(resolution, other):
        raise ConflictError("profiles.merging.two_already", one=one, other=other)
    effects: list[Effect] = []
    while pairs := _decided_between(resolution, one, other):
        effects += [Effect("together", *pair, holds=False) for pair in sorted(pairs)]
        left = replace(resolution.rules.decisions, together=resolution.rules.decisions.together - pairs)
        resolution = _with(resolution, left)
    if profile_of(resolution, one) == profile_of(resolution, other):
        effects.append(Effect("apart", min(one, other), max(one, other)))
    return tuple(effects)


def profile_of(resolution: Resolution, subject: int) -> int | None:
    """Return the profile of a subject; None when there is no such subject."""
    rows = resolution.subjects.find(np.array([subject], np.int64), ["subject_id", "profile_id"])
    return rows.column("profile_id")[0].as_py() if rows.num_rows else None


def _decided_between(resolution: Resolution, one: int, other: int) -> frozenset[tuple[int, int]]:
    steps = explain_merge(resolution, one, other)
    return frozenset(
        (min(step.subject_id, step.with_subject_id), max(step.subject_id, step.with_subject_id))
        for step in steps
        if step.kind == DECISION
    )


def _with(resolution: Resolution, decisions: Decisions) -> Resolution:
    return resolve_touched(resolution, (), replace(resolution.rules, decisions=decisions))
