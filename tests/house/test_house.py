"""The house as it stands breaks none of its rules."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from house import checks
from house.layers import lint_imports

HEAVY = ("numpy", "pyarrow", "pandas", "duckdb", "sqlglot", "sqlalchemy", "rich", "typer", "babel", "scipy")


@pytest.mark.parametrize("check", checks.ALL_CHECKS, ids=lambda check: check.__name__)
def test_no_fault(check: Callable[[Path], list[checks.Fault]], repository: Path) -> None:
    faults = check(repository / "src" / "tesela")
    assert not faults, "\n".join(map(str, faults))


def test_layers(repository: Path) -> None:
    result = lint_imports(repository / "src", repository / "pyproject.toml")
    assert result.returncode == 0, result.stdout + result.stderr


def test_checks_see_the_whole_package(repository: Path) -> None:
    package = repository / "src" / "tesela"
    assert len(checks.modules(package)) == len(list(package.rglob("*.py"))) > 30
    assert {"events", "products", "profiles", "memberships"} <= {
        name for names in checks.declared_tables(package).values() for name in names
    }
    assert any(use.error for use in checks.text_uses(package))


def test_import_is_light() -> None:
    """A script that only opens a workspace does not pay for engines; the time itself is a benchmark."""
    listed = subprocess.run(
        [sys.executable, "-c", "import sys, tesela; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    loaded = set(listed.stdout.split())
    assert "tesela" in loaded
    assert not loaded & set(HEAVY)


def test_help_is_light() -> None:
    """`tesela --help` loads the door and what draws it, no engine."""
    program = "import sys, tesela.interfaces.cli as cli; cli.main(['--help']); print(*sys.modules)"
    listed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(listed.stdout.split())
    assert "tesela.interfaces.cli" in loaded
    assert not loaded & (set(HEAVY) - {"typer"})


def test_no_machine_in_tracked_files(repository: Path) -> None:
    """No file that git keeps names a folder of somebody's machine or the host of a package registry."""
    if not (repository / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=True)
    hosts = ("pypi" + r"\.org", "python" + r"hosted\.org", "npmjs" + r"\.(?:org|com)", "deb\\." + r"debian\.org")
    pattern = re.compile(rf"(?<![\w.~-])/(?:{'|'.join(('wo' + 'rk', 'ro' + 'ot', 'ho' + 'me'))})/|{'|'.join(hosts)}")
    faults = []
    for name in filter(None, listed.stdout.split("\0")):
        path = repository / name
        if not path.is_file():
            continue
        written = path.read_bytes().decode("utf-8", errors="ignore")
        faults += [f"{name}: {match.group()}" for match in pattern.finditer(written)]
    assert not faults, "\n".join(faults)
