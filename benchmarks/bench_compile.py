"""From texts of rules to one plan, and to one statement: how long, for two hundred segments and for the largest rules.

    python benchmarks/bench_compile.py [--rounds 5]

Parsed, planned and written anew each time; nothing is asked of an engine. Seconds are the processor's: one thread
does it all.
"""

from __future__ import annotations

import argparse
import gc
import time
from typing import TYPE_CHECKING

from measured import machine, median
from peers.listed import read_list
from shop import AS_OF, ZONE

from tesela.language import plan_segments
from tesela.language.planning import render
from tesela.language.rendering import render_plan  # noqa: F401 what is imported late is not part of the time
from tesela.warehouse import load_dialect

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGINES = ("duckdb", "postgres", "clickhouse", "spark")
MILLION = 1_000_000


def rules() -> dict[str, Mapping[str, str]]:
    """Return what is compiled, by what it is."""
    lists = {f"{name}, 200 segments": {each.slug: each.when for each in read_list(name)} for name in LISTS}
    many = " or ".join(f'country = "c{number}"' for number in range(10_000))
    texts = ", ".join(f'"c{number}"' for number in range(MILLION))
    numbers = ", ".join(map(str, range(MILLION)))
    return lists | {
        "10,000 conditions": {"r": many},
        "a list of a million texts": {"r": f"country in ({texts})"},
        "a list of a million numbers": {"r": f"count(order_completed) in ({numbers})"},
    }


LISTS = ("segments_13", "segments_200")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"{machine()}; medians of {rounds}, processor seconds\n")
    print(f"| what | plan | {' | '.join(ENGINES)} |")
    print(f"|---|---|{'---|' * len(ENGINES)}")
    for name, asked in rules().items():
        found = [median([seconds(asked, engine) for _ in range(rounds)]) for engine in (None, *ENGINES)]
        print(f"| {name} | {' | '.join(f'{each:.2f}' for each in found)} |", flush=True)


def seconds(asked: Mapping[str, str], engine: str | None) -> float:
    """Return the time of one compilation, to the plan alone or to the statement of an engine."""
    dialect = load_dialect(engine) if engine else None
    gc.collect()
    began = time.process_time()
    plan = plan_segments(asked, as_of=AS_OF, zone=ZONE)
    if dialect:
        render(plan, dialect)
    return time.process_time() - began


if __name__ == "__main__":
    main()
