"""Answers of earlier runs, so that a value is cleaned once and not once a run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tesela.profiles.cleaning.answers import COLUMNS
from tesela.profiles.cleaning.rules import KINDS, LEFT_ALONE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa

    from tesela.profiles.cleaning.column import CleanedColumn
    from tesela.profiles.cleaning.rules import Kind

_FILE = re.compile(rf"({'|'.join(KINDS)})-([0-9a-f]{{32}})\.parquet")


class CleaningCache:
    """Tables of answers by kind and fingerprint of the settings (`CleaningSettings.fingerprint`).

    Stored as a folder with one Parquet file for each, `email-<fingerprint>.parquet`, with the columns of
    `CleanedColumn.table`. Another rule, version of a rule, word list or library has another fingerprint, so what is
    found is never out of date and nothing has to be migrated. The files can be removed at any time: they only save
    work. They hold personal data: erasure calls `forget`, or removes the folder, and `keep` after each run lets
    go of values that are no longer in the base.
    """

    def __init__(self) -> None:
        self._tables: dict[tuple[Kind, str], pa.Table] = {}

    def find(self, kind: Kind, fingerprint: str) -> pa.Table | None:
        """Return the answers kept for a kind under a fingerprint; None when there are none."""
        return self._tables.get((kind, fingerprint))

    def add(self, kind: Kind, fingerprint: str, answers: pa.Table) -> None:
        """Keep answers for values that have none yet."""
        import pyarrow as pa

        known = self.find(kind, fingerprint)
        tables = [answers] if known is None else [known, answers]
        self._tables[kind, fingerprint] = pa.concat_tables(tables).combine_chunks()

    def keep(self, columns: Iterable[CleanedColumn]) -> None:
        """Keep the answers for these columns and let go of all others: of other values, and of other settings."""
        kept: dict[tuple[Kind, str], list[pa.Table]] = {}
        for column in columns:
            kept.setdefault((column.kind, column.fingerprint), []).append(_touched(column.table))
        self._tables = {key: _distinct(tables) for key, tables in kept.items()}

    def forget(self, values: Iterable[str]) -> int:
        """Remove every answer in which one of these values stands: as the original, cleaned, or suggested.

        Returns:
            How many were removed.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        wanted = pa.array(sorted(set(values)), pa.string())
        removed = 0
        for key, table in self._tables.items():
            hits = [pc.is_in(table[name], value_set=wanted) for name in ("original", "value", "suggestion")]
            remaining = table.filter(pc.invert(pc.or_(pc.or_(hits[0], hits[1]), hits[2])))
            removed += len(table) - len(remaining)
            self._tables[key] = remaining
        return removed

    def save(self, folder: Path) -> None:
        """Write the answers into a folder, each file whole or not at all, and remove those of other fingerprints."""
        import pyarrow.parquet as pq

        folder.mkdir(parents=True, exist_ok=True)
        names = {f"{kind}-{fingerprint}.parquet": table for (kind, fingerprint), table in self._tables.items()}
        for name, table in names.items():
            draft = folder / f"{name}.draft"
            pq.write_table(table, draft, compression="zstd")
            draft.replace(folder / name)
        for path in folder.iterdir():
            if (_FILE.fullmatch(path.name) and path.name not in names) or path.name.endswith(".parquet.draft"):
                path.unlink()

    @classmethod
    def load(cls, folder: Path) -> CleaningCache:
        """Read the answers of a folder; a file that is absent or cannot be read is as if it had never been."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        cache = cls()
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            name = _FILE.fullmatch(path.name)
            if name is None:
                continue
            try:
                table = pq.read_table(path, columns=list(COLUMNS))
            except (OSError, pa.ArrowException):
                continue  # what it held is found anew
            kind = next(each for each in KINDS if each == name[1])
            cache._tables[kind, name[2]] = table
        return cache


def _touched(table: pa.Table) -> pa.Table:
    """Return a table without the values that were left alone: another time they may not be."""
    import pyarrow.compute as pc

    return table.filter(pc.not_equal(pc.binary_join(table["flags"], " "), LEFT_ALONE))


def _distinct(tables: list[pa.Table]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    merged = pa.concat_tables(tables).combine_chunks()
    if len(tables) == 1:
        return merged
    firsts = pc.index_in(pc.unique(merged["original"]), value_set=merged["original"])
    return merged.take(firsts)
