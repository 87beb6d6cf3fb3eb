"""Keep a resolution in files, so that the next process need only look at what is new.

Each layer of it is a file that is mapped into memory and never changes; a change writes the few layers on top.
The files are a copy of what the links say, with identifiers in them: lost or left behind, they are made again.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tesela.profiles.resolution import Decisions, Resolution
from tesela.profiles.resolution.dictionary import Dictionary
from tesela.profiles.resolution.layers import Layers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tesela.profiles.resolution import IdentityRules

_CONTENTS = "contents.json"
_FORMAT = 1


@dataclass(slots=True)
class RememberedResolution:
    """The files of one resolution.

    Args:
        folder: Where they are; made at the first saving.
    """

    folder: Path
    _names: dict[int, tuple[str, object]] = field(default_factory=dict)

    def load(self, token: str, rules: IdentityRules) -> Resolution | None:
        """Return the resolution that was saved; None when it is another one, by other rules, or not whole.

        Args:
            token: What it was saved as.
            rules: The rules of today; those that people decided by hand may be others than then.
        """
        try:
            told = json.loads((self.folder / _CONTENTS).read_text("utf-8"))
            if (told["format"], told["token"], told["rules"]) != (_FORMAT, token, spell_out(rules)):
                return None
            return self._read(told, rules)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, resolution: Resolution, token: str) -> None:
        """Write what is not in files yet, and let go of files that nothing needs any more.

        Args:
            resolution: What was found.
            token: What it is saved as.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        values = [self._write(layer, layer) for layer in resolution.values.layers]
        subjects = [self._write(layer, layer) for layer in resolution.subjects.layers]
        runs = {
            str(kind): [self._write(texts, pa.table({"text": texts, "id": ids})) for texts, ids in each]
            for kind, each in resolution.dictionary.runs.items()
        }
        drops = self._write(resolution.drops, resolution.drops)
        decided = {name: sorted(getattr(resolution.rules.decisions, name)) for name in ("together", "apart")}
        told = {
            "format": _FORMAT,
            "token": token,
            "rules": spell_out(resolution.rules),
            "decisions": decided,
            "kinds": resolution.kinds,
            "values": values,
            "subjects": subjects,
            "runs": runs,
            "drops": drops,
        }
        draft = self.folder / f"{_CONTENTS}.part"
        draft.write_text(json.dumps(told), "utf-8")
        _flush(draft)
        draft.replace(self.folder / _CONTENTS)
        self._sweep({*values, *subjects, drops, *(name for each in runs.values() for name in each)})

    def _read(self, told: dict[str, Any], rules: IdentityRules) -> Resolution:
        from dataclasses import replace

        decisions = Decisions(
            *(frozenset((one, other) for one, other in told["decisions"][name]) for name in ("together", "apart"))
        )
        runs = {}
        for kind, names in told["runs"].items():
            tables = [self._map(name) for name in names]
            each = [(_only(table, "text"), table.column("id").to_numpy()) for table in tables]
            self._know(names, [texts for texts, _ in each])
            runs[int(kind)] = tuple(each)
        values, subjects = (tuple(self._map(name) for name in told[key]) for key in ("values", "subjects"))
        drops = self._map(told["drops"])
        self._know([*told["values"], *told["subjects"], told["drops"]], [*values, *subjects, drops])
        return Resolution(
            replace(rules, decisions=decisions),
            tuple(told["kinds"]),
            pa.table({"subject_id": pa.array([], pa.int64()), "profile_id": pa.array([], pa.int64())}),
            drops,
            Layers("value_id", values),
            Layers("subject_id", subjects),
            Dictionary(runs),
            np.empty(0, np.int64),
        )

    def _know(self, names: list[str], parts: list[Any]) -> None:
        self._names |= {id(part): (name, part) for name, part in zip(names, parts, strict=True)}

    def _map(self, name: str) -> pa.Table:
        with pa.memory_map(str(self.folder / name)) as file:
            return pa.ipc.open_file(file).read_all().combine_chunks()

    def _write(self, part: object, rows: pa.Table) -> str:
        """Return the name of the file that holds a part, written unless it is there."""
        if id(part) in self._names:
            return self._names[id(part)][0]
        name = f"{uuid.uuid4().hex}.arrow"
        path = self.folder / name
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, rows.schema) as writer:
            writer.write_table(rows.combine_chunks())
        _flush(path)
        self._know([name], [part])
        return name

    def _sweep(self, needed: set[str]) -> None:
        self._names = {key: kept for key, kept in self._names.items() if kept[0] in needed}
        for path in self._files():
            if path.name not in needed:
                path.unlink(missing_ok=True)

    def _files(self) -> Iterator[Path]:
        return self.folder.glob("*.arrow")


def spell_out(rules: IdentityRules) -> str:
    """Return rules as one text, decisions by hand aside: two that mean the same are the same."""
    limits = [[limit.unique, limit.most, limit.kind] for limit in rules.limits]
    blocks = [[block.kind, block.reason, sorted(block.values), block.pattern] for block in rules.blocks]
    return json.dumps([rules.merging, limits, rules.largest, blocks], ensure_ascii=False)


def _only(table: pa.Table, name: str) -> Any:
    """Return a column of one chunk, or of none, as an array."""
    column = table.column(name)
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
