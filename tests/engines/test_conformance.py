"""Every engine keeps tables and computes operations as the suite for adapters asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from oracles.differential import open_engine
from tesela.language.plan import Operation
from tesela.language.rendering.expressions import OPERATIONS
from tesela.warehouse import DuckDBEngine, Statement, check_engine
from tesela.warehouse.dialects.base import Dialect

if TYPE_CHECKING:
    import pyarrow as pa

slow = pytest.mark.slow


@pytest.mark.parametrize(
    "name", ["duckdb", *(pytest.param(each, marks=slow) for each in ("postgres", "clickhouse", "spark"))]
)
def test_an_engine_is_as_it_must_be(name: str, request: pytest.FixtureRequest) -> None:
    if name == "clickhouse":
        pytest.importorskip("chdb")
    # all tests of a process share one cluster, as all its sessions do
    master = request.getfixturevalue("spark_master") if name == "spark" else None
    with open_engine(name, master) as engine:
        findings = check_engine(engine)
        assert not [str(each) for each in findings if not each.is_met]
        if name != "spark":  # which takes a minute
            # a second run finds nothing left over by the first
            assert check_engine(engine) == findings
    assert len({each.check for each in findings}) > 20


class _Careless(DuckDBEngine):
    """Writes statement by statement, and takes missing values for zeros."""

    def query(self, statement: Statement) -> pa.Table:
        found = super().query(statement)
        import pyarrow as pa
        import pyarrow.compute as pc

        columns = [pc.fill_null(each, 0) if pa.types.is_integer(each.type) else each for each in found.columns]
        return pa.table(columns, names=found.column_names)

    def write(self, statements: object) -> None:
        for each in statements:  # type: ignore[attr-defined]
            super().write([each])


def test_a_careless_engine_is_found_out(tmp_path: Path) -> None:
    engine = _Careless(tmp_path / "shop.duckdb")
    failed = {each.check for each in check_engine(engine) if not each.is_met}
    engine.close()
    assert {"write does all or nothing", "joins", "aggregates", "windows"} <= failed


def test_every_operation_of_plans_is_written_by_every_dialect() -> None:
    by_itself = {"and", "or", "case"}
    assert set(get_args(Operation)) == set(OPERATIONS) | by_itself
    assert not {each for each in Dialect.__subclasses__() if each.__abstractmethods__}
