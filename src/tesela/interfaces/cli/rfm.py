"""RFM: run it, show what it found, say why somebody has their scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tesela.base import from_e4, text
from tesela.interfaces.cli.options import AsOf, Folder, Json, Since, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tesela.traits import rfm

Profile = Annotated[str, typer.Argument(metavar="profile")]

_AXES: tuple[rfm.Axis, ...] = ("r", "f", "m")
_SCORES = (5, 4, 3, 2, 1)


def run(
    ctx: typer.Context,
    refit: Annotated[bool, typer.Option("--refit")] = False,
    workspace: Folder = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Score everyone of the base, keep the scores and show them."""
    with open_workspace(workspace) as ws:
        found = ws.traits.run_rfm(as_of, refit=refit)
        revenue = ws.traits.rfm_revenue(found.as_of)
        _tell(Terminal.of(ctx), found, revenue, ws.settings.zone, ws.settings.currency, json=json)


def show(ctx: typer.Context, workspace: Folder = None, as_of: AsOf = None, json: Json = False) -> None:
    """Show the newest scores."""
    with open_workspace(workspace) as ws:
        found, revenue = ws.traits.newest_rfm(as_of), ws.traits.rfm_revenue(as_of)
        _tell(Terminal.of(ctx), found, revenue, ws.settings.zone, ws.settings.currency, json=json)


def movement(
    ctx: typer.Context, since: Since = None, workspace: Folder = None, as_of: AsOf = None, json: Json = False
) -> None:
    """Show who went from which name to which since a moment."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found, zone = ws.traits.rfm_movement(as_of, since), ws.settings.zone
    if json:
        terminal.write_json(_plain_movement(found))
        return
    when, then = (terminal.moment(each, zone) for each in (found.as_of, found.since))
    terminal.say("rfm_movement_title", as_of=when, since=then, fitted_at=terminal.moment(found.fit.fitted_at, zone))
    _draw_turnover(terminal, found)
    _draw_moves(terminal, found)


def explain(
    ctx: typer.Context, profile: Profile, workspace: Folder = None, as_of: AsOf = None, json: Json = False
) -> None:
    """Say why somebody has their scores."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = ws.traits.explain_rfm(profile, as_of)
        zone, currency = ws.settings.zone, ws.settings.currency
    if json:
        terminal.write_json(_plain_explained(found))
        return
    when, name = terminal.moment(found.run.as_of, zone), segment_name(terminal, found.segment)
    if found.tier is None:
        terminal.say("rfm_prospect", profile=profile, as_of=when, segment=name)
        return
    tier = text(f"traits.rfm.tier.{found.tier}", terminal.language)
    terminal.say("rfm_explained", profile=profile, as_of=when, segment=name, slug=found.segment, tier=tier)
    amounts = _Amounts(terminal, currency)
    for axis, each in found.axes.items():
        reach = amounts.reach(axis, each.low, each.high)
        number = "_one" if axis != "m" and each.value == 1 else ""
        value = terminal.text(f"rfm_value.{axis}{number}", value=amounts.amount(axis, each.value))
        terminal.say("rfm_score", axis=axis.upper(), score=each.score, value=value, reach=reach)
    total = sum(each.score for each in found.axes.values())
    terminal.say("rfm_total", total=total, tier=tier)
    _say_counted(terminal, found.run, zone)


def segment_name(terminal: Terminal, slug: str) -> str:
    """Return what one of the ten names, or prospect, is called."""
    return text(f"traits.rfm.segment.{slug}", terminal.language)


def _tell(
    terminal: Terminal, found: rfm.RFMRun, revenue: rfm.RFMRevenue, zone: ZoneInfo, currency: str, *, json: bool
) -> None:
    if json:
        terminal.write_json(_plain(found, revenue))
        return
    buyers, prospects = terminal.number(found.buyers), terminal.number(found.prospects)
    terminal.say("rfm_title", as_of=terminal.moment(found.as_of, zone), buyers=buyers, prospects=prospects)
    if not found.buyers:
        terminal.tell("rfm_no_buyers")
        return
    _say_counted(terminal, found, zone)
    _draw_scores(terminal, found, currency)
    _draw_grid(terminal, found)
    _draw_segments(terminal, found, revenue, currency)
    tiers = (
        f"{text(f'traits.rfm.tier.{tier}', terminal.language)} {terminal.number(count)}"
        for tier, count in found.by_tier.items()
    )
    terminal.say("rfm_tiers", tiers=" · ".join(tiers))


def _say_counted(terminal: Terminal, run: rfm.RFMRun, zone: ZoneInfo) -> None:
    fit = run.fit
    counted = terminal.text("rfm_all_orders") if fit.window == "ever" else _window(terminal, fit.window)
    money = terminal.text(f"rfm_money.{fit.money}")
    fitted = terminal.moment(fit.fitted_at, zone)
    terminal.say("rfm_counted", window=counted, money=money, fitted_at=fitted, buyers=terminal.number(fit.buyers))
    if fit.cuts["f"].is_fixed:
        terminal.say("rfm_fixed_f")
    if fit.cuts["r"].is_fixed:
        terminal.say("rfm_fixed_r")


def _window(terminal: Terminal, window: str) -> str:
    count, unit = window.split()
    number = "one" if count == "1" else "many"
    return terminal.text(f"rfm_window.{unit.removesuffix('s')}_{number}", count=count)


class _Amounts:
    """Writes what an axis counts."""

    def __init__(self, terminal: Terminal, currency: str) -> None:
        self._terminal = terminal
        self._currency = currency

    def amount(self, axis: rfm.Axis, value: int) -> str:
        """Return days, orders or money."""
        if axis == "m":
            return f"{self._terminal.number(from_e4(value), 2)} {self._currency}"
        return self._terminal.number(value)

    def reach(self, axis: rfm.Axis, low: int | None, high: int | None) -> str:
        """Return from where to where a score reaches."""
        if low is not None and high is not None and low > high:
            return self._terminal.text("rfm_reach.nobody")
        if axis == "m" and low is not None:
            # cut points are exact amounts: the next score begins above one
            low -= 1
        if low is None and high is None:
            return self._terminal.text("rfm_reach.all")
        if low is None or (axis == "f" and low <= 1 and high is not None):
            return self._terminal.text("rfm_reach.up_to", high=self.amount(axis, high or 0))
        if high is None:
            word = "above" if axis == "m" else "from"
            return self._terminal.text(f"rfm_reach.{word}", low=self.amount(axis, low))
        if low == high:
            return self.amount(axis, low)
        word = "above_to" if axis == "m" else "between"
        return self._terminal.text(f"rfm_reach.{word}", low=self.amount(axis, low), high=self.amount(axis, high))


def _draw_scores(terminal: Terminal, found: rfm.RFMRun, currency: str) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(terminal.text("column.score"))
    for axis in _AXES:
        table.add_column(terminal.text(f"column.rfm_{axis}"), justify="right")
        table.add_column(terminal.text("column.size"), justify="right")
    amounts = _Amounts(terminal, currency)
    sizes = {axis: found.by_score(axis) for axis in _AXES}
    for score in _SCORES:
        cells = []
        for axis in _AXES:
            low, high = _bounds(found, axis, score)
            cells += [amounts.reach(axis, low, high), terminal.number(sizes[axis][score])]
        table.add_row(str(score), *cells)
    terminal.say_line("")
    terminal.draw(table)


def _bounds(found: rfm.RFMRun, axis: rfm.Axis, score: int) -> tuple[int | None, int | None]:
    return found.fit.days_of(score) if axis == "r" else found.fit.cuts[axis].values_of(score)


def _draw_grid(terminal: Terminal, found: rfm.RFMRun) -> None:
    from rich.table import Table

    from tesela.traits import rfm

    table = Table(title=terminal.text("rfm_grid"), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for f in range(1, 6):
        table.add_column(f"F {f}", justify="right")
    for r in _SCORES:
        cells = (
            f"{segment_name(terminal, rfm.name_of(r, f))}\n{terminal.number(found.count(r, f))}" for f in range(1, 6)
        )
        table.add_row(f"R {r}", *cells)
    terminal.say_line("")
    terminal.draw(table)


def _draw_segments(terminal: Terminal, found: rfm.RFMRun, revenue: rfm.RFMRevenue, currency: str) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("segment", "name"):
        table.add_column(terminal.text(f"column.{name}"))
    for name in ("size", "share_of_base", "revenue"):
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    base, amounts = found.buyers + found.prospects, _Amounts(terminal, currency)
    for slug, count in found.by_segment.items():
        share = terminal.number(100 * count / base if base else 0, 1)
        money = amounts.amount("m", revenue.by_segment[slug][1]) if slug in revenue.by_segment else ""
        table.add_row(slug, segment_name(terminal, slug), terminal.number(count), f"{share} %", money)
    terminal.say_line("")
    terminal.draw(table)
    terminal.say_line("")


def _draw_turnover(terminal: Terminal, found: rfm.RFMMovement) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("segment", "name"):
        table.add_column(terminal.text(f"column.{name}"))
    for name in ("before", "entered", "left", "after"):
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    before, after = found.before, found.after
    for slug in after:
        figures = before[slug], found.entered(slug), found.left(slug), after[slug]
        table.add_row(slug, segment_name(terminal, slug), *map(terminal.number, figures))
    terminal.say_line("")
    terminal.draw(table)
    terminal.say_line("")


def _draw_moves(terminal: Terminal, found: rfm.RFMMovement) -> None:
    from rich.table import Table

    moved = [move for move in found.moves if move.before != move.after]
    if not moved:
        terminal.say("rfm_nobody_moved")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("moved_from", "moved_to"):
        table.add_column(terminal.text(f"column.{name}"))
    table.add_column(terminal.text("column.people"), justify="right")
    for move in sorted(moved, key=lambda move: -move.profiles):
        ends = [
            segment_name(terminal, each) if each else terminal.text("rfm_not_in_base")
            for each in (move.before, move.after)
        ]
        table.add_row(*ends, terminal.number(move.profiles))
    terminal.draw(table)


# --- as plain values ----------------------------------------------------------------------------------------------


def _plain(found: rfm.RFMRun, revenue: rfm.RFMRevenue) -> dict[str, Any]:
    return {
        **_plain_run(found),
        "buyers": found.buyers,
        "prospects": found.prospects,
        "scores": {
            axis: [
                {"score": score, **_plain_bounds(axis, *_bounds(found, axis, score)), "profiles": count}
                for score, count in found.by_score(axis).items()
            ]
            for axis in _AXES
        },
        "segments": found.by_segment,
        "revenue": {name: _plain_value("m", amount) for name, (_, amount) in revenue.by_segment.items()},
        "tiers": found.by_tier,
        "cells": [
            {"r": cell.r, "f": cell.f, "m": cell.m, "segment": cell.segment, "profiles": cell.profiles}
            for cell in found.cells
        ],
    }


def _plain_movement(found: rfm.RFMMovement) -> dict[str, Any]:
    before, after = found.before, found.after
    return {
        "as_of": f"{found.as_of.isoformat()}Z",
        "since": f"{found.since.isoformat()}Z",
        "fitted_at": f"{found.fit.fitted_at.isoformat()}Z",
        "segments": {
            name: {"before": before[name], "entered": found.entered(name), "left": found.left(name), "after": people}
            for name, people in after.items()
        },
        "moves": [{"from": move.before, "to": move.after, "profiles": move.profiles} for move in found.moves],
    }


def _plain_run(found: rfm.RFMRun) -> dict[str, Any]:
    fit = found.fit
    return {
        "as_of": f"{found.as_of.isoformat()}Z",
        "window": fit.window,
        "money": fit.money,
        "fitted_at": f"{fit.fitted_at.isoformat()}Z",
        "fitted_buyers": fit.buyers,
        "fixed": [axis for axis in _AXES if fit.cuts[axis].is_fixed],
    }


def _plain_explained(found: rfm.RFMExplained) -> dict[str, Any]:
    axes = {
        axis: {
            "score": each.score,
            "value": _plain_value(axis, each.value),
            **_plain_bounds(axis, each.low, each.high),
        }
        for axis, each in found.axes.items()
    }
    told = {"profile_id": found.profile_id, "segment": found.segment, "tier": found.tier, "scores": axes}
    return told | _plain_run(found.run)


def _plain_bounds(axis: rfm.Axis, low: int | None, high: int | None) -> dict[str, float | int | None]:
    return {"from": _plain_value(axis, low), "to": _plain_value(axis, high)}


def _plain_value(axis: rfm.Axis, value: int | None) -> float | int | None:
    # floats only here, at the door
    return float(from_e4(value)) if axis == "m" and value is not None else value
