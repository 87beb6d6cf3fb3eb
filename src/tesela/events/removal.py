"""Take rows out of the record for good: those of people who are erased, and those that are too old to be kept.

The files that hold such rows are written again without them, beside the old ones; then the manifest is swapped, and
the old files are unlinked. So a crash leaves all the rows or none, and the same again finds nothing left to do.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tesela.events.fields import FIELDS, IDENTIFIER_KINDS, Kind
from tesela.events.mentions import Mentions, Named
from tesela.events.parquet import SEALED
from tesela.events.record import FileRole, Load, Manifest, Record, RecordFile
from tesela.warehouse import Engine, Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

STRONGEST_KIND = "CASE " + " ".join(f"WHEN {kind} IS NOT NULL THEN '{kind}'" for kind in IDENTIFIER_KINDS) + " END"
STRONGEST_VALUE = f"coalesce({', '.join(IDENTIFIER_KINDS)})"
"""The SQL of a row's strongest identifier: whose the row is."""

_EVENT_KINDS = ("events", "email-events")
_ORDER_KINDS = ("orders", "order-lines")
_NAMELESS = "-"


@dataclass(frozen=True, slots=True)
class Removal:
    """Which rows leave the record.

    Attributes:
        reason: Code of the reason, by which they are counted from now on.
        subjects: Kind and value: rows whose strongest identifier this is.
        orders: Source and order: rows of these without any identifier.
        identifiers: Kind and value: rejected rows that name one of them lose their text.
        names: What else tells a person in a text: her whole name, where nobody shares it.
        whole_orders: Source and order: all rows of these.
        before: Events by name, those that happened before a moment (naive UTC).
        rejected_before: Rejected rows that came before this moment lose their text.
        country: ISO 3166 code: of phones without a prefix.
    """

    reason: str
    subjects: tuple[Named, ...] = ()
    orders: tuple[tuple[str, str], ...] = ()
    identifiers: frozenset[Named] = frozenset()
    names: tuple[str, ...] = ()
    whole_orders: tuple[tuple[str, str], ...] = ()
    before: Mapping[str, datetime] = field(default_factory=dict)
    rejected_before: datetime | None = None
    country: str = "ES"

    def run(self, engine: Engine, record: Record, *, scratch: Path) -> Counter[Kind]:
        """Take the rows out, all or nothing; return how many they were, by kind.

        Args:
            engine: Runs the reading and writing of files; its tables are not touched.
            record: The record.
            scratch: Folder for files in the making, on the record's disk.
        """
        return _Rewriting(self, engine, record, scratch).run()

    @staticmethod
    def mentioned(record: Record, country: str) -> set[Named]:
        """Return kind and value of everybody whom the texts of a record's rejected rows name.

        Args:
            record: The record.
            country: ISO 3166 code: of phones without a prefix.
        """
        import pyarrow.parquet as pq

        found: set[Named] = set()
        for load in record.manifest().sealed:
            mentions = Mentions.of(load, country)
            for name in load.paths("rejected"):
                rows = pq.read_table(record.path(name), columns=["raw", "detail"])
                found |= mentions.identifiers(*rows.column("raw").to_pylist(), *rows.column("detail").to_pylist())
        return found

    def named_in(self, load: Load, rows: Iterable[tuple[str | None, ...]]) -> list[bool]:
        """Return of each rejected row of a load whether its texts name who leaves."""
        mentions = Mentions.of(load, self.country)
        names = [each for each in map(_squashed, self.names) if each]
        wanted = self.identifiers | {("order_id", f"{source}/{order}") for source, order in self.orders}
        return [
            bool(wanted & mentions.identifiers(*texts))
            or any(name in _squashed(text) for name in names for text in texts if text)
            for texts in rows
        ]

    def where(self, kind: Kind, source: str) -> Statement | None:
        """Return the SQL of which rows of a kind leave, with what it reads; None when none can."""
        parts, told, asked = [], {}, {}
        own = {each.name for each in FIELDS[kind]}
        if self.subjects and "email" in own:
            parts.append(f"({STRONGEST_KIND}, {STRONGEST_VALUE}) IN (SELECT (kind, value) FROM leaving_subjects)")
            told["leaving_subjects"] = _pairs(self.subjects, "kind", "value")
        if self.orders and "order_id" in own:
            parts.append(
                f"({STRONGEST_VALUE} IS NULL AND ($source, order_id) IN (SELECT (source, number) FROM leaving_orders))"
            )
            told["leaving_orders"] = _pairs(self.orders, "source", "number")
        if self.whole_orders and kind in _ORDER_KINDS:
            number = "coalesce(order_id, key)" if kind == "order-lines" else "order_id"
            parts.append(f"($source, {number}) IN (SELECT (source, number) FROM leaving_wholly)")
            told["leaving_wholly"] = _pairs(self.whole_orders, "source", "number")
        if self.before and kind in _EVENT_KINDS:
            parts.append("occurred_at < (SELECT before FROM leaving_events AS l WHERE l.name = r.name)")
            told["leaving_events"] = _moments(self.before)
        if any("$source" in part for part in parts):
            asked["source"] = source
        return Statement(f"coalesce({' OR '.join(parts)}, false)", asked, told) if parts else None


@dataclass(slots=True)
class _Rewriting:
    """One removal at work."""

    removal: Removal
    engine: Engine
    record: Record
    scratch: Path
    gone: Counter[Kind] = field(default_factory=Counter)
    keys: dict[tuple[Kind, str], list[pa.Table]] = field(default_factory=dict)

    def run(self) -> Counter[Kind]:
        manifest = self.record.manifest()
        # what was counted as known already is told by the keys of what leaves
        first = [self._without_rows(load) for load in manifest.loads]
        loads = tuple(self._without_traces(load) for load in first)
        if loads != manifest.loads:
            self.record.swap(Manifest(manifest.next_load, loads))
        self.record.sweep()
        return self.gone

    def _without_rows(self, load: Load) -> Load:
        where = self.removal.where(load.kind, load.source)
        if where is None:
            return load
        files, gone = [], 0
        for file in load.files:
            leaving = self._leaving(file, where) if file.role == "accepted" else None
            if leaving is None or not leaving.num_rows:
                files.append(file)
                continue
            gone += leaving.num_rows
            self.keys.setdefault((load.kind, load.source), []).append(leaving)
            files.append(self._write(load, file, f"NOT {where.sql}", where))
        if not gone:
            return load
        self.gone[load.kind] += gone
        reasons = dict(load.reasons)
        reasons[self.removal.reason] = reasons.get(self.removal.reason, 0) + gone
        # received stays what came in: what left is counted with what could not be used
        return replace(
            load, files=tuple(files), stored=load.stored - gone, rejected=load.rejected + gone, reasons=reasons
        )

    def _without_traces(self, load: Load) -> Load:
        """Return a load whose other files, and whose file's name, tell nothing of who leaves."""
        import pyarrow as pa

        files = list(load.files)
        known = self.keys.get((load.kind, load.source))
        for place, file in enumerate(files):
            if file.role == "duplicates" and known:
                asked = Statement("", {}, {"leaving_keys": pa.concat_tables(known).select(["key"])})
                hers = "key IN (SELECT key FROM leaving_keys)"
                if self._count(file, hers, asked):
                    files[place] = self._write(load, file, f"NOT ({hers})", asked)
            elif file.role == "rejected":
                files[place] = self._without_texts(load, file)
        return replace(load, files=tuple(files), origin=self._origin(load))

    def _origin(self, load: Load) -> str:
        told = _squashed(load.origin)
        values = (value for _, value in self.removal.identifiers)
        # a short number stands in the names of many files and means nobody
        telling = [each for each in map(_squashed, (*values, *self.removal.names)) if len(each) > 4]
        return _NAMELESS if any(each in told for each in telling) else load.origin

    def _without_texts(self, load: Load, file: RecordFile) -> RecordFile:
        """Return the file of rejected rows in which no text names who leaves; the rows stay, with their reason."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        is_old = (
            self.removal.rejected_before is not None and load.received_at < self.removal.rejected_before.isoformat()
        )
        if not file.rows or not (is_old or self.removal.identifiers or self.removal.names):
            return file
        rows = pq.read_table(self.record.path(file.name))
        texts = list(zip(rows.column("raw").to_pylist(), rows.column("detail").to_pylist(), strict=True))
        named = [True] * len(texts) if is_old else self.removal.named_in(load, texts)
        blank = [is_named and each != (None, None) for is_named, each in zip(named, texts, strict=True)]
        if not any(blank):
            return file
        self.gone[load.kind] += sum(blank)
        for column, name in ((0, "raw"), (1, "detail")):
            kept = [None if gone else each[column] for gone, each in zip(blank, texts, strict=True)]
            place = rows.schema.get_field_index(name)
            rows = rows.set_column(place, name, pa.array(kept, rows.schema.field(name).type))
        path = self.scratch / f"{uuid.uuid4().hex}.parquet"
        pq.write_table(rows, path, compression="zstd")
        return self._seal(load, path, file.role)

    def _leaving(self, file: RecordFile, where: Statement) -> pa.Table:
        return self._ask(f"SELECT key FROM read_parquet($file) AS r WHERE {where.sql}", file, where)

    def _count(self, file: RecordFile, where: str, asked: Statement) -> int:
        rows = self._ask(f"SELECT count(*) AS n FROM read_parquet($file) AS r WHERE {where}", file, asked)
        return int(rows.column("n")[0].as_py())

    def _ask(self, sql: str, file: RecordFile, asked: Statement) -> pa.Table:
        path = str(self.record.path(file.name))
        return self.engine.query(Statement(sql, {**asked.parameters, "file": path}, asked.relations))

    def _write(self, load: Load, file: RecordFile, rest: str, asked: Statement) -> RecordFile:
        path = self.scratch / f"{uuid.uuid4().hex}.parquet"
        order = "row_number" if file.role == "accepted" else "key, content"
        copy = statement(
            f"COPY (SELECT * FROM read_parquet($file) AS r WHERE {rest} ORDER BY {order}) TO '{{target}}' {SEALED}",
            tables={"target": str(path).replace("'", "''")},
            relations=asked.relations,
            file=str(self.record.path(file.name)),
            **asked.parameters,
        )
        self.engine.write([copy])
        return self._seal(load, path, file.role)

    def _seal(self, load: Load, path: Path, role: FileRole) -> RecordFile:
        return self.record.add_file(load.load_id, path, role, f"{role}-{path.stem[:12]}.parquet")


def _squashed(text: str) -> str:
    """Return a text without accents, case and signs."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.sub(r"[\W_]+", "", plain).casefold()


def _pairs(rows: Iterable[tuple[str, str]], *names: str) -> pa.Table:
    import pyarrow as pa

    columns = list(zip(*rows, strict=True))
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})


def _moments(before: Mapping[str, datetime]) -> pa.Table:
    import pyarrow as pa

    return pa.table({"name": list(before), "before": pa.array(list(before.values()), pa.timestamp("us"))})
