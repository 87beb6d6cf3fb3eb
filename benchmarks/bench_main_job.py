"""The main job on complete_journey (1.47 million lines): import and run, each a process of its own.

    python benchmarks/bench_main_job.py

Target: import plus run under 60 s and 2 GiB on 2 cores.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from measured import TESELA, Run, machine, median, run

ROUNDS = int(os.environ.get("ROUNDS", "3"))
DATA = Path(os.environ.get("TESELA_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


def one_round() -> tuple[Run, Run, Run]:
    file = DATA / "complete_journey" / "transactions.parquet"
    with tempfile.TemporaryDirectory() as folder:
        shop = f"{folder}/shop"
        run([*TESELA, "init", shop, "--timezone", "UTC", "--currency", "USD"])
        brought_in = run([*TESELA, "import", "order-lines", str(file), "--workspace", shop, "--yes", "--json"])
        job = run([*TESELA, "run", "--workspace", shop, "--as-of", "2018-01-02", "--report", f"{folder}/report.html"])
        again = run([*TESELA, "import", "order-lines", str(file), "--workspace", shop, "--yes", "--json"])
    return brought_in, job, again


def main() -> None:
    rounds = [one_round() for _ in range(ROUNDS)]
    print(f"{machine()}; medians of {ROUNDS} rounds\n")
    print("| step | wall s | processor s | peak MiB |")
    print("|---|---|---|---|")
    for step, name in enumerate(("import", "run with report", "import again (all known)")):
        runs = [each[step] for each in rounds]
        wall, cpu, peak = (median([getattr(r, f) for r in runs]) for f in ("wall_s", "cpu_s", "peak_mib"))
        print(f"| {name} | {wall:.1f} | {cpu:.1f} | {peak:.0f} |")
    total = median([a.wall_s + b.wall_s for a, b, _ in rounds])
    peak = max(step.peak_mib for each in rounds for step in each[:2])
    print(f"| **import plus run** | **{total:.1f}** | | **{peak:.0f}** |")


if __name__ == "__main__":
    main()
