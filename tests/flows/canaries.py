"""A shop with one person whose every value is seen nowhere else, and a search for it in every byte of a workspace."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

import tesela as library
from tesela.base import FixedClock, parse_moment

NOW = "2026-05-20 12:00"
EMAIL, SPELT = "zulema.canario@example.com", "Zulema.CANARIO@Example.com"
CANARIES = (
    EMAIL,
    SPELT,
    "+34699123456",
    "699 12 34 56",
    "699123456",
    "Zulema",
    "Ñandubay",
    "Quirós",
    "ZULCUST77",
    "ZULCARD55",
    "zulvisitor",
    "zulmember",
    "zul-url",
    "zul busqueda",
    "ZULCUPON",
    "zul nota",
    "zul propiedad",
    "Calle Zul",
    "Zulburgo",
    "ZULORDER1",
    "ZULORDER2",
    "ZULOPEN",
    "zul-mensaje",
    "zul-sesion",
    "zul formulario",
    "zul reseña",
    "zul rechazo",
    "1987-02-13",
)
"""Everything that is hers alone."""

CONTACTS = [
    {
        "id": "ZULCUST77", "email": SPELT, "phone": "699 12 34 56", "first name": "Zulema",
        "last name": "Ñandubay Quirós", "birth date": "1987-02-13", "city": "Zulburgo", "loyalty card": "ZULCARD55",
        "country": "ES", "address": "Calle Zul 3", "note": "zul nota de cliente", "consent": "yes",
        "created": "2025-01-02 10:00",
    },
    {
        "id": "C2", "email": "luis@example.com", "phone": "600 11 22 33", "first name": "Luis", "last name": "Gómez",
        "birth date": "1970-01-01", "city": "Madrid", "loyalty card": "", "country": "ES", "address": "Calle Mayor 1",
        "note": "", "consent": "yes", "created": "2025-01-02 10:00",
    },
    {
        "id": "C3", "email": "eva@example.com", "phone": "600 11 22 44", "first name": "Eva", "last name": "Ruiz",
        "birth date": "1980-01-01", "city": "Madrid", "loyalty card": "", "country": "ES", "address": "Calle Mayor 2",
        "note": "", "consent": "no", "created": "2025-01-03 10:00",
    },
]  # fmt: skip
ORDERS = [
    {"order": "ZULORDER1", "customer": "ZULCUST77", "date": "2026-04-01 10:00", "total": "120.00",
     "coupon": "ZULCUPON", "note": "zul nota de pedido", "status": "completed"},
    {"order": "ZULOPEN", "customer": "ZULCUST77", "date": "2026-05-01 10:00", "total": "7.00",
     "coupon": "", "note": "zul nota abierta", "status": "pending payment"},
    {"order": "ZULORDER2", "customer": "ZULCUST77", "date": "no es una fecha", "total": "1.00",
     "coupon": "", "note": f"zul rechazo {SPELT}, tel. 699 12 34 56", "status": "completed"},
    *({"order": f"A{n}", "customer": f"C{2 + n % 2}", "date": f"2026-04-{n + 1:02d} 11:00", "total": "10.00",
       "coupon": "", "note": "", "status": "completed"} for n in range(10)),
]  # fmt: skip
LINES = [
    {"order": "ZULORDER2", "line": "1", "email": EMAIL, "date": "2026-04-20 10:00", "product": "P1", "quantity": "1",
     "total": "20.00"},
    # as some shops export them: only the first line of an order says whose it is
    {"order": "ZULORDER2", "line": "2", "email": "", "date": "2026-04-20 10:00", "product": "P2", "quantity": "1",
     "total": "5.00"},
    {"order": "B1", "line": "1", "email": "luis@example.com", "date": "2026-04-21 10:00", "product": "P1",
     "quantity": "2", "total": "40.00"},
]  # fmt: skip
EVENTS = [
    {"name": "page_viewed", "time": "2026-05-01 09:00", "anonymous id": "zulvisitor", "email": "",
     "id": "zul-mensaje-1", "session": "zul-sesion", "url": "https://shop.example/p?ref=zul-url", "query": "",
     "extra": "zul propiedad"},
    {"name": "form_submitted", "time": "2026-05-01 09:05", "anonymous id": "zulvisitor", "email": SPELT,
     "id": "zul-mensaje-2", "session": "zul-sesion", "url": "", "query": "", "extra": "zul formulario"},
    {"name": "products_searched", "time": "2026-05-02 09:05", "anonymous id": "zulvisitor", "email": "",
     "id": "zul-mensaje-3", "session": "", "url": "", "query": "zul busqueda", "extra": ""},
    {"name": "product_reviewed", "time": "2026-05-02 09:05", "anonymous id": "", "email": EMAIL,
     "id": "zul-mensaje-4", "session": "", "url": "", "query": "", "extra": "zul reseña"},
    {"name": "page_viewed", "time": "el viernes", "anonymous id": "zulvisitor", "email": "", "id": "zul-mensaje-5",
     "session": "", "url": "", "query": "", "extra": "zul rechazo"},
    {"name": "page_viewed", "time": "2026-05-01 09:00", "anonymous id": "other", "email": "luis@example.com",
     "id": "m9", "session": "", "url": "https://shop.example/p", "query": "", "extra": ""},
]  # fmt: skip
MAIL = [
    {"email": SPELT, "member id": "zulmember", "action": "bounce", "time": "2026-05-03 10:00", "campaign": "May",
     "bounce type": "hard"},
    {"email": "luis@example.com", "member id": "m2", "action": "open", "time": "2026-05-03 10:00", "campaign": "May",
     "bounce type": ""},
]  # fmt: skip
CONSENTS = [
    {"email": SPELT, "channel": "email", "status": "yes", "date": "2025-01-02 10:00", "method": "zul formulario"},
    {"email": "luis@example.com", "channel": "email", "status": "yes", "date": "2025-01-02 10:00", "method": "form"},
]  # fmt: skip
FILES = {
    "contacts": CONTACTS,
    "orders": ORDERS,
    "order-lines": LINES,
    "events": EVENTS,
    "email-events": MAIL,
    "consents": CONSENTS,
}
SEGMENTS = """
buyers:
  when: did order_completed
readers:
  when: did page_viewed in last 60 days
vip:
  when: email = "zulema.canario@example.com"
"""


def clock() -> FixedClock:
    return FixedClock(parse_moment(NOW, library_zone()))


def library_zone():  # type: ignore[no-untyped-def]
    from tesela.base import load_zone

    return load_zone("Europe/Madrid")


def write_files(folder: Path) -> dict[str, Path]:
    """Write what the shop exports; the file of contacts is named after her."""
    folder.mkdir(exist_ok=True)
    paths = {}
    for kind, rows in FILES.items():
        paths[kind] = folder / (f"{kind} {EMAIL}.csv" if kind == "contacts" else f"{kind}.csv")
        with paths[kind].open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return paths


def fill(workspace: library.Workspace, folder: Path) -> None:
    """Import everything, some of it twice, and use everything that keeps something."""
    paths = write_files(folder)
    (workspace.folder / "segments" / "starter.yaml").write_text(SEGMENTS, "utf-8")
    for kind, path in paths.items():
        workspace.imports.run(kind, path)  # type: ignore[arg-type]
    workspace.imports.run("contacts", paths["contacts"])
    workspace.imports.run("events", paths["events"])
    workspace.jobs.run()
    workspace.profiles.merge(EMAIL, "eva@example.com", actor="Marta", note=f"her sister, {EMAIL}")
    workspace.jobs.run()
    workspace.profiles.undo(workspace.profiles.acts()[-1].number, actor="Marta")
    workspace.jobs.run()
    workspace.segments.explain(EMAIL, "buyers")
    workspace.segments.sets()


def found_in(folder: Path, words: tuple[str, ...] = CANARIES) -> list[str]:
    """Return every place in which one of the words stands, in any spelling that a file may have."""
    forms = [(form, word) for word in words for form in _forms(word)]
    return sorted(
        {
            f"{path.relative_to(folder)}: {word}"
            for path in sorted(folder.rglob("*"))
            if path.is_file()
            for content in _contents(path)
            for form, word in forms
            if form in content
        }
    )


def _forms(word: str) -> Iterator[bytes]:
    for text in {word, word.lower(), word.upper(), json.dumps(word)[1:-1], json.dumps(word.lower())[1:-1]}:
        yield text.encode()
        yield text.encode("utf-16-le")
        yield text.encode("utf-16-be")


def _contents(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes as they are, and what they say when they are decoded."""
    raw = path.read_bytes()
    yield str(path).encode()
    yield raw
    if raw[:2] == b"\x1f\x8b":
        yield gzip.decompress(raw)
    if raw[:4] == b"PAR1":
        yield _spelt(pq.read_table(path).to_pylist())
        yield str(pq.read_metadata(path)).encode()
        yield str(pq.read_schema(path)).encode()
    if raw[:6] == b"SQLite":
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
            for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                yield _spelt(store.execute(f'SELECT * FROM "{name}"').fetchall())
    if path.suffix == ".duckdb":
        with closing(duckdb.connect(str(path), read_only=True)) as store:
            for (name,) in store.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                yield _spelt(store.execute(f'SELECT * FROM "{name}"').fetchall())


def _spelt(rows: object) -> bytes:
    return str(rows).encode()
