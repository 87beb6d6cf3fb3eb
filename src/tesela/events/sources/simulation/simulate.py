"""Simulate a shop: its people in lots, one after the other, each drawn, written and counted before the next.

A lot holds 20,000 people and is all that is in memory, so that a million people need no more than a hundred
thousand. Everything depends on the seed and on what was asked, and on nothing else.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_args

from tesela.base import InputError, load_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

FileFormat = Literal["csv", "parquet"]
Defects = Literal["none", "planted"]

VERSION = 2
"""Version of what is drawn and counted: raised whenever the same seed gives other bytes."""

CSV_BELOW_PROFILES = 20_000


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """What was written.

    Attributes:
        files: Files by path inside the folder, with their rows; `shop.json` says how to import them.
        events: Events of all kinds: web, e-mail, survey, orders and their lines.
        expected: What `truth/segments.json` says: base, revenue and sizes, by profile and by person.
    """

    files: dict[str, int]
    events: int
    expected: dict[str, Any] = field(repr=False)


def simulate(
    out: Path,
    *,
    profiles: int,
    days: int,
    seed: int,
    end: date = date(2026, 11, 22),
    time_zone: str = "Europe/Madrid",
    file_format: FileFormat | None = None,
    defects: Defects | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SimulationSummary:
    """Write the files of a Spanish shop that does not exist, and the truth about everyone in it.

    Args:
        out: Folder for the files; made when absent, an earlier simulation in it is replaced.
        profiles: How many people give their data; half as many again only ever look around.
        days: How many days of orders and events there are. People may have come up to three years before.
        seed: The same seed, arguments and version of Tesela give the same bytes.
        end: The last day.
        time_zone: IANA name of the shop's zone: local times in the files are in it.
        file_format: Of the files of web and e-mail events; by default text for fewer than 20,000 people and
            pieces of Parquet for more.
        defects: By default an ordinary shop, with its dirt and its losses. `none`: a healthy one, in which nothing is
            wrong. `planted`: the same people with defects of every kind that an audit looks for, each told in
            `truth/defects.json` with whom it befell. Both write their events as text.
        progress: Called with people done and people in all.

    Raises:
        InputError: when a number makes no shop, or the zone, format or kind of defects is unknown.
    """
    _check(profiles, days, seed, file_format, defects)
    zone = load_zone(time_zone)
    from tesela.events.sources.simulation.files import Files
    from tesela.events.sources.simulation.health import HEALTHY, ORDINARY
    from tesela.events.sources.simulation.seasons import Seasons
    from tesela.events.sources.simulation.shop import LOT, Shop

    _clear(out)
    files = Files(out)
    as_text = bool(defects) or (file_format == "csv" if file_format else profiles < CSV_BELOW_PROFILES)
    health = HEALTHY if defects else ORDINARY
    seasons = Seasons(days=days, end=end, zone=zone)
    try:
        shop = Shop(seed=seed, seasons=seasons, files=files, events_as_text=as_text, health=health)
        for number, first in enumerate(range(0, profiles, LOT)):
            if progress:
                progress(first, profiles)
            # the healthy shop has no number 0, whose telephone looks made up
            shop.add_lot(number, first + bool(defects), min(LOT, profiles - first))
    finally:
        files.close()
    expected = {
        "as_of": seasons.as_of.isoformat() + "Z",
        "by_profile": shop.by_profile.told(),
        "by_person": shop.by_person.told(),
    }
    asked = {"profiles": profiles, "days": days, "seed": seed, "end": end.isoformat(), "time_zone": time_zone}
    shop_told: dict[str, Any] = {"version": VERSION, **asked}
    rows = files.rows
    if defects:
        from tesela.events.sources.simulation.defects import plant_defects

        rows |= plant_defects(out, shop_told, seasons.stop, seed=seed, is_healthy=defects == "none")
    if defects == "planted":
        # what was true before is true no more
        expected = {"as_of": expected["as_of"]}
    shop_told["imports"] = list_imports(path for path, count in rows.items() if count)
    _write_json(out / "truth" / "segments.json", expected)
    _write_json(out / "shop.json", shop_told)
    if progress:
        progress(profiles, profiles)
    return SimulationSummary(rows, shop.events, expected)


def list_imports(paths: Iterable[str]) -> list[dict[str, str]]:
    """Return how the files are imported, in order: kind, file and the name of the source.

    The order and the sources' names are part of the truth: a person who never was a contact came through the
    source that told of them first.
    """
    from tesela.events.sources.simulation.contacts import FORMS

    rest = {
        "consents.csv": ("consents", "consents"),
        "products.csv": ("products", "shop"),
        "orders.csv": ("orders", "shop"),
        "order_lines.csv": ("order-lines", "shop"),
        "web_events": ("events", "web"),
        "email_events": ("email-events", "mail"),
        "survey_answers.csv": ("events", "survey"),
    }
    told = sorted(paths)
    listed = [("contacts", form.path, form.source) for form in FORMS.values() if form.path in told]
    for begin, (kind, source) in rest.items():
        listed += [(kind, path, source) for path in told if path.startswith(begin)]
    return [{"kind": kind, "file": path, "source": source} for kind, path, source in listed]


def _check(profiles: int, days: int, seed: int, file_format: str | None, defects: str | None) -> None:
    for what, value in (("profiles", profiles), ("days", days)):
        if value < 1:
            raise InputError("events.sources.simulation.too_few", what=what, value=value)
    if seed < 0:
        raise InputError("events.sources.simulation.bad_seed", value=seed)
    if file_format is not None and file_format not in get_args(FileFormat):
        raise InputError("events.sources.simulation.unknown_format", value=file_format)
    if defects is not None and defects not in get_args(Defects):
        raise InputError("events.sources.simulation.unknown_defects", value=defects)


def _clear(out: Path) -> None:
    """Make the folder, and take away what an earlier simulation left that would not be written over."""
    out.mkdir(parents=True, exist_ok=True)
    if not (out / "shop.json").exists():
        return
    (out / "shop.json").unlink()
    for name in ("contacts", "web_events", "email_events", "truth"):
        shutil.rmtree(out / name, ignore_errors=True)
    for name in ("web_events.csv", "email_events.csv", "exclusion_list.csv"):
        (out / name).unlink(missing_ok=True)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")
