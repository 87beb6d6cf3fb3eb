from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rooms.language.a_shop import AShop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[AShop]:
    made = AShop.open(tmp_path)
    yield made
    made.engine.close()
