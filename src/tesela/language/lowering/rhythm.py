"""What happens again and again, one after another, no more, or once more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from tesela.base import step
from tesela.language.lowering.events import OCCURRED_AT, EventLowering
from tesela.language.lowering.values import all_of, call, complement
from tesela.language.nodes import Bounds, Events
from tesela.language.plan import Constant, EventAggregate, SequenceMet, SequenceStep

if TYPE_CHECKING:
    from datetime import datetime

    from tesela.language.nodes import Duration, Periods, Regularly, Resumed, Sequence, Step, Stopped
    from tesela.language.plan import Column, EventFunction, Expr

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}


class RhythmLowering(EventLowering):
    """Lowers sequences and rhythm."""

    def _sequence(self, node: Sequence) -> Expr:
        steps = tuple(self._step(each) for each in node.steps)
        return self._board.column(SequenceMet(steps, self._clip(node.window)))

    def _step(self, node: Step) -> SequenceStep:
        event = node.events.name
        return SequenceStep(
            cast("str", self._stored_name(event)),
            self._where(node.events),
            node.negated,
            _microseconds(node.within) if node.within else None,
            tuple(self._present(self._event_side(event, each)).expression for each in node.same),
        )

    def _regularly(self, node: Regularly) -> Expr:
        """Count the different periods that hold an event."""
        blocks = cast("Periods", node.periods).blocks
        numbered: list[Expr] = []
        for number, block in enumerate(blocks):
            numbered += [call(">=", OCCURRED_AT, Constant(block.start)), Constant(number)]
        period = call("case", *numbered, Constant(None))
        held = self._over("distinct", node.events, Bounds(blocks[-1].start, blocks[0].end), period)
        return call(">=", held, Constant(node.at_least))

    def _stopped(self, node: Stopped) -> Expr:
        before, since = self._around(node.duration)
        earlier, later = (self._over("count", node.events, bounds) for bounds in (before, since))
        return all_of(call(">=", earlier, Constant(1)), complement(call(">=", later, Constant(1))))

    def _resumed(self, node: Resumed) -> Expr:
        before, since = self._around(node.duration)
        last = self._over("max", node.events, before, OCCURRED_AT)
        first = self._over("min", node.events, since, OCCURRED_AT)
        pause = call("-", call("epoch_us", first), call("epoch_us", last))
        return call(">=", pause, Constant(_microseconds(node.duration)))

    def _around(self, duration: Duration) -> tuple[Bounds, Bounds]:
        """Return the time before the last so-and-so long, and that time."""
        edge: datetime = step(self._as_of, -duration.count, duration.unit, self._zone)
        return Bounds(None, edge), Bounds(edge, self._as_of)

    def _over(self, function: EventFunction, events: Events, bounds: Bounds, value: Expr | None = None) -> Column:
        name, where = self._stored_name(events.name), self._where(events)
        return self._board.column(EventAggregate(function, name, bounds, value, where))


def _microseconds(duration: Duration) -> int:
    return timedelta(seconds=duration.count * _SECONDS[duration.unit]) // timedelta(microseconds=1)
