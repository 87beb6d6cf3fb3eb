"""Rows of a query with an order come in that order, however many threads make them."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tesela.warehouse import DuckDBEngine, Statement

_TIMES = 40


def test_rows_come_in_the_order_asked_for(tmp_path: Path) -> None:
    draw = random.Random(5)
    names = [
        f"{draw.choice(('ana', 'luz', 'zoe'))}{draw.randrange(4_000)}@{draw.choice('xyz')}.es" for _ in range(6_500)
    ]
    told = pa.table({"kind": ["email"] * 6_500 + ["phone"] * 6_500, "value": [*names, *reversed(names)]})
    pq.write_table(told, tmp_path / "links.parquet")
    engine = DuckDBEngine(tmp_path / "scratch.duckdb", folders=[tmp_path], threads=2)
    asked = Statement(
        """
        SELECT value, (CASE WHEN regexp_full_match(value, 'test@.*', 'i') THEN 1 END)::SMALLINT AS block
        FROM (SELECT kind, value::VARCHAR AS value FROM read_parquet($file))
        WHERE kind = $kind AND value IS NOT NULL ORDER BY value
        """,
        {"file": str(tmp_path / "links.parquet"), "kind": "email"},
    )
    try:
        for _ in range(_TIMES):
            assert engine.query(asked).column("value").to_pylist() == sorted(names)
    finally:
        engine.close()
