"""The job: a piece of work with its state."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from tesela.workspace.background.tables import BACKGROUND_JOBS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

State = Literal["waiting", "running", "done", "failed", "stopped"]
_COLUMNS = ("id", "kind", "state", "actor", "created_at", "started_at", "ended_at")
OPEN: tuple[State, ...] = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work.

    Attributes:
        id: Number.
        kind: What is done, such as `import`.
        asked: With what.
        state: `waiting`, `running`, `done`, `failed` or `stopped`.
        actor: Who wants it.
        created_at: When it was asked for, naive UTC.
        started_at: When it began last; None when it waits.
        ended_at: When it ended; None when it has not.
        result: What it says at its end.
        error: `code` and `facts` of what went wrong.
        step: What it does right now; empty when that is not known.
        done: Units done.
        total: Units in all; None when not known.
    """

    id: int
    kind: str
    asked: Mapping[str, Any]
    state: State
    actor: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    step: str = field(default="", compare=False)
    done: int = field(default=0, compare=False)
    total: int | None = field(default=None, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN


def read_jobs(connection: sa.Connection, *, limit: int | None = None, is_open: bool = False) -> list[Job]:
    """Return jobs, the newest first."""
    chosen = sa.select(BACKGROUND_JOBS).order_by(BACKGROUND_JOBS.c.id.desc()).limit(limit)
    if is_open:
        chosen = chosen.where(BACKGROUND_JOBS.c.state.in_(OPEN))
    return [_job(row) for row in connection.execute(chosen).mappings()]


def read_job(connection: sa.Connection, number: int) -> Job | None:
    """Return one job; None when there is none of that number."""
    row = connection.execute(sa.select(BACKGROUND_JOBS).where(BACKGROUND_JOBS.c.id == number)).mappings().first()
    return None if row is None else _job(row)


def _job(row: sa.RowMapping) -> Job:
    read: dict[str, Any] = {name: json.loads(row[name]) if row[name] else None for name in ("asked", "result", "error")}
    told: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    return Job(**told, **read)
