"""The queue: takes work, does it piece by piece in a thread of its own, and takes it up again after a crash."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from tesela.base import ConflictError, InputError, NotFoundError, TeselaError
from tesela.workspace.background.job import Job, read_job, read_jobs
from tesela.workspace.background.tables import BACKGROUND_JOBS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tesela.base import Clock
    from tesela.workspace.stores import Stores


class Stopped(Exception):  # noqa: N818 nothing went wrong
    """Somebody stopped the work."""


class Progress(Protocol):
    """Told by work as it goes on; raises `Stopped` once somebody has stopped it."""

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Take what is being done, units done and units in all (None when not known)."""
        ...


class Work(Protocol):
    """One kind of work."""

    def __call__(self, asked: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        """Do it; running it again after a crash must not do anything twice."""
        ...


class Background:
    """Does work in the background of an open workspace.

    What was waiting or running when the process ended is begun again: every kind of work changes all or nothing.

    Args:
        stores: The open stores.
        clock: Tells the present.
        kinds: What each kind of work does.
    """

    def __init__(self, stores: Stores, clock: Clock, kinds: Mapping[str, Work]) -> None:
        self._stores = stores
        self._clock = clock
        self._kinds = kinds
        self._changed = threading.Condition()
        self._waiting: deque[int] = deque()
        self._live: dict[int, Job] = {}
        self._stopped: set[int] = set()
        self._is_over = False
        self._thread: threading.Thread | None = None
        self._after: list[Callable[[Job], None]] = []

    def start(self) -> None:
        """Begin to work, with what an earlier process left undone."""
        with self._stores.control.transaction() as connection:
            left = read_jobs(connection, is_open=True)[::-1]
        for each in left:
            self._live[each.id] = replace(each, state="waiting")
            self._waiting.append(each.id)
        self._thread = threading.Thread(target=self._work, name="tesela-background", daemon=True)
        self._thread.start()

    def close(self, wait_s: float = 30) -> None:
        """Stop what runs, and begin nothing more; it is taken up again by the next `start`."""
        with self._changed:
            self._is_over = True
            self._stopped.update(self._live)
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(wait_s)

    def after(self, told: Callable[[Job], None]) -> None:
        """Let something be told of each job that is done."""
        self._after.append(told)

    def ask(self, kind: str, asked: Mapping[str, Any] | None = None, *, actor: str = "") -> Job:
        """Ask for work, and return the job; one that waits for the very same is returned instead.

        Raises:
            InputError: when there is no such kind of work.
        """
        if kind not in self._kinds:
            raise InputError("workspace.background.no_such_kind", value=kind, allowed=", ".join(sorted(self._kinds)))
        with self._changed:
            for each in self._live.values():
                if each.state == "waiting" and each.kind == kind and each.asked == dict(asked or {}):
                    return each
            values = {"kind": kind, "asked": json.dumps(dict(asked or {})), "state": "waiting", "actor": actor}
            with self._stores.control.transaction() as connection:
                made = connection.execute(BACKGROUND_JOBS.insert().values(**values, created_at=self._clock.now()))
                job = cast("Job", read_job(connection, cast("tuple[int]", made.inserted_primary_key)[0]))
            self._live[job.id] = job
            self._waiting.append(job.id)
            self._changed.notify_all()
            return job

    def list(self, limit: int = 50) -> list[Job]:
        """Return jobs, the newest first."""
        with self._stores.control.transaction() as connection:
            found = read_jobs(connection, limit=limit)
        return [self._live.get(each.id, each) for each in found]

    def find(self, number: int) -> Job:
        """Return one job.

        Raises:
            NotFoundError: when there is none of that number.
        """
        with self._changed:
            if number in self._live:
                return self._live[number]
        with self._stores.control.transaction() as connection:
            found = read_job(connection, number)
        if found is None:
            raise NotFoundError("workspace.background.no_such_job", id=number)
        return found

    def wait(self, number: int, than: Job | None, timeout_s: float) -> Job:
        """Return a job once it is otherwise than it was seen, or after a while as it is."""
        with self._changed:
            seen = _seen(than) if than else None
            self._changed.wait_for(lambda: number not in self._live or _seen(self._live[number]) != seen, timeout_s)
        return self.find(number)

    def stop(self, number: int) -> Job:
        """Stop a job: nothing of it stays.

        Raises:
            NotFoundError: when there is none of that number.
            ConflictError: when it has ended.
        """
        job = self.find(number)
        if not job.is_open:
            raise ConflictError("workspace.background.has_ended", id=number, state=job.state)
        with self._changed:
            self._stopped.add(number)
            if number in self._waiting:
                self._waiting.remove(number)
                self._end(number, state="stopped")
        return self.find(number)

    # --- the thread -----------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_over)
                if self._is_over:
                    return
                number = self._waiting.popleft()
                began = self._clock.now()
                self._live[number] = replace(self._live[number], state="running", started_at=began)
                self._store(number, state="running", started_at=began)
                self._changed.notify_all()
            self._do(number)

    def _do(self, number: int) -> None:
        job = self._live[number]

        def progress(step: str, done: int, total: int | None) -> None:
            with self._changed:
                if number in self._stopped:
                    raise Stopped
                self._live[number] = replace(self._live[number], step=step, done=done, total=total)
                self._changed.notify_all()

        try:
            progress("", 0, None)
            result = self._kinds[job.kind](job.asked, progress)
        except Stopped:
            if not self._is_over:
                self._end(number, state="stopped")
            return
        except TeselaError as error:
            facts = {name: str(value) for name, value in error.facts.items()}
            self._end(number, state="failed", error=json.dumps({"code": error.code, "facts": facts}))
            return
        except Exception as error:  # whatever it was, the next piece of work must not wait for it
            told = {"code": "workspace.background.failed", "facts": {"what": f"{type(error).__name__}: {error}"[:500]}}
            self._end(number, state="failed", error=json.dumps(told))
            return
        ended = self._end(number, state="done", result=json.dumps(dict(result)))
        for told_of in self._after:
            told_of(ended)

    def _end(self, number: int, **values: Any) -> Job:
        with self._changed:
            self._store(number, ended_at=self._clock.now(), **values)
            self._live.pop(number, None)
            self._stopped.discard(number)
            self._changed.notify_all()
        return self.find(number)

    def _store(self, number: int, **values: Any) -> None:
        with self._stores.control.transaction() as connection:
            connection.execute(BACKGROUND_JOBS.update().where(BACKGROUND_JOBS.c.id == number).values(**values))


def _seen(job: Job) -> tuple[object, ...]:
    return job.state, job.step, job.done, job.total
