"""Take the pictures of the page in docs/screens: `.venv/bin/python tools/screenshots.py [FOLDER] [VIEW ...]`.

Of a demo shop, or of the workspace in FOLDER; of all views, or of those that are named.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import tesela  # noqa: E402
from doors.a_visited_shop import ServedShop, opened_browser, serve_beside  # noqa: E402

VIEWS = {
    "home": "",
    "audit": "audit",
    "segments": "segments",
    "segment": "segments/cooling",
    "members": "segments/cooling?view=members",
    "versions": "segments/cooling?view=versions",
    "reach": "segments/cooling?view=reach",
    "builder": "segments/cooling/edit",
    "catalogue": "catalog",
    "rfm": "rfm",
    "movement": "rfm?view=movement",
    "thresholds": "rfm?view=thresholds",
    "map": "map",
    "flows": "map?view=flows",
    "people": "people",
    "person": "people/12?segment=cooling",
    "data": "data",
    "rejected": "data?rejected=7",
    "settings": "settings",
}
WIDTHS = {"desktop": 1280, "phone": 390}
_MOST_HIGH = 1600
_QUALITY = 60


def main(told: list[str]) -> None:
    """Make the pictures of views, in both languages, wide and narrow."""
    folder = next((each for each in told if each not in VIEWS), None)
    chosen = {view: place for view, place in VIEWS.items() if view in told} or VIEWS
    out = ROOT / "docs" / "screens"
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as room:
        if folder:
            workspace = tesela.open(folder)
        else:
            workspace, as_of = tesela.demo(Path(room) / "shop", profiles=5_000)
            workspace.jobs.run(as_of)
            workspace.audit.run()
        with workspace, opened_browser() as browser, serve_beside(workspace) as address:
            shop = ServedShop(workspace, address, browser)
            if workspace.access.setup_secret():
                shop.let_in()
            for language, name in (("es", "marta"), ("en", "ann")):
                for device, width in WIDTHS.items():
                    with shop.visit(name, language=language, width=width) as seen:  # type: ignore[arg-type]
                        for view, place in chosen.items():
                            page = seen.go(place)
                            page.wait_for_timeout(1500)
                            height = min(_MOST_HIGH, page.evaluate("document.documentElement.scrollHeight"))
                            page.set_viewport_size({"width": width, "height": max(height, 700)})
                            page.wait_for_timeout(150)
                            file = out / f"{view}-{language}-{device}.jpg"
                            page.screenshot(path=file, type="jpeg", quality=_QUALITY)
                            page.set_viewport_size({"width": width, "height": 900})


if __name__ == "__main__":
    main(sys.argv[1:])
