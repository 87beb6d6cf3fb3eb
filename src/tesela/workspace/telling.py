"""Tell a person everything that is held of her: as one JSON document, or as a folder with a CSV file a table too."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tesela.base import ConflictError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tesela.segments import Condition
    from tesela.workspace.memberships import Memberships
    from tesela.workspace.people import PersonPage

    Rows = Sequence[Mapping[str, Any]]

DOCUMENT = "person.json"


@dataclass(frozen=True, slots=True)
class PersonExport:
    """What was written for a person: her data.

    Attributes:
        profile_id: Number of the profile; None where she has none, and stands in rejected rows and such only.
        out: The file or folder that was written.
        rows: How many rows were told, by table.
    """

    profile_id: int | None
    out: Path
    rows: Mapping[str, int]


def tell_person(page: PersonPage, segmentation: Memberships) -> dict[str, Any]:
    """Return what is known of a person in the order in which she would ask.

    Args:
        page: What is known of her.
        segmentation: Says of each segment why she is in it or not.
    """
    return {
        "profile": page.profile_id,
        "as_of": f"{page.as_of.isoformat()}Z",
        "identity": asdict(page.identity),
        "attributes": page.facts.attributes,
        "consents": page.facts.consents,
        "traits": dict(page.standing.traits),
        "segments": [_segment(segmentation, each.slug, page) for each in segmentation.list()],
        "decided_by_hand": [asdict(act) for act in page.acts],
        "events": page.facts.events,
    }


def _segment(segmentation: Memberships, slug: str, page: PersonPage) -> dict[str, Any]:
    """Tell of one segment whether she is in, what its rule says in words, and what of it holds for her."""
    words = segmentation.say(slug)
    found = segmentation.explain(page.profile_id, slug, page.as_of)
    return {
        "segment": slug,
        "is_member": found.is_member,
        "since": page.standing.segments.get(slug),
        "turns_at": found.turns_at,
        "rule": {"es": words.spanish, "en": words.english},
        "why": _why(found.condition),
    }


def _why(condition: Condition) -> dict[str, Any]:
    told: dict[str, Any] = {"holds": condition.holds}
    if condition.parts:
        return told | {"join": condition.join, "parts": [_why(part) for part in condition.parts]}
    return told | {
        "condition": condition.text,
        "values": {each.text: each.value for each in condition.values},
        "events": list(condition.events),
    }


def write_person(told: Mapping[str, Any], out: Path) -> None:
    """Write it: `.json` is one file, anything else a folder, which must be new or empty.

    Raises:
        ConflictError: when there is something already.
        UnavailableError: when it cannot be written.
    """
    is_file = out.suffix == ".json"
    if out.exists() and (is_file or not out.is_dir() or any(out.iterdir())):
        raise ConflictError("workspace.file_exists", path=str(out))
    draft = out.with_name(out.name + ".part")
    try:
        if is_file:
            draft.write_text(_spelt(told), "utf-8")
        else:
            draft.mkdir(parents=True)
            (draft / DOCUMENT).write_text(_spelt(told), "utf-8")
            for name, rows in _tables(told).items():
                _write_csv(draft / f"{name}.csv", rows)
            if out.exists():
                out.rmdir()
        draft.replace(out)
    except OSError as cause:
        raise UnavailableError("workspace.cannot_write", path=str(out), reason=cause.strerror or str(cause)) from cause
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if draft.is_file():
            draft.unlink()


def _tables(told: Mapping[str, Any]) -> dict[str, Rows]:
    """Return what has rows: what is known of her, and every table that holds something of hers."""
    known = {name: told[name] for name in ("attributes", "consents", "segments", "sources") if name in told}
    tables = {f"held.{name}": rows for name, rows in told["held"].items()}
    return {name: rows for name, rows in (known | tables).items() if rows}


def _write_csv(path: Path, rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: object) -> str:
    written = "" if value is None else _spelt(value) if isinstance(value, dict | list) else str(value)
    # a spreadsheet runs what begins so
    return f"'{written}" if written[:1] in ("=", "+", "-", "@", "\t", "\r") else written


def _spelt(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)
