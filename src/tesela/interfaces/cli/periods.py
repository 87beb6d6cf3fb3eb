"""Lengths of time in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tesela.base import Unit
    from tesela.interfaces.cli.terminal import Terminal


def say_period(terminal: Terminal, count: int, unit: Unit) -> str:
    """Return a length of time in the terminal's language: `30 days`, `1 mes`."""
    return terminal.text(f"period.{unit}_{'one' if count == 1 else 'many'}", count=terminal.number(count))
