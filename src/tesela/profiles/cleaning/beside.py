"""Clean in several processes: this one, and children beside it that are asked in lines of JSON.

The children are started with the interpreter itself and not by forking or by `multiprocessing`: a forked child would
share this process's open engine, and one that `multiprocessing` spawns runs the caller's script again where it has no
guard. A child that dies or cannot start costs time only: its work is done here.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, NamedTuple

from tesela.profiles.cleaning.answers import Answers, answer
from tesela.profiles.cleaning.readers import make_reader
from tesela.profiles.cleaning.settings import CleaningSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tesela.profiles.cleaning.cleaned import Cleaned
    from tesela.profiles.cleaning.rules import Kind

PIECE = 20_000
"""Values handed out at once."""

# fewer are cleaned here before a child has started
_WORTH_A_CHILD = 3 * PIECE
_CHILD = "from tesela.profiles.cleaning.beside import serve; serve()"


class Piece(NamedTuple):
    """Some values of one kind."""

    kind: Kind
    values: Sequence[str]


def clean_pieces(pieces: Sequence[Piece], settings: CleaningSettings, workers: int) -> list[Answers]:
    """Clean pieces in up to `workers` processes, this one among them; return the answers in the pieces' order."""
    work = _Work(pieces, settings)
    is_large = sum(len(piece.values) for piece in pieces) >= _WORTH_A_CHILD
    children = min(workers, len(pieces)) - 1 if is_large and sys.executable else 0
    asking = [threading.Thread(target=work.clean_beside, daemon=True) for _ in range(children)]
    for each in asking:
        each.start()
    try:
        work.clean_here()
    except BaseException:
        work.stop()
        raise
    finally:
        for each in asking:
            each.join()
    # what a child gave back
    work.clean_here()
    return work.answers()


class _Work:
    """Pieces waiting to be cleaned, and the answers so far."""

    def __init__(self, pieces: Sequence[Piece], settings: CleaningSettings) -> None:
        self._pieces, self._settings = pieces, settings
        self._waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for place in range(len(pieces)):
            self._waiting.put(place)
        self._found: dict[int, Answers] = {}
        self._readers: dict[Kind, Callable[[str], Cleaned]] = {}

    def answers(self) -> list[Answers]:
        return [self._found[place] for place in range(len(self._pieces))]

    def stop(self) -> None:
        while self._next() is not None:
            pass

    def clean_here(self) -> None:
        while (place := self._next()) is not None:
            kind, values = self._pieces[place]
            if kind not in self._readers:
                self._readers[kind] = make_reader(kind, self._settings)
            self._found[place] = answer(values, self._readers[kind])

    def clean_beside(self) -> None:
        place = None
        try:
            with _child(self._settings) as ask:
                while (place := self._next()) is not None:
                    self._found[place] = ask(self._pieces[place])
        except (OSError, ValueError):
            if place is not None and place not in self._found:
                self._waiting.put(place)

    def _next(self) -> int | None:
        try:
            return self._waiting.get_nowait()
        except queue.Empty:
            return None


@contextlib.contextmanager
def _child(settings: CleaningSettings) -> Iterator[Callable[[Piece], Answers]]:
    """Start a child; yield what asks it about a piece. An answer that is none raises ValueError."""
    with subprocess.Popen(  # noqa: S603 our own interpreter and words
        # -P: nothing is imported from the folder that happens to be the current one
        [sys.executable, "-P", "-c", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        text=True,
        encoding="ascii",
    ) as process:
        stdin, stdout = process.stdin, process.stdout

        def ask(piece: Piece) -> Answers:
            if stdin is None or stdout is None:
                raise ValueError("no pipes")
            stdin.write(json.dumps([piece.kind, list(piece.values)]) + "\n")
            stdin.flush()
            found = Answers.from_dict(json.loads(stdout.readline()))
            if len(found.values) != len(piece.values):
                raise ValueError("an answer of another length")
            return found

        try:
            if stdin is not None:
                stdin.write(json.dumps(settings.to_dict()) + "\n")
            yield ask
        except BaseException:
            process.kill()
            raise


def serve() -> None:
    """Answer what comes in at standard input, until it ends: what a child does."""
    told = sys.stdin.readline()
    settings = CleaningSettings.from_dict(json.loads(told)) if told else CleaningSettings()
    readers: dict[Kind, Callable[[str], Cleaned]] = {}
    for line in sys.stdin:
        kind, values = json.loads(line)
        if kind not in readers:
            readers[kind] = make_reader(kind, settings)
        sys.stdout.write(json.dumps(answer(values, readers[kind]).to_dict()) + "\n")
        sys.stdout.flush()
