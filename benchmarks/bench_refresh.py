"""A refresh of the profiles that can have come or gone beside one of all, on the same shop, in turns.

    python benchmarks/bench_refresh.py [--events 5000000] [--list segments_13] [--rounds 5]

Memberships are published for moments one after another, a minute, an hour and a day apart: by what can have come
or gone since, and by all. What is published is compared once a gap. The file is a copy: `shop.py` makes it first.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from measured import machine, median
from peers.listed import read_list
from shop import AS_OF, ZONE, shop_file

from tesela.segments import MEMBERSHIPS, Segment, SetFiles, list_members, publish_memberships
from tesela.warehouse import DuckDBEngine, statement

GAPS = {"a minute": timedelta(minutes=1), "an hour": timedelta(hours=1), "a day": timedelta(days=1)}


class Seconds(NamedTuple):
    """What a publication took."""

    wall: float
    processor: float


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--list", default="segments_13")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    segments = {each.slug: Segment(each.slug, each.when) for each in read_list(asked.list)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(shop_file(asked.events, "sorted"), Path(folder) / "shop.duckdb"))
        engine = DuckDBEngine(path, memory_limit="3000MB")
        files = SetFiles(Path(folder) / "sets")

        def publish(**how: object) -> tuple[Seconds, int | None, int]:
            began = time.perf_counter(), time.process_time()
            done = publish_memberships(engine, segments, as_of=moment, zone=ZONE, files=files, **how)  # type: ignore[arg-type]
            assert done is not None
            spent = Seconds(time.perf_counter() - began[0], time.process_time() - began[1])
            return spent, done.computed, done.entered + done.left

        print(f"{machine()}; {asked.events:,} events, {len(segments)} segments ({asked.list})\n")
        moment = AS_OF - timedelta(days=30)
        first, _, stays = publish()
        print(f"first publication: {first.wall:.2f} s ({first.processor:.2f} s of processor), {stays:,} stays\n")
        print("| since the last one | computed | moved | some, s | all, s | quicker | some, processor s | all |")
        print("|---|---|---|---|---|---|---|---|")
        for name, gap in GAPS.items():
            some, whole, computed, moved = [], [], [], []
            for _ in range(asked.rounds):
                moment += gap
                seconds, profiles, stays = publish(changed=(), few=1.0)
                some.append(seconds)
                computed.append(profiles)
                moved.append(stays)
                moment += gap
                whole.append(publish()[0])
            moment += gap
            publish(changed=(), few=1.0)
            check(engine, segments, moment)
            mean = [sum(each or 0 for each in column) / asked.rounds for column in (computed, moved)]
            (some_wall, some_cpu), (whole_wall, whole_cpu) = (
                [median(list(each)) for each in zip(*column, strict=True)] for column in (some, whole)
            )
            print(
                f"| {name} | {mean[0]:,.0f} | {mean[1]:,.0f} | {some_wall:.3f} | {whole_wall:.3f} |"
                f" {whole_wall / some_wall:.1f} × | {some_cpu:.3f} | {whole_cpu:.3f} |",
                flush=True,
            )
        engine.close()


def check(engine: DuckDBEngine, segments: dict[str, Segment], moment: object) -> None:
    """Stop when what is published is not what all rules say."""
    sql = "SELECT segment, count(*) AS n, sum(profile_id) AS s FROM {m} WHERE left_at IS NULL GROUP BY segment"
    published = engine.query(statement(sql, tables={"m": MEMBERSHIPS})).to_pylist()
    found = list_members(engine, segments, as_of=moment, zone=ZONE)  # type: ignore[arg-type]
    computed = engine.query(statement(sql, tables={"m": "found"}, relations={"found": found})).to_pylist()
    told = [{row["segment"]: (row["n"], row["s"]) for row in rows} for rows in (published, computed)]
    if told[0] != told[1]:
        sys.exit("a refresh of some is not a refresh of all")


if __name__ == "__main__":
    main()
