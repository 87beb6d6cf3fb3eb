"""An import killed at any point: whole or absent, and run again it ends as if nothing had happened.

The everyday suite kills at a few points; `make proof-kill` at two hundred (TESELA_KILLS).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

import tesela as library
from flows.command_line import Killer, a_workspace, answer, start, tesela

KILLS = int(os.environ.get("TESELA_KILLS", "4"))
ATTEMPTS = 10
ROWS = 20_000
SPENT = "sum(order_completed.amount) > 200"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A workspace with one import in it, and a file that overlaps it."""
    folder = tmp_path_factory.mktemp("killed")
    workspace = a_workspace(folder / "shop")
    lines = [f"A{n // 3},{n % 4_000},p{n % 50},2026-05-{1 + n % 28:02d} 10:00,{n % 90}.50\n" for n in range(ROWS)]
    header = "order_id,customer_id,product_id,date,amount\n"
    (folder / "first.csv").write_text(header + "".join(lines[: ROWS // 2]))
    (folder / "whole.csv").write_text(header + "".join(lines))
    answer("import", "order-lines", folder / "first.csv", "--workspace", workspace, "--yes")
    return workspace, folder / "whole.csv"


def facts(workspace: Path) -> list[object]:
    as_of = "2026-11-22"
    with library.open(workspace) as shop:
        counts = [shop.segments.count(rule, as_of) for rule in ("did order_completed", SPENT)]
        return [*counts, shop.segments.members("count(order_completed) >= 2", as_of).to_pydict()]


def test_killed_at_many_points(shop: tuple[Path, Path], tmp_path: Path) -> None:
    prepared, file = shop
    clean = Path(shutil.copytree(prepared, tmp_path / "clean"))
    began = time.monotonic()
    answer("import", "order-lines", file, "--workspace", clean, "--yes")
    whole = time.monotonic() - began
    expected = facts(clean)
    rng = random.Random(7)
    killer = Killer(whole)
    for kill in range(KILLS):
        for attempt in range(ATTEMPTS):
            workspace = Path(shutil.copytree(prepared, tmp_path / f"shop{kill}-{attempt}"))
            share = 0.2 + 0.75 * (kill + rng.random()) / KILLS
            if killer.kills(share, "import", "order-lines", file, "--workspace", workspace, "--yes", "--json"):
                break
        else:
            pytest.fail("it always ended before it was killed")
        again = answer("import", "order-lines", file, "--workspace", workspace, "--yes")
        assert again["received"] == again["stored"] + again["duplicate"] == ROWS
        assert again["stored"] in (ROWS - ROWS // 2, 0), "the killed one is there whole, or not at all"
        assert facts(workspace) == expected
        loads = tesela("import", "list", "--workspace", workspace, "--json").stdout
        assert loads.count('"state": "sealed"') + loads.count('"state":"sealed"') in (2, 3)
        shutil.rmtree(workspace)


@pytest.mark.parametrize("after_s", [0.3, 0.8, 1.3, 1.8])
def test_ctrl_c_leaves_a_consistent_state(shop: tuple[Path, Path], tmp_path: Path, after_s: float) -> None:
    prepared, file = shop
    workspace = Path(shutil.copytree(prepared, tmp_path / "shop"))
    running = start("import", "order-lines", file, "--workspace", workspace, "--yes")
    time.sleep(after_s)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode in (130, 0), errors
    # Python says itself when Ctrl-C came inside its own bookkeeping of modules
    assert b"Traceback" not in errors or b"importlib._bootstrap" in errors, errors
    again = answer("import", "order-lines", file, "--workspace", workspace, "--yes")
    assert again["stored"] + again["duplicate"] == ROWS


def test_a_second_process_is_refused_at_once(shop: tuple[Path, Path], tmp_path: Path) -> None:
    prepared, file = shop
    workspace = Path(shutil.copytree(prepared, tmp_path / "shop"))
    with library.open(workspace):
        for arguments in (
            ("count", "did order_completed"),
            ("import", "order-lines", file, "--yes"),
            ("run",),
        ):
            refused = tesela(*arguments, "--workspace", workspace, check=False)
            assert refused.returncode == 1
            assert str(os.getpid()) in refused.stderr
    tesela("count", "did order_completed", "--workspace", workspace)


def test_a_backup_taken_during_an_import_restores(shop: tuple[Path, Path], tmp_path: Path) -> None:
    prepared, file = shop
    before = facts(Path(shutil.copytree(prepared, tmp_path / "before")))
    workspace = Path(shutil.copytree(prepared, tmp_path / "shop"))
    running = start("import", "order-lines", file, "--workspace", workspace, "--yes")
    taken = 0
    while running.poll() is None:
        tesela("backup", tmp_path / f"copy{taken}.tar", "--workspace", workspace)
        taken += 1
    running.communicate()
    after = facts(workspace)
    assert taken >= 1
    for number in range(taken):
        restored = tmp_path / f"restored{number}"
        tesela("restore", tmp_path / f"copy{number}.tar", restored)
        assert facts(restored) in (before, after)
    damaged = tmp_path / "damaged.tar"
    content = bytearray((tmp_path / "copy0.tar").read_bytes())
    place = content.find(b"PAR1") + 100
    content[place : place + 20] = bytes(20)
    damaged.write_bytes(content)
    refused = tesela("restore", damaged, tmp_path / "refused", check=False)
    assert refused.returncode in (1, 2)
    assert not (tmp_path / "refused").exists()


def test_the_damaged_warehouse_is_made_again_from_the_record(shop: tuple[Path, Path], tmp_path: Path) -> None:
    prepared, _ = shop
    workspace = Path(shutil.copytree(prepared, tmp_path / "shop"))
    before = facts(workspace)
    warehouse = workspace / ".tesela" / "warehouse.duckdb"
    warehouse.write_bytes(b"\0" * 4096 + warehouse.read_bytes()[4096:])
    refused = tesela("count", "did order_completed", "--workspace", workspace, check=False)
    assert refused.returncode == 1
    assert "rebuild" in refused.stderr
    tesela("rebuild", "--workspace", workspace)
    assert facts(workspace) == before
    subprocess.run(["rm", "-f", str(warehouse)], check=True)
    assert facts(workspace) == before
