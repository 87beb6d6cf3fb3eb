from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from oracles.differential import open_engine
from rooms.language.a_shop import AShop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# what rules mean is asked of every engine; Spark, which takes a second a question, has differential runs of its own
EVERYWHERE = ("test_meaning", "test_examples", "test_limits")
OTHERS = ("postgres", "clickhouse")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "shop" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in EVERYWHERE:
        others = (pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)
        metafunc.parametrize("shop", ["duckdb", *others], indirect=True)


@pytest.fixture
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AShop]:
    name = getattr(request, "param", "duckdb")
    if name == "duckdb":
        made = AShop.open(tmp_path)
        yield made
        made.engine.close()
    else:
        made = request.getfixturevalue(f"{name}_shop")
        made.clear()
        yield made


@pytest.fixture(scope="module")
def postgres_shop() -> Iterator[AShop]:
    with open_engine("postgres") as engine:
        yield AShop.on(engine)


@pytest.fixture(scope="module")
def clickhouse_shop() -> Iterator[AShop]:
    pytest.importorskip("chdb")
    with open_engine("clickhouse") as engine:
        yield AShop.on(engine)
