"""What probes stand on: the shared table of the base, what events there are, and the ways to ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tesela.audit.facts import STEPS, TABLES, forget_facts, gather_facts, windows
from tesela.audit.found import Unheard, Unknown
from tesela.events import SUBJECT_LINKS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import pyarrow as pa
    from pyroaring import BitMap64

    from tesela.audit.settings import AuditSettings
    from tesela.control import ControlStore
    from tesela.events import Load
    from tesela.profiles import ContactCleaning
    from tesela.warehouse import Engine


@dataclass(frozen=True, slots=True)
class EventCount:
    """What there is of one event.

    Attributes:
        count: How many.
        first_at: The earliest.
        last_at: The newest.
    """

    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the probes of one audit stand on.

    Attributes:
        engine: The warehouse, with the shared table (`facts.PEOPLE`, in templates `{people}`).
        control: The control store.
        cleaning: How contacts are cleaned here.
        as_of: The moment of truth, naive UTC.
        zone: The shop's zone.
        country: The shop's country.
        settings: What the shop set.
        events: What events there are before the moment, by name.
        base: How many people there are.
        marked_of: How many people the score counts findings of: those of the base, and those whom people's own
            decisions merged into them, so that a merge never raises a share.
        sleep_days: After how many days without an order a buyer sleeps, by the shop's rhythm.
        lists: The exclusion lists that hold, with `name` and `dated_on`.
        merged: Pairs of subjects that people's own decisions have merged.
        loads: The imports that count.
    """

    engine: Engine
    control: ControlStore
    cleaning: ContactCleaning
    as_of: datetime
    zone: ZoneInfo
    country: str
    settings: AuditSettings
    events: Mapping[str, EventCount]
    base: int
    marked_of: int
    sleep_days: int
    lists: Sequence[Any] = ()
    merged: Sequence[tuple[int, int]] = ()
    loads: Sequence[Load] = ()
    _kept: dict[str, Any] = field(default_factory=dict)

    @property
    def has_consents(self) -> bool:
        """Whether anybody ever said yes: a base of which only opt-outs are known says nothing of permission."""
        asked = "SELECT count(*) FILTER (has_yes) AS n FROM {consented}"
        return bool(self.once("has_consents", lambda: self.row(asked)["n"]))

    @property
    def year_ago(self) -> datetime:
        """The moment 365 days before."""
        return windows(self.as_of)["d365"]

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what is kept under a name, made at the first asking."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def merged_since(self, moment: datetime) -> int:
        """Return how many merges by people's decision can have taken an arrival since a moment out of the count."""
        import pyarrow as pa

        if not self.merged:
            return 0
        pairs = {
            "one": pa.array([one for one, _ in self.merged], pa.int64()),
            "other": pa.array([other for _, other in self.merged], pa.int64()),
        }
        row = self.row(
            """
            WITH came AS (SELECT subject_id, min(since) AS since FROM {links} GROUP BY subject_id)
            SELECT count(*) AS n FROM audit_merged AS m
            JOIN came AS o ON o.subject_id = m.one JOIN came AS t ON t.subject_id = m.other
            WHERE greatest(o.since, t.since) >= $moment
            """,
            tables={"links": SUBJECT_LINKS},
            relations={"audit_merged": pa.table(pairs)},
            moment=moment,
        )
        return int(row["n"])

    def ask(self, template: str, **more: Any) -> list[dict[str, Any]]:
        """Return the rows of a query.

        Args:
            template: SQL of ours; `{people}`, `{orders}`, `{events}`, `{profiles}` and the other tables of `facts`
                stand in braces; `$as_of`, `$d30`, `$d90`, `$d180`, `$d365`, `$d730` are bound where they are named.
            more: `tables` (further ones, by the name in braces), `relations` (Arrow tables by name), and further
                values bound to `$name`.
        """
        found: list[dict[str, Any]] = self.read(template, **more).to_pylist()
        return found

    def row(self, template: str, **more: Any) -> dict[str, Any]:
        """Return the one row of a query; arguments as of `ask`."""
        return self.ask(template, **more)[0]

    def read(self, template: str, **more: Any) -> pa.Table:
        """Return the rows of a query as an Arrow table; arguments as of `ask`."""
        tables, relations = more.pop("tables", {}), more.pop("relations", None)
        moments = {key: value for key, value in windows(self.as_of).items() if f"${key}" in template}
        asked = statement(template, tables={**TABLES, **tables}, relations=relations, **{**moments, **more})
        return self.engine.query(asked)

    def who(self, template: str, **more: Any) -> BitMap64:
        """Return the people that a query gives in its column `profile_id`; arguments as of `ask`."""
        import numpy as np
        from pyroaring import BitMap64

        return BitMap64(self.read(template, **more).column("profile_id").to_numpy().astype(np.uint64))

    def those(self, condition: str, **more: Any) -> BitMap64:
        """Return the people of the base who satisfy a condition on the columns of the shared table."""
        return self.who(f"SELECT profile_id FROM {{people}} WHERE {condition}", **more)

    def set_aside(self, people: Iterable[int]) -> None:
        """Take some people to be set aside, in the shared table alone: how the base would be."""
        import pyarrow as pa

        relations = {"audit_aside_too": pa.table({"profile_id": pa.array(list(people), pa.int64())})}
        those = "profile_id IN (SELECT profile_id FROM audit_aside_too)"
        update = f"UPDATE {{people}} SET is_aside = true WHERE {those}"
        self.engine.write([statement(update, tables=TABLES, relations=relations)])

    def wanting(self, *names: str) -> Unknown | None:
        """Return why a question cannot be answered where none of some events is there; None where one is."""
        if not self.base:
            return Unknown("nobody")
        if any(name in self.events for name in names):
            return None
        return Unheard(names)


def lay_ground(
    engine: Engine,
    control: ControlStore,
    *,
    cleaning: ContactCleaning,
    as_of: datetime,
    zone: ZoneInfo,
    country: str,
    settings: AuditSettings,
    merged: Sequence[tuple[int, int]] = (),
    loads: Sequence[Load] = (),
    sleep_days: int = 120,
    lists: Sequence[Any] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Ground:
    """Gather what probes stand on.

    Args:
        engine: The warehouse.
        control: The control store.
        cleaning: How contacts are cleaned here.
        as_of: The moment of truth, naive UTC.
        zone: The shop's zone.
        country: The shop's country.
        settings: What the shop set.
        merged: Pairs of subjects that people's own decisions have merged.
        loads: The imports that count.
        sleep_days: After how many days without an order a buyer sleeps.
        lists: The exclusion lists that hold.
        progress: Called with steps done and steps in all.
    """
    for done, each in enumerate(gather_facts(as_of)):
        if progress:
            progress(done, STEPS)
        engine.write([each])
    counted = engine.query(
        statement(
            "SELECT name, count(*) AS n, min(occurred_at) AS first_at, max(occurred_at) AS last_at"
            " FROM {events} WHERE occurred_at < $as_of GROUP BY name ORDER BY n DESC, name",
            tables=TABLES,
            as_of=as_of,
        )
    ).to_pylist()
    people = engine.query(statement("SELECT count(*) AS n FROM {people}", tables=TABLES)).to_pylist()
    base = int(people[0]["n"])
    return Ground(
        engine=engine,
        control=control,
        cleaning=cleaning,
        as_of=as_of,
        zone=zone,
        country=country,
        settings=settings,
        events={row["name"]: EventCount(row["n"], row["first_at"], row["last_at"]) for row in counted},
        base=base,
        marked_of=base + len(merged),
        merged=merged,
        loads=loads,
        sleep_days=sleep_days,
        lists=lists,
    )


def leave_ground(engine: Engine) -> None:
    """Drop what was gathered."""
    engine.write(forget_facts())
