from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def spark_master() -> Iterator[str]:
    """One cluster for all tests: it takes twenty seconds to start. TESELA_SPARK_MASTER names another, or `sc://...`."""
    given = os.environ.get("TESELA_SPARK_MASTER")
    if given:
        yield given
        return
    from spark_cluster import running_spark

    with running_spark() as master:
        yield master


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One server for all tests."""
    from postgres_server import running_postgres

    with running_postgres() as url:
        yield url
