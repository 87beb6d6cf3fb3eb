"""Plant defects of every kind in a healthy shop's files, and tell whom each befell.

What an import needs beside the files of the shop is its list of people who want no advertising: its date stands in
`shop.json` under `exclusion_list`.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tesela.events.sources.simulation.contacts import FileForm
from tesela.events.sources.simulation.defects.mailing import (
    exclusion_list,
    note_unreachable,
    plant_addresses,
    plant_bought_list,
    plant_permissions,
    plant_silence,
    plant_sweepstake,
)
from tesela.events.sources.simulation.defects.planting import Planting
from tesela.events.sources.simulation.defects.records import (
    plant_bad_orders,
    plant_duplicates,
    plant_durations,
    plant_gaps,
    plant_inconsistencies,
)
from tesela.events.sources.simulation.defects.sheets import Sheet
from tesela.events.sources.simulation.defects.values import plant_values

if TYPE_CHECKING:
    from pathlib import Path

_LIST = FileForm("exclusion_list.csv", "exclusion_list")
_FRESH_DAYS, _OLD_DAYS = 7, 200
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 naive on purpose: local time


def plant_defects(out: Path, shop: dict[str, Any], stop_s: int, *, seed: int, is_healthy: bool) -> dict[str, int]:
    """Plant the defects, or none, and write the list of people who want no advertising.

    Args:
        out: Folder of a healthy shop's files; they are written over.
        shop: What `shop.json` will say; the list is told in it.
        stop_s: Local second at which the last day ends.
        seed: Of all chance.
        is_healthy: Whether nothing is planted.

    Returns:
        Rows of the files that are other than before, by path.
    """
    stop = _EPOCH + timedelta(seconds=stop_s)
    planting = Planting.read(out, stop, np.random.default_rng(seed))
    rows: dict[str, int] = {}
    if not is_healthy:
        _plant_all(planting)
        rows = planting.write(out)
    listed = Sheet(_LIST, ["email"], exclusion_list())
    listed.write(out)
    days = _FRESH_DAYS if is_healthy else _OLD_DAYS
    shop["exclusion_list"] = {
        "name": "Lista Robinson",
        "file": _LIST.path,
        "dated_on": (stop - timedelta(days=days)).strftime("%Y-%m-%d"),
    }
    if not is_healthy:
        planting.plant("exclusion_list_old", ["Lista Robinson"], unit="lists")
    told = {
        check: {"unit": planting.units[check], "count": len(keys), "keys": sorted(keys)}
        for check, keys in sorted(planting.found.items())
    }
    (out / "truth" / "defects.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return {**rows, _LIST.path: len(listed.rows)}


def _plant_all(shop: Planting) -> None:
    plant_inconsistencies(shop)
    plant_values(shop)
    plant_gaps(shop)
    plant_duplicates(shop)
    plant_bad_orders(shop)
    plant_durations(shop)
    plant_addresses(shop)
    plant_permissions(shop)
    plant_silence(shop)
    plant_sweepstake(shop)
    plant_bought_list(shop)
    note_unreachable(shop)
