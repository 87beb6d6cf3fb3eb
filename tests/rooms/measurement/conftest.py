from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rooms.measurement.a_measured_shop import AMeasuredShop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[AMeasuredShop]:
    made = AMeasuredShop.open(tmp_path)
    yield made
    made.engine.close()
