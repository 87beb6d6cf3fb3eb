"""Stage JSON: one object a line, or one array of objects; nested ones become dotted columns."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from tesela.base import InputError
from tesela.events.sources.reading.dialect import name_columns
from tesela.events.sources.reading.encoding import to_plain_text
from tesela.events.sources.reading.staged import STAGED, Note, ReadingOptions, StagedTable
from tesela.events.sources.reading.staging import check_width, describe_staged, private_connection, stage_unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_BATCH = 20_000
_LARGEST_ARRAY_BYTES = 512 * 2**20
_DEPTH = 20


@contextlib.contextmanager
def stage_json(
    path: Path,
    *,
    scratch: Path,
    options: ReadingOptions,
    progress: Callable[[int, int | None], None] | None,
) -> Iterator[StagedTable]:
    """Stage a JSON file. `{"properties": {"order_id": 7}}` becomes the column `properties.order_id`.

    Raises:
        InputError: when no line of it is a JSON object.
    """
    plain = to_plain_text(path, scratch=scratch, encoding=options.encoding, member=options.sheet, progress=progress)
    with private_connection(scratch, memory_limit=options.memory_limit) as connection:
        connection.execute(f"CREATE TABLE {STAGED} (row_number BIGINT)")
        columns: dict[str, int] = {}
        unreadable: list[tuple[int, str, str]] = []
        batch: list[tuple[int, dict[str, str]]] = []
        for number, raw in enumerate(_objects(plain.path), 1):
            flat = _flatten(raw)
            if flat is None:
                unreadable.append((number, raw if isinstance(raw, str) else json.dumps(raw), "not_an_object"))
            else:
                batch.append((number, flat))
            if len(batch) >= _BATCH:
                _write(connection, batch, columns)
                batch = []
        _write(connection, batch, columns)
        stage_unreadable(connection, unreadable)
        if not columns:
            raise InputError("events.sources.reading.no_json_objects", path=path.name)
        notes = (*plain.notes, Note("events.sources.reading.json"))
        yield describe_staged(connection, name_columns(list(columns), len(columns)), notes)


def _objects(path: Path) -> Iterator[Any]:
    """Yield each line's text, or each element of one array."""
    with path.open(encoding="utf-8") as file:
        start = file.read(1 << 12).lstrip()
        file.seek(0)
        if start.startswith("[") and path.stat().st_size <= _LARGEST_ARRAY_BYTES:
            try:
                yield from json.load(file, parse_float=str, parse_int=str)
            except (ValueError, RecursionError) as cause:
                raise InputError("events.sources.reading.no_json_objects", path=path.name) from cause
            return
        for line in file:
            if line.strip():
                yield line.rstrip("\r\n")


def _flatten(raw: Any) -> dict[str, str] | None:
    """Return an object's values by dotted name, digits as they were written; None when it is no object."""
    if isinstance(raw, str):
        try:
            raw = json.loads(raw, parse_float=str, parse_int=str)
        except (ValueError, RecursionError):
            return None
    if not isinstance(raw, dict):
        return None
    flat: dict[str, str] = {}
    _flatten_into(flat, "", raw, 0)
    return flat


def _flatten_into(flat: dict[str, str], prefix: str, found: dict[str, Any], depth: int) -> None:
    for key, value in found.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and depth < _DEPTH:
            _flatten_into(flat, f"{name}.", value, depth + 1)
        elif isinstance(value, bool):
            flat[name] = "true" if value else "false"
        elif isinstance(value, str):
            # JSON may spell half of a letter, which no store takes
            flat[name] = value.replace("\0", "").encode("utf-8", "replace").decode()
        elif value is not None:
            flat[name] = json.dumps(value, ensure_ascii=False)


def _write(connection: Any, batch: list[tuple[int, dict[str, str]]], columns: dict[str, int]) -> None:
    import pyarrow as pa

    for name in {name: None for _, flat in batch for name in flat}:
        if name not in columns:
            columns[name] = len(columns)
            check_width(len(columns))
            connection.execute(f"ALTER TABLE {STAGED} ADD COLUMN c{columns[name]} VARCHAR")
    if not batch:
        return
    table = pa.table(
        {
            "row_number": pa.array([number for number, _ in batch], pa.int64()),
            **{
                f"c{place}": pa.array([flat.get(name) for _, flat in batch], pa.string())
                for name, place in columns.items()
            },
        }
    )
    connection.register("incoming", table)
    connection.execute(f"INSERT INTO {STAGED} BY NAME SELECT * FROM incoming")
    connection.unregister("incoming")
