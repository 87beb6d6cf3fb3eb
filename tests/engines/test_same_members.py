"""Real shops and the demo shop: each engine finds the figures that are known of them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

import tesela
from flows.command_line import a_workspace, answer
from flows.test_real_figures import CDNOW_BY_DAY, RULES
from tesela.segments import MemberSets, Segment, count_segments

if TYPE_CHECKING:
    from datetime import datetime

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


@pytest.fixture(scope="module")
def complete_journey(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = a_workspace(tmp_path_factory.mktemp("complete_journey") / "shop", currency="USD")
    file = real_data / "complete_journey" / "transactions.parquet"
    answer("import", "order-lines", file, "--workspace", workspace, "--yes")
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


@pytest.fixture(scope="module")
def published() -> dict[str, dict[str, str]]:
    """The rules of both lists of the benchmarks."""
    folder = Path(__file__).resolve().parents[2] / "benchmarks"
    found = {}
    for name in ("segments_13", "segments_200"):
        told = YAML(typ="safe").load(folder / f"{name}.yaml")
        found[name] = {f"s{number}": each["when"] for number, each in enumerate(told)}
    return found


@pytest.fixture(scope="module")
def known() -> dict[tuple[str, str], set[tuple[str, int]]]:
    """Members of a shop's list, as the first engine of the module found them."""
    return {}


@pytest.mark.data
@pytest.mark.skipif("TESELA_LISTS" not in os.environ, reason="minutes on Spark: make proof-lists")
@pytest.mark.parametrize("name", ["segments_13", "segments_200"])
@pytest.mark.parametrize("shop", ["demo", "cdnow", "complete_journey"])
def test_the_published_lists_have_the_same_members(
    shop: str,
    name: str,
    settings: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    published: dict[str, dict[str, str]],
    known: dict[tuple[str, str], set[tuple[str, int]]],
) -> None:
    folder = request.getfixturevalue(shop)
    folder, as_of = folder[:2] if shop == "demo" else (folder, None)
    segments = {slug: Segment(slug, rule) for slug, rule in published[name].items()}
    with tesela.open(_moved(folder, tmp_path / "shop", settings)) as workspace:
        moment = as_of or workspace.segments.moment("1998-07-01" if shop == "cdnow" else "2018-01-01")
        stores = workspace._stores
        stores.refresh()
        rows = MemberSets.at(stores.engine, segments, as_of=moment, zone=workspace.settings.zone).stays().to_pylist()
    found = {(row["segment"], row["profile_id"]) for row in rows}
    assert found == known.setdefault((shop, name), found)
    assert len({slug for slug, _ in found}) > len(segments) / (2 if shop == "demo" else 10)


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
