"""How long a marketer waits: the count of one new rule, a count that is stopped, why a profile is in a segment.

    python benchmarks/bench_live.py [--events 50000000]

A hundred rules of `segments_200.yaml`, each counted for the first time and a second time in one process that has its
file open, as a server has. Every rule is parsed, planned and written anew. Then the slowest rules are counted and
stopped after a while, and a hundred profiles explained.
"""

from __future__ import annotations

import argparse
import random
import statistics
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from measured import machine
from peers.listed import Entry, read_list
from peers.templates import POPULATION, SEQUENCES
from shop import AS_OF, EVENTS_A_PROFILE, ZONE, shop_file

from tesela.base import TeselaError
from tesela.events import EVENTS, PRODUCTS
from tesela.profiles import CONSENTS, IDENTIFIERS
from tesela.segments import count_segments, explain_membership
from tesela.traits import TRAIT_VALUES
from tesela.warehouse import DuckDBEngine, statement

if TYPE_CHECKING:
    from collections.abc import Callable


RULES, STOPPED = 100, 20
MANY = 10_000_000


class Seconds(NamedTuple):
    """What an answer took: on a machine that is not quiet the processor's time says more."""

    wall: float
    processor: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=50_000_000)
    asked = parser.parse_args()
    engine = DuckDBEngine(shop_file(asked.events, "sorted"), memory_limit="3000MB")
    # empty here, but explaining looks into them
    engine.create((PRODUCTS, CONSENTS, IDENTIFIERS, TRAIT_VALUES))
    entries = read_list("segments_200")[:RULES]
    print(f"{machine()}; {asked.events:,} events\n")
    print("| what | n | p50 ms | p95 ms | longest ms | p50, processor ms | p95 | longest |")
    print("|---|---|---|---|---|---|---|---|")
    hard = [each for each in entries if each.template in SEQUENCES or each.template in POPULATION]
    easy = [each for each in entries if each not in hard]
    large = set(names_of_many(engine))
    many = [each for each in easy if any(name in each.when for name in large)]
    slowest = counted(engine, "sequences and population", hard)
    counted(engine, f"other rules, on events of over {MANY:,}", many)
    counted(engine, f"other rules, on events of up to {MANY:,}", [each for each in easy if each not in many])
    tell("stop a count", [stopped(engine, each) for each in (slowest * STOPPED)[:STOPPED]])
    explained(engine, entries, asked.events // EVENTS_A_PROFILE)
    engine.close()


def names_of_many(engine: DuckDBEngine) -> list[str]:
    """Return the names of events of which there are more than ten million."""
    counts = statement("SELECT name FROM {e} GROUP BY name HAVING count(*) > $many", tables={"e": EVENTS}, many=MANY)
    return [str(name) for name in engine.query(counts).column("name").to_pylist()]


def counted(engine: DuckDBEngine, name: str, entries: list[Entry]) -> list[Entry]:
    """Count each rule twice; return the slowest."""
    if not entries:
        return []
    first: list[Seconds] = []
    again: list[Seconds] = []
    for times in (first, again):
        for each in entries:
            times.append(seconds(lambda rule=each.when: count(engine, rule)))
    tell(f"count: {name}, first time", first)
    tell(f"count: {name}, again", again)
    order = sorted(zip(again, entries, strict=True), key=lambda pair: -pair[0].wall)
    return [entry for _, entry in order[:5]]


def count(engine: DuckDBEngine, rule: str) -> None:
    count_segments(engine, {"new": rule}, as_of=AS_OF, zone=ZONE)


def stopped(engine: DuckDBEngine, entry: Entry) -> Seconds:
    """Return how long a count went on after it was stopped."""
    ended: list[float] = []

    def run() -> None:
        try:
            while True:
                count(engine, entry.when)
        except TeselaError:
            ended.append(time.perf_counter())

    running = threading.Thread(target=run)
    running.start()
    time.sleep(0.05 + random.random() / 10)
    while not ended:
        # a count that is just being compiled has nothing to stop yet
        told = time.perf_counter()
        engine.interrupt()
        running.join(0.2)
    return Seconds(ended[0] - told, 0.0)


def explained(engine: DuckDBEngine, entries: list[Entry], profiles: int) -> None:
    """Explain a hundred profiles, each in another segment."""
    draw = random.Random(5)
    times = []
    for each in entries:
        profile = draw.randrange(1, profiles + 1)
        times.append(seconds(lambda rule=each.when, who=profile: explain(engine, rule, who)))
    tell("explain a profile", times)


def explain(engine: DuckDBEngine, rule: str, profile: int) -> None:
    explain_membership(engine, {"new": rule}, "new", profile, as_of=AS_OF, zone=ZONE)


def seconds(work: Callable[[], None]) -> Seconds:
    began = time.perf_counter(), time.process_time()
    work()
    return Seconds(time.perf_counter() - began[0], time.process_time() - began[1])


def tell(name: str, times: list[Seconds]) -> None:
    figures = []
    for own in zip(*times, strict=True):
        p95 = statistics.quantiles(own, n=20, method="inclusive")[-1]
        figures += [f"{1000 * each:,.0f}" for each in (statistics.median(own), p95, max(own))]
    print(f"| {name} | {len(times)} | {' | '.join(figures)} |", flush=True)


if __name__ == "__main__":
    main()
