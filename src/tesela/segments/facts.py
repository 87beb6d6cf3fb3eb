"""Read the facts that can have turned a segment between two publications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tesela.events import EVENTS, PRODUCTS
from tesela.profiles import ATTRIBUTE_VALUES, CONSENTS, IDENTIFIERS, PROFILES, SUPPRESSIONS
from tesela.segments.bitmaps import bitmap
from tesela.segments.tables import MEMBERSHIPS
from tesela.traits import TRAIT_VALUES
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    import numpy as np
    import numpy.typing as npt
    from pyroaring import BitMap64

    from tesela.language import Sweep
    from tesela.warehouse import Engine, Statement, Table

_TABLES: dict[str, Table | str] = {
    "events": EVENTS,
    "products": PRODUCTS,
    "profiles": PROFILES,
    "values": ATTRIBUTE_VALUES,
    "identifiers": IDENTIFIERS,
    "consents": CONSENTS,
    "suppressions": SUPPRESSIONS,
    "memberships": MEMBERSHIPS,
    "traits": TRAIT_VALUES,
}

# What each kind of fact is read by: a query with `{inside}`, the condition on its own time.
_OWN = {
    "seen": ("SELECT profile_id, first_seen_at AS at FROM {{profiles}} WHERE {inside}", "first_seen_at"),
    "field": ("SELECT profile_id, valid_from AS at FROM {{values}} WHERE field = $name AND {inside}", "valid_from"),
    "identifier": ("SELECT profile_id, since AS at FROM {{identifiers}} WHERE kind = $name AND {inside}", "since"),
    "consent": (
        "SELECT profile_id, occurred_at AS at FROM {{consents}} WHERE channel = $name AND {inside}",
        "occurred_at",
    ),
    # whoever has the address now or is named by it; whose it was once counts for nothing
    "suppression": (
        "SELECT v.profile_id AS profile_id, s.occurred_at AS at FROM (SELECT value, occurred_at FROM {{suppressions}}"
        " WHERE channel = $name AND {inside}) AS s JOIN (SELECT profile_id, value FROM {{values}}"
        " WHERE field IN ('email', 'phone') UNION ALL SELECT profile_id, value FROM {{identifiers}}"
        " WHERE profile_id IS NOT NULL) AS v ON v.value = s.value",
        "occurred_at",
    ),
    "trait": ("SELECT profile_id, as_of AS at FROM {{traits}} WHERE trait = $name AND {inside}", "as_of"),
    "product": (
        "SELECT profile_id, NULL AS at FROM {{events}} WHERE product_id IN"
        " (SELECT product_id FROM {{products}} WHERE {inside})",
        "valid_from",
    ),
    "cancellation": (
        "SELECT o.profile_id AS profile_id, c.occurred_at AS at FROM {{events}} AS o"
        " JOIN (SELECT source, order_id, occurred_at FROM {{events}} WHERE name = $name AND {inside}) AS c"
        " ON c.source = o.source AND c.order_id = o.order_id WHERE o.name = 'order_completed'",
        "occurred_at",
    ),
}
_RARE = {
    "product": "SELECT count(*) AS n FROM {{products}} WHERE {inside}",
    "cancellation": "SELECT count(*) AS n FROM {{events}} WHERE name = $name AND {inside}",
}
_STAYS = ("entered_at", "left_at", "recorded_at", "left_recorded_at")

Interval = tuple["datetime", "datetime"]


class _Source(NamedTuple):
    """Facts that are read together: all of a sweep but its times."""

    kind: str
    name: str | None
    key: tuple[str, str | None] | None


class _Found(NamedTuple):
    """Facts by their own time, those of unknown time at the end."""

    profiles: npt.NDArray[np.int64]
    times: npt.NDArray[np.datetime64]
    untimed: int = 0


class Facts:
    """The facts inside some sweeps: whose they are and when they happened.

    Args:
        found: By what was read.
    """

    def __init__(self, found: Mapping[_Source, _Found]) -> None:
        self._found = found

    def touched(self, sweeps: Iterable[Sweep]) -> BitMap64:
        """Return whose facts lie inside some sweeps."""
        touched = bitmap([])
        for sweep in sweeps:
            touched |= bitmap(self._inside(sweep).profiles)
        return touched

    def instants(
        self, sweeps: Iterable[Sweep], profiles: BitMap64, since: datetime, until: datetime
    ) -> dict[int, set[datetime] | None]:
        """Return the instants, from one moment up to another, at which facts can have turned something.

        Args:
            sweeps: Which facts.
            profiles: Whose.
            since: The earliest instant that counts.
            until: The first instant that does not.

        Returns:
            Instants by profile; None where there is a fact whose instant cannot be told.
        """
        import numpy as np

        found: dict[int, set[datetime] | None] = {}
        wanted = np.asarray(profiles.to_array(), dtype=np.int64)
        for sweep in sweeps:
            inside = self._inside(sweep)
            mine = np.isin(inside.profiles, wanted)
            for profile, time in zip(inside.profiles[mine].tolist(), inside.times[mine].tolist(), strict=True):
                if sweep.lag is None or time is None:
                    found[profile] = None
                    continue
                instant = time + sweep.lag
                known = found.setdefault(profile, set())
                if known is not None and since <= instant < until:
                    known.add(instant)
        return found

    def _inside(self, sweep: Sweep) -> _Found:
        """Return the facts of one sweep, those of unknown time included."""
        import numpy as np

        found = self._found[_Source(sweep.kind, sweep.name, sweep.key)]
        first = int(np.searchsorted(found.times, np.datetime64(sweep.start, "us"), "left"))
        last = int(np.searchsorted(found.times, np.datetime64(sweep.end, "us"), "right"))
        timed = len(found.times) - found.untimed
        chosen = np.r_[first : min(last, timed), timed : len(found.times)]
        return _Found(found.profiles[chosen], found.times[chosen], found.untimed)


def read_facts(engine: Engine, sweeps: Collection[Sweep]) -> Facts:
    """Return the facts inside some sweeps; each source is read once, over all its stretches of time."""
    stretches: dict[_Source, set[Interval]] = {}
    for sweep in sweeps:
        stretches.setdefault(_Source(sweep.kind, sweep.name, sweep.key), set()).add((sweep.start, sweep.end))
    return Facts({source: _read(engine, source, _joined(own)) for source, own in stretches.items()})


def _joined(stretches: Iterable[Interval]) -> list[Interval]:
    """Return the same time in stretches that do not overlap, in order."""
    joined: list[Interval] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _read(engine: Engine, source: _Source, stretches: list[Interval]) -> _Found:
    import numpy as np

    nobody = _Found(np.empty(0, np.int64), np.empty(0, "datetime64[us]"))
    named: dict[str, Any] = {} if source.name is None else {"name": source.name}
    if source.kind in _RARE:
        counted = engine.query(_query(_RARE[source.kind], _OWN[source.kind][1], stretches, named))
        if not counted.column("n").to_pylist()[0]:
            return nobody
    rows = engine.query(_statement(source, stretches, named))
    if not rows.num_rows:
        return nobody
    # a column of missing times alone has no type of its own
    times = rows.column("at").cast("timestamp[us]").to_numpy()
    order = np.argsort(times, kind="stable")
    profiles = rows.column("profile_id").to_numpy().astype(np.int64)
    return _Found(profiles[order], times[order], int(np.isnat(times).sum()))


def _statement(source: _Source, stretches: list[Interval], named: dict[str, Any]) -> Statement:
    if source.kind == "event":
        own = "name = $name AND " if source.name is not None else ""
        template = f"SELECT profile_id, occurred_at AS at FROM {{{{events}}}} WHERE {own}{{inside}}"
        return _query(f"{template} AND profile_id IS NOT NULL", "occurred_at", stretches, named)
    if source.kind == "related":
        column, event = source.key or ("order_id", None)
        own = "o.name = $event AND " if event is not None else ""
        same_source = "r.source = o.source AND " if column == "order_id" else ""
        template = (
            "SELECT o.profile_id AS profile_id, r.occurred_at AS at FROM {{events}} AS o"
            f" JOIN (SELECT source, {column} AS shared, occurred_at FROM {{{{events}}}}"
            f" WHERE name = $name AND {{inside}}) AS r ON {same_source}r.shared = o.{column}"
            f" WHERE {own}o.profile_id IS NOT NULL"
        )
        asked = {**named, "event": event} if event is not None else named
        return _query(template, "occurred_at", stretches, asked)
    if source.kind == "stay":
        inside = " OR ".join(f"({_inside(column, stretches)})" for column in _STAYS)
        template = f"SELECT profile_id, NULL AS at FROM {{memberships}} WHERE segment = $name AND ({inside})"
        return statement(template, tables=_TABLES, **named, **_bounds(stretches))
    if source.kind == "moment_field":
        # the value is text: who has any is looked at
        template = "SELECT DISTINCT profile_id, NULL AS at FROM {values} WHERE field = $name"
        return statement(template, tables=_TABLES, **named)
    template, time = _OWN[source.kind]
    return _query(
        f"{template} AND profile_id IS NOT NULL" if "JOIN" not in template else template, time, stretches, named
    )


def _query(template: str, time: str, stretches: list[Interval], named: dict[str, Any]) -> Statement:
    text = template.format(inside=f"({_inside(time, stretches)})")
    return statement(text, tables=_TABLES, **named, **_bounds(stretches))


def _inside(time: str, stretches: list[Interval]) -> str:
    return " OR ".join(f"({time} >= $start_{n} AND {time} <= $end_{n})" for n in range(len(stretches)))


def _bounds(stretches: list[Interval]) -> dict[str, Any]:
    starts = {f"start_{n}": start for n, (start, _) in enumerate(stretches)}
    return starts | {f"end_{n}": end for n, (_, end) in enumerate(stretches)}
