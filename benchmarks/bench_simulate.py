"""How fast a shop is simulated, and how much memory it takes.

    python benchmarks/bench_simulate.py [PROFILES ...]     (5000 and 100000 unless told otherwise)

Targets: 500,000 events a second; a million profiles with fifty million events within 8 GiB. Each size runs in a
process of its own, into a folder that is removed afterwards.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from measured import machine, run

DAYS = 730
SIMULATE = """
import json, sys
from pathlib import Path
import tesela
folder, profiles, days = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
summary = tesela.simulate(folder, profiles=profiles, days=days, seed=1)
(folder / "events.json").write_text(json.dumps(summary.events))
"""


def main(sizes: list[int]) -> None:
    print(f"{machine()}; {DAYS} days, one run each\n")
    print("| profiles | events | wall s | events/s | CPU s | peak MiB | files MiB |")
    print("|---|---|---|---|---|---|---|")
    for profiles in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "shop"
            measured = run([sys.executable, "-c", SIMULATE, str(folder), str(profiles), str(DAYS)])
            events = json.loads((folder / "events.json").read_text())
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20
        print(
            f"| {profiles:,} | {events:,} | {measured.wall_s:.1f} | {events / measured.wall_s:,.0f} "
            f"| {measured.cpu_s:.1f} | {measured.peak_mib:,.0f} | {size:,.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [5_000, 100_000])
