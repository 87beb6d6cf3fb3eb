"""Put an engine to the test: each case says what was expected of it and what it gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tesela.warehouse.conformance.case import Case
    from tesela.warehouse.engine import Engine


@dataclass(frozen=True, slots=True)
class ConformanceFinding:
    """How an engine did in one case of a check.

    Attributes:
        check: Name of the check.
        asked: What was asked; empty when the check broke off.
        expected: The answer that there must be, as Python writes it.
        given: The engine's, or the error with which the check broke off.
    """

    check: str
    asked: str
    expected: str
    given: str

    @property
    def is_met(self) -> bool:
        """Whether the engine gave what was expected."""
        return self.expected == self.given

    def __str__(self) -> str:
        mark = "✓" if self.is_met else "✗"
        return f"{mark} {self.check}: {self.asked} = {self.given}" + ("" if self.is_met else f", not {self.expected}")


def check_engine(engine: Engine) -> tuple[ConformanceFinding, ...]:
    """Return how an engine does in every case that an adapter must get right.

    Args:
        engine: With a schema or folder of its own: tables named `conformance_*` are made there, and stay, empty.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from tesela.warehouse import DuckDBEngine
        >>> with TemporaryDirectory() as folder:
        ...     engine = DuckDBEngine(Path(folder) / "empty.duckdb")
        ...     findings = check_engine(engine)
        ...     engine.close()
        >>> [str(each) for each in findings if not each.is_met]
        []
    """
    # the checks bring the SQL library
    from tesela.warehouse.conformance import operations, queries, tables

    checks = {**tables.CHECKS, **queries.CHECKS, **operations.CHECKS}
    return tuple(finding for name in checks for finding in _run(name, checks, engine))


def _run(
    name: str, checks: Mapping[str, Callable[[Engine], Iterator[Case]]], engine: Engine
) -> Iterator[ConformanceFinding]:
    try:
        for case in checks[name](engine):
            yield ConformanceFinding(name, case.asked, repr(case.expected), repr(case.given))
    except Exception as cause:  # whatever a driver raises is what the author of an adapter wants to see
        yield ConformanceFinding(name, "", "", f"{type(cause).__name__}: {cause}")
