"""An engine beside the workspace holds nothing of a person who was erased: not in its tables, nor in its files."""

from __future__ import annotations

from pathlib import Path

import pytest

import tesela as library
from flows import canaries
from flows.canaries import CANARIES, EMAIL, found_in
from tesela.warehouse import Statement

pytestmark = pytest.mark.slow


@pytest.fixture(params=["postgres", "clickhouse", "spark"])
def settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what tesela.toml says of an engine."""
    if request.param == "postgres":
        monkeypatch.setenv("TEST_WAREHOUSE", request.getfixturevalue("postgres_url"))
        return '\nengine = "postgres"\n\n[warehouse]\nurl_from = "TEST_WAREHOUSE"\nschema = "erasure"\n'
    if request.param == "clickhouse":
        pytest.importorskip("chdb")
        return '\nengine = "clickhouse"\n'
    return f'\nengine = "spark"\n\n[warehouse]\nmaster = "{request.getfixturevalue("spark_master")}"\n'


def test_nothing_of_her_is_left_beside(settings: str, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    library.init(folder, clock=canaries.clock()).close()
    toml = folder / "tesela.toml"
    kept = [line for line in toml.read_text("utf-8").splitlines() if not line.startswith("engine")]
    toml.write_text("\n".join(kept) + settings, "utf-8")
    with library.open(folder, clock=canaries.clock()) as workspace:
        canaries.fill(workspace, tmp_path / "files")
        before = _told(workspace)
        assert EMAIL in before
        workspace.privacy.erase(EMAIL, actor="Marta")
        after = _told(workspace)
        assert [word for word in CANARIES if word in after] == []
        assert "luis@example.com" in after
        # a rule of the shop's own that names her would be published again
        (folder / "segments" / "starter.yaml").unlink()
        workspace.jobs.run()
    assert found_in(folder) == [], "the files of Spark and of ClickHouse in the process are below it"


def _told(workspace: library.Workspace) -> str:
    """Return everything that the engine's tables say."""
    from tesela.workspace.shipping import SHIPPED
    from tesela.workspace.stores import HISTORY

    query = workspace._stores.engine.query
    return "".join(str(query(Statement(f"SELECT * FROM {each.name}")).to_pylist()) for each in (*SHIPPED, *HISTORY))
