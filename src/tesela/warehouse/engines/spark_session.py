"""Open a Spark session: a cluster's, one in this process, or one over Spark Connect."""

from __future__ import annotations

import logging
import os
import shutil
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tesela.base import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONNECT_SECONDS = 5
_LOCAL = "127.0.0.1"

# What the answers depend on; nobody may set these otherwise.
_MEANING = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.session.timeZone": "UTC",
    # TIMESTAMP means what it means everywhere else in Tesela: UTC, without a zone
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}

# What only costs time; options may say otherwise.
_HABITS = {
    "spark.sql.shuffle.partitions": "16",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.driver.maxResultSize": "0",
}

_AT_START = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    "spark.python.sql.dataFrameDebugging.enabled": "false",
}


def open_session(master: str, options: Mapping[str, str]) -> Any:
    """Return a session of its own on a cluster.

    Args:
        master: `spark://host:port`, `local[2]`, or `sc://host:port` for Spark Connect.
        options: Spark's own settings, by their names.

    Raises:
        UnavailableError: when Spark or Java is missing or nobody answers.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as cause:
        raise UnavailableError("warehouse.driver_missing", engine="spark", extra="spark") from cause
    _check_address(master)
    # it prints every error of ours a second time
    logging.getLogger("SQLQueryContextLogger").disabled = True
    settings = {**_HABITS, **options, **_MEANING}
    if master.startswith("sc://"):
        session = _connected(SparkSession, master)
    else:
        session = _started(SparkSession, master, {**_AT_START, **settings}).newSession()
    for name, value in settings.items():
        if name.startswith("spark.sql."):
            session.conf.set(name, value)
    return session


def close_session(session: Any, master: str) -> None:
    """Let go of a session; that of a cluster goes with the process, which all its sessions share."""
    if master.startswith("sc://"):
        # one that is only forgotten can block the process for ever when it is collected (docs/cursed.md)
        session.stop()


def _started(builder: Any, master: str, settings: Mapping[str, str]) -> Any:
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        raise UnavailableError("warehouse.no_java")
    making = builder.builder.master(master).appName("tesela")
    if master.startswith("local") or urlsplit(master).hostname == _LOCAL:
        making = making.config("spark.driver.host", _LOCAL).config("spark.driver.bindAddress", _LOCAL)
    for name, value in settings.items():
        making = making.config(name, value)
    try:
        session = making.getOrCreate()
    except Exception as cause:
        raise UnavailableError("warehouse.engine_refused", engine="spark", reason=first_line(cause)) from cause
    used = session.sparkContext.master
    if used != master:
        # Spark goes on with the process's first cluster, even when that one is gone and nobody will ever answer
        raise UnavailableError("warehouse.other_cluster", master=master, used=used)
    return session


def _connected(builder: Any, master: str) -> Any:
    try:
        return builder.builder.remote(master).create()
    except ImportError as cause:
        raise UnavailableError("warehouse.driver_missing", engine="spark", extra="spark-connect") from cause
    except Exception as cause:
        raise UnavailableError("warehouse.engine_refused", engine="spark", reason=first_line(cause)) from cause


def _check_address(master: str) -> None:
    """Ask whether anybody listens, because Spark itself would try for minutes."""
    address = urlsplit(master)
    if address.scheme not in ("spark", "sc") or address.hostname is None:
        return
    port = address.port or (15002 if address.scheme == "sc" else 7077)
    try:
        socket.create_connection((address.hostname, port), _CONNECT_SECONDS).close()
    except OSError as cause:
        place = f"{address.hostname}:{port}"
        raise UnavailableError("warehouse.nobody_answers", engine="spark", address=place) from cause


def first_line(cause: BaseException) -> str:
    """Return what a person can read of an error of Spark's."""
    return next((line.strip() for line in str(cause).splitlines() if line.strip()), type(cause).__name__)[:300]
