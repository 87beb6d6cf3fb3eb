"""Read links, text values and all, as sorted integers: one query of a scratch engine per kind.

Sorted by kind and value, equal values stand together, so that a value's number is its place and no table of
values is joined. The order of rows and duplicates are gone after this.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tesela.base import InputError
from tesela.profiles.resolution.blocking import ANY_KIND
from tesela.profiles.resolution.rules import base_kind
from tesela.warehouse import DuckDBEngine, statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tesela.profiles.resolution.blocking import Block
    from tesela.profiles.resolution.rules import IdentityRules
    from tesela.warehouse import Engine

_COLUMNS = ("subject_id", "kind", "value")
_MEMORY = "2500MB"


@dataclass(frozen=True, slots=True, eq=False)
class KindLinks:
    """The links of one kind.

    Attributes:
        kind: With its source, where it has one.
        values: Distinct texts in byte order, as they came in chunks; shape (values,).
        blocks: Which of the rules' blocks each value meets first, -1 for none; shape (values,).
        offsets: Where the subjects of each value begin; shape (values + 1,).
        subjects: Subjects of each value in turn, rising and distinct; shape (links,).
    """

    kind: str
    values: pa.ChunkedArray
    blocks: NDArray[np.int16]
    offsets: NDArray[np.int64]
    subjects: NDArray[np.int64]


def read_links(
    records: pa.Table | Sequence[Path], rules: IdentityRules, engine: Engine | None = None
) -> list[KindLinks]:
    """Return the distinct links of records, by kind in byte order.

    Args:
        records: Rows of `subject_id` (integer), `kind`, `value` (text), as an Arrow table or as Parquet files;
            rows that lack one of them say nothing.
        rules: Whose blocks are looked for.
        engine: An embedded engine to read with, which may read the files; None for one of its own.

    Raises:
        InputError: when a column is missing.
    """
    if not isinstance(records, pa.Table) and not records:
        return []
    with contextlib.ExitStack() as opened:
        asked = opened.enter_context(_scratch_engine(records)) if engine is None else engine
        source = _source(asked, records)
        source.check()
        return list(_read_kinds(source, rules))


@contextlib.contextmanager
def _scratch_engine(records: pa.Table | Sequence[Path]) -> Iterator[Engine]:
    folders = set() if isinstance(records, pa.Table) else {Path(each).resolve().parent for each in records}
    with tempfile.TemporaryDirectory(prefix="tesela-identity-") as folder:
        engine = DuckDBEngine(Path(folder) / "scratch.duckdb", folders=sorted(folders), memory_limit=_MEMORY)
        try:
            yield engine
        finally:
            engine.close()


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """Records that an engine reads: what stands in SQL for them, and what that needs."""

    engine: Engine
    place: str
    relations: Mapping[str, pa.Table]
    parameters: Mapping[str, object]

    def query(self, template: str, **values: object) -> pa.Table:
        asked = {**self.parameters, **values}
        return self.engine.query(statement(template, tables={"records": self.place}, relations=self.relations, **asked))

    def check(self) -> None:
        there = self.query("SELECT * FROM {records} LIMIT 0").column_names
        missing = [name for name in _COLUMNS if name not in there]
        if missing:
            raise InputError("profiles.resolution.missing_column", columns=", ".join(missing))

    def kinds(self) -> list[str]:
        rows = self.query("SELECT DISTINCT kind::VARCHAR AS kind FROM {records} WHERE kind IS NOT NULL")
        return sorted(rows.column("kind").to_pylist(), key=str.encode)


def _source(engine: Engine, records: pa.Table | Sequence[Path]) -> _Source:
    if isinstance(records, pa.Table):
        return _Source(engine, "links_read", {"links_read": records}, {})
    return _Source(engine, "read_parquet($files)", {}, {"files": [str(Path(each).resolve()) for each in records]})


def _read_kinds(source: _Source, rules: IdentityRules) -> Iterator[KindLinks]:
    """Yield the links of each kind; the engine reads the next one while repetitions are dropped of the last."""
    kinds = source.kinds()
    with ThreadPoolExecutor(1) as ahead:
        reading = [ahead.submit(_rows_of, source, kind, rules) for kind in kinds[:1]]
        for place, kind in enumerate(kinds):
            rows = reading.pop().result()
            reading += [ahead.submit(_rows_of, source, each, rules) for each in kinds[place + 1 : place + 2]]
            yield _distinct(kind, rows)


def _rows_of(source: _Source, kind: str, rules: IdentityRules) -> pa.Table:
    """Return the links of a kind, sorted by value and subject, each with the block that the value meets."""
    blocks = {place: each for place, each in enumerate(rules.blocks) if each.kind in (ANY_KIND, base_kind(kind))}
    parameters: dict[str, object] = {"kind": kind}
    found = "NULL"
    if blocks:
        # one expression finds the few that meet any block; which, is asked of those alone
        parameters["any_block"] = f" *(?:{'|'.join(map(_expression, blocks.values()))}) *"
        parameters |= {f"block_{place}": _expression(each) for place, each in blocks.items()}
        which = " ".join(f"WHEN regexp_full_match(trim(value), $block_{place}, 'i') THEN {place}" for place in blocks)
        found = f"CASE WHEN regexp_full_match(value, $any_block, 'i') THEN CASE {which} END END"
    return source.query(
        f"""
        SELECT subject_id, value, ({found})::SMALLINT AS block
        FROM (SELECT subject_id::BIGINT AS subject_id, kind, value::VARCHAR AS value FROM {{records}})
        WHERE kind = $kind AND value IS NOT NULL AND subject_id IS NOT NULL
        ORDER BY value, subject_id
        """,
        **parameters,
    )


def _expression(block: Block) -> str:
    """Return the expression that matches the values of a block, spaces around them aside."""
    values = [re.escape(value) for value in sorted(block.values)]
    return "|".join(f"(?:{each})" for each in [*values, *([block.pattern] if block.pattern else [])]) or "(?:.^)"


def _distinct(kind: str, rows: pa.Table) -> KindLinks:
    """Drop repeated links of sorted rows, and find where each value begins."""
    subjects = rows.column("subject_id").to_numpy()
    texts = rows.column("value")
    is_first = np.ones(len(subjects), bool)
    if len(subjects) > 1:
        is_first[1:] = pc.not_equal(texts.slice(1), texts.slice(0, len(texts) - 1)).to_numpy()
    is_link = is_first.copy()
    is_link[1:] |= subjects[1:] != subjects[:-1]
    begins = np.cumsum(is_link)[is_first] - 1
    return KindLinks(
        kind,
        texts.filter(pa.array(is_first)).cast(pa.large_string()),
        pc.fill_null(rows.column("block"), -1).to_numpy()[is_first],
        np.append(begins, np.count_nonzero(is_link)),
        subjects[is_link],
    )


def as_texts(columns: Sequence[pa.ChunkedArray]) -> pa.LargeStringArray:
    """Return columns of texts one after the other as one array."""
    return pa.concat_arrays([pa.array([], pa.large_string()), *(chunk for each in columns for chunk in each.chunks)])
