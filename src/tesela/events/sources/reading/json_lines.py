"""Stage JSON: an object a line, an array of them, or one after another; what is nested becomes dotted columns."""

from __future__ import annotations

import codecs
import contextlib
import json
import re
from typing import TYPE_CHECKING, Any

from tesela.base import InputError
from tesela.events.sources.reading.dialect import name_columns
from tesela.events.sources.reading.encoding import find_letters, plain_blocks
from tesela.events.sources.reading.staged import Note, ReadingOptions, StagedTable
from tesela.events.sources.reading.staging import RowWriter, check_width, describe_staged, private_connection
from tesela.events.sources.reading.text_files import halves
from tesela.events.sources.reading.values import AS_TEXT, Numeral, TypedColumn, show_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tesela.events.sources.reading.contents import Contents

    Progress = Callable[[int, int | None], None]

_BATCH = 20_000
_DEPTH = 20
_LARGEST_ELEMENT = 64 << 20
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r(?!\Z)|\n)")
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder(parse_float=Numeral, parse_int=Numeral, parse_constant=lambda _: None)

_NOTHING = object()


@contextlib.contextmanager
def stage_json(
    contents: Contents, *, folder: Path, scratch: Path, options: ReadingOptions, progress: Progress | None
) -> Iterator[StagedTable]:
    """Stage a JSON file. `{"properties": {"order_id": 7}}` becomes the column `properties.order_id`.

    Raises:
        InputError: when it holds no JSON object, or an array of it breaks off.
    """
    looking, reading = halves(progress, contents)
    letters = find_letters(contents, options.encoding, looking)
    text = _decoded(plain_blocks(contents, letters, reading))
    with private_connection(folder, writable=scratch, memory_limit=options.memory_limit) as connection:
        names = _write_rows(connection, _elements(text, contents.path.name))
        if not names:
            raise InputError("events.sources.reading.no_json_objects", path=contents.path.name)
        notes = (*letters.notes, Note("events.sources.reading.json"))
        yield describe_staged(connection, name_columns(names, len(names)), notes, letters.accented)


def _write_rows(connection: Any, elements: Iterable[tuple[Any, str]]) -> list[str]:
    """Write all objects; what is none is set apart. Return the names of the columns."""
    writer = RowWriter(connection, AS_TEXT, 0)
    columns: dict[str, TypedColumn] = {}
    batch: list[tuple[int, dict[str, Any]]] = []
    for number, (element, raw) in enumerate(elements, 1):
        if isinstance(element, dict):
            flat: dict[str, Any] = {}
            _flatten(flat, "", element, 0)
            batch.append((number, flat))
        else:
            writer.set_apart([(number, raw, "events.sources.reading.not_an_object")])
        if len(batch) >= _BATCH:
            _write_batch(writer, batch, columns)
            batch = []
    _write_batch(writer, batch, columns)
    writer.finish()
    show_typed(connection, list(columns.values()))
    return list(columns)


def _write_batch(writer: RowWriter, batch: list[tuple[int, dict[str, Any]]], columns: dict[str, TypedColumn]) -> None:
    import pyarrow as pa

    for name in {name: None for _, flat in batch for name in flat}:
        if name not in columns:
            columns[name] = TypedColumn()
    check_width(len(columns))
    writer.widen(len(columns))
    cells = [column.spell(flat.get(name) for _, flat in batch) for name, column in columns.items()]
    writer.write(pa.array([n for n, _ in batch], pa.int64()), [pa.array(each, pa.string()) for each in cells])


def _flatten(flat: dict[str, Any], prefix: str, found: dict[str, Any], depth: int) -> None:
    for key, value in found.items():
        # a key may hold half of a letter, which no store takes
        name = prefix + (key if key.isascii() else key.encode("utf-8", "replace").decode())
        if isinstance(value, dict) and value and depth < _DEPTH:
            _flatten(flat, f"{name}.", value, depth + 1)
        else:
            flat[name] = value


# -- the elements of a file, whatever stands between them


def _decoded(blocks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for block in blocks:
        yield decoder.decode(block)


def _elements(text: Iterator[str], name: str) -> Iterator[tuple[Any, str]]:
    """Yield each element and how it was written."""
    start = ""
    for block in text:
        start += block
        if len(start.lstrip()) >= _LARGEST_ELEMENT or _LINE.match(start.lstrip()):
            break
    start = start.lstrip()
    line = _LINE.match(start)
    first = _parse((line[0] if line else start).strip())
    if start.startswith("[") or (start.startswith("{") and first is _NOTHING and _is_spread(start)):
        yield from _spread_elements(start, text, name)
    else:
        yield from _line_elements(start, text)


def _is_spread(start: str) -> bool:
    """Whether an object goes on over several lines: the first one ends in the middle of it."""
    line = start.split("\n", 1)[0].rstrip()
    return line.endswith(("{", ",", "[")) and "\n" in start


def _line_elements(start: str, text: Iterator[str]) -> Iterator[tuple[Any, str]]:
    rest = ""
    for block in _chained(start, text):
        rest += block
        end = 0
        for match in _LINE.finditer(rest):
            end = match.end()
            if line := match[0].strip():
                yield _parse(line), line
        rest = rest[end:]
    if line := rest.strip():
        yield _parse(line), line


def _spread_elements(start: str, text: Iterator[str], name: str) -> Iterator[tuple[Any, str]]:
    """Yield the elements of an array, or objects that stand one after the other, wherever lines end."""
    is_array, is_closed = start.startswith("["), False
    rest, at = start.removeprefix("["), 0
    for block in _chained("", text):
        rest, at = rest[at:] + block, 0
        while not is_closed:
            at = _skip(rest, at)
            if is_array and rest[at : at + 1] == "]":
                at, is_closed = at + 1, True
                break
            try:
                element, end = _DECODER.raw_decode(rest, at)
            except (ValueError, RecursionError):
                break
            if end == len(rest) and not isinstance(element, dict | list):
                # a number may go on in the next block
                break
            yield element, rest[at:end]
            at = end
        if len(rest) - at > _LARGEST_ELEMENT:
            break
    if rest[at:].strip() or (is_array and not is_closed):
        raise InputError("events.sources.reading.broken_json", path=name, near=rest[at:].strip()[:40])


def _skip(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _chained(start: str, text: Iterator[str]) -> Iterator[str]:
    yield start
    yield from text


def _parse(line: str) -> Any:
    try:
        return _DECODER.decode(line)
    except (ValueError, RecursionError):
        return _NOTHING
