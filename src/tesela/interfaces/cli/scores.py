"""The shop's own scores: what they are, how they are spread, which award gave somebody how many points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tesela.interfaces.cli.options import AsOf, Folder, Json, open_workspace
from tesela.interfaces.cli.periods import say_period
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from decimal import Decimal

    from tesela.traits import scores

Name = Annotated[str, typer.Argument(metavar="score")]
Profile = Annotated[str, typer.Argument(metavar="profile")]

_QUANTILES = (0, 25, 50, 75, 90, 100)


def list_scores(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """List the shop's own scores."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = ws.traits.list_scores()
    if json:
        terminal.write_json([{"score": trait.slug, **_plain(trait.score), "value": trait.value} for trait in found])
        return
    lines = (f"{trait.slug} · {trait.title(terminal.language)}" for trait in found)
    terminal.say_lines(lines, none="scores_none")


def show(ctx: typer.Context, name: Name, workspace: Folder = None, as_of: AsOf = None, json: Json = False) -> None:
    """Show what gives points in a score, and how many people have how many."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        trait, spread = ws.traits.find_score(name), ws.traits.spread_score(name, as_of)
        zone = ws.settings.zone
    if json:
        told = {"score": trait.slug, **_plain(trait.score), "value": trait.value}
        counts = [{"points": float(points), "profiles": people} for points, people in spread.counts]
        terminal.write_json({**told, "as_of": f"{spread.as_of.isoformat()}Z", "base": spread.base, "spread": counts})
        return
    terminal.say_line(f"{trait.slug} · {trait.title(terminal.language)}")
    if trait.description.get(terminal.language):
        terminal.say_line(trait.description[terminal.language])
    if trait.score is not None:
        for award in trait.score.awards:
            terminal.say_line(f"  {_say_award(terminal, award)}")
        _say_bounds(terminal, trait.score)
    if not spread.base:
        terminal.say("scores_nobody")
        return
    reached = ", ".join(
        terminal.text(f"score_quantile.q{percent}", points=_points(terminal, spread.at(percent)))
        for percent in _QUANTILES
    )
    moment, base = terminal.moment(spread.as_of, zone), terminal.number(spread.base)
    terminal.say("score_spread", as_of=moment, base=base, spread=reached)


def explain(
    ctx: typer.Context, profile: Profile, name: Name, workspace: Folder = None, as_of: AsOf = None, json: Json = False
) -> None:
    """Say which entry of a score gave somebody how many points."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        trait, found = ws.traits.find_score(name), ws.traits.explain_score(profile, name, as_of)
        zone = ws.settings.zone
    if json:
        awards = [
            {**each.award.to_dict(), "measured": _plain_measured(each.measured), "gave": float(each.points)}
            for each in found.awards
        ]
        terminal.write_json(
            {
                "profile_id": found.profile_id,
                "score": trait.slug,
                "as_of": f"{found.as_of.isoformat()}Z",
                "points": float(found.points),
                "awards": awards,
            }
        )
        return
    points = _points(terminal, found.points)
    title = trait.title(terminal.language)
    moment = terminal.moment(found.as_of, zone)
    terminal.say("score_explained", profile=profile, score=title, points=points, as_of=moment)
    for each in found.awards:
        sign = "✓" if each.points else "·"
        measured = _measured(terminal, each.measured)
        terminal.say_line(f"  {sign} {_points(terminal, each.points):>8}  {_say_award(terminal, each.award)}{measured}")
    if found.together != found.points and trait.score is not None:
        terminal.say("score_together", together=_points(terminal, found.together))
        _say_bounds(terminal, trait.score)


def _say_award(terminal: Terminal, award: scores.Award) -> str:
    points, what = _signed(terminal, award.points), award.said(terminal.language)
    told = terminal.text(f"score_award.{award.kind}", points=points, what=what)
    if award.half_life is not None:
        told += terminal.text("score_half_life", period=say_period(terminal, *award.half_life))
    return told if award.cap is None else told + terminal.text("score_cap", cap=_points(terminal, award.cap))


def _say_bounds(terminal: Terminal, score: scores.Score) -> None:
    for key, bound in (("cap", score.cap), ("floor", score.floor)):
        if bound is not None:
            terminal.say(f"score_bound.{key}", bound=_points(terminal, bound))


def _measured(terminal: Terminal, measured: Decimal | bool | None) -> str:
    if measured is None or isinstance(measured, bool):
        return ""
    return f" → {_points(terminal, measured)}"


def _points(terminal: Terminal, points: Decimal) -> str:
    return terminal.number(points, 0 if points == points.to_integral_value() else 2)


def _signed(terminal: Terminal, points: Decimal) -> str:
    return f"{'+' if points > 0 else '−'}{_points(terminal, abs(points))}"


def _plain(score: scores.Score | None) -> dict[str, Any]:
    return {} if score is None else score.to_dict()


def _plain_measured(measured: Decimal | bool | None) -> float | bool | None:
    # floats only here, at the door
    return measured if measured is None or isinstance(measured, bool) else float(measured)
