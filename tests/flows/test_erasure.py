"""One person is erased: nothing of her is in any byte of the workspace, and nothing brings her back."""

from __future__ import annotations

from pathlib import Path

import pytest

import tesela as library
from flows import canaries
from flows.canaries import CANARIES, EMAIL, fill, found_in


@pytest.fixture
def shop(tmp_path: Path) -> library.Workspace:
    workspace = library.init(tmp_path / "shop", clock=canaries.clock())
    fill(workspace, tmp_path / "files")
    return workspace


def test_nothing_of_her_is_left_in_any_byte(shop: library.Workspace) -> None:
    folder = shop.folder
    shop.close()
    before = found_in(folder)
    assert {each.rpartition(": ")[2] for each in before} == set(CANARIES), "every canary was held"
    with library.open(folder, clock=canaries.clock()) as workspace:
        told = workspace.privacy.preview(EMAIL)
        done = workspace.privacy.erase(EMAIL, actor="Marta")
    assert told.counts == done.counts
    assert done.own_files == ("segments/starter.yaml",)
    (folder / "segments" / "starter.yaml").unlink()
    assert found_in(folder) == []
