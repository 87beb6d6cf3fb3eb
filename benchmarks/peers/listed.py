"""The published lists of segments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


@dataclass(frozen=True)
class Entry:
    """One segment of a list."""

    slug: str
    template: str
    params: dict[str, Any]
    when: str


def read_list(name: str) -> list[Entry]:
    """Return the segments of `segments_13` or `segments_200`, in the order of the file."""
    path = Path(__file__).resolve().parents[1] / f"{name}.yaml"
    told = YAML(typ="safe").load(path)
    return [
        Entry(f"s{number:03}_{each['template']}", each["template"], each["with"], each["when"])
        for number, each in enumerate(told)
    ]
