"""Thirty kinds of bad input: each ends in a clear message or a quarantined row, and nothing is lost or doubled."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.command_line import a_workspace, answer, tesela

HEADER = "order_id,email,date,amount\n"
GOOD = "A1,ana@x.es,2026-05-01,10.00\n"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_workspace(tmp_path_factory.mktemp("clean") / "shop", timezone="Europe/Madrid", currency="EUR")


@pytest.fixture
def workspace(clean: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(clean, tmp_path / "shop"))


def written(content: str | bytes, name: str = "orders.csv") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def a_folder(folder: Path) -> Path:
    made = folder / "orders.csv"
    made.mkdir()
    return made


def no_permission(folder: Path) -> Path:
    path = written(HEADER + GOOD)(folder)
    path.chmod(0)
    return path


def truncated_gzip(folder: Path) -> Path:
    whole = gzip.compress((HEADER + GOOD * 5_000).encode())
    return written(whole[: len(whole) // 2], "orders.csv.gz")(folder)


REFUSED: dict[str, Callable[[Path], Path]] = {
    "empty file": written(""),
    "only blank lines": written("\n\n  \n"),
    "only a header": written(HEADER),
    "missing file": lambda folder: folder / "nowhere.csv",
    "a folder": a_folder,
    "a picture": written(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
    "a PDF": written(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 20),
    "not gzip at all": written("not compressed", "orders.csv.gz"),
    "gzip cut short": truncated_gzip,
    "not Parquet at all": written("order_id,amount\n1,2\n", "orders.parquet"),
    "not Excel at all": written("order_id,amount\n1,2\n", "orders.xlsx"),
    "broken JSON lines": written('{"order_id": 1, "amount"\n{{{\n', "orders.jsonl"),
    "a hundred thousand columns": written(",".join(f"c{n}" for n in range(100_000)) + "\n" + "," * 99_999 + "\n"),
    "no column that is needed": written("colour,shape\nred,round\nblue,square\n"),
    "a time but no amount": written("order_id,email,date\nA1,ana@x.es,2026-05-01\n"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_with_a_clear_message(kind: str, workspace: Path, tmp_path: Path) -> None:
    file = REFUSED[kind](tmp_path)
    done = tesela("import", "orders", file, "--workspace", workspace, "--yes", "--json", check=False)
    assert done.returncode in (1, 2), done.stdout
    assert done.stdout == ""
    assert len(done.stderr.split()) >= 4, "says what was wrong"
    in_spanish = tesela(
        "import", "orders", file, "--workspace", workspace, "--yes", check=False, env={"TESELA_LANG": "es"}
    )
    assert in_spanish.returncode == done.returncode
    assert in_spanish.stderr != done.stderr
    # nothing was kept, and the workspace goes on working
    good = written(HEADER + GOOD, "good.csv")(tmp_path)
    assert answer("import", "orders", good, "--workspace", workspace, "--yes")["stored"] == 1


def test_a_file_without_permission(tmp_path: Path, workspace: Path) -> None:
    file = no_permission(tmp_path)
    # root may read everything unless that right is taken away
    bare = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
    prefix = bare if os.geteuid() == 0 else []
    done = tesela("import", "orders", file, "--workspace", workspace, "--yes", check=False, prefix=prefix)
    assert done.returncode in (1, 2), done.stdout
    assert "may not read" in done.stderr
    assert str(file) in done.stderr


# content, then how many rows are stored and rejected
QUARANTINED: dict[str, tuple[str | bytes, int, int]] = {
    "ragged rows": (HEADER + GOOD + "A2,eva@x.es\n" + "A3,leo@x.es,2026-05-01,5.00,extra,more\n", 1, 2),
    "dates that cannot be": (
        HEADER + GOOD + "A2,b@x.es,2026-02-31,1\nA3,c@x.es,2026-13-45,1\nA4,d@x.es,soon,1\n",
        1,
        3,
    ),
    "years out of the world": (HEADER + GOOD + "A2,b@x.es,0001-01-01,1\nA3,c@x.es,9999-12-31,1\n", 1, 2),
    "amounts that are words": (HEADER + GOOD + "A2,b@x.es,2026-05-01,gratis\nA3,c@x.es,2026-05-01,\n", 1, 2),
    "amounts beyond all money": (
        HEADER + GOOD + "A2,b@x.es,2026-05-01,1e999\nA3,c@x.es,2026-05-01," + "9" * 40 + "\n",
        1,
        2,
    ),
    "rows without an order": (HEADER + GOOD + ",b@x.es,2026-05-01,1\n", 1, 1),
    "an e-mail that is none": (HEADER + GOOD + "A2,ana@@x,2026-05-01,1\n", 2, 0),
    "amounts as in Spain": (
        "order_id;email;fecha;importe\nA1;a@x.es;01/05/2026;1.234,56 €\nA2;b@x.es;13/05/2026;7,00 €\n",
        2,
        0,
    ),
    "the header again in the middle": (HEADER + GOOD + HEADER + "A2,b@x.es,2026-05-02,1\n", 2, 1),
    "repeated headers": ("order_id,email,date,amount,amount\nA1,a@x.es,2026-05-01,10,99\n", 1, 0),
    "NUL bytes": (HEADER + GOOD + "A2,b\0@x.es,2026-05-01,1.00\n", 2, 0),
    "quotes and line breaks in cells": (
        HEADER + '"A\n1","ana@x.es","2026-05-01","10.00"\n' + '"A""2",b@x.es,2026-05-01,1\n',
        2,
        0,
    ),
    "a quote that never ends": (HEADER + GOOD + 'A2,"b@x.es,2026-05-01,1\nA3,c@x.es,2026-05-01,1\n', -1, -1),
    "UTF-16": ((HEADER + GOOD).encode("utf-16"), 1, 0),
    "Windows' accents": (
        "order_id,email,date,amount,city\nA1,a@x.es,2026-05-01,10,Logroño y Alcañiz\n".encode("cp1252"),
        1,
        0,
    ),
    "a byte order mark": ("\ufeff" + HEADER + GOOD, 1, 0),
    "lines above the header": (
        "Informe de ventas\nGenerado el 1/5/2026\n\n" + HEADER + GOOD + "A2,b@x.es,2026-05-02,3\n",
        2,
        0,
    ),
    "SQL in every name and value": (
        'order_id,email,date,amount,"\'; DROP TABLE events; --"\n'
        '"\'); DELETE FROM events; --",a@x.es,2026-05-01,10,"\' OR 1=1"\n',
        1,
        0,
    ),
    "formulas": (HEADER + '=1+1,@x.es,2026-05-01,10\n"=HYPERLINK(""http://x"")",b@x.es,2026-05-01,10\n', 2, 0),
    "another currency": (
        "order_id,email,date,amount,currency\nA1,a@x.es,2026-05-01,10,EUR\nA2,b@x.es,2026-05-01,10,USD\n",
        1,
        1,
    ),
    "right-to-left and emoji": (HEADER + "A1\u202e2,ana@x.es,2026-05-01,10\n🛒,b@x.es,2026-05-01,10\n", 2, 0),
    "a cell of five megabytes": (HEADER + GOOD + "A2," + "x" * 5_000_000 + ",2026-05-01,1\n", -1, -1),
    "carriage returns alone": ((HEADER + GOOD + "A2,b@x.es,2026-05-02,3\n").replace("\n", "\r"), 2, 0),
    "lone surrogates and broken UTF-8": (HEADER.encode() + b"A\xed\xa0\x80,ana@x.es,2026-05-01,10\n", -1, -1),
}


@pytest.mark.parametrize("kind", QUARANTINED)
def test_bad_rows_are_kept_apart_with_their_reason(kind: str, workspace: Path, tmp_path: Path) -> None:
    content, stored, rejected = QUARANTINED[kind]
    file = written(content)(tmp_path)
    done = tesela("import", "orders", file, "--workspace", workspace, "--yes", "--json", check=False)
    if stored < 0 and done.returncode:
        assert done.returncode in (1, 2)
        assert done.stderr.strip()
        return
    assert done.returncode == 0, done.stderr
    told = answer("import", "orders", file, "--workspace", workspace, "--yes")
    assert told["received"] == told["stored"] + told["duplicate"] + told["rejected"]
    assert told["stored"] == 0, "the second time all is known"
    if stored >= 0:
        assert (told["duplicate"], told["rejected"]) == (stored, rejected)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_loses_nothing_and_the_import_can_be_run_again(
    small_disk: Path, tmp_path: Path, clean: Path
) -> None:
    workspace = Path(shutil.copytree(clean, small_disk / "shop"))
    few = written(HEADER + GOOD, "few.csv")(tmp_path)
    answer("import", "orders", few, "--workspace", workspace, "--yes")
    many = tmp_path / "many.csv"
    with many.open("w") as file:
        file.write(HEADER)
        for n in range(300_000):
            file.write(f"B{n},client{n * 7919}@example{n % 97}.es,2026-05-{1 + n % 28:02d},{n % 500}.{n % 89:02d}\n")
    done = tesela("import", "orders", many, "--workspace", workspace, "--yes", check=False)
    assert done.returncode == 1, done.stdout
    assert "full" in done.stderr
    told = answer("count", "did order_completed", "--workspace", workspace, "--as-of", "2026-11-22")
    assert told["count"] in (1, 300_001), "all or nothing"
    subprocess.run(["mount", "-o", "remount,size=2g", str(small_disk)], check=True)
    again = answer("import", "orders", many, "--workspace", workspace, "--yes")
    assert again["received"] == again["stored"] + again["duplicate"] == 300_000
    told = answer("count", "did order_completed", "--workspace", workspace, "--as-of", "2026-11-22")
    assert told["count"] == 300_001
