"""The people of a workspace: everything that is known of one, and who is who by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tesela import profiles, segments
from tesela.base import parse_moment
from tesela.workspace.folder import scratch_folder

if TYPE_CHECKING:
    from datetime import datetime

    from tesela.base import Clock
    from tesela.workspace.memberships import Memberships
    from tesela.workspace.stores import Stores

_EVENTS = 20


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Everything that is known of one person: personal data.

    Attributes:
        profile_id: Number of the profile.
        as_of: The moment of truth of traits and segments, naive UTC.
        identity: Identifiers, and why they are hers.
        facts: Attributes with their sources, consents, events.
        standing: Traits and segments.
        acts: What people decided about her by hand, the oldest first.
    """

    profile_id: int
    as_of: datetime
    identity: profiles.Identifiers
    facts: profiles.Facts
    standing: segments.Standing
    acts: tuple[profiles.Act, ...]


class People:
    """Shows people, and merges and unmerges them by hand.

    Args:
        stores: The open stores.
        clock: Tells the present.
        segmentation: Gives the segments and traits.
    """

    def __init__(self, stores: Stores, clock: Clock, segmentation: Memberships) -> None:
        self._stores = stores
        self._clock = clock
        self._segmentation = segmentation

    def show(self, who: str, as_of: str | datetime | None = None, *, newest: int = _EVENTS) -> PersonPage:
        """Return everything that is known of one person: personal data.

        Args:
            who: E-mail, phone, customer id, loyalty card, or any number of the profile with a # before it.
            as_of: The moment of truth of traits and segments; now by default.
            newest: How many of her events, the newest first.

        Raises:
            NotFoundError: when nobody is known so.
            ConflictError: when the identifier is shared by several people.
        """
        stores = self._stores
        stores.refresh()
        moment = parse_moment(as_of, stores.settings.zone) if isinstance(as_of, str) else as_of or self._clock.now()
        found = profiles.find_person(stores.warehouse, who, stores.settings.country)
        identity = stores.identity.read(stores.warehouse, self._resolution(), found.profile_id)
        standing = segments.find_standing(
            stores.engine,
            {each.slug: each for each in self._segmentation.list()},
            found.profile_id,
            as_of=moment,
            zone=stores.settings.zone,
            traits=self._segmentation.traits(),
        )
        own = {subject for row in identity.identifiers for subject in row["subjects"]}
        return PersonPage(
            found.profile_id,
            moment,
            identity,
            profiles.read_facts(stores.engine, found.profile_id, newest=newest),
            standing,
            tuple(act for act in self.acts() if own & {act.one, act.other}),
        )

    def search(self, written: str = "", **page: Any) -> segments.listing.People:
        """Return a page of the known people whom a text fits: personal data.

        Args:
            written: Parts of names, or an identifier from its beginning; everybody by default.
            page: `sort`, `descending`, `offset`, `limit`, as of `tesela.segments.listing.list_people`.

        Raises:
            InputError: when the page makes no sense.
        """
        self._stores.refresh()
        return segments.listing.list_people(self._stores.warehouse, search=written, **page)

    def merge(self, one: str, other: str, *, actor: str, note: str = "") -> profiles.Act:
        """Make two people one, whatever their identifiers say; a later `unmerge` or `undo` takes it back.

        Args:
            one: An identifier of the one, or a number of the profile with a # before it.
            other: The same of the other.
            actor: Who decides.
            note: Why.

        Raises:
            NotFoundError: when nobody is known so.
            ConflictError: when they are one already, or an identifier is shared by several people.
        """
        return self._decide("merge", one, other, actor, note)

    def unmerge(self, one: str, other: str, *, actor: str, note: str = "") -> profiles.Act:
        """Make one person two: what was merged by hand is taken back, what identifiers join is put apart.

        Args:
            one: An identifier of the one, or a number of the profile with a # before it.
            other: The same of the other.
            actor: Who decides.
            note: Why.

        Raises:
            NotFoundError: when nobody is known so.
            ConflictError: when they are two already, or both mean the same record's identifier.
        """
        return self._decide("unmerge", one, other, actor, note)

    def undo(self, number: int, *, actor: str, note: str = "") -> profiles.Act:
        """Take an act back exactly: afterwards everything is as if it had not been done.

        Args:
            number: Of the act, as `acts` tells it.
            actor: Who takes it back.
            note: Why.

        Raises:
            NotFoundError: when there is no such act.
            ConflictError: when a later act changed the same; that one must be undone first.
        """
        self._stores.refresh()
        acts = self.acts()
        undone, effects = profiles.take_back(acts, number)
        made = profiles.Act("undo", undone.one, undone.other, actor, self._clock.now(), note, effects, number)
        return self._keep(made, acts)

    def acts(self) -> list[profiles.Act]:
        """Return what people decided, the oldest first."""
        return self._stores.identity.acts(self._stores.control)

    def _decide(self, name: Literal["merge", "unmerge"], one: str, other: str, actor: str, note: str) -> profiles.Act:
        stores = self._stores
        stores.refresh()
        found, second = (profiles.find_person(stores.warehouse, who, stores.settings.country) for who in (one, other))
        ends = found.subject_id, second.subject_id
        effects = stores.identity.plan(name, self._resolution(), *ends)
        return self._keep(profiles.Act(name, *ends, actor, self._clock.now(), note, effects), self.acts())

    def _keep(self, act: profiles.Act, acts: list[profiles.Act]) -> profiles.Act:
        # refused here where it contradicts what was decided before
        profiles.decisions_of([*acts, act])
        return self._stores.decide(act)

    def _resolution(self) -> Any:
        stores = self._stores
        with scratch_folder(stores.layout) as scratch:
            return stores.identity.current(stores.warehouse, stores.control, scratch)
