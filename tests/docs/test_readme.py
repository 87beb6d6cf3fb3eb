"""What the README tells a reader to type works as it stands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from flows.command_line import tesela

pytestmark = pytest.mark.slow

ORDERS = "order_id,email,date,amount\n" + "".join(
    f"A{n},{name}@example.com,2026-{1 + n % 11:02}-{1 + n % 27:02},{n + 10}.50\n"
    for n, name in enumerate(["ana", "luis", "ana", "eva", "ana", "luis", "ana", "ana", "ana", "ana", "ana", "ana"])
)


def block(repository: Path, language: str) -> str:
    readme = (repository / "README.md").read_text("utf-8")
    [(_, code)] = re.findall(rf"<!-- run: {language} -->\n```(\w+)\n(.*?)```", readme, flags=re.DOTALL)
    return str(code)


@pytest.fixture(scope="module")
def shop(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the README's shell lines have been run."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "orders.csv").write_text(ORDERS, "utf-8")
    lines = block(repository, "shell").splitlines()
    assert len(lines) == 5
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "tesela"
        tesela(*arguments, cwd=folder)
    return folder


def test_shell_lines(shop: Path) -> None:
    assert (shop / "myshop" / "report.html").stat().st_size > 1_000
    once = (shop / "once.csv").read_text("utf-8").splitlines()
    assert len(once) == 2
    assert "eva@example.com" in once[1]


def test_python_lines(shop: Path, repository: Path) -> None:
    code = block(repository, "python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 5
    done = subprocess.run([sys.executable, "-c", code], cwd=shop, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"1 of 3 people\n", done.stdout)


def test_two_commands_exist(repository: Path) -> None:
    readme = (repository / "README.md").read_text("utf-8")
    first_screen = "\n".join(readme.splitlines()[:25])
    makefile = (repository / "Makefile").read_text("utf-8")
    for command in ("demo", "test"):
        assert f"make {command}" in first_screen
        assert re.search(rf"^{command}:", makefile, flags=re.MULTILINE)
