"""Find probable duplicates in public sets with known truth, beside Splink alone as its documentation sets it up.

    python benchmarks/bench_matching.py [--sets febrl1,febrl2,febrl3,fake_1000,historical_50k] [--shop 100000]

Ours goes through the workspace: import, `matching.find`, proposals; the same for every set. Precision, recall and F1
are pairwise, of the groups that the pairs make. Of Splink: pairs as they are and groups as its clustering makes them,
at 0.5 and 0.95 and at whatever threshold is best for it by the truth, which nobody has. `--shop` makes a Spanish shop
of so many records and measures time and memory; nothing else is compared there. TESELA_DATA names the folder of data.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from matching_sets import QUERIES, PeopleFile, write_set, write_shop
from measured import machine, own_peak_mib
from peers import splink_alone
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

import tesela

DATA = Path(os.environ.get("TESELA_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
# where people are proposed unless told otherwise; on febrl1 every threshold up to 0.99 gives all 500 pairs and no other
OURS = 0.5
Pair = tuple[str, str, float]
Quality = tuple[float, float, float]


def find(people: PeopleFile, folder: Path) -> tuple[list[Pair], dict[str, float]]:
    """Return what Tesela proposes, as pairs of records, with what it took."""
    tesela.init(folder).close()
    with (folder / "tesela.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[identity]\nmerging = ["customer_id"]\n')
    with tesela.open(folder) as workspace:
        began = time.perf_counter()
        workspace.imports.run("contacts", people.path)
        workspace.segments.count("never order_completed")
        imported, used = time.perf_counter(), time.process_time()
        found = workspace.matching.find(least=OURS)
        took = {"import_s": imported - began, "find_s": time.perf_counter() - imported}
        took |= {"processor_s": time.process_time() - used, "pairs": found.pairs, "crowded": found.crowded}
        shown = workspace.matching.review(10**9)
        customers = workspace.segments.members("never order_completed")
        of = dict(zip(*(customers.column(name).to_pylist() for name in ("profile_id", "customer_id")), strict=True))
    return [(of[s.one], of[s.other], s.probability) for s in shown], took


def quality(truth: dict[str, str], pairs: list[tuple[str, str]]) -> Quality:
    """Return precision, recall and F1 of pairs as they are."""
    right = sum(truth[one] == truth[other] for one, other in pairs)
    return _measures(right, len(pairs), truth)


def quality_of_groups(truth: dict[str, str], pairs: list[tuple[str, str]]) -> Quality:
    """Return precision, recall and F1 of all pairs inside the groups that pairs make."""
    place = {record: at for at, record in enumerate(truth)}
    ends = np.array([(place[one], place[other]) for one, other in pairs], np.int64).reshape(-1, 2)
    graph = coo_matrix((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(len(place), len(place)))
    labels = connected_components(graph, directed=False)[1].tolist()
    groups, both = Counter(labels), Counter(zip(labels, truth.values(), strict=True))
    return _measures(sum(map(_pairs, both.values())), sum(map(_pairs, groups.values())), truth)


def best(truth: dict[str, str], scored: list[Pair], measure: Any) -> tuple[Quality, float]:
    """Return the best F1 that any of many thresholds gives, and which."""
    tried = {1 - 2.0**-bits for bits in range(1, 30)} | {share / 50 for share in range(1, 50)} | {0.001, 0.005, 0.01}
    found = ((measure(truth, [p[:2] for p in scored if p[2] >= least]), least) for least in sorted(tried))
    return max(found, key=lambda each: each[0][2])


def _measures(right: int, found: int, truth: dict[str, str]) -> Quality:
    there = sum(map(_pairs, Counter(truth.values()).values()))
    precision, recall = right / max(found, 1), right / there
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-12)


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def compare(name: str, folder: Path) -> None:
    people = write_set(name, DATA, folder)
    ours, took = find(people, folder / name)
    began = time.perf_counter()
    peer = splink_alone.score(name, DATA)
    peer_s = time.perf_counter() - began
    rows: list[tuple[str, Quality]] = [
        (f"Tesela, groups at {OURS}", quality_of_groups(people.person, [p[:2] for p in ours if p[2] >= OURS]))
    ]
    for least in (0.5, 0.95):
        chosen = [p[:2] for p in peer if p[2] >= least]
        rows.append((f"Splink alone, pairs at {least}", quality(people.person, chosen)))
        rows.append((f"Splink alone, groups at {least}", quality_of_groups(people.person, chosen)))
    for what, measure in (("pairs", quality), ("groups", quality_of_groups)):
        figures, least = best(people.person, peer, measure)
        rows.append((f"Splink alone, {what} at its best ({least:.4g})", figures))
    print(f"\n### {name}: {len(people.person)} records\n\n| | precision | recall | F1 |\n|---|---|---|---|")
    for what, (precision, recall, f1) in rows:
        print(f"| {what} | {precision:.4f} | {recall:.4f} | {f1:.4f} |")
    highest = max(f1 for _, (_, _, f1) in rows[1:])
    print(f"\nNever below: {'yes' if rows[0][1][2] >= highest else 'NO'} (Splink at its best {highest:.4f}).")
    print(f"Import {took['import_s']:.1f} s, find {took['find_s']:.1f} s, Splink alone {peer_s:.1f} s.", flush=True)


def time_shop(records: int, folder: Path) -> None:
    people = write_shop(records, folder)
    ours, took = find(people, folder / "shop")
    precision, recall, f1 = quality_of_groups(people.person, [p[:2] for p in ours])
    print(f"\n### A Spanish shop of {len(people.person)} records\n")
    print(
        f"Import {took['import_s']:.1f} s, find {took['find_s']:.1f} s ({took['processor_s']:.1f} s of processors),",
        end="",
    )
    print(f" peak {own_peak_mib():.0f} MiB, {took['pairs']:.0f} pairs, {took['crowded']:.0f} crowded.")
    print(f"Precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}.", flush=True)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--sets", default=",".join(QUERIES))
    asked.add_argument("--shop", type=int, default=100_000)
    asked.add_argument("--one", help=argparse.SUPPRESS)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.one:
            _one(options.one, options.shop, Path(folder))
            return
    print(machine())
    # each in a process of its own, so that peaks are its own
    for each in [*filter(None, options.sets.split(",")), *(["shop"] if options.shop else [])]:
        subprocess.run([sys.executable, __file__, "--one", each, "--shop", str(options.shop)], check=True)


def _one(name: str, shop: int, folder: Path) -> None:
    if name == "shop":
        time_shop(shop, folder)
    else:
        compare(name, folder)


if __name__ == "__main__":
    main()
