"""A projection that is stopped or killed at any point leaves the old rows or the new; run again, it ends the same."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rooms.profiles.consent_ledger.a_ledger import ANA, ANAS_WORK, LUIS, Ledger, an_entry, imported
from tesela.profiles.consent_ledger import build_consents, copied_sequence, read_new_entries
from tesela.warehouse import Statement

KILLS = 6
PEOPLE = 3_000


class _StoppedError(Exception):
    pass


def stopped_after(statements: Iterable[Statement], number: int) -> Iterator[Statement]:
    for place, each in enumerate(statements):
        if place == number:
            raise _StoppedError
        yield each


def facts(ledger: Ledger) -> tuple[int, list[dict[str, Any]]]:
    return copied_sequence(ledger.engine), ledger.consents()


def test_stopped_after_each_statement(tmp_path: Path) -> None:
    ledger = Ledger.in_duckdb(tmp_path)
    ledger.people({1: {ANA}, 2: {LUIS, ANAS_WORK}})
    ledger.say(an_entry(), an_entry(LUIS))
    ledger.project()
    old = facts(ledger)
    ledger.people({1: {ANA, LUIS, ANAS_WORK}})
    ledger.say(an_entry(ANAS_WORK, "objection", day=1), imported(LUIS, day=2))
    number = 0
    while True:
        try:
            new = read_new_entries(ledger.control, ledger.engine)
            ledger.engine.write(stopped_after(build_consents(new), number))
        except _StoppedError:
            assert facts(ledger) == old
            number += 1
        else:
            break
    assert number > 5
    made = facts(ledger)
    assert made != old
    assert made[0] == 4
    ledger.project()
    assert facts(ledger) == made
    ledger.close()


_PROGRAM = """
import sys
from pathlib import Path
from rooms.profiles.consent_ledger.a_ledger import Ledger
ledger = Ledger.in_duckdb(Path(sys.argv[1]))
print("ready", flush=True)
ledger.project()
ledger.close()
"""


def project_in_another_process(folder: Path) -> subprocess.Popen[str]:
    started = subprocess.Popen([sys.executable, "-c", _PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


@pytest.mark.slow
def test_killed(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{repository / 'src'}:{repository / 'tests'}")
    shop = tmp_path / "shop"
    ledger = Ledger.in_duckdb(shop)
    people = [("email", f"p{number}@x.es") for number in range(PEOPLE)]
    ledger.people({number: {address} for number, address in enumerate(people, 1)})
    ledger.say(*(an_entry(address) for address in people))
    ledger.project()
    old = facts(ledger)
    ledger.say(*(an_entry(address, "no", day=1) for address in people[::2]))
    ledger.close()
    clean = Path(shutil.copytree(shop, tmp_path / "clean"))
    began = time.monotonic()
    assert project_in_another_process(clean).wait() == 0
    whole = time.monotonic() - began
    ledger = Ledger.in_duckdb(clean)
    new = facts(ledger)
    ledger.close()
    assert old != new
    rng = random.Random(3)
    for kill in range(KILLS):
        folder = Path(shutil.copytree(shop, tmp_path / f"killed{kill}"))
        running = project_in_another_process(folder)
        time.sleep(whole * rng.random() / 2)
        running.send_signal(signal.SIGKILL)
        running.wait()
        ledger = Ledger.in_duckdb(folder)
        assert facts(ledger) in (old, new)
        ledger.project()
        assert facts(ledger) == new
        ledger.close()
