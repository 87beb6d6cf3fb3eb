"""The graph of identifiers of one workspace: what was found of it, kept between one import and the next."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tesela.events import SUBJECT_LINKS
from tesela.profiles.identity import (
    Identity,
    outdate_identity,
    read_stamp,
    resolve_identity,
    stamp_identity,
    write_identity,
)
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from tesela.control import ControlStore
    from tesela.profiles.merging import Act, ActName, Effect
    from tesela.profiles.page import Identifiers
    from tesela.profiles.remembering import RememberedResolution
    from tesela.profiles.resolution import Resolution
    from tesela.profiles.settings import IdentitySettings
    from tesela.warehouse import Engine, Statement


@dataclass(slots=True)
class IdentityGraph:
    """Finds out who is who, from what is new where it can.

    Attributes:
        folder: Where what was found is kept. Everything in it can be made again, and holds identifiers.
        settings: When records are one person.
    """

    folder: Path
    settings: IdentitySettings
    _found: tuple[str, Resolution] | None = None
    _files: RememberedResolution | None = field(default=None, repr=False)

    def is_current(self, engine: Engine) -> bool:
        """Return whether the profiles are by today's rules and decisions, as far as the loads that were looked at."""
        _, rules = read_stamp(engine)
        if rules == self.settings.fingerprint:
            return True
        links = engine.query(statement("SELECT 1 AS n FROM {links} LIMIT 1", tables={"links": SUBJECT_LINKS}))
        return not links.num_rows

    def token(self, engine: Engine) -> str:
        """Return what tells the resolution that the tables are of from others; empty before the first."""
        return read_stamp(engine)[0]

    def outdate(self, engine: Engine) -> None:
        """Note that somebody is about to decide something: until what follows is computed, nothing is current."""
        outdate_identity(engine)

    def resolve(self, engine: Engine, control: ControlStore, scratch: Path, loads: Sequence[int] = ()) -> Identity:
        """Find out who is who.

        Args:
            engine: The warehouse.
            control: Knows what people decided.
            scratch: Folder for files in the making, which the engine may write and read.
            loads: The loads that were not looked at yet.
        """
        acts = self.acts(control)
        from tesela.profiles.merging import decisions_of

        rules = self.settings.rules(decisions_of(acts))
        token, _ = read_stamp(engine)
        previous = self._load(token) if token else None
        return resolve_identity(engine, rules, scratch, previous=previous, loads=loads)

    def current(self, engine: Engine, control: ControlStore, scratch: Path) -> Resolution:
        """Return what was found last; nothing must have come in since."""
        token, _ = read_stamp(engine)
        found = self._load(token) or self.resolve(engine, control, scratch).resolution
        self._found = token, found
        return found

    def write(self, identity: Identity, *, at: datetime, cause: str) -> Iterator[Statement]:
        """Bring the tables up to what was found; `keep` it once that has been done.

        Args:
            identity: What was found.
            at: When, naive UTC.
            cause: What it was found after.
        """
        self._found = uuid.uuid4().hex, identity.resolution
        yield from write_identity(identity, at=at, cause=cause)
        yield from stamp_identity(self._found[0], self.settings.fingerprint)

    def keep(self) -> None:
        """Keep what was found and written for the next time, in files."""
        if self._found is not None:
            self._remembered().save(self._found[1], self._found[0])

    def acts(self, control: ControlStore) -> list[Act]:
        """Return what people decided, the oldest first."""
        from tesela.profiles.merging import list_acts

        return list_acts(control)

    def plan(self, name: ActName, resolution: Resolution, one: int, other: int) -> tuple[Effect, ...]:
        """Return what a merge or an unmerge of two subjects changes.

        Raises:
            ConflictError: when there is nothing to change.
        """
        # brings SciPy
        from tesela.profiles.merging.deciding import plan_merge, plan_unmerge

        return (plan_merge if name == "merge" else plan_unmerge)(resolution, one, other)

    def read(self, engine: Engine, resolution: Resolution, profile_id: int) -> Identifiers:
        """Return why a person is one: her identifiers, what merged them, which merge nobody."""
        from tesela.profiles.page import read_identifiers

        return read_identifiers(engine, resolution, profile_id)

    def _load(self, token: str) -> Resolution | None:
        rules = self.settings.rules()
        if self._found is not None and self._found[0] == token:
            return self._found[1]
        return self._remembered().load(token, rules)

    def _remembered(self) -> RememberedResolution:
        if self._files is None:
            # brings SciPy
            from tesela.profiles.remembering import RememberedResolution

            self._files = RememberedResolution(self.folder)
        return self._files
