"""Any source becomes columns: every row is readable or set apart, and none is lost or invented."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from postgres_server import PASSWORD, running_postgres
from tesela import events
from tesela.base import LANGUAGES, InputError, NotFoundError, TeselaError, UnavailableError, text

PREFIX = "events.sources.reading."


@dataclass(frozen=True)
class Read:
    """What came out of a source."""

    headers: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    numbers: list[int]
    unreadable: list[tuple[int, str, str]]
    notes: dict[str, dict[str, object]]
    accented: tuple[str, ...]


def read(source: Path | str, scratch: Path, **options: Any) -> Read:
    """Read a whole source, and check what holds for every one."""
    with events.open_source(source, scratch=scratch, options=events.ReadingOptions(**options)) as staged:
        found = staged.connection.execute(f"SELECT * FROM {staged.relation} ORDER BY row_number").fetchall()
        odd = staged.connection.execute(f"SELECT * FROM {staged.unreadable} ORDER BY row_number").fetchall()
        assert staged.rows == len(found) + len(odd), "received = staged + unreadable"
        numbers = [row[0] for row in found] + [row[0] for row in odd]
        assert len(set(numbers)) == len(numbers), "each row has its own number"
        assert len(staged.headers) == len(staged.types) == len(set(staged.headers))
        for note in staged.notes:
            assert all(note.message(language) for language in LANGUAGES)
        for _, _, reason in odd:
            assert all(text(reason, language) for language in LANGUAGES)
        result = Read(
            headers=staged.headers,
            types=staged.types,
            rows=[row[1:] for row in found],
            numbers=[row[0] for row in found],
            unreadable=[(number, raw, reason.removeprefix(PREFIX)) for number, raw, reason in odd],
            notes={note.key.removeprefix(PREFIX): dict(note.values) for note in staged.notes},
            accented=staged.accented_samples,
        )
    assert list(scratch.glob("reading-*")) == [], "nothing of ours stays"
    return result


def put(folder: Path, content: str | bytes, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.fixture
def read_text(tmp_path: Path) -> Callable[..., Read]:
    def reading(content: str | bytes, name: str = "orders.csv", **options: Any) -> Read:
        return read(put(tmp_path, content, name), tmp_path, **options)

    return reading


# --- layouts of text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(read_text: Callable[..., Read], delimiter: str) -> None:
    found = read_text(f"id{delimiter}amount\nA1{delimiter}1.5\nA2{delimiter}2\n")
    assert (found.headers, found.rows) == (("id", "amount"), [("A1", "1.5"), ("A2", "2")])
    assert found.types == ("VARCHAR", "VARCHAR")


def test_a_decimal_comma_does_not_divide(read_text: Callable[..., Read]) -> None:
    assert read_text("id;a;b\nA1;1,5;2,5\nA2;3,5;4,5\n").rows == [("A1", "1,5", "2,5"), ("A2", "3,5", "4,5")]
    assert read_text("A1;1,5\nA2;3,5\n", has_header=False).rows == [("A1", "1,5"), ("A2", "3,5")]


def test_the_delimiter_is_found_in_spite_of_what_cells_hold(read_text: Callable[..., Read]) -> None:
    found = read_text('id,email,"\'; DROP TABLE x; --"\n"\'); DELETE FROM x; --",a@x.es,"\' OR 1=1"\n')
    assert found.rows == [("'); DELETE FROM x; --", "a@x.es", "' OR 1=1")]
    ragged = read_text("a,b,c,d\n1,2,3,4\n5,6\n7,8,9,10,11,12\n")
    assert (len(ragged.rows), len(ragged.unreadable)) == (1, 2)


def test_runs_of_blanks_divide_where_nothing_else_does(read_text: Callable[..., Read]) -> None:
    found = read_text("  id  day        spent\n 00001   19970101  11.77\n 00002 19970112    7\n 00003 19970113\n")
    assert found.headers == ("id", "day", "spent")
    assert found.rows == [("00001", "19970101", "11.77"), ("00002", "19970112", "7")]
    assert found.unreadable == [(3, " 00003 19970113", "too_few_cells")]


def test_words_of_a_single_column_are_no_columns(read_text: Callable[..., Read]) -> None:
    found = read_text("nombre completo\nAna García, Marta\nEva Ruiz\n")
    assert (found.headers, len(found.rows)) == (("nombre completo",), 2)
    assert found.rows[0] == ("Ana García, Marta",)


def test_lines_above_the_header_are_left_out(read_text: Callable[..., Read]) -> None:
    found = read_text("Informe de ventas\nGenerado el 1/5/2026\n\nid;amount;day\nA1;1;2026-05-01\nA2;2;2026-05-02\n")
    assert (found.headers, len(found.rows)) == (("id", "amount", "day"), 2)
    assert found.notes["preamble"] == {"lines": 3}


def test_a_file_without_a_header(read_text: Callable[..., Read]) -> None:
    found = read_text("A1,ana@x.es,10\nA2,eva@x.es,20\n")
    assert (found.headers, len(found.rows)) == (("column 1", "column 2", "column 3"), 2)
    assert "no_header" in found.notes


def test_a_header_with_years_in_it_is_one(read_text: Callable[..., Read]) -> None:
    found = read_text("email,2024,2025\nana@x.es,10,20\neva@x.es,1,2\n")
    assert (found.headers, len(found.rows)) == (("email", "2024", "2025"), 2)


def test_the_person_knows_better(read_text: Callable[..., Read]) -> None:
    assert read_text("a,b\n1,2\n", has_header=False).rows == [("a", "b"), ("1", "2")]
    assert read_text("1,2\n3,4\n", has_header=True).headers == ("1", "2")
    assert read_text("a;b,c\n1;2,3\n", delimiter=",").headers == ("a;b", "c")
    assert read_text("a,b\n~1,5~,2\n", quote="~").rows == [("1,5", "2")]


def test_headers_are_tidied_and_told_apart(read_text: Callable[..., Read]) -> None:
    found = read_text('\ufeffid, Importe ,Importe,"Importe (2)",,Descripcio\u0301n\n1,2,3,4,5,6\n')
    assert found.headers == ("id", "Importe", "Importe (3)", "Importe (2)", "column 5", "Descripción")
    assert found.rows == [("1", "2", "3", "4", "5", "6")]


def test_delimiters_at_the_end_of_some_lines_do_no_harm(read_text: Callable[..., Read]) -> None:
    found = read_text("a,b,\n1,2\n3,4,,\n5,6\n7,8\n")
    assert found.rows == [("1", "2"), ("3", "4"), ("5", "6"), ("7", "8")]
    assert found.unreadable == []


def test_quotes_hold_delimiters_line_breaks_and_quotes(read_text: Callable[..., Read]) -> None:
    found = read_text('a,b\n"1,5","Calle ""Mayor""\r\nMadrid"\n"",x\n')
    assert found.rows == [("1,5", 'Calle "Mayor"\r\nMadrid'), ("", "x")]


def test_quotes_after_a_blank_and_single_quotes(read_text: Callable[..., Read]) -> None:
    assert read_text('a, b\n1, "Mayor, 3"\n2, "x"\n').rows == [("1", "Mayor, 3"), ("2", "x")]
    assert read_text("'a','b'\n'1','Mayor, 3'\n'2','x'\n").rows == [("1", "Mayor, 3"), ("2", "x")]


def test_quotes_inside_a_cell_that_nobody_doubled(read_text: Callable[..., Read]) -> None:
    found = read_text('a,b\n"Bar "El Rincón"",1\nTubo 5" largo,2\n')
    assert found.rows == [('Bar "El Rincón"', "1"), ('Tubo 5" largo', "2")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end(read_text: Callable[..., Read], end: str) -> None:
    found = read_text(end.join(["a,b", "1,2", "", "3,4"]))
    assert found.rows == [("1", "2"), ("3", "4")]


# --- rows that do not fit


def test_ragged_rows_are_set_apart_as_they_came(read_text: Callable[..., Read]) -> None:
    found = read_text('a,b,c\n1,2,3\n4,5\n6,"7,5",8,9\n10,11,12\n')
    assert (found.rows, found.numbers) == ([("1", "2", "3"), ("10", "11", "12")], [1, 4])
    assert found.unreadable == [(2, "4,5", "too_few_cells"), (3, '6,"7,5",8,9', "too_many_cells")]


def test_a_ragged_row_of_several_lines_is_one_row(read_text: Callable[..., Read]) -> None:
    found = read_text('a,b,c\n1,2,3\n4,"x\ny"\n5,6,7\n')
    assert (found.rows, found.numbers) == ([("1", "2", "3"), ("5", "6", "7")], [1, 3])
    assert found.unreadable == [(2, '4,"x\ny"', "too_few_cells")]


def test_a_quote_that_never_ends_costs_one_row(read_text: Callable[..., Read]) -> None:
    found = read_text('a,b,c\n1,2,3\n4,"5,6\n7,8,9\n10,11,12\n')
    assert found.rows == [("1", "2", "3"), ("7", "8", "9"), ("10", "11", "12")]
    assert found.unreadable == [(2, '4,"5,6', "open_quote")]


@pytest.mark.parametrize("closing", ['500,"",x', '500,z",x', '500,z"', '500,"z",x'])
def test_a_quote_that_ends_far_below_swallows_nothing(read_text: Callable[..., Read], closing: str) -> None:
    lines = ["a,b,c", '0,"x,y', *(f"{n},{n},{n}" for n in range(1, 500)), closing, "501,501,501"]
    found = read_text("\n".join(lines) + "\n")
    assert [row[0] for row in found.rows if row[0] != "500"] == [str(n) for n in (*range(1, 500), 501)]
    assert found.unreadable[0] == (1, '0,"x,y', "open_quote")
    assert len(found.rows) + len(found.unreadable) == 502


def test_text_after_a_closing_quote_is_not_guessed_at(read_text: Callable[..., Read]) -> None:
    found = read_text('a,b\n1,2\n"Bar" x,3\n4,5\n')
    assert (found.rows, found.unreadable) == ([("1", "2"), ("4", "5")], [(2, '"Bar" x,3', "open_quote")])


@pytest.mark.parametrize("third", ["plain", 'Tubo 5" largo'])
def test_rows_of_several_lines_across_blocks(tmp_path: Path, third: str) -> None:
    path, count = tmp_path / "many.csv", 40_000
    with path.open("w", encoding="utf-8") as file:
        file.write("id,place,note\n")
        file.writelines(f'{n},"{"a" * (n % 331)}\n{"b" * 400}",{third}\n' for n in range(count))
    assert path.stat().st_size > 2 * (8 << 20), "several blocks"
    with events.open_source(path, scratch=tmp_path) as staged:
        told = staged.connection.execute(
            "SELECT count(*), bool_and(c0::BIGINT + 1 = row_number), min(length(c1) - c0::BIGINT % 331), "
            "max(length(c1) - c0::BIGINT % 331), min(c2), max(c2) FROM staged"
        ).fetchall()
        assert staged.rows == count
    assert told == [(count, True, 401, 401, third, third)]


def test_the_header_again_in_the_middle_is_no_row(read_text: Callable[..., Read]) -> None:
    found = read_text("a,b,a\n1,2,3\na,b,a\n4,5,6\n\ufeffa,b,a\n7,8,9\n")
    assert found.rows == [("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9")]
    assert [(number, reason) for number, _, reason in found.unreadable] == [
        (2, "repeated_header"),
        (4, "repeated_header"),
    ]


def test_rows_without_a_value_are_left_out_and_said(read_text: Callable[..., Read]) -> None:
    found = read_text("a;b;c\n1;2;3\n;;\n ; ;\n\n   \n4;5;6\n;;\n")
    assert found.rows == [("1", "2", "3"), ("4", "5", "6")]
    assert found.notes["blank_rows"] == {"rows": 3}


def test_nul_characters_are_taken_out_and_said(read_text: Callable[..., Read]) -> None:
    found = read_text("a,b\nA\x001,2\n\x00\x00A2,3\n" + "x,y\n" * 30)
    assert found.rows[:2] == [("A1", "2"), ("A2", "3")]
    assert found.notes["nul_removed"] == {"count": 3}


def test_formulas_are_text(read_text: Callable[..., Read]) -> None:
    assert read_text('a,b\n=1+1,x\n"=HYPERLINK(""http://x"")",@y\n').rows[0] == ("=1+1", "x")


def test_a_large_file_is_read_in_order_across_blocks(tmp_path: Path) -> None:
    path, count = tmp_path / "many.csv", 400_000
    with path.open("w", encoding="utf-8") as file:
        file.write("id,place,note\n")
        for n in range(count):
            match n % 50_000:
                case 7:
                    file.write(f"{n},too few\n")
                case 11:
                    file.write(f'{n},"Calle {n}\nMadrid","x ""y"""\n')
                case _:
                    file.write(f"{n},Logroño,{'x' * 40}\n")
    with events.open_source(path, scratch=tmp_path) as staged:
        told = staged.connection.execute(
            f"SELECT count(*), bool_and(c0::BIGINT + 1 = row_number), count(*) FILTER (c1 LIKE '%\nMadrid') "
            f"FROM {staged.relation}"
        ).fetchall()
        apart = staged.connection.execute(f"SELECT row_number - 1 FROM {staged.unreadable} ORDER BY 1").fetchall()
        assert staged.rows == count
    assert told == [(count - 8, True, 8)]
    assert [row[0] for row in apart] == list(range(7, count, 50_000))


# --- letters

SPANISH = "nombre;ciudad\nBegoña Muñoz Íñiguez;Alcañiz\nJosé Ángel Güell;Cádiz\nLucía Peña;A Coruña\nÓscar;León\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_in_every_form(read_text: Callable[..., Read], encoding: str) -> None:
    found = read_text(SPANISH.encode(encoding))
    assert (found.headers, found.rows[0]) == (("nombre", "ciudad"), ("Begoña Muñoz Íñiguez", "Alcañiz"))


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
@pytest.mark.parametrize("line", SPANISH.splitlines()[1:])
def test_old_encodings_are_told_apart_by_a_line(read_text: Callable[..., Read], encoding: str, line: str) -> None:
    found = read_text(f"nombre;ciudad\n{line}\n".encode(encoding))
    assert found.rows == [tuple(line.split(";"))]
    assert found.notes["encoding"] == {"encoding": encoding.replace("_", "-").upper().replace("MAC-", "MAC_")}
    assert found.accented == (line,)


def test_prices_and_signs_of_windows(read_text: Callable[..., Read]) -> None:
    line = "Camisón “Noche” – 3ª ed.;12,50 €"
    assert read_text(f"producto;precio\n{line}\n".encode("cp1252")).rows == [tuple(line.split(";"))]


def test_a_few_letters_of_windows_among_many_of_utf8(read_text: Callable[..., Read]) -> None:
    found = read_text((SPANISH * 5).encode() + "Iñaki;Logroño\n".encode("cp1252"))
    assert found.rows[-1] == ("Iñaki", "Logroño")
    assert found.rows[0] == ("Begoña Muñoz Íñiguez", "Alcañiz")
    assert "mixed_letters" in found.notes


def test_the_person_names_the_encoding(read_text: Callable[..., Read]) -> None:
    assert read_text("a;b\n\x96;1\n".encode("latin-1"), encoding="mac_roman").rows == [("ñ", "1")]
    assert read_text("a,b\n1,2\n", encoding="utf-8").rows == [("1", "2")]
    with pytest.raises(InputError) as caught:
        read_text("a,b\n1,2\n", encoding="rot13")
    assert caught.value.code == f"{PREFIX}unknown_encoding"


# --- round trip

CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\ufeff\r", exclude_categories=["Cs"]), max_size=12
) | st.sampled_from(["", ",", ";", '"', '""', "a\nb", "\r\n", "'", " ", "1,5", "ñ", '"x"', "\\"])


def is_blank(row: list[str]) -> bool:
    return not any(cell.strip() for cell in row)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.integers(2, 5).flatmap(
        lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=20)
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@example(table=[['"', "\n"], ["a", ""]], delimiter=",", encoding="utf-8", end="\n", quoting=csv.QUOTE_MINIMAL)
def test_what_was_written_is_what_is_read(
    tmp_path: Path, table: list[list[str]], delimiter: str, encoding: str, end: str, quoting: int
) -> None:
    if all(map(is_blank, table)):
        return
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow([f"header {n}" for n in range(len(table[0]))])
    writer.writerows(table)
    path = put(tmp_path, out.getvalue().encode(encoding))
    found = read(path, tmp_path, delimiter=delimiter, has_header=True)
    assert found.unreadable == []
    assert [list(row) for row in found.rows] == [row for row in table if not is_blank(row)]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from('ab,"\n\r;'), max_size=60))
def test_whatever_stands_below_a_header_nothing_is_lost(tmp_path: Path, body: str) -> None:
    path = put(tmp_path, "header a,header b\n" + "first,row\n" * 70 + body)
    found = read(path, tmp_path, delimiter=",", has_header=True)
    kept = "".join(cell for row in found.rows for cell in row) + "".join(raw for _, raw, _ in found.unreadable)
    for letter in "ab;":
        assert kept.count(letter) == ("firstrow" * 70 + body).count(letter)


# --- packed files

TABLE = "id,amount\n" + "".join(f"A{n},{n}\n" for n in range(5_000))


def squeezed(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv.gz", gzip.compress(TABLE.encode())),
        ("a.csv.zst", squeezed(TABLE.encode())),
        ("no ending", gzip.compress(TABLE.encode())),
        ("two parts.csv.zst", squeezed(TABLE[:9_000].encode()) + squeezed(TABLE[9_000:].encode())),
        ("two parts.csv.gz", gzip.compress(TABLE[:9_000].encode()) + gzip.compress(TABLE[9_000:].encode())),
        ("a.zip", zipped(orders__csv=TABLE.encode())),
        ("a.csv.gz", gzip.compress(TABLE.encode("utf-16"))),
    ],
)
def test_packed_files(tmp_path: Path, name: str, content: bytes) -> None:
    found = read(put(tmp_path, content, name), tmp_path)
    assert (len(found.rows), found.rows[-1], found.headers) == (5_000, ("A4999", "4999"), ("id", "amount"))


@pytest.mark.parametrize("pack", [gzip.compress, squeezed, lambda content: zipped(a__csv=content)])
@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_packed_files_cut_short_are_refused(tmp_path: Path, pack: Callable[[bytes], bytes], share: float) -> None:
    noisy = "".join(f"{random.Random(n).random()},{n}\n" for n in range(5_000)).encode()
    whole = pack(noisy)
    name = {b"\x1f\x8b": "a.csv.gz", b"PK": "a.zip"}.get(whole[:2], "a.csv.zst")
    refused(put(tmp_path, whole[: int(len(whole) * share)], name), tmp_path, "broken_archive")


def test_bombs_are_refused_before_they_go_off(tmp_path: Path) -> None:
    bomb = b"a,b\n" + b"0" * 80_000_000
    refused(put(tmp_path, gzip.compress(bomb), "a.csv.gz"), tmp_path, "archive_bomb")
    refused(put(tmp_path, squeezed(bomb), "a.csv.zst"), tmp_path, "archive_bomb")
    refused(put(tmp_path, zipped(a__csv=bomb), "a.zip"), tmp_path, "archive_bomb")
    sheet = zipped(**{"xl/workbook__xml": b"0" * 300_000_000})
    refused(put(tmp_path, sheet, "a.xlsx"), tmp_path, "archive_bomb")


def test_a_zip_of_several_files_wants_a_choice(tmp_path: Path) -> None:
    path = put(
        tmp_path, zipped(subscribed__csv=b"email\nana@x.es\n", cleaned__csv=b"email\neva@x.es\n"), "audience.zip"
    )
    error = refused(path, tmp_path, "choose_member")
    assert "subscribed.csv" in error.message("es")
    assert read(path, tmp_path, sheet="cleaned.csv").rows == [("eva@x.es",)]
    refused(path, tmp_path, "choose_member", sheet="other.csv")


def test_names_inside_a_zip_lead_nowhere(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    path = put(tmp_path, zipped(**{"../../outside__csv": b"email\nana@x.es\n"}), "a.zip")
    assert read(path, inside).rows == [("ana@x.es",)]
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["a.zip", "inside"]


# --- refusals


def refused(
    source: Path | str, scratch: Path, code: str, kind: type[TeselaError] = InputError, **options: Any
) -> TeselaError:
    with pytest.raises(kind) as caught:
        read(source, scratch, **options)
    assert caught.value.code == PREFIX + code
    messages = {caught.value.message(language) for language in LANGUAGES}
    assert len(messages) == len(LANGUAGES)
    assert not any(re.search(r"\{\w+\}", message) for message in messages), messages
    assert list(scratch.glob("reading-*")) == []
    return caught.value


REFUSED: dict[str, tuple[str | bytes, str, str]] = {
    "empty": ("", "a.csv", "empty_file"),
    "only blank lines": ("\n \n\t\n", "a.csv", "empty_file"),
    "only a mark": (b"\xef\xbb\xbf", "a.csv", "no_table"),
    "only a header": ("id,email\n", "a.csv", "only_a_header"),
    "only a header, no line end": ("id,email", "a.csv", "only_a_header"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "a.csv", "not_text"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"text" * 500, "a.csv", "not_text"),
    "a program": (b"\x7fELF" + bytes(500), "a.csv", "not_text"),
    "noise": (random.Random(1).randbytes(50_000).replace(b"a", b"\0" * 20), "a.csv", "not_text"),
    "100,000 columns": (",".join(f"c{n}" for n in range(100_000)) + "\n", "a.csv", "too_many_columns"),
    "a header of 5 MB": (",".join(f"column{n}" for n in range(500_000)) + "\n1\n", "a.csv", "too_many_columns"),
    "not gzip": ("id,email\n1,2\n", "a.csv.gz", "broken_archive"),
    "not zstd": ("id,email\n1,2\n", "a.csv.zst", "broken_archive"),
    "not a zip": ("id,email\n1,2\n", "a.zip", "broken_archive"),
    "not Parquet": ("id,email\n1,2\n", "a.parquet", "not_parquet"),
    "not Excel": ("id,email\n1,2\n", "a.xlsx", "not_a_workbook"),
    "not an old Excel": ("id,email\n1,2\n", "a.xls", "not_a_workbook"),
    "no JSON": ("id,email\n1,2\n", "a.jsonl", "no_json_objects"),
    "JSON without objects": ("[1, 2]", "a.json", "no_json_objects"),
    "an array cut short": ('[{"a": 1}, {"a": 2}, {"a"', "a.json", "broken_json"),
    "an archive in an archive": (gzip.compress(gzip.compress(b"a,b\n1,2\n")), "a.csv.gz", "not_text"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_table_is_refused(kind: str, tmp_path: Path) -> None:
    content, name, code = REFUSED[kind]
    refused(put(tmp_path, content, name), tmp_path, code)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere.csv", tmp_path, "no_such_file", NotFoundError)
    refused(tmp_path / ("long" * 100), tmp_path, "cannot_read", UnavailableError)
    (tmp_path / "folder.csv").mkdir()
    refused(tmp_path / "folder.csv", tmp_path, "is_a_folder")
    os.mkfifo(tmp_path / "pipe.csv")
    refused(tmp_path / "pipe.csv", tmp_path, "not_a_file")


@pytest.mark.parametrize("letter", ["", "ab", "\n", "x", "€"])
def test_what_cannot_divide_cells_is_refused(tmp_path: Path, letter: str) -> None:
    refused(put(tmp_path, "a,b\n1,2\n"), tmp_path, "not_a_delimiter", delimiter=letter)


def test_a_line_larger_than_any_row_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one line.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n")
        for _ in range(80):
            file.write(b"0" * (1 << 20))
    refused(path, tmp_path, "giant_line")


def test_a_large_cell_is_no_trouble(read_text: Callable[..., Read]) -> None:
    found = read_text("a,b\n1," + "x" * 5_000_000 + '\n2,"' + "y\n" * 9_000 + '"\n3,z\n')
    assert [len(row[1]) for row in found.rows] == [5_000_000, 18_000, 1]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become another user")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = put(tmp_path, "a,b\n1,2\n")
    path.chmod(0)
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents[:3]:
        parent.chmod(0o755)
    process = os.fork()
    if process == 0:
        os.setuid(65_534)
        try:
            with events.open_source(path, scratch=tmp_path):
                os._exit(1)
        except InputError as error:
            os._exit(0 if error.code == f"{PREFIX}no_permission" and str(path) in error.message("es") else 2)
        except BaseException:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_and_left_clean(small_disk: Path, tmp_path: Path) -> None:
    noise = random.Random(7)
    lines = "".join(f"{noise.getrandbits(120):x},{noise.getrandbits(120):x}\n" for _ in range(400_000))
    refused(put(tmp_path, "a,b\n" + lines), small_disk, "disk_full", UnavailableError)
    refused(
        put(tmp_path, gzip.compress(b"PAR1" + lines.encode(), 1), "a.parquet.gz"),
        small_disk,
        "disk_full",
        UnavailableError,
    )
    assert list(small_disk.iterdir()) == []


def test_the_connection_reaches_no_other_file(tmp_path: Path) -> None:
    secret = put(tmp_path, "a,b\n1,2\n", "secret.csv")
    (tmp_path / "scratch").mkdir()
    with events.open_source(put(tmp_path, "a,b\n1,2\n"), scratch=tmp_path / "scratch") as staged:
        for attempt in (
            f"SELECT * FROM read_csv('{secret}')",
            f"COPY staged TO '{tmp_path}/out.csv'",
            "INSTALL httpfs",
        ):
            with pytest.raises(Exception, match=r"disabled|not allowed|Permission"):
                staged.connection.execute(attempt)
        staged.connection.execute(f"COPY {staged.relation} TO '{tmp_path}/scratch/out.parquet'")
    assert (tmp_path / "scratch" / "out.parquet").exists(), "what the caller writes stays"


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    path = put(tmp_path, gzip.compress(("a,b\n" + "1,2\n" * 2_000_000).encode()), "a.csv.gz")
    told: list[tuple[int, int | None]] = []
    with events.open_source(path, scratch=tmp_path, progress=lambda done, size: told.append((done, size))):
        pass
    assert {size for _, size in told} == {path.stat().st_size}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == path.stat().st_size
    assert len(told) > 5


# --- workbooks


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(
        str(path), {"default_date_format": "dd/mm/yyyy hh:mm", "strings_to_formulas": False}
    ) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for n, row in enumerate(rows):
                sheet.write_row(n, 0, row)
    return path


def test_a_workbook_keeps_its_types(tmp_path: Path) -> None:
    day, noon = dt.datetime(2026, 5, 1), dt.datetime(2026, 5, 2, 12, 30)
    path = workbook(
        tmp_path / "a.xlsx",
        {
            "Ventas": [
                ["Informe de ventas"],
                [],
                ["Pedido", "Fecha", "Importe", "CP", "Nota", "Móvil", "Nueva"],
                ["A1", day, 1.234, "08001", None, 34600111222, True],
                [],
                ["A2", noon, 20, 28001, "=1+1 ñ", 34600111223, False],
                ["Pedido", "Fecha", "Importe", "CP", "Nota", "Móvil", "Nueva"],
            ]
        },
    )
    found = read(path, tmp_path)
    assert found.headers == ("Pedido", "Fecha", "Importe", "CP", "Nota", "Móvil", "Nueva")
    assert found.types == ("VARCHAR", "TIMESTAMP", "DECIMAL(38,3)", "VARCHAR", "VARCHAR", "BIGINT", "BOOLEAN")
    assert [(row[0], row[1], float(row[2]), *row[3:]) for row in found.rows] == [
        ("A1", day, 1.234, "08001", None, 34600111222, True),
        ("A2", noon, 20.0, "28001", "=1+1 ñ", 34600111223, False),
    ]
    assert [reason for _, _, reason in found.unreadable] == ["repeated_header"]
    assert found.notes["sheet"] == {"sheet": "Ventas"}


def test_a_sheet_is_chosen_by_name_or_by_having_rows(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Vacía": [], "Uno": [["a"], ["x"]], "Dos": [["b"], ["y"]]})
    assert read(path, tmp_path).rows == [("x",)]
    assert read(path, tmp_path, sheet="Dos").rows == [("y",)]
    assert "Uno" in refused(path, tmp_path, "unknown_sheet", sheet="Tres").message("en")
    refused(workbook(tmp_path / "b.xlsx", {"Nada": []}), tmp_path, "empty_file")
    refused(workbook(tmp_path / "c.xlsx", {"Solo": [["a", "b"]]}), tmp_path, "only_a_header")


def test_a_workbook_without_a_header(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Hoja": [["A1", 10], ["A2", 20]]})
    assert read(path, tmp_path).headers == ("column 1", "column 2")
    assert read(path, tmp_path, has_header=True).rows == [("A2", 20)]


def test_a_packed_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Hoja": [["id", "n"], ["A1", 10]]})
    packed = put(tmp_path, gzip.compress(path.read_bytes()), "b.xlsx.gz")
    within = put(tmp_path, zipped(a__xlsx=path.read_bytes()), "c.zip")
    assert read(packed, tmp_path).rows == read(within, tmp_path).rows == [("A1", 10)]
    damaged = put(tmp_path, path.read_bytes()[:-200], "d.xlsx")
    refused(damaged, tmp_path, "not_a_workbook")


# --- Parquet


def parquet(path: Path, **columns: object) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), path, row_group_size=1_000)
    return path


def test_parquet_keeps_its_types_and_nested_values_become_json(tmp_path: Path) -> None:
    noon = dt.datetime(2026, 5, 1, 12)
    path = parquet(
        tmp_path / "it's.parquet", id=["A1", "A\x002"], at=[noon, None], tags=[["x", "y"], []], who=[{"n": 1}, None]
    )
    found = read(path, tmp_path)
    assert found.types == ("VARCHAR", "TIMESTAMP", "VARCHAR", "VARCHAR")
    assert found.rows == [("A1", noon, '["x","y"]', '{"n":1}'), ("A2", None, "[]", None)]


def test_a_folder_of_parts_is_one_table(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    for n in range(3):
        parquet(folder / f"part-{n}.parquet", id=list(range(n * 2_500, (n + 1) * 2_500)))
    found = read(folder, tmp_path)
    assert found.rows == [(n,) for n in range(7_500)]
    assert found.numbers == list(range(1, 7_501))
    parquet(folder / "part-9.parquet", other=[1])
    refused(folder, tmp_path, "parts_differ")


@pytest.mark.parametrize("place", [0.1, 0.5])
def test_damaged_parquet_is_refused(tmp_path: Path, place: float) -> None:
    path = parquet(tmp_path / "a.parquet", id=[f"{n * 7919 % 10_007:05d}" for n in range(20_000)])
    content = bytearray(path.read_bytes())
    start = int(len(content) * place)
    content[start : start + 400] = b"\xff" * 400
    refused(put(tmp_path, bytes(content), "damaged.parquet"), tmp_path, "not_parquet")
    refused(put(tmp_path, path.read_bytes()[: int(len(content) * place)], "short.parquet"), tmp_path, "not_parquet")


def test_packed_parquet_without_its_name(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", id=[1, 2])
    assert read(put(tmp_path, squeezed(path.read_bytes()), "download"), tmp_path).rows == [(1,), (2,)]


# --- JSON

OBJECTS: list[dict[str, object]] = [
    {"event": "order_completed", "properties": {"order_id": "7", "total": 1.234, "tags": ["a", 1]}, "ok": True},
    {"event": "page_viewed", "context": {"page": {"url": "https://x.es/ñ"}}, "properties": {"total": 20}, "ok": None},
]


@pytest.mark.parametrize(
    "content",
    [
        "".join(json.dumps(each) + "\n" for each in OBJECTS),
        "\n\n" + "\r\n".join(json.dumps(each, ensure_ascii=False) for each in OBJECTS),
        json.dumps(OBJECTS),
        json.dumps(OBJECTS, indent=2),
        "\n".join(json.dumps(each, indent=2) for each in OBJECTS),
    ],
)
def test_json_in_every_layout(read_text: Callable[..., Read], content: str) -> None:
    found = read_text(content, "a.json")
    rows = [dict(zip(found.headers, row, strict=True)) for row in found.rows]
    assert dict(zip(found.headers, found.types, strict=True)) == {
        "event": "VARCHAR",
        "properties.order_id": "VARCHAR",
        "properties.total": "DECIMAL(38,3)",
        "properties.tags": "VARCHAR",
        "ok": "BOOLEAN",
        "context.page.url": "VARCHAR",
    }
    assert [float(row["properties.total"]) for row in rows] == [1.234, 20.0]
    assert (rows[0]["properties.order_id"], rows[0]["properties.tags"], rows[0]["ok"]) == ("7", '["a", 1]', True)
    assert (rows[1]["context.page.url"], rows[1]["ok"]) == ("https://x.es/ñ", None)


def test_lines_that_are_no_object_are_set_apart(read_text: Callable[..., Read]) -> None:
    deep = "[" * 100_000
    content = f'{{"a": 1}}\n{{"a": 2\n[1, 2]\n"x"\n{deep}\n{{"b": "\\ud800 \\u0000z"}}\n{{"a": 1e999}}\n{{"a": NaN}}\n'
    found = read_text(content, "a.jsonl")
    assert found.numbers == [1, 6, 7, 8]
    assert [(number, reason) for number, _, reason in found.unreadable] == [(n, "not_an_object") for n in (2, 3, 4, 5)]
    assert found.unreadable[0][1] == '{"a": 2'
    assert found.rows == [("1", None), (None, "? z"), ("1e999", None), (None, None)]


def test_many_objects_across_blocks(tmp_path: Path) -> None:
    objects = [{"id": n, "name": "ñ" * (n % 50), f"only {n // 30_000}": "x"} for n in range(60_000)]
    lines = put(tmp_path, "\n".join(json.dumps(each) for each in objects), "a.jsonl")
    array = put(tmp_path, json.dumps(objects, ensure_ascii=False), "a.json")
    for path in (lines, array):
        found = read(path, tmp_path)
        assert [row[0] for row in found.rows] == list(range(60_000))
        assert found.headers == ("id", "name", "only 0", "only 1")
        assert found.rows[30_000][1:] == ("", None, "x")


def test_json_with_too_many_names_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "\n".join(json.dumps({f"k{n}": n}) for n in range(5_000)), "a.jsonl")
    refused(path, tmp_path, "too_many_columns")


# --- databases


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE orders (id TEXT, amount NUMERIC, paid BOOLEAN, note BLOB)")
        database.executemany(
            "INSERT INTO orders VALUES (?, ?, ?, ?)", [(f"A{n}", n + 0.5, True, b"\x01") for n in range(5)]
        )
    database.close()
    return f"sqlite:///{path}"


def test_a_table_of_sqlite(sqlite: str, tmp_path: Path) -> None:
    found = read(sqlite, tmp_path)
    assert found.headers == ("id", "amount", "paid", "note")
    assert found.types == ("VARCHAR", "DECIMAL(38,1)", "BOOLEAN", "VARCHAR")
    assert found.rows[4] == ("A4", found.rows[4][1], True, "01")
    assert read(f"{sqlite}#orders", tmp_path).rows == read(sqlite, tmp_path, table="orders").rows == found.rows


def test_databases_that_cannot_be_read(sqlite: str, tmp_path: Path) -> None:
    assert "orders" in refused(sqlite, tmp_path, "unknown_table", NotFoundError, table="nothing").message("es")
    refused(sqlite, tmp_path, "unknown_table", NotFoundError, table="x.orders")
    refused(f"sqlite:///{tmp_path}/nowhere.sqlite", tmp_path, "no_such_file", NotFoundError)
    assert not (tmp_path / "nowhere.sqlite").exists()
    refused(f"sqlite:///{put(tmp_path, 'no database' * 500)}", tmp_path, "database_failed", UnavailableError)
    for url in (
        "ftp://user:hush@host/x",
        "postgresql+nothing://user:hush@host/x",
        "postgresql://user:hush@host:port/x",
    ):
        assert "hush" not in str(refused(url, tmp_path, "bad_url"))


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with running_postgres() as url:
        yield url


def test_a_table_of_postgres(postgres: str, tmp_path: Path) -> None:
    import sqlalchemy as sa

    engine = sa.create_engine(postgres)
    with engine.begin() as database:
        database.execute(sa.text("CREATE SCHEMA IF NOT EXISTS shop"))
        database.execute(
            sa.text(
                "CREATE TABLE shop.orders AS SELECT n AS id, (n * 1.234)::numeric(12,3) AS amount, "
                "TIMESTAMPTZ '2026-05-01 12:00+02' + n * INTERVAL '1 minute' AS at, DATE '2026-05-01' AS day, "
                "jsonb_build_object('n', n) AS extra, CASE WHEN n % 2 = 0 THEN 'Logroño' END AS city, "
                "n % 3 = 0 AS paid, ARRAY[n, 2] AS codes FROM generate_series(1, 50000) AS n"
            )
        )
    engine.dispose()
    told: list[int] = []
    options = events.ReadingOptions(table="shop.orders")
    with events.open_source(
        postgres, scratch=tmp_path, options=options, progress=lambda n, _: told.append(n)
    ) as staged:
        assert staged.rows == 50_000
        assert dict(zip(staged.headers, staged.types, strict=True)) == {
            "id": "BIGINT",
            "amount": "DECIMAL(38,3)",
            "at": "TIMESTAMP WITH TIME ZONE",
            "day": "DATE",
            "extra": "VARCHAR",
            "city": "VARCHAR",
            "paid": "BOOLEAN",
            "codes": "VARCHAR",
        }
        row = staged.connection.execute("SELECT * REPLACE (c2::TIMESTAMP AS c2) FROM staged WHERE c0 = 2").fetchall()[0]
    assert row[1:2] + row[3:] == (
        2,
        dt.datetime(2026, 5, 1, 10, 2),
        dt.date(2026, 5, 1),
        '{"n": 2}',
        "Logroño",
        False,
        "[2, 2]",
    )
    assert str(row[2]) == "2.468"
    assert told[-1] == 50_000
    assert len(told) > 1, "in batches"


def test_a_server_that_refuses_is_named_without_its_password(postgres: str, tmp_path: Path) -> None:
    gone = postgres.replace("/postgres?", "/missing?")
    error = refused(gone, tmp_path, "database_failed", UnavailableError)
    assert PASSWORD not in str(error) + error.message("es") + repr(error.facts)
    assert "missing" in error.message("en")
    nowhere = f"postgresql+psycopg://u:{PASSWORD}@/x?host={tmp_path}"
    assert PASSWORD not in str(refused(nowhere, tmp_path, "database_failed", UnavailableError))
    refused(postgres, tmp_path, "unknown_table", NotFoundError, table="nothing")


# --- real files


@pytest.mark.data
def test_real_exports(real_data: Path, tmp_path: Path) -> None:
    master = read(real_data / "cdnow" / "CDNOW_master.txt.gz", tmp_path)
    assert (len(master.rows), len(master.headers), master.unreadable) == (69_659, 4, [])
    sample = read(real_data / "cdnow" / "CDNOW_sample.txt", tmp_path)
    assert (len(sample.rows), sample.headers[0], sample.unreadable) == (6_919, "column 1", [])
    with events.open_source(real_data / "online_retail" / "online_retail.parquet", scratch=tmp_path) as staged:
        assert (staged.rows, staged.types[4]) == (541_909, "TIMESTAMP")
    for path in sorted((real_data / "vendor_csv_templates").rglob("*.csv")):
        found = read(path, tmp_path)
        assert not any(header.startswith("column ") for header in found.headers), path
        assert (found.unreadable, len(found.headers) > 2) == ([], True), path


def test_what_is_in_the_scratch_folder_stays(tmp_path: Path) -> None:
    kept = put(tmp_path, "x", "kept.txt")
    read(put(tmp_path, "a,b\n1,2\n"), tmp_path)
    assert kept.exists()
    shutil.rmtree(tmp_path)
