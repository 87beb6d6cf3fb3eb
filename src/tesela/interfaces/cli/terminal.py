"""Writing to the terminal: answers on standard output, everything else on standard error."""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.base import Language, text, to_local

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    import typer
    from rich.table import Table

    Progress = Callable[[int, int | None], None]

_TO_SPANISH = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class Terminal:
    """Speaks one language to the person at the terminal.

    Attributes:
        language: `es` or `en`.
    """

    language: Language

    @classmethod
    def of(cls, ctx: typer.Context) -> Terminal:
        """Return the terminal that the program was started with."""
        terminal = ctx.find_root().obj
        assert isinstance(terminal, Terminal)  # noqa: S101 main() puts it there
        return terminal

    def text(self, key: str, **values: object) -> str:
        """Return a text of the command line in the terminal's language."""
        return text(f"interfaces.cli.{key}", self.language, **values)

    def number(self, value: float | Decimal, decimals: int = 0) -> str:
        """Return a number as the language writes it: 1,234.5 or 1.234,5."""
        written = f"{value:,.{decimals}f}"
        return written.translate(_TO_SPANISH) if self.language == "es" else written

    def moment(self, utc: datetime, zone: ZoneInfo) -> str:
        """Return a UTC moment as local time of a zone, with the zone's name."""
        return f"{self.clock(utc, zone)} ({zone.key})"

    def clock(self, utc: datetime, zone: ZoneInfo) -> str:
        """Return a UTC moment as local time of a zone that is told elsewhere."""
        return f"{to_local(utc, zone):%Y-%m-%d %H:%M}"

    def say(self, key: str, **values: object) -> None:
        """Write a text of the command line as (part of) the answer."""
        sys.stdout.write(self.text(key, **values) + "\n")

    def say_line(self, line: str) -> None:
        """Write a line as part of the answer."""
        sys.stdout.write(line + "\n")

    def say_lines(self, lines: Iterable[str], *, none: str) -> None:
        """Write lines as the answer; where there are none, say beside it that there are none (`none` is the text)."""
        is_empty = True
        for line in lines:
            self.say_line(line)
            is_empty = False
        if is_empty:
            self.tell(none)

    def tell(self, key: str, **values: object) -> None:
        """Write a text of the command line beside the answer."""
        self.tell_line(self.text(key, **values))

    def tell_line(self, line: str) -> None:
        """Write a line beside the answer."""
        sys.stderr.write(line + "\n")

    def write_json(self, answer: Mapping[str, object] | list[Mapping[str, object]]) -> None:
        """Write the answer as one line of JSON."""
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")

    def draw(self, table: Table, *, beside: bool = False) -> None:
        """Draw a table as (part of) the answer, or beside it."""
        from rich.console import Console

        console = Console(stderr=beside)
        # in a pipe a table keeps its columns instead of folding to 80 signs
        if not console.is_terminal:
            console = Console(stderr=beside, width=160)
        console.print(table)

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def ask(self, key: str, **values: object) -> str:
        """Ask a question beside the answer and return what was typed, stripped."""
        sys.stderr.write(self.text(key, **values) + " ")
        sys.stderr.flush()
        typed = sys.stdin.readline()
        if not typed:
            raise KeyboardInterrupt
        return typed.strip()

    @contextlib.contextmanager
    def progress(self, label: str, *, quiet: bool = False) -> Iterator[Progress | None]:
        """Show how far a long task is, with its rate and the time left.

        Nothing is shown (and None given) when quiet is asked for or nobody watches.
        """
        if quiet or not sys.stderr.isatty():
            yield None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[told]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        ) as bars:
            task = bars.add_task(label, total=None, told="")

            def update(done: int, total: int | None) -> None:
                speed = bars.tasks[0].speed
                share = f"{self.number(100 * done / total)} %" if total else ""
                rate = self.text("rate", rate=self.number(speed)) if speed else ""
                bars.update(task, completed=done, total=total, told=f"{share} {rate}")

            yield update
