"""Tables of the shop's own, read where they are."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tesela
from tesela.base import ConflictError, InputError, TeselaError
from tesela.workspace import inspect_engine

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

ORDERS = {
    "Customer No": [1, 1, 2, 3],
    "placed": [datetime.fromisoformat(f"2026-0{month}-01 10:00") for month in (1, 9, 2, 9)],
    "total": [Decimal("10.50"), Decimal("20.00"), Decimal("30.00"), None],
    "code": ["o1", "o2", "o3", "o4"],
}
CUSTOMERS = {
    "no": [1, 2, 3, 4],
    "mail": ["a@x.es", "b@x.es", None, "d@x.es"],
    "land": ["ES", "PT", "ES", None],
    "since": [datetime.fromisoformat("2025-01-01")] * 3 + [datetime.fromisoformat("2026-11-30")],
}
MAPPING = """
[warehouse.tables.events]
source = "{orders}"

[warehouse.tables.events.columns]
profile_id = "Customer No"
name = "'order_completed'"
occurred_at = "placed"
amount = "total"
order_id = "code"
message_id = "code"

[warehouse.tables.profiles]
source = "{customers}"

[warehouse.tables.profiles.columns]
profile_id = "no"
email = "mail"
country = "land"
created_at = "since"
"""
COUNTS = {
    "did order_completed": 3,
    "count(order_completed) = 2": 1,
    "sum(order_completed.amount) = 30.5": 1,
    "did order_completed in last 6 months": 2,
    'country = "ES"': 2,
    'email contains "@"': 2,
    "avg(order_completed.amount) > store.avg(order_completed.amount)": 1,
}


@pytest.fixture(params=["postgres", "spark"])
def written(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put the shop's tables where the engine has them, and return what tesela.toml says."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        monkeypatch.setenv("TEST_WAREHOUSE", url)
        _fill_postgres(url)
        mapping = MAPPING.format(orders="public.shop_orders", customers="public.shop_customers")
        return 'engine = "postgres"\n[warehouse]\nurl_from = "TEST_WAREHOUSE"\nschema = "mapped"\n' + mapping
    folders = {}
    for name, columns in (("orders", ORDERS), ("customers", CUSTOMERS)):
        folders[name] = tmp_path / name
        folders[name].mkdir()
        pq.write_table(pa.table(columns), folders[name] / "part.parquet")
    master = request.getfixturevalue("spark_master")
    options = '[warehouse.options]\n"spark.sql.shuffle.partitions" = "2"\n'
    return f'engine = "spark"\n[warehouse]\nmaster = "{master}"\n{options}' + MAPPING.format(**folders)


def _fill_postgres(url: str) -> None:
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("DROP TABLE IF EXISTS shop_orders, shop_customers CASCADE")
        connection.execute(
            'CREATE TABLE shop_orders ("Customer No" INT, placed TIMESTAMP, total NUMERIC(10,2), code TEXT)'
        )
        connection.execute("CREATE TABLE shop_customers (no INT, mail TEXT, land TEXT, since TIMESTAMP)")
        for table, columns in (("shop_orders", ORDERS), ("shop_customers", CUSTOMERS)):
            for row in zip(*columns.values(), strict=True):
                connection.execute(f"INSERT INTO {table} VALUES (%s, %s, %s, %s)", row)


def _workspace(folder: Path, written: str) -> Path:
    tesela.init(folder).close()
    told = (folder / "tesela.toml").read_text("utf-8").replace('engine = "duckdb"\n', "")
    engine, _, rest = written.partition("\n")
    (folder / "tesela.toml").write_text(f"{engine}\n{told}\n{rest}", "utf-8")
    return folder


def test_rules_read_the_shops_own_tables(tmp_path: Path, written: str) -> None:
    folder = _workspace(tmp_path / "shop", written)
    for _ in range(2):  # the views are made anew at every opening
        with tesela.open(folder) as workspace:
            sizes = {rule: workspace.segments.count(rule, "2026-11-22") for rule in COUNTS}
            assert sizes == COUNTS
            assert sizes["did order_completed"].base == 3
    with tesela.open(folder) as workspace:
        summary: Any = workspace.jobs.run("2026-11-22")
        assert summary.kpis["base"].revenue == Decimal("60.5")
    assert not [finding.message("en") for finding in inspect_engine(folder) if finding.error]


def test_a_mapping_that_makes_no_sense_is_told(tmp_path: Path, written: str) -> None:
    folder = _workspace(tmp_path / "shop", written)
    path = folder / "tesela.toml"
    sound = path.read_text("utf-8")
    faults = {
        "workspace.unmapped_column": sound.replace('occurred_at = "placed"\n', ""),
        "workspace.unknown_mapped_column": sound.replace("message_id =", "mesage_id ="),
        "workspace.unknown_mapped_table": sound.replace("tables.profiles", "tables.people"),
    }
    for code, told in faults.items():
        path.write_text(told, "utf-8")
        with tesela.open(folder) as workspace, pytest.raises(InputError) as raised:
            workspace.segments.count("did order_completed")
        assert raised.value.code == code


def test_a_column_that_is_not_there_is_told_by_the_check(tmp_path: Path, written: str) -> None:
    folder = _workspace(tmp_path / "shop", written)
    path = folder / "tesela.toml"
    path.write_text(path.read_text("utf-8").replace('"placed"', '"plaecd"'), "utf-8")
    errors = [finding.error for finding in inspect_engine(folder) if finding.error]
    assert [error.code for error in errors] == ["workspace.mapping_fails"]
    assert "plaecd" in errors[0].message("es")


def test_what_was_shipped_is_not_mapped_over(tmp_path: Path, written: str) -> None:
    folder = _workspace(tmp_path / "shop", written.split("[warehouse.tables.events]")[0].replace("mapped", "shipped"))
    with tesela.open(folder) as workspace:
        assert workspace.segments.count("did order_completed") == 0
    path = folder / "tesela.toml"
    path.write_text(path.read_text("utf-8") + written[written.index("[warehouse.tables.events]") :], "utf-8")
    with tesela.open(folder) as workspace, pytest.raises(TeselaError) as raised:
        workspace.segments.count("did order_completed")
    assert isinstance(raised.value, ConflictError)
