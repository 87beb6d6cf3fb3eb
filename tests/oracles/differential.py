"""Long differential runs: an engine against the naive interpreter, many random rules and histories.

    python tests/oracles/differential.py --engine duckdb --rules 10000 --seed 1

Prints each rule on which they differ, with both answers, and exits with 1 when there is one.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oracles import language as o
    from tesela.warehouse import Engine


@contextlib.contextmanager
def open_engine(name: str, master: str | None = None) -> Iterator[Engine]:
    """Open an empty engine of a kind, and close it afterwards; on a Spark cluster of its own without a `master`."""
    with contextlib.ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="differential-")))
        engine = _open(name, folder, held, master or os.environ.get("TESELA_SPARK_MASTER"))
        held.callback(engine.close)
        yield engine


def _open(name: str, folder: Path, held: contextlib.ExitStack, master: str | None) -> Engine:
    if name == "duckdb":
        from tesela.warehouse import DuckDBEngine

        return DuckDBEngine(folder / "shop.duckdb", memory_limit="500MB", threads=1)
    if name == "postgres":
        from postgres_server import running_postgres
        from tesela.warehouse.engines.postgres import PostgresEngine

        return PostgresEngine(held.enter_context(running_postgres()))
    if name == "clickhouse":
        from tesela.warehouse.engines.clickhouse import ChdbEngine

        return ChdbEngine(folder / "chdb")
    if name == "spark":
        from spark_cluster import running_spark
        from tesela.warehouse.engines.spark import SparkEngine

        # a few rows each: planning is what takes long, and compiling would take longer
        options = {
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.adaptive.enabled": "false",
        }
        # TESELA_SPARK_MASTER: another cluster, or sc://host:port for Spark Connect
        chosen = master or held.enter_context(running_spark())
        return SparkEngine(folder, master=chosen, options=options, keep_seconds=0)
    raise ValueError(name)


def main() -> int:
    """Run, and say what was found."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--engine", default="duckdb")
    told.add_argument("--rules", type=int, default=1000)
    told.add_argument("--seed", type=int, default=1)
    told.add_argument("--a-plan", type=int, default=50)
    told.add_argument("--first", action="store_true", help="stop at the first difference")
    asked = told.parse_args()

    from oracles.random_worlds import differences, load, rules, worlds
    from rooms.language.a_shop import AShop

    done, failed, began = 0, 0, time.monotonic()
    with open_engine(asked.engine) as engine:
        shop = AShop.on(engine)

        # the rule that names two others is one more in every plan
        @seed(asked.seed)
        @settings(
            max_examples=-(-asked.rules // (asked.a_plan + 1)),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(
            world=worlds(people=10, events=60, wide=True),
            written=st.lists(rules(), min_size=asked.a_plan, max_size=asked.a_plan),
        )
        def run(world: o.World, written: list[o.Rule]) -> None:
            nonlocal done, failed
            if failed and asked.first:
                return
            load(shop, world)
            found = differences(shop, world, written)
            done += len(written) + 1
            failed += len(found)
            for text, expected, computed in found:
                print(f"DIFFERENT\n  {text}\n  {world.as_of} {world.zone.key}\n  {expected}\n  {computed}\n  {world}")

        run()
    seconds = time.monotonic() - began
    print(f"{asked.engine}: {done} rules x histories, seed {asked.seed}, {failed} differences, {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
