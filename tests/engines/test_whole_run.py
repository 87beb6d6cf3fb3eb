"""The whole main job on every engine: the same members, the same figures, the same report."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import tesela
from tesela.base import FixedClock
from tesela.segments import MEMBERSHIPS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tesela.workspace import Workspace

pytestmark = pytest.mark.slow

SOON = timedelta(hours=1)
WRITTEN_TO = "did order_completed and can_receive(email)"
RULES = (
    "count(order_completed) >= 2",
    "sum(order_completed.amount) >= 2 * population.avg(sum(order_completed.amount) where did order_completed)",
    'country in ("ES", "PT") and did email_opened in last 90 days',
    "can_receive(email) and never order_completed",
    "sequence(product_viewed, order_completed within 7 days)",
    'city contains "A" or sample(10%, "spring")',
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    folder = tmp_path_factory.mktemp("demo") / "shop"
    workspace, as_of = tesela.demo(folder, profiles=300, days=200, seed=5)
    workspace.close()
    return folder, as_of


@pytest.fixture(scope="module")
def expected(demo: tuple[Path, datetime]) -> dict[str, Any]:
    folder, as_of = demo
    with _opened(_copy(folder, folder.parent / "duckdb", ""), as_of) as workspace:
        return _figures(workspace, as_of)


@pytest.fixture(params=["postgres", "clickhouse", "spark"])
def settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what tesela.toml says of an engine."""
    if request.param == "postgres":
        monkeypatch.setenv("TEST_WAREHOUSE", request.getfixturevalue("postgres_url"))
        return 'engine = "postgres"\n\n[warehouse]\nurl_from = "TEST_WAREHOUSE"\nschema = "whole_run"\n'
    if request.param == "clickhouse":
        pytest.importorskip("chdb")
        return 'engine = "clickhouse"\n'
    master = request.getfixturevalue("spark_master")
    options = '\n[warehouse.options]\n"spark.sql.shuffle.partitions" = "2"\n'
    return f'engine = "spark"\n\n[warehouse]\nmaster = "{master}"\n{options}'


def test_a_whole_run_gives_the_same_everywhere(
    demo: tuple[Path, datetime], expected: dict[str, Any], settings: str, tmp_path: Path
) -> None:
    folder, as_of = demo
    root = _copy(folder, tmp_path / "shop", settings)
    with _opened(root, as_of) as workspace:
        assert _figures(workspace, as_of) == expected
    # opened again nothing is shipped anew, and what was published is still there
    with tesela.open(root) as workspace:
        stores = workspace._stores
        published = statement("SELECT count(*) AS n FROM {m}", tables={"m": MEMBERSHIPS})
        before = stores.engine.query(published).to_pylist()
        assert before[0]["n"] > 0
        workspace.jobs.run(as_of + SOON)
        assert stores.engine.query(published).to_pylist() == before
        assert _counts(workspace, as_of) == expected["counts"]


def _opened(root: Path, as_of: datetime) -> Workspace:
    """Open it at a moment at which what is decided by hand counts a little later."""
    return tesela.open(root, clock=FixedClock(as_of + SOON / 2))


def _copy(folder: Path, target: Path, settings: str) -> Path:
    shutil.copytree(folder, target)
    written = (target / "tesela.toml").read_text("utf-8").replace('engine = "duckdb"\n', "")
    engine, _, rest = settings.partition("\n")
    (target / "tesela.toml").write_text(f"{engine}\n{written}{rest}", "utf-8")
    (target / "segments" / "written_to.yaml").write_text(f"written_to:\n  when: {WRITTEN_TO}\n", "utf-8")
    return target


def _counts(workspace: Workspace, as_of: datetime) -> dict[str, tuple[int, int, int]]:
    sizes = {rule: workspace.segments.count(rule, as_of) for rule in RULES}
    return {rule: (size.count, size.base, size.anonymous) for rule, size in sizes.items()}


def _figures(workspace: Workspace, as_of: datetime) -> dict[str, Any]:
    earlier = workspace.jobs.run(as_of - timedelta(days=30))
    now = workspace.jobs.run(as_of)
    members = workspace.segments.members(RULES[0], as_of)
    return {
        "earlier": {slug: each.to_dict() for slug, each in earlier.kpis.items()},
        "now": {slug: each.to_dict() for slug, each in now.kpis.items()},
        "counts": _counts(workspace, as_of),
        "members": members.to_pylist(),
        "report": json.loads(json.dumps(_told(now.report), default=str)),
        "reach": _reach(workspace, as_of),
        **_stopped(workspace, as_of),
    }


def _reach(workspace: Workspace, as_of: datetime) -> dict[str, Any]:
    channels = ("email", "sms", "post", "whatsapp")
    return {
        channel: asdict(workspace.segments.reach("did order_completed", channel, as_of=as_of)) for channel in channels
    }


def _stopped(workspace: Workspace, as_of: datetime) -> dict[str, Any]:
    """Stop three addresses, write down a no of a fourth, and refresh: some leave, and nothing else moves."""
    mailed = workspace.segments.members("did order_completed", as_of, reachable="email").column("email").to_pylist()
    assert len(mailed) > 10
    for address in mailed[:3]:
        workspace.suppression.add(address, "email", actor="Marta")
    workspace.consents.record(mailed[3], status="no", channel="email", actor="Marta")
    before = workspace.segments.sets().of("written_to")
    for path in (workspace.folder / "segments").glob("*.yaml"):
        # rules about the whole population are computed for all, and the others along with them
        if path.stem != "written_to":
            path.unlink()
    done = workspace.jobs.refresh(as_of + SOON)
    assert done.computed is not None, "some profiles are enough"
    sets = workspace.segments.sets()
    gone = before - sets.of("written_to")
    assert len(gone) == 4
    now = workspace.segments.members("written_to", as_of + SOON).column("profile_id").to_pylist()
    assert sorted(now) == list(sets.of("written_to")), "as a full computation says"
    return {"gone": list(gone), "reach after": _reach(workspace, as_of + SOON)}


def _told(report: Any) -> Any:
    return asdict(report)
