"""How often discovery finds a rule where there is none: groups drawn at random from a demo shop's base.

    python benchmarks/shuffles.py [--shuffles 200] [--profiles 1500]

Every condition that the shop's data give is computed once; each shuffle draws another group of the same size and asks
for what describes it. Beside it: how often rules planted among noise are found first.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from measured import machine
from pyroaring import BitMap64

import tesela
from tesela.segments import MemberSets
from tesela.segments.discovery import describe_group, propose_conditions

SHARES = (0.02, 0.05, 0.2, 0.5)
NOISE = 0.02


def main() -> None:
    """Draw, ask, and print two tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shuffles", type=int, default=200)
    parser.add_argument("--profiles", type=int, default=1_500)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace, as_of = tesela.demo(Path(folder) / "shop", profiles=asked.profiles, days=500, seed=11)
        workspace._stores.refresh()
        engine, zone = workspace._stores.engine, workspace.settings.zone
        texts = [each.text for each in propose_conditions(engine, as_of=as_of, least=20)]
        rules = {f"r{place}": text for place, text in enumerate(texts)}
        sets = MemberSets.at(engine, rules, as_of=as_of, zone=zone)
        workspace.close()
    holds = [sets.of(name) for name in rules]
    base, random = np.array(list(sets.base)), np.random.default_rng(2)
    print(f"{machine()}; {len(base):,} people, {len(texts)} conditions, {asked.shuffles} shuffles a size\n")
    print("| group drawn | rules tried a shuffle | shuffles with any rule | share | seconds a shuffle |")
    print("|---|---|---|---|---|")
    for share in SHARES:
        began, found, tried = time.perf_counter(), 0, 0
        for _ in range(asked.shuffles):
            group = _drawn(base, int(share * len(base)), random)
            findings, looked = describe_group(sets.base, group, texts, holds)
            found, tried = found + bool(findings), tried + looked
        each = (time.perf_counter() - began) / asked.shuffles
        print(
            f"| {share:.0%} | {tried / asked.shuffles:,.0f} | {found} | {found / asked.shuffles:.1%} | {each:.2f} |",
            flush=True,
        )
    print("\n| planted | tried | first | among the ten |")
    print("|---|---|---|---|")
    for many in (1, 2, 3):
        first = there = planted = 0
        while planted < asked.shuffles // 4:
            places = sorted(random.choice(len(holds), many, replace=False).tolist())
            inside = _all(sets.base, [holds[place] for place in places])
            if not _is_fair(sets.base, inside, [holds[place] for place in places]):
                continue
            planted += 1
            noisy = (inside - _drawn(np.array(list(inside)), len(inside) // 10, random)) | _drawn(
                base, int(NOISE * len(base)), random
            )
            findings, _ = describe_group(sets.base, noisy, texts, holds)
            same = [
                _likeness(inside, _all(sets.base, [holds[texts.index(text)] for text in each.conditions]))
                for each in findings
            ]
            first += bool(same) and same[0] >= 0.9
            there += any(likeness >= 0.9 for likeness in same)
        print(f"| {many} conditions | {planted} | {first} | {there} |", flush=True)


def _drawn(of: np.ndarray, count: int, random: np.random.Generator) -> BitMap64:
    return BitMap64(random.choice(of, count, replace=False).tolist())


def _all(base: BitMap64, holds: list[BitMap64]) -> BitMap64:
    inside = base.copy()
    for each in holds:
        inside &= each
    return inside


def _is_fair(base: BitMap64, inside: BitMap64, holds: list[BitMap64]) -> bool:
    """Tell whether a rule is one that can be found: neither rare nor common, and no condition follows from the rest."""
    if not 0.03 * len(base) <= len(inside) <= 0.4 * len(base):
        return False
    return all(len(_all(base, [other for other in holds if other is not each])) > 1.2 * len(inside) for each in holds)


def _likeness(one: BitMap64, other: BitMap64) -> float:
    return len(one & other) / len(one | other)


if __name__ == "__main__":
    main()
