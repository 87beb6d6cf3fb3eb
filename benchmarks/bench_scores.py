"""RFM, a score of a shop's own and the lifecycle, on the benchmark's shop.

    python benchmarks/bench_scores.py [--events 50000000]

The file is a copy: `shop.py` makes it first. Each step runs in a process of its own start to end, in this order.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from measured import machine, own_peak_mib
from shop import AS_OF, ZONE, shop_file

from tesela.segments import count_segments
from tesela.traits import ALL_TABLES, Trait, lifecycle, rfm, scores
from tesela.warehouse import DuckDBEngine

if TYPE_CHECKING:
    from collections.abc import Callable

SCORE = {
    "points": [
        {"when": "did email_opened in last 30 days", "points": 10},
        {"each": "email_link_clicked", "points": 5, "half_life": "30 days", "cap": 40},
        {"each": "product_viewed in last 30 days", "points": 1, "cap": 20},
        {"value": "revenue / 100", "points": 2},
    ],
    "cap": 100,
}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=50_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=shop_file(asked.events, "sorted").parent) as folder:
        path = Path(shutil.copy(shop_file(asked.events, "sorted"), Path(folder) / "shop.duckdb"))
        engine = DuckDBEngine(path, memory_limit="3000MB")
        engine.create(ALL_TABLES)
        day, rhythm = AS_OF + timedelta(days=1), lifecycle.Rhythm()
        score = Trait.from_dict("engagement", SCORE).score
        assert score is not None
        by_name = {name: f'rfm.segment = "{name}"' for name in rfm.SEGMENTS}
        told = {"as_of": AS_OF, "zone": ZONE}

        def score_again() -> object:
            return rfm.run_rfm(engine, rfm.RFMSettings(), as_of=day, zone=ZONE)

        steps: dict[str, Callable[[], object]] = {
            "RFM, the first run": lambda: rfm.run_rfm(engine, rfm.RFMSettings(), **told),
            "RFM, a day later": score_again,
            "RFM, the same again": score_again,
            "the eleven segments by name, counted": lambda: count_segments(engine, by_name, **told),
            "a score of four entries, over the base": lambda: scores.spread_score(engine, score, traits={}, **told),
            "stages at two moments, and the moves": lambda: lifecycle.count_moves(
                engine, rhythm, since=AS_OF - timedelta(days=30), **told
            ),
        }
        print(f"{machine()}; {asked.events:,} events, {asked.events // 50:,} profiles\n")
        print("| step | wall s | processor s |\n|---|---|---|")
        for name, step in steps.items():
            began = time.perf_counter(), time.process_time()
            step()
            print(
                f"| {name} | {time.perf_counter() - began[0]:.1f} | {time.process_time() - began[1]:.1f} |", flush=True
            )
        engine.close()
        print(f"\nPeak memory: {own_peak_mib():,.0f} MiB")


if __name__ == "__main__":
    main()
