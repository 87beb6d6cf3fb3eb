"""What reading a source gives: its rows as columns of text (or native types) in a private DuckDB connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tesela.base import Language, text

if TYPE_CHECKING:
    from collections.abc import Mapping

STAGED = "staged"
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was decided on the way and that a person may want to know.

    Attributes:
        key: Key of its text.
        values: What the text shows.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def message(self, language: Language) -> str:
        """Say it in a language."""
        return text(self.key, language, **dict(self.values))


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What the person knows better than the detection; None leaves it to that.

    Attributes:
        encoding: Python's name of the text's encoding.
        delimiter: What stands between cells; a blank means runs of blanks.
        quote: What stands around cells that hold a delimiter or a line break.
        has_header: Whether the first row names the columns.
        sheet: Sheet of a workbook, or member of a ZIP.
        table: Table of a database.
        memory_limit: How much memory reading may use before it spills to disk.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    has_header: bool | None = None
    sheet: str | None = None
    table: str | None = None
    memory_limit: str = "700MB"


@dataclass(frozen=True, slots=True)
class StagedTable:
    """A source's rows, ready to be mapped.

    Attributes:
        connection: Private DuckDB connection; it spills to the scratch folder and sees no other file.
        headers: Header of each column as the source spells it; generated where it has none.
        types: DuckDB type of each column: VARCHAR of text files, native of all other sources.
        rows: Rows received: those of `relation` and those of `unreadable`, exactly.
        notes: What was decided on the way.
        accented_samples: Up to five lines with accents, for a person to see that the letters were read right.
        relation: Name of the readable rows: `row_number` (1.. in the source's order), `c0`, `c1`, ...
        unreadable: Name of the others: `row_number`, `raw` as it came, `reason` (key of a text).
    """

    connection: Any
    headers: tuple[str, ...]
    types: tuple[str, ...]
    rows: int
    notes: tuple[Note, ...] = ()
    accented_samples: tuple[str, ...] = ()
    relation: str = STAGED
    unreadable: str = UNREADABLE
