"""The shop's files as sheets of text: read, changed cell by cell, and written as they were."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tesela.events.sources.simulation.contacts import FileForm

Row = dict[str, str]


@dataclass(slots=True)
class Sheet:
    """One file: its form, its headers and its rows.

    Attributes:
        form: How the text is written.
        headers: In order.
        rows: One dictionary a row; all of them have all headers.
    """

    form: FileForm
    headers: list[str]
    rows: list[Row] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path, form: FileForm) -> Sheet:
        """Read a file whole."""
        with (folder / form.path).open(encoding=form.encoding, newline="") as stream:
            reader = csv.DictReader(stream, delimiter=form.delimiter)
            return cls(form, list(reader.fieldnames or ()), list(reader))

    def write(self, folder: Path) -> None:
        """Write it back in the same form; letters that its encoding lacks are lost, as in any such export."""
        path = folder / self.form.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding=self.form.encoding, errors="replace", newline="") as stream:
            writer = csv.DictWriter(
                stream,
                self.headers,
                delimiter=self.form.delimiter,
                lineterminator=self.form.line_end,
                quoting=csv.QUOTE_ALL if self.form.quotes_all else csv.QUOTE_MINIMAL,
            )
            writer.writeheader()
            writer.writerows(self.rows)

    def append(self, **cells: str) -> Row:
        """Append a row; cells that are not told are empty. Headers with blanks are told by `put`."""
        return self.put(cells)

    def put(self, cells: Row) -> Row:
        """Append a row of cells by header."""
        row = {header: cells.get(header, "") for header in self.headers}
        self.rows.append(row)
        return row
