"""An erasure killed at any point: run again, it ends as if never killed, and nothing of her is left in any byte.

It is killed just before each thing that it does to a file's name or to the disk (replace, unlink, fsync, ...), and
between its steps. The everyday suite kills at a few of these points; `make proof-erasure` at every one (TESELA_KILLS).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import tesela as library
from flows import canaries
from flows.canaries import EMAIL, found_in
from flows.command_line import answer
from flows.killing import chosen, run_killed
from tesela.base import ConflictError

ERASE = 'workspace.privacy.erase(canaries.EMAIL, actor="Marta", progress=told)'


def facts(workspace: Path) -> tuple[object, ...]:
    """What is left, apart from her."""
    with library.open(workspace, clock=canaries.clock()) as shop:
        loads = [
            (load.received, load.stored, load.duplicate, load.rejected, load.reasons) for load in shop.imports.list()
        ]
        run = shop.jobs.run()
        sizes = {slug: kpis.size for slug, kpis in run.kpis.items()}
        return loads, sizes, shop.segments.count("count(page_viewed) >= 0").base, len(shop.privacy.erasures())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed")
    with library.init(folder / "shop", clock=canaries.clock()) as workspace:
        canaries.fill(workspace, folder / "files")
        (workspace.folder / "segments" / "starter.yaml").write_text("buyers:\n  when: did order_completed\n", "utf-8")
        workspace.jobs.run()
    return folder / "shop"


@pytest.mark.slow
def test_killed_at_many_points(shop: Path, tmp_path: Path) -> None:
    clean = Path(shutil.copytree(shop, tmp_path / "clean"))
    acts = run_killed(ERASE, clean)
    assert acts is not None
    assert acts > 30
    assert found_in(clean) == []
    wanted = facts(clean)
    for last in chosen(acts):
        workspace = Path(shutil.copytree(shop, tmp_path / f"shop{last}"))
        assert run_killed(ERASE, workspace, last) is None, f"it ended before its act {last} of {acts}"
        if (workspace / ".tesela" / "erasing.json").exists():
            with pytest.raises(ConflictError, match="being erased"):
                library.backup(workspace, tmp_path / "never.tar")
        again = answer("privacy", "erase", EMAIL, "--yes", "--workspace", workspace)
        assert again["was_before"] or again["people"] == 1, "finished at the opening, or begun again"
        assert found_in(workspace) == [], f"killed before act {last} of {acts}"
        assert facts(workspace) == wanted, f"killed before act {last} of {acts}"
        shutil.rmtree(workspace)
