"""Two hundred segments at once: Tesela's one plan beside what else one would do, on the same events.

    python benchmarks/bench_segments.py [--events 5000000] [--list segments_13] [--methods ours,a,b,...]

Each method runs in a process of its own, once to warm up and ROUNDS times measured; the medians are shown. All
methods must give the same counts. Files are made by `shop.py` first.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

from measured import machine, median, own_peak_mib
from peers.listed import read_list
from shop import LAYOUTS, shop_file

ROUNDS = int(os.environ.get("ROUNDS", "3"))
SIZES = (1, 10, 50, 200)
METHODS = {
    "ours": "Tesela: one plan, counts",
    "members": "Tesela: one plan, members brought out",
    "a": "one query a segment, DuckDB, same file",
    "b": "one query a segment, DuckDB, events in time order",
    "c": "one query a segment, ClickHouse (chdb)",
    "d": "Polars, one lazy query a segment",
    "e": "pandas, one expression a segment",
}


def method(name: str, events: int) -> Any:
    """Return what counts by a method, loaded and ready."""
    if name in ("ours", "members"):
        from peers.tesela_plan import TeselaMembers, TeselaOnDuckDB

        return (TeselaOnDuckDB if name == "ours" else TeselaMembers)(events, "sorted")
    if name in ("a", "b"):
        from peers.duckdb_sql import QueriesOnDuckDB

        return QueriesOnDuckDB(events, "sorted" if name == "a" else "timely")
    if name == "c":
        from peers.clickhouse_sql import QueriesOnClickHouse

        return QueriesOnClickHouse(events)
    from peers.dataframes import OnPandas, OnPolars

    return (OnPolars if name == "d" else OnPandas)(events)


def measure(name: str, events: int, listed: str, size: int) -> None:
    """Measure one method in this process; the result is told as JSON."""
    entries = read_list(listed)[:size]
    counting = method(name, events)
    counts = counting.count(entries)
    walls, cpus = [], []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), _cpu_s()
        counts = counting.count(entries)
        walls.append(time.perf_counter() - wall)
        cpus.append(_cpu_s() - cpu)
    found = {"wall": median(walls), "best": min(walls), "cpu": median(cpus), "peak": own_peak_mib(), "counts": counts}
    sys.stdout.write(json.dumps(found))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measured_apart(name: str, events: int, listed: str, size: int) -> dict[str, Any]:
    """Measure one method in a process of its own."""
    command = [sys.executable, __file__, "--events", str(events), "--list", listed, "--one", name, "--size", str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))


def check_equal(entries: list[Any], counts: dict[str, list[int]]) -> None:
    """Refuse figures of methods that do not count the same."""
    reference, *others = counts
    for other in others:
        wrong = [
            f"{each.when}: {reference} {one}, {other} {two}"
            for each, one, two in zip(entries, counts[reference], counts[other], strict=True)
            if one != two
        ]
        if wrong:
            raise SystemExit("\n".join(["counts differ", *wrong]))


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--events", type=int, default=5_000_000)
    asked.add_argument("--list", default="segments_13")
    asked.add_argument("--methods", default="ours,members,a,b")
    asked.add_argument("--sizes", default=",".join(map(str, SIZES)))
    asked.add_argument("--one")
    asked.add_argument("--size", type=int, default=200)
    told = asked.parse_args()
    if told.one:
        measure(told.one, told.events, told.list, told.size)
        return
    for layout in LAYOUTS:
        shop_file(told.events, layout)
    show(told.events, told.list, told.methods.split(","), [int(size) for size in told.sizes.split(",")])


def show(events: int, listed: str, names: list[str], sizes: list[int]) -> None:
    """Print one table a number of segments."""
    entries = read_list(listed)
    load = os.getloadavg()[0]
    print(f"{machine()}, load {load:.1f}; {events:,} events, {listed}; medians of {ROUNDS}\n")
    print("| segments | method | wall s | best s | CPU s | peak MiB | times ours |")
    print("|---|---|---|---|---|---|---|")
    for size in sizes:
        found = {name: measured_apart(name, events, listed, size) for name in names}
        check_equal(entries[:size], {name: each["counts"] for name, each in found.items()})
        ours = found[names[0]]["wall"]
        for name, each in found.items():
            print(
                f"| {size} | {METHODS[name]} | {each['wall']:.2f} | {each['best']:.2f} | {each['cpu']:.2f} "
                f"| {each['peak']:,.0f} | {each['wall'] / ours:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
