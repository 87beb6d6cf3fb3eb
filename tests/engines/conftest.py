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


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One server for all tests."""
    from postgres_server import running_postgres

    with running_postgres() as url:
        yield url
