"""RFM of real shops: CDNOW's known figures, and every buyer in exactly one name everywhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

import tesela
from flows.command_line import a_workspace, answer
from tesela.traits.rfm import SEGMENTS

if TYPE_CHECKING:
    from pathlib import Path

    from tesela.traits.rfm import RFMRun
    from tesela.workspace import Workspace

pytestmark = [pytest.mark.data, pytest.mark.slow]


def test_cdnow(real_data: Path, tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path / "cdnow")
    file = real_data / "cdnow" / "CDNOW_master.txt.gz"
    answer("import", "order-lines", file, "--workspace", workspace, "--yes", "--order-key", "customer_id,date")
    with tesela.open(workspace) as ws:
        found = ws.traits.run_rfm("1998-07-01")
        shares = {axis: [round(found.by_score(axis)[score] / 23_570, 2) for score in range(1, 6)] for axis in "rfm"}
        # more than half bought once: thresholds 1, 2, 3-4, 5-9, 10 and more (guide: models, RFM)
        assert found.fit.cuts["f"].is_fixed
        assert shares["f"] == [0.51, 0.17, 0.15, 0.12, 0.05]
        assert shares["r"] == shares["m"] == [0.2] * 5
        assert [found.fit.days_of(score) for score in range(5, 0, -1)] == [
            *((0, 141), (142, 432), (433, 485), (486, 512), (513, None)),
        ]
        named = found.by_segment
        assert round(named["potential_loyalist"] / 23_570, 3) == 0.239
        assert round(named["loyal"] / 23_570, 3) == 0.045
        check(ws, found, "1998-07-01")


def test_online_retail(real_data: Path, tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path / "retail")
    file = real_data / "online_retail" / "online_retail.parquet"
    answer("import", "order-lines", file, "--workspace", workspace, "--yes")
    with tesela.open(workspace) as ws:
        found = ws.traits.run_rfm("2011-12-10")
        assert found.buyers == ws.segments.count("did order_completed", "2011-12-10")
        check(ws, found, "2011-12-10")


def check(ws: Workspace, found: RFMRun, as_of: str) -> None:
    base = ws.segments.count("did order_completed or never order_completed", as_of)
    assert sum(found.by_segment.values()) == found.buyers + found.prospects == base
    sizes = {slug: int(ws.segments.count(f'rfm.segment = "{slug}"', as_of)) for slug in SEGMENTS}
    assert sizes == found.by_segment
    counted = Counter({cell.segment: 0 for cell in found.cells})
    for cell in found.cells:
        counted[cell.segment] += cell.profiles
    assert {slug: count for slug, count in sizes.items() if slug != "prospect" and count} == dict(counted)
    assert ws.segments.count("rfm.tier is set", as_of) == sum(found.by_tier.values()) == found.buyers
    # by the very definition of the language, without the scores
    threshold = found.fit.cuts["f"].values_of(5)[0]
    assert ws.segments.count("rfm.f = 5", as_of) == ws.segments.count(f"count(order_completed) >= {threshold}", as_of)
