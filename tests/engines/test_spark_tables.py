"""The folder of Spark's tables under a kill at any moment: readers find the old contents or the new, never a mix."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tesela.base import ConflictError
from tesela.warehouse import Column
from tesela.warehouse.engines.spark_tables import TableFolder

if TYPE_CHECKING:
    from pathlib import Path

KILLS = int(os.environ.get("TESELA_KILLS", "6"))
NUMBER = (Column("number", "BIGINT", "which publication"),)
PUBLISHES_FOR_EVER = """
import sys, pyarrow as pa
from pathlib import Path
from tesela.warehouse.engines.spark_tables import TableFolder
folder = TableFolder(Path(sys.argv[1]), keep_seconds=0)
number = int(sys.argv[2])
while True:
    number += 1
    with folder.writing() as draft:
        for name in ("left", "right"):
            draft.put(name, draft.write_arrow(name, pa.table({"number": [number] * 1000})))
    print(number, flush=True)
"""


def _contents(folder: TableFolder) -> dict[str, set[int]]:
    tables = folder.read().tables
    return {
        name: {n for file in each.files for n in pq.read_table(folder.root / file).column("number").to_pylist()}
        for name, each in tables.items()
    }


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    folder = TableFolder(tmp_path)
    with folder.writing() as draft:
        for name in ("left", "right"):
            draft.declare(name, NUMBER)
            draft.put(name, draft.write_arrow(name, pa.table({"number": [0]})))
    chance, newest = random.Random(4), 0
    for _ in range(KILLS):
        command = [sys.executable, "-c", PUBLISHES_FOR_EVER, str(tmp_path), str(newest)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            published = int(writer.stdout.readline())
            time.sleep(chance.uniform(0, 0.1))
            writer.send_signal(signal.SIGKILL)
        found = _contents(folder)
        assert found["left"] == found["right"]
        [number] = found["left"]
        assert number >= published > newest
        newest = number
    # whoever writes next removes what the kills left in the making
    with TableFolder(tmp_path, keep_seconds=0).writing():
        pass
    assert len(list(tmp_path.glob("tables/*/*"))) == 2


def test_a_reader_finds_its_files_after_later_publications(tmp_path: Path) -> None:
    folder = TableFolder(tmp_path)
    for number in range(4):
        with folder.writing() as draft:
            draft.declare("left", NUMBER)
            draft.put("left", draft.write_arrow("left", pa.table({"number": [number]})))
        if number == 0:
            first = folder.read()
    assert pq.read_table(tmp_path / first.tables["left"].files[0]).column("number").to_pylist() == [0]
    assert folder.read().number == 4


def test_what_fails_publishes_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    folder = TableFolder(tmp_path)
    with pytest.raises(ZeroDivisionError), folder.writing() as draft:
        draft.declare("left", NUMBER)
        draft.put("left", draft.write_arrow("left", pa.table({"number": [1]})))
        raise ZeroDivisionError
    assert folder.read().tables == {}
    assert not list(tmp_path.glob("tables/*/*"))


def test_a_second_writer_is_refused_at_once(tmp_path: Path) -> None:
    with TableFolder(tmp_path).writing(), pytest.raises(ConflictError), TableFolder(tmp_path).writing():
        pass
