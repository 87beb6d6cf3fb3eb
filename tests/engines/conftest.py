from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def spark_master() -> Iterator[str]:
    """One cluster for all tests: it takes twenty seconds to start."""
    from spark_cluster import running_spark

    with running_spark() as master:
        yield master
