"""Where the engine is: the table `[warehouse]` of `tesela.toml`, which never holds a password."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tesela.base import InputError
from tesela.warehouse import EngineAddress
from tesela.workspace.folder import Layout

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class MappedTable:
    """A table or view of the shop's own that stands for one of Tesela's.

    Attributes:
        source: Its name, with its schema where it has one.
        columns: For each of Tesela's columns, the shop's; one that is absent is missing everywhere.
    """

    source: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WarehouseSettings:
    """How an engine beside the workspace is reached.

    Attributes:
        url: Address of a server, without a password.
        url_from: Name of the environment variable that holds the whole address, password included.
        schema: Schema of Tesela's tables on Postgres.
        path: Folder of the tables on Spark and of the embedded ClickHouse; from the workspace's folder.
        master: Spark's master: `spark://host:port`, `local[2]`, or `sc://host:port` for Spark Connect.
        options: Spark's own settings.
        tables: Tables of the shop's own that stand for Tesela's; they are read where they are.
    """

    url: str = ""
    url_from: str = ""
    schema: str = "tesela"
    path: str = ""
    master: str = "local[*]"
    options: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, MappedTable] = field(default_factory=dict)

    def address(self, engine: str, root: Path) -> EngineAddress:
        """Return where an engine is, for a workspace's folder.

        Raises:
            InputError: when an address is needed and there is none.
        """
        url = os.environ.get(self.url_from, "") if self.url_from else self.url
        if not url and (engine == "postgres" or self.url_from):
            raise InputError(
                "workspace.no_engine_address", engine=engine, variable=self.url_from or "TESELA_ENGINE_URL"
            )
        own = Layout(root).clickhouse if engine == "clickhouse" else Layout(root).spark
        folder = root / self.path if self.path else own
        return EngineAddress(engine, url, self.schema, folder, self.master, self.options)

    def written(self) -> str:
        """Return the table as TOML; empty when nothing differs from what is usual."""
        usual = WarehouseSettings()
        names = [each.name for each in fields(self) if getattr(self, each.name) != getattr(usual, each.name)]
        if not names:
            return ""
        texts = [name for name in names if name not in ("options", "tables")]
        lines = ["", "[warehouse]", *(f"{name} = {_quoted(getattr(self, name))}" for name in texts)]
        if self.options:
            lines += ["", "[warehouse.options]", *_pairs(self.options)]
        for name, mapped in self.tables.items():
            lines += ["", f"[warehouse.tables.{_quoted(name)}]", f"source = {_quoted(mapped.source)}"]
            lines += ["", f"[warehouse.tables.{_quoted(name)}.columns]", *_pairs(mapped.columns)]
        return "\n".join(lines) + "\n"

    @classmethod
    def read(cls, told: Any) -> WarehouseSettings:
        """Read the table as TOML tells it.

        Raises:
            InputError: when a setting is unknown or of the wrong kind, or an address has a password in it.
        """
        _require("warehouse", told, isinstance(told, dict), "[warehouse]")
        known = {each.name for each in fields(cls)}
        for key, value in told.items():
            if key not in known:
                raise InputError("workspace.unknown_setting", key=f"warehouse.{key}", known=", ".join(sorted(known)))
            wanted = dict if key in ("options", "tables") else str
            _require(f"warehouse.{key}", value, isinstance(value, wanted), '"..."')
        if "url" in told and urlsplit(told["url"]).password:
            raise InputError("workspace.password_in_settings")
        mapped = {name: _mapped(name, each) for name, each in told.get("tables", {}).items()}
        options = _texts("options", told.get("options", {}))
        return cls(**{**told, "options": options, "tables": mapped})


def _mapped(name: str, told: Any) -> MappedTable:
    key = f"tables.{name}"
    _require(f"warehouse.{key}", told, isinstance(told, dict) and isinstance(told.get("source"), str), 'source = "..."')
    _require(f"warehouse.{key}", told, set(told) <= {"source", "columns"}, "source, columns")
    return MappedTable(told["source"], _texts(f"{key}.columns", told.get("columns", {})))


def _texts(key: str, told: Any) -> dict[str, str]:
    is_texts = isinstance(told, dict) and all(isinstance(value, str) for value in told.values())
    _require(f"warehouse.{key}", told, is_texts, 'name = "..."')
    return dict(told)


def _pairs(told: Mapping[str, str]) -> list[str]:
    return [f"{_quoted(name)} = {_quoted(value)}" for name, value in told.items()]


def _quoted(value: str) -> str:
    # a JSON string is a TOML basic string
    return json.dumps(value, ensure_ascii=False)


def _require(key: str, value: object, holds: bool, allowed: str) -> None:
    if not holds:
        raise InputError("workspace.bad_setting", key=key, value=value, allowed=allowed)
