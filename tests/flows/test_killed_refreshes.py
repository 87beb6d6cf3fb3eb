"""A refresh killed at any point: readers find the old memberships or the new; run again, it ends as if never killed.

The everyday suite kills at a few points; `make proof-refresh` at a hundred (TESELA_KILLS).
"""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path

import pytest

import tesela as library
from flows.command_line import Killer, a_workspace, answer, tesela

KILLS = int(os.environ.get("TESELA_KILLS", "3"))
ATTEMPTS = 10
ORDERS = 20_000
SEGMENTS = ("recent", "repeaters", "calm", *(f"spent_{n}" for n in range(30)))
DEFINITIONS = """
recent:
  when: did order_completed in last 30 days
repeaters:
  when: count(order_completed) >= 3
calm:
  when: not in segment recent
""" + "".join(f"spent_{n}:\n  when: sum(order_completed.amount in last {n + 5} days) > {n}\n" for n in range(30))
BEFORE, AFTER = "2026-05-20", "2026-05-28"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose memberships are published, and that has later orders."""
    folder = tmp_path_factory.mktemp("killed")
    workspace = a_workspace(folder / "shop")
    lines = [f"A{n},{n % 4_000},2026-{4 + n % 2:02d}-{1 + n % 28:02d} 10:00,{n % 90}.50\n" for n in range(ORDERS)]
    (folder / "orders.csv").write_text("order_id,customer_id,date,amount\n" + "".join(lines))
    (workspace / "segments" / "starter.yaml").write_text(DEFINITIONS, "utf-8")
    answer("import", "orders", folder / "orders.csv", "--workspace", workspace, "--yes")
    answer("run", "--workspace", workspace, "--as-of", BEFORE)
    return workspace


def facts(workspace: Path) -> tuple[object, ...]:
    """What was published last, by the tables and by the bitmaps."""
    with library.open(workspace) as shop:
        sets = shop.segments.sets()
        return sets.publication.as_of, sets.overlap(SEGMENTS), [shop.segments.sizes(slug) for slug in SEGMENTS[:3]]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["--incremental", "--json"])
def test_killed_at_many_points(shop: Path, tmp_path: Path, how: str) -> None:
    again = ("run", how, "--workspace")
    clean = Path(shutil.copytree(shop, tmp_path / "clean"))
    old = facts(clean)
    began = time.monotonic()
    tesela(*again, clean, "--as-of", AFTER)
    whole = time.monotonic() - began
    new = facts(clean)
    assert old != new
    rng = random.Random(7)
    killer = Killer(whole)
    for kill in range(KILLS):
        for attempt in range(ATTEMPTS):
            workspace = Path(shutil.copytree(shop, tmp_path / f"shop{kill}-{attempt}"))
            share = 0.3 + 0.65 * (kill + rng.random()) / KILLS
            if killer.kills(share, *again, workspace, "--as-of", AFTER):
                break
        else:
            pytest.fail("it always ended before it was killed")
        assert facts(workspace) in (old, new), "old or new, never a mix"
        tesela(*again, workspace, "--as-of", AFTER)
        assert facts(workspace) == new
        shutil.rmtree(workspace)
