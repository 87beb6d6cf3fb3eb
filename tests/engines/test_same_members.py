"""Real shops and the demo shop: each engine finds the figures that are known of them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

import tesela
from flows.command_line import a_workspace, answer
from flows.test_real_figures import CDNOW_BY_DAY, RULES
from tesela.segments import count_segments

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tesela.workspace import Workspace

pytestmark = pytest.mark.slow

ENGINES = ["duckdb", "postgres", "clickhouse", "spark"]


@pytest.fixture(params=ENGINES)
def settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what tesela.toml says of an engine."""
    if request.param == "postgres":
        monkeypatch.setenv("TEST_WAREHOUSE", request.getfixturevalue("postgres_url"))
        schema = f"members_{abs(hash(request.node.name))}"
        return f'engine = "postgres"\n[warehouse]\nurl_from = "TEST_WAREHOUSE"\nschema = "{schema}"\n'
    if request.param == "spark":
        return f'engine = "spark"\n[warehouse]\nmaster = "{request.getfixturevalue("spark_master")}"\n'
    return f'engine = "{request.param}"\n'


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("demo") / "shop"
    workspace, as_of = tesela.demo(folder, profiles=1_500, days=500, seed=11)
    workspace.close()
    truth = json.loads((folder / "files" / "truth" / "segments.json").read_text("utf-8"))
    return folder, as_of, truth["by_profile"]


@pytest.fixture(scope="module")
def cdnow(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = a_workspace(tmp_path_factory.mktemp("cdnow") / "shop", currency="USD")
    file = real_data / "cdnow" / "CDNOW_master.txt.gz"
    answer("import", "order-lines", file, "--workspace", workspace, "--yes", "--order-key", "customer_id,date")
    return workspace


def test_the_demo_shop_on_each_engine(
    demo: tuple[Path, datetime, dict[str, Any]], settings: str, tmp_path: Path
) -> None:
    folder, as_of, truth = demo
    rules = {slug: each["rule"] for slug, each in truth["segments"].items()}
    with tesela.open(_moved(folder, tmp_path / "shop", settings)) as workspace:
        sizes = _sizes(workspace, rules, as_of)
    assert sizes == {slug: each["size"] for slug, each in truth["segments"].items()}


@pytest.mark.data
def test_a_real_shop_on_each_engine(cdnow: Path, settings: str, tmp_path: Path) -> None:
    rules = {f"r{number}": rule for number, rule in enumerate(RULES.values())}
    with tesela.open(_moved(cdnow, tmp_path / "shop", settings)) as workspace:
        sizes = _sizes(workspace, rules, workspace.segments.moment("1998-07-01"))
    assert list(sizes.values()) == CDNOW_BY_DAY[3]


def _moved(folder: Path, target: Path, settings: str) -> Path:
    shutil.copytree(folder, target)
    told = (target / "tesela.toml").read_text("utf-8").replace('engine = "duckdb"\n', "")
    engine, _, rest = settings.partition("\n")
    (target / "tesela.toml").write_text(f"{engine}\n{told}\n{rest}", "utf-8")
    return target


def _sizes(workspace: Workspace, rules: dict[str, str], as_of: datetime) -> dict[str, int]:
    """Count all rules in one statement."""
    stores = workspace._stores
    stores.refresh()
    found = count_segments(stores.engine, rules, as_of=as_of, zone=workspace.settings.zone)
    return {slug: int(size) for slug, size in found.items()}
