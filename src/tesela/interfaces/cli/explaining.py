"""Why someone is in a segment or not."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tesela.interfaces.cli.desk import told_reach
from tesela.interfaces.cli.options import AsOf, Folder, Json, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.segments import Condition

Profile = Annotated[str, typer.Argument(metavar="profile")]
Segment = Annotated[str, typer.Argument(metavar="segment")]

_SHOWN = ("order_id", "product_id", "category", "coupon", "campaign_id")


def explain(
    ctx: typer.Context,
    profile: Profile,
    segment: Segment,
    workspace: Folder = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Say why someone is in a segment or not."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = ws.segments.explain(profile, segment, as_of=as_of)
        zone, currency = ws.settings.zone, ws.settings.currency
    if json:
        terminal.write_json(
            {
                "profile_id": found.profile_id,
                "segment": found.segment,
                "as_of": f"{found.as_of.isoformat()}Z",
                "is_member": found.is_member,
                "turns_at": None if found.turns_at is None else f"{found.turns_at.isoformat()}Z",
                "condition": _plain(found.condition),
            }
        )
        return
    asked = {"profile": profile, "segment": segment, "as_of": terminal.moment(found.as_of, zone)}
    terminal.say("explain_in" if found.is_member else "explain_out", **asked)
    if found.condition.holds and not found.is_member:
        terminal.say("explain_anonymous")
    for line in _Teller(terminal, zone, currency).lines(found.condition, 0):
        terminal.say_line(line)
    if found.turns_at is None and found.looked_until is not None:
        terminal.say("explain_stays_until", at=terminal.moment(found.looked_until, zone))
    elif found.turns_at is None:
        terminal.say("explain_stays")
    else:
        turns = terminal.moment(found.turns_at, zone)
        terminal.say("explain_leaves" if found.is_member else "explain_enters", at=turns)
    if found.asks_others:
        terminal.say("explain_others")


class _Teller:
    """Puts an explanation into lines."""

    def __init__(self, terminal: Terminal, zone: ZoneInfo, currency: str) -> None:
        self._terminal = terminal
        self._zone = zone
        self._currency = currency

    def lines(self, condition: Condition, depth: int) -> Iterator[str]:
        indent = "  " * depth
        sign = "✓" if condition.holds else "✗"
        if condition.join == "one":
            yield f"{indent}{sign} {condition.said[self._terminal.language]}"
            yield from self._details(condition, indent + "    ")
            return
        low, high = condition.needed
        yield f"{indent}{sign} {self._terminal.text(f'join.{condition.join}', low=low or 0, high=high or '')}"
        for part in condition.parts:
            yield from self.lines(part, depth + 1)

    def _details(self, condition: Condition, indent: str) -> Iterator[str]:
        for value in condition.values:
            yield f"{indent}{value.text} = {self._value(value, condition)}"
        if condition.short is not None:
            yield indent + self._distance(condition, condition.short)
        for event in condition.events:
            yield f"{indent}· {self._event(event)}"

    def _distance(self, condition: Condition, short: Decimal) -> str:
        """Say how far the condition is from turning, and which way."""
        counted = condition.so_many.get(self._terminal.language)
        amount = counted or self._amount(short, condition.measure)
        key = f"{'still' if condition.holds else 'short'}_{condition.way or 'either'}"
        is_one = counted is not None and short == 1
        return self._terminal.text(f"explain_{key}{'_one' if is_one and not condition.holds else ''}", amount=amount)

    def _value(self, value: Any, condition: Condition) -> str:
        found = value.value
        if found is None:
            return self._terminal.text("explain_missing")
        if isinstance(found, bool):
            return self._terminal.text("explain_true" if found else "explain_false")
        if isinstance(found, Decimal):
            return self._amount(found, condition.measure if condition.values[0] is value else None)
        if value.text.startswith("can_receive(") and isinstance(found, str):
            return told_reach(self._terminal, found)
        return found if isinstance(found, str) else self._moment(found)

    def _amount(self, amount: Decimal, measure: str | None) -> str:
        if measure == "money":
            return f"{self._terminal.number(amount, 2)} {self._currency}"
        is_whole = amount == amount.to_integral_value()
        return self._terminal.number(amount, 0 if is_whole else 4)

    def _event(self, event: Any) -> str:
        told = [f"{self._moment(event['occurred_at'])}  {event['name']}"]
        if event["amount_e4"] is not None:
            told.append(self._amount(Decimal(event["amount_e4"]) / 10_000, "money"))
        told += [str(event[name]) for name in _SHOWN if event[name]]
        return "  ".join(told)

    def _moment(self, utc: datetime) -> str:
        if not hasattr(utc, "hour"):
            return str(utc)
        return self._terminal.moment(utc, self._zone)


def _plain(condition: Condition) -> dict[str, object]:
    told: dict[str, object] = {"rule": condition.text, "join": condition.join, "holds": condition.holds}
    if condition.parts:
        told["parts"] = [_plain(part) for part in condition.parts]
    if condition.values:
        told["values"] = {value.text: _written(value.value) for value in condition.values}
    if condition.short is not None:
        told["short"] = str(condition.short)
    if condition.join == "one":
        told["events"] = [{name: _written(value) for name, value in each.items()} for each in condition.events]
    return told


def _written(value: object) -> object:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
