"""What each story of the page takes: clicks, fields, choices and keys, and the time from the first to the last.

    make bench-stories     (.venv/bin/python benchmarks/bench_stories.py [WORD ...]: those with a word in their name)

The stories are those of tests/doors/test_page_stories.py, in Chromium on a demo shop; what a story only checks is not
counted, but the time of looking is in it. A machine types at once: the seconds are the page's and the server's.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Keyboard, Locator

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
STORIES = ROOT / "tests" / "doors" / "test_page_stories.py"
ACTS = {
    "clicks": (Locator, ("click", "check", "uncheck")),
    "fields": (Locator, ("fill", "press_sequentially", "set_input_files")),
    "choices": (Locator, ("select_option",)),
    "keys": (Keyboard, ("press", "type", "insert_text")),
}


class Counting:
    """Counts what a test does to a page."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.first, self.last = 0.0, 0.0
        for kind, (where, names) in ACTS.items():
            for name in names:
                setattr(where, name, self._counted(getattr(where, name), kind))

    def _counted(self, act: Any, kind: str) -> Any:
        @wraps(act)
        def counted(*args: Any, **named: Any) -> Any:
            self.first = self.first or time.perf_counter()
            self.done[kind] += 1
            told = act(*args, **named)
            self.last = time.perf_counter()
            return told

        return counted

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Count one story, and print what it took."""
        self.done.clear()
        self.first = self.last = 0.0
        yield
        if self.first:
            told = ", ".join(f"{self.done[kind]} {kind}" for kind in ACTS if self.done[kind])
            print(f"\n{item.name}: {told}, {self.last - self.first:.1f} s")


if __name__ == "__main__":
    words = ["-k", " or ".join(sys.argv[1:])] if sys.argv[1:] else []
    sys.exit(pytest.main([str(STORIES), "-s", "-q", "-p", "no:cacheprovider", *words], plugins=[Counting()]))
