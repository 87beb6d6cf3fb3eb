"""All checks: those that come with the program, and a shop's own."""

from __future__ import annotations

import difflib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from tesela.audit.check import SECTIONS, Check, Section, read_check
from tesela.base import InputError, NotFoundError
from tesela.language import load_definitions, read_definitions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@cache
def load_checks() -> Mapping[str, Check]:
    """Return the checks that come with the program, by section and key."""
    folder = resources.files("tesela.audit").joinpath("checks")
    found: dict[str, Check] = {}
    for section in SECTIONS:
        place = folder.joinpath(section)
        files = sorted(place.iterdir(), key=lambda each: each.name) if place.is_dir() else []
        for file in files:
            if file.name.endswith(".yaml"):
                found |= read_definitions(file.read_text("utf-8"), f"{section}/{file.name}", _reader(section))
    return found


def load_own_checks(folder: Path) -> Mapping[str, Check]:
    """Return the checks of a shop's own, from the `*.yaml` files of a folder; none when it is absent.

    Raises:
        InputError: when one makes no sense or has the name of one of ours, with file and line.
    """
    known = load_checks()

    def read(key: str, written: object) -> Check:
        if key in known:
            raise InputError("audit.taken_key", check=key)
        return read_check(key, "own", written)

    return load_definitions(folder, read)


def find_check(checks: Mapping[str, Check], key: str) -> Check:
    """Return a check by its key.

    Raises:
        NotFoundError: when there is none, with keys near to it.
    """
    if key not in checks:
        near = difflib.get_close_matches(key, list(checks), n=3, cutoff=0)
        raise NotFoundError("audit.unknown_check", check=key, near=", ".join(near))
    return checks[key]


def _reader(section: Section):  # type: ignore[no-untyped-def]
    return lambda key, written: read_check(key, section, written)
