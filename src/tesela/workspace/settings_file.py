"""Changing values in `tesela.toml` where they stand: comments, order and what else is there stay as they are."""

from __future__ import annotations

import copy
import json
import os
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela.base import ConflictError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LINES = re.compile(r"[^\n]*\n|[^\n]+")
Value = str | int


@dataclass(slots=True)
class _Statement:
    """A header, a value with its name, or what stands between them.

    Attributes:
        text: As it is written, with the ends of its lines.
        table: Table that it stands in.
        name: Whole dotted name of the value; empty for what is none.
    """

    text: str
    table: str
    name: str = ""


def with_values(written: str, changes: Mapping[str, Value | None]) -> str:
    r"""Return what `tesela.toml` says with some values changed.

    Args:
        written: The file as it is; valid TOML.
        changes: Values by their whole dotted names; None takes a value out.

    Raises:
        ConflictError: when a value is written in a form that cannot be changed in its place (an inline table).

    Example:
        >>> with_values('name = "Ana" # ours\n', {"name": "Eva", "audit.consent_years": 2})
        'name = "Eva" # ours\n\n[audit]\nconsent_years = 2\n'
    """
    wanted = tomllib.loads(written)
    for name, value in changes.items():
        before, wanted = wanted, _with_value(wanted, name, value)
        if wanted == before:
            continue
        written = _with_one(written, name, value)
        try:
            is_so = _without_empty(tomllib.loads(written)) == _without_empty(wanted)
        except tomllib.TOMLDecodeError:
            is_so = False
        if not is_so:
            raise ConflictError("workspace.settings_by_hand", key=name)
    return written


def replace_file(path: Path, written: str) -> None:
    """Write a file whole or not at all; who may read it stays as it was.

    Raises:
        UnavailableError: when it cannot be written.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_bytes(written.encode())
        os.chmod(draft, path.stat().st_mode & 0o777)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as cause:
        reason = cause.strerror or str(cause)
        raise UnavailableError("workspace.cannot_write", path=str(path), reason=reason) from cause
    finally:
        draft.unlink(missing_ok=True)


def _with_value(told: dict[str, Any], name: str, value: Value | None) -> dict[str, Any]:
    wanted = copy.deepcopy(told)
    table, _, own = name.rpartition(".")
    place = wanted.setdefault(table, {}) if table else wanted
    if value is None:
        place.pop(own, None)
    else:
        place[own] = value
    return _without_empty(wanted)


def _without_empty(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value != {}}


def _with_one(written: str, name: str, value: Value | None) -> str:
    end = "\r\n" if "\r\n" in written else "\n"
    statements = _statements(written)
    for place, each in enumerate(statements):
        if each.name == name:
            if value is None:
                del statements[place]
            else:
                each.text = _rewritten(each.text, value, end)
            return "".join(each.text for each in statements)
    table, _, own = name.rpartition(".")
    if value is None:
        return written
    behind = _end_of(table, statements)
    place = len(statements) if behind is None else behind
    told = f"{own} = {_toml(value)}{end}"
    if behind is None:
        told = f"{end if statements else ''}[{table}]{end}{told}"
    if place and not statements[place - 1].text.endswith("\n"):
        statements[place - 1].text += end
    statements.insert(place, _Statement(told, table, name))
    return "".join(each.text for each in statements)


def _statements(written: str) -> list[_Statement]:
    lines, found, table, place = _LINES.findall(written), [], "", 0
    while place < len(lines):
        last = place + 1
        # a list or a text of several lines goes on until it can be read
        while last < len(lines) and _read("".join(lines[place:last])) is None:
            last += 1
        text = "".join(lines[place:last])
        name = _name(_read(text) or {})
        if text.lstrip().startswith("["):
            table = name
            found.append(_Statement(text, table))
        else:
            found.append(_Statement(text, table, f"{table}.{name}" if table and name else name))
        place = last
    return found


def _read(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _name(told: Any) -> str:
    names = []
    while isinstance(told, dict) and len(told) == 1:
        name, told = next(iter(told.items()))
        names.append(name)
    return ".".join(names)


def _rewritten(text: str, value: Value, end: str) -> str:
    before = _read(text)
    # a comment begins where what stands before it says the same by itself
    comment = next((text[at:].rstrip() for at in _places(text, "#") if _read(text[:at]) == before), "")
    name = text[: text.index("=")]
    return f"{name}= {_toml(value)}{' ' + comment if comment else ''}{end}"


def _places(text: str, sign: str) -> list[int]:
    return [at for at, each in enumerate(text) if each == sign]


def _end_of(table: str, statements: list[_Statement]) -> int | None:
    """Return the place behind the last value of a table, or behind its header; None when there is no such table."""
    own = [at for at, each in enumerate(statements) if each.table == table and (each.name or _is_header(each))]
    if own:
        return own[-1] + 1
    return None if table else 0


def _is_header(statement: _Statement) -> bool:
    return statement.text.lstrip().startswith("[")


def _toml(value: Value) -> str:
    # a JSON string is a TOML basic string, but for one sign
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
