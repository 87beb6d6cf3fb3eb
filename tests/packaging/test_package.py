"""Wheel and sdist hold all that Tesela needs, and install into a working program."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import tesela

pytestmark = pytest.mark.slow


def run(*command: object, cwd: Path | None = None, **environment: str) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where wheel and sdist were built, the wheel from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--installer", "uv", "--outdir", folder, repository)
    return folder


@pytest.fixture(scope="module")
def wheel_names(built: Path) -> set[str]:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def sdist_names(built: Path) -> set[str]:
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def test_everything_of_the_package_is_inside(repository: Path, wheel_names: set[str], sdist_names: set[str]) -> None:
    source = repository / "src"
    files = {
        path.relative_to(source).as_posix()
        for path in (source / "tesela").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    kinds = {Path(name).suffix for name in files}
    assert {".py", ".toml", ".yaml", ".json", ".md", ".typed"} <= kinds
    assert not files - wheel_names
    assert not {f"src/{name}" for name in files} - sdist_names


def test_the_page_is_inside(wheel_names: set[str], sdist_names: set[str]) -> None:
    page = "tesela/interfaces/web/page"
    assert f"{page}/index.html" in wheel_names
    assert [name for name in wheel_names if name.startswith(f"{page}/assets/") and name.endswith(".js")]
    assert f"src/{page}/index.html" in sdist_names
    # what it is built from goes along, what npm fetched does not
    assert {"ui/package-lock.json", "ui/src/main.tsx", "hatch_build.py"} <= sdist_names
    assert not [name for name in wheel_names | sdist_names if "node_modules" in name]


def test_sdist_has_what_proves_it(sdist_names: set[str]) -> None:
    assert {"Makefile", "README.md", "LICENSE", "NOTICE", "CHANGELOG.md", "tests/conftest.py"} <= sdist_names
    assert not [name for name in sdist_names if name.startswith((".venv", "demo/", "dist/"))]


def test_wheel_has_licence_and_no_tests(wheel_names: set[str]) -> None:
    assert [name for name in wheel_names if name.endswith("licenses/LICENSE")]
    assert not [name for name in wheel_names if name.startswith("tests/")]


def test_versions_agree(built: Path, repository: Path) -> None:
    [wheel] = built.glob("*.whl")
    assert f"-{tesela.__version__}-" in wheel.name
    assert "version" in tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]["dynamic"]


@pytest.mark.parametrize("what", ["*.whl", "*.tar.gz"])
def test_installs_into_a_clean_environment(built: Path, tmp_path: Path, what: str) -> None:
    [package] = built.glob(what)
    run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, tmp_path / "clean")
    clean = tmp_path / "clean"
    # without --python, uv run as a module would install beside itself
    run(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", clean / "bin" / "python", package)
    program = clean / "bin" / "tesela"
    assert run(program, "--version", cwd=tmp_path) == f"tesela {tesela.__version__}\n"
    assert "Uso:" in run(program, "--help", "--lang", "es", cwd=tmp_path)
    run(program, "init", "shop", cwd=tmp_path)
    assert run(program, "count", "count(order_completed) >= 1", "--workspace", "shop", "--json", cwd=tmp_path)
