"""RFM, the ready segments and their KPIs on the benchmark's shop: one million profiles, fifty million events.

    python benchmarks/bench_kpis.py [EVENTS] [WINDOW_DAYS]     (50,000,000 and 90 unless told otherwise; 0: all time)

First everyone gets their RFM scores. Segments are those of the catalogue that the shop has data for, computed for
the moment and for the window's beginning; then all metrics of all of them, against the rest of the base. The warehouse
is copied, because the benchmark's shop has fewer tables.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from measured import own_peak_mib
from shop import AS_OF, ZONE, shop_file

from tesela.events import ALL_TABLES as EVENT_TABLES
from tesela.measurement import Period, measure_kpis
from tesela.profiles import ALL_TABLES as PROFILE_TABLES
from tesela.segments import MemberSets, catalogue
from tesela.segments.catalogue import Figures, choose_values, find_missing
from tesela.traits import ALL_TABLES as TRAIT_TABLES
from tesela.traits import rfm
from tesela.warehouse import DuckDBEngine


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000_000
    days = int(sys.argv[2]) if len(sys.argv) > 2 else 90
    since = AS_OF - timedelta(days=days) if days else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.duckdb"
        shutil.copyfile(shop_file(events, "sorted"), path)
        engine = DuckDBEngine(path, memory_limit="2500MB")
        engine.create([*EVENT_TABLES, *PROFILE_TABLES, *TRAIT_TABLES])
        told: dict[str, float] = {}
        began = time.perf_counter()

        def lap(name: str) -> None:
            nonlocal began
            told[name] = time.perf_counter() - began
            began = time.perf_counter()

        scored = rfm.run_rfm(engine, rfm.RFMSettings(), as_of=AS_OF, zone=ZONE)
        lap("RFM")
        known = catalogue.load_catalogue()
        entries = list(known.entries.values())
        missing = find_missing(engine, entries, known, as_of=AS_OF, zone=ZONE)
        figures = Figures(engine, AS_OF)
        segments = {}
        for entry in entries:
            if not missing[entry.slug]:
                chosen = choose_values(entry, {}, figures)
                segments[entry.slug] = entry.segment({name: each.value for name, each in chosen.items()})
        lap("thresholds")
        sets = MemberSets.at(engine, segments, as_of=AS_OF, zone=ZONE)
        lap("members")
        now = Period(since=since, as_of=AS_OF, base=sets.base, members=sets.members)
        before = None
        if since:
            then = MemberSets.at(engine, segments, as_of=since, zone=ZONE)
            before = Period(since=None, as_of=since, base=then.base, members=then.members)
            lap("members before")
        card = measure_kpis(engine, now, before, against="base")
        lap("KPIs")
        engine.close()
    size = sum(map(len, sets.members.values()))
    print(f"{scored.buyers:,} buyers scored; {len(segments)} segments with {size:,} members")
    print(f"{len(card.metrics)} metrics, {days} days")
    print(", ".join(f"{name} {seconds:.1f} s" for name, seconds in told.items()))
    print(f"{sum(told.values()):.1f} s in all, peak {own_peak_mib():,.0f} MiB")


if __name__ == "__main__":
    main()
