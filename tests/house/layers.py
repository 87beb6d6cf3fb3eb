"""Run import-linter's contracts of pyproject.toml over a source tree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def lint_imports(source: Path, pyproject: Path) -> subprocess.CompletedProcess[str]:
    """Check the package under `source` against the contracts in `pyproject`."""
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache", "--config", pyproject],
        cwd=source,
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
