"""Write the shop's files, lot by lot: text in each system's own shape, big ones in Parquet pieces.

The same rows give the same bytes: nothing of the time or place of writing gets into a file.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO, Protocol, TextIO

    from tesela.events.sources.simulation.contacts import Columns, FileForm

    class Sink(Protocol):
        """Something that rows are written to."""

        def write(self, table: Any) -> None:
            """Append a table's rows."""

        def close(self) -> None:
            """End the file."""


PIECE_ROWS = 4_000_000
"""A piece of a big file is closed once it has this many rows."""


class Files:
    """The files of one shop: opened at their first rows, counted, closed together.

    Attributes:
        folder: Where they stand.
        rows: Rows of each file so far, by path inside the folder, in the order of opening.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, int] = {}
        self._sinks: dict[str, Sink] = {}
        self._texts: dict[str, tuple[TextIO, Any]] = {}
        self._pieces: dict[str, int] = {}

    def write_contacts(self, form: FileForm, columns: Columns) -> int:
        """Append rows of contacts; return how many rows the file had before."""
        if form.path not in self._texts:
            path = self._prepare(form.path)
            stream = path.open("w", encoding=form.encoding, newline="")
            writer = csv.writer(
                stream,
                delimiter=form.delimiter,
                lineterminator=form.line_end,
                quoting=csv.QUOTE_ALL if form.quotes_all else csv.QUOTE_MINIMAL,
            )
            writer.writerow(columns)
            self._texts[form.path] = (stream, writer)
        before = self.rows[form.path]
        self._texts[form.path][1].writerows(zip(*columns.values(), strict=True))
        self.rows[form.path] = before + len(next(iter(columns.values())))
        return before

    def write_text(self, path: str, columns: dict[str, Any], *, delimiter: str = ",") -> None:
        """Append rows to a file of text; no value may hold the delimiter, a quote or a line end."""
        table = pa.table(columns)
        if path not in self._sinks:
            self._sinks[path] = _TextSink(self._prepare(path), table.column_names, delimiter)
        self._sinks[path].write(table)
        self.rows[path] += table.num_rows

    def write_parquet(self, path: str, columns: dict[str, Any]) -> None:
        """Append rows to one Parquet file."""
        table = pa.table(columns)
        if path not in self._sinks:
            self._sinks[path] = _ParquetSink(self._prepare(path), table.schema)
        self._sinks[path].write(table)
        self.rows[path] += table.num_rows

    def write_pieces(self, folder: str, columns: dict[str, Any]) -> None:
        """Append rows to a Parquet file of a folder; begin the next one when it is long."""
        piece = self._pieces.setdefault(folder, 1)
        path = f"{folder}/part-{piece:05d}.parquet"
        self.write_parquet(path, columns)
        if self.rows[path] >= PIECE_ROWS:
            self._sinks.pop(path).close()
            self._pieces[folder] = piece + 1

    def close(self) -> None:
        """Close everything that is open."""
        for sink in self._sinks.values():
            sink.close()
        for stream, _ in self._texts.values():
            stream.close()

    def _prepare(self, path: str) -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        self.rows[path] = 0
        return target


class _TextSink:
    def __init__(self, path: Path, headers: list[str], delimiter: str) -> None:
        self._stream: BinaryIO = path.open("wb")
        self._stream.write((delimiter.join(headers) + "\n").encode())
        self._options = pa_csv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style="none")

    def write(self, table: Any) -> None:
        plain = [
            column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
            for column in table.itercolumns()
        ]
        pa_csv.write_csv(pa.table(plain, names=table.column_names), self._stream, self._options)

    def close(self) -> None:
        self._stream.close()


class _ParquetSink:
    def __init__(self, path: Path, schema: Any) -> None:
        fields = [
            pa.field(field.name, field.type.value_type if pa.types.is_dictionary(field.type) else field.type)
            for field in schema
        ]
        self._schema = pa.schema(fields)
        # ids are all different: no use to look for repeats among them
        repeating = [field.name for field in fields if field.name != "message_id"]
        self._writer = pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=1, use_dictionary=repeating, store_schema=False
        )

    def write(self, table: Any) -> None:
        self._writer.write_table(table)

    def close(self) -> None:
        self._writer.close()
