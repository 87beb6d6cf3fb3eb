"""Open an engine by its name; drivers are loaded only for the engine asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tesela.base import UnavailableError
from tesela.warehouse.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.warehouse.engine import Engine

ENGINES = ("duckdb", "postgres", "clickhouse", "spark")
"""Names of the engines that there are."""


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """Where an engine is.

    Attributes:
        engine: Name of the engine: `postgres`, `clickhouse` or `spark`.
        url: Address of a server, with its password if it needs one; empty where there is none.
        schema: Schema of Tesela's tables on Postgres.
        folder: Folder of the tables on Spark, and of the embedded ClickHouse.
        master: Spark's master.
        options: Spark's own settings.
    """

    engine: str
    url: str = field(default="", repr=False)
    schema: str = "tesela"
    folder: Path = field(default_factory=Path)
    master: str = "local[*]"
    options: Mapping[str, str] = field(default_factory=dict)


def open_engine(address: EngineAddress) -> Engine:
    """Open an engine that is not the embedded default.

    Raises:
        UnavailableError: when the driver is missing or nobody lets us in.
        ValueError: when there is no engine of that name.
    """
    if address.engine not in ENGINES:
        raise ValueError(address.engine)
    try:
        return _opened(address)
    except UnavailableError as error:
        if error.code != "warehouse.engine_refused":
            raise
        raise refusal(address.engine, address.url or address.master, str(error.facts["reason"])) from error


def _opened(address: EngineAddress) -> Engine:
    if address.engine == "postgres":
        from tesela.warehouse.engines.postgres import PostgresEngine

        return PostgresEngine(address.url, schema=address.schema)
    if address.engine == "clickhouse":
        return _open_clickhouse(address)
    if address.engine == "spark":
        from tesela.warehouse.engines.spark import SparkEngine

        return SparkEngine(address.folder, master=address.master, options=address.options)
    raise ValueError(address.engine)


def _open_clickhouse(address: EngineAddress) -> Engine:
    from tesela.warehouse.engines import clickhouse

    return clickhouse.ClickHouseServer(address.url) if address.url else clickhouse.ChdbEngine(address.folder)
