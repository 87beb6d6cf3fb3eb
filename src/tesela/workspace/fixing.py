"""Mending what an audit found: looked at first, applied through the acts there are, and taken back exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from tesela import audit, profiles
from tesela.base import ConflictError, InputError
from tesela.workspace.folder import scratch_folder
from tesela.workspace.rehearsing import rehearse

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from tesela.base import Clock
    from tesela.workspace.stores import Stores

    Address = tuple[str, str]

_CHANNEL = "email"


class Asking(Protocol):
    """Gives what an audit is asked, and mends what it found."""

    fixes: Fixing
    turn: threading.RLock

    def asked(self, as_of: str | datetime | None = None) -> audit.Asked:
        """Return what an audit is asked, and of whom."""


class Fixing:
    """Mends findings.

    Args:
        stores: The open stores.
        clock: Tells the present.
        auditing: Gives what an audit is asked.
        again: Gives the same of other stores.
    """

    def __init__(self, stores: Stores, clock: Clock, auditing: Asking, again: Callable[[Stores], Asking]) -> None:
        self._stores = stores
        self._clock = clock
        self._auditing = auditing
        self._again = again

    def preview(
        self, check: str, choice: audit.fixes.Choice | None = None, *, as_of: str | datetime | None = None
    ) -> audit.fixes.Preview:
        """Return exactly what a check's fix would do, to whom, and to the score; nothing is done.

        Args:
            check: Key of the check.
            choice: What a person chooses about the fix.
            as_of: The moment of truth; now by default.

        Raises:
            NotFoundError: when there is no such check.
            InputError: when it has no fix, nothing was found, or the fix needs to be told more.
        """
        with self._auditing.turn:
            asked = self._auditing.asked(as_of)
            audit.find_check(asked.checks, check)
            preview = audit.fixes.preview_fix(asked, check, choice or audit.fixes.Choice(), apart=self._apart())
        if preview.is_exact or not preview.plan.changes:
            return preview
        # merged people and mended values may leave other findings too, or come into them: it is done, in a copy
        with rehearse(self._stores) as copy:
            auditing = self._again(copy)
            auditing.fixes.apply(preview, actor="")
            found = audit.examine(replace(auditing.asked(asked.as_of), is_whole=False))
        return replace(preview, after=found.score, is_exact=True)

    def apply(self, preview: audit.fixes.Preview, *, actor: str, note: str = "") -> audit.fixes.KeptFix:
        """Do what a preview says, and return the fix with the number that `undo` takes back.

        Args:
            preview: What `preview` gave, of the base as it is.
            actor: Who decides.
            note: Why.

        Raises:
            InputError: when it would change nobody.
        """
        plan, stores = preview.plan, self._stores
        if not plan.changes:
            raise InputError("audit.fixes.changes_nobody", check=plan.check)
        acts: list[int] = []
        addresses: Sequence[Address] = ()
        match plan.kind:
            case "accept_typos" | "normalise":
                name = "accept" if plan.kind == "accept_typos" else "normalise"
                act = profiles.cleaning.CleaningAct(name, actor, self._clock.now(), note, plan.accepted)  # type: ignore[arg-type]
                acts = [stores.decide_cleaning(act).number]
            case "merge_duplicates":
                acts = self._merge(plan, actor, note)
            case "suppress":
                addresses = self._stop(plan.addresses, actor, note or plan.check)
            case "tag" | "ask_permission":
                addresses = plan.addresses
        return audit.fixes.keep_fix(
            stores.control, plan, acts=acts, addresses=addresses, at=self._clock.now(), actor=actor, note=note
        )

    def undo(self, number: int, *, actor: str) -> audit.fixes.KeptFix:
        """Take a fix back: afterwards everything is as if it had not been done.

        Args:
            number: Of the fix.
            actor: Who takes it back.

        Raises:
            NotFoundError: when there is no such fix.
            ConflictError: when it was taken back before, or a later act was about the same.
        """
        stores = self._stores
        stores.refresh()
        fix = audit.fixes.find_fix(stores.control, number)
        if fix.undone_at is not None:
            raise ConflictError("audit.fixes.undone_before", number=number)
        if fix.kind in ("accept_typos", "normalise"):
            for act in fix.acts:
                effects = stores.cleaning.take_back(stores.control, act)
                made = profiles.cleaning.CleaningAct("undo", actor, self._clock.now(), "", effects, act)
                stores.decide_cleaning(made)
        elif fix.kind == "merge_duplicates":
            self._unmerge(fix.acts, actor)
        elif fix.kind == "suppress":
            held = audit.fixes.addresses_of(stores.control, fix)
            told = {"source": "audit", "actor": actor, "note": ""}
            stores.say(
                lambda: stores.permissions.lift_all(stores.control, held, _CHANNEL, at=self._clock.now(), **told)
            )
        return audit.fixes.mark_undone(stores.control, fix, at=self._clock.now(), actor=actor)

    def tagged(self, tag: str) -> list[Address]:
        """Return kind and value of what bears a tag: personal data.

        Raises:
            NotFoundError: when nobody bears it, with the tags there are.
        """
        return audit.fixes.tagged_addresses(self._stores.control, tag)

    # --- how each is done ---------------------------------------------------------------------------------

    def _stop(self, addresses: Sequence[Address], actor: str, note: str) -> Sequence[Address]:
        """Stop e-mails to addresses; return those that were not stopped before, which alone may be lifted again."""
        stores, told = self._stores, {"source": "audit", "actor": actor, "note": note}
        return stores.say(
            lambda: stores.permissions.stop_all(stores.control, addresses, _CHANNEL, at=self._clock.now(), **told)
        )

    def _merge(self, plan: audit.fixes.FixPlan, actor: str, note: str) -> list[int]:
        """Make people one, all or none."""
        stores, now = self._stores, self._clock.now()
        with scratch_folder(stores.layout) as scratch:
            resolution = stores.identity.current(stores.warehouse, stores.control, scratch)
        acts = [
            profiles.Act("merge", one, other, actor, now, note, stores.identity.plan("merge", resolution, one, other))
            for one, other in plan.pairs
        ]
        # refused here where it contradicts what was decided before
        profiles.decisions_of([*stores.identity.acts(stores.control), *acts])
        made = [act.number for act in stores.decide_all(acts)]
        duplicates = profiles.Duplicates(stores.warehouse, stores.control)
        if plan.proposals:
            told: dict[str, Any] = {"at": now, "actor": actor, "note": note, "act": made[0]}
            chosen = duplicates.choose(plan.proposals, None)
            duplicates.keep([each.decided("accepted", **told) for each in chosen])
        return made

    def _unmerge(self, numbers: Sequence[int], actor: str) -> None:
        """Take merges back, the last first; their proposals wait for a decision again."""
        stores, now = self._stores, self._clock.now()
        acts, undone = stores.identity.acts(stores.control), []
        for number in reversed(numbers):
            act, effects = profiles.take_back(acts, number)
            undone.append(profiles.Act("undo", act.one, act.other, actor, now, "", effects, number))
        profiles.decisions_of([*acts, *undone])
        stores.decide_all(undone)
        duplicates = profiles.Duplicates(stores.warehouse, stores.control)
        waiting: dict[str, Any] = {"state": "open", "decided_at": None, "actor": None, "note": None, "act": None}
        duplicates.keep([replace(each, **waiting) for each in duplicates.known() if each.act in numbers])

    def _apart(self) -> list[tuple[int, int]]:
        """Return the pairs of profiles that people put apart."""
        stores = self._stores
        pairs = profiles.decisions_of(stores.identity.acts(stores.control)).apart
        owners = profiles.Duplicates(stores.warehouse, stores.control).owners_of(
            [end for pair in pairs for end in pair]
        )
        ends = ((owners.get(one), owners.get(other)) for one, other in pairs)
        return [(min(one, other), max(one, other)) for one, other in ends if one and other]

    # last in the class, in which its name hides the builtin's
    def list(self) -> list[audit.fixes.KeptFix]:
        """Return the fixes that were applied, the oldest first, those taken back among them."""
        return audit.fixes.list_fixes(self._stores.control)
