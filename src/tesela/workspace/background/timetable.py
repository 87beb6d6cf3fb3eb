"""When work is asked for by itself: after imports, every so often, once a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tesela.base import InputError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tesela.workspace.background.job import Job
    from tesela.workspace.background.queue import Background

BY_ITSELF = "tesela"
"""Who asked for work that nobody asked for."""

_IMPORTS = ("import", "undo_import", "replay_rejected")
_UNITS = {
    **dict.fromkeys(("minute", "minutes", "minuto", "minutos"), timedelta(minutes=1)),
    **dict.fromkeys(("hour", "hours", "hora", "horas"), timedelta(hours=1)),
    **dict.fromkeys(("day", "days", "día", "días"), timedelta(days=1)),
}
_INTERVAL = re.compile(r"([1-9]\d{0,3})\s+(\w+)")
_LATE_S = 3600
_DAILY = "run"


@dataclass(frozen=True, slots=True)
class Timetable:
    """When the segments are brought up to date by themselves.

    Attributes:
        refresh_every: After how long memberships are brought up to date; None does not.
        run_at: Hour and minute of the day at which everything is computed; None does not.
    """

    refresh_every: timedelta | None = timedelta(minutes=15)
    run_at: tuple[int, int] | None = (4, 0)

    @classmethod
    def read(cls, refresh_every: str, run_at: str) -> Timetable:
        """Read a timetable as a person writes it; `never` leaves a part out.

        Args:
            refresh_every: Such as `15 minutes`, `1 hour`.
            run_at: Such as `04:00`.

        Raises:
            InputError: when a part makes no sense.
        """
        return cls(_every(refresh_every), _time_of_day(run_at))

    def follow(self, background: Background, zone: ZoneInfo) -> Any:
        """Let a queue's work be asked for when its time has come, and return what `shutdown` ends.

        After an import everything is computed; a refresh that is late, as the machine slept, is asked for once.
        """
        from apscheduler.schedulers.background import BackgroundScheduler
        from apscheduler.triggers.cron import CronTrigger
        from apscheduler.triggers.interval import IntervalTrigger

        def after(job: Job) -> None:
            if job.kind in _IMPORTS:
                background.ask("run", actor=BY_ITSELF)

        background.after(after)
        scheduler = BackgroundScheduler(timezone=zone)
        often = {"coalesce": True, "misfire_grace_time": _LATE_S, "max_instances": 1}
        if self.refresh_every is not None:
            every = IntervalTrigger(seconds=int(self.refresh_every.total_seconds()))
            scheduler.add_job(background.ask, every, ["refresh"], {"actor": BY_ITSELF}, **often)
        if self.run_at is not None:
            hour, minute = self.run_at
            daily = CronTrigger(hour=hour, minute=minute, timezone=zone)
            scheduler.add_job(background.ask, daily, ["run"], {"actor": BY_ITSELF}, id=_DAILY, **often)
        scheduler.start()
        return scheduler

    def move(self, scheduler: Any, zone: ZoneInfo) -> None:
        """Let the hour of the day be one of another zone from now on.

        Args:
            scheduler: What `follow` returned.
            zone: The workspace's zone now.
        """
        if self.run_at is not None:
            hour, minute = self.run_at
            scheduler.reschedule_job(_DAILY, trigger="cron", hour=hour, minute=minute, timezone=zone)


_NEVER = ("never", "nunca")


def _every(told: str) -> timedelta | None:
    if told.strip().lower() in _NEVER:
        return None
    found = _INTERVAL.fullmatch(told.strip().lower())
    if found is None or found[2] not in _UNITS:
        raise InputError("workspace.background.bad_interval", value=told)
    return int(found[1]) * _UNITS[found[2]]


def _time_of_day(told: str) -> tuple[int, int] | None:
    if told.strip().lower() in _NEVER:
        return None
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", told.strip())
    if found is None:
        raise InputError("workspace.background.bad_time", value=told)
    return int(found[1]), int(found[2])
