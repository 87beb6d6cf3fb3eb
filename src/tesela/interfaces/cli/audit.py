"""The audit at the command line: how healthy the base is, what it costs, what to do, and what the checks are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tesela.base import from_e4, text
from tesela.interfaces.cli.jobs import write_page
from tesela.interfaces.cli.options import AsOf, Folder, Json, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tesela.audit import Audit, Check, Finding, Money, Score
    from tesela.workspace import Workspace

_SIGNS = {"bad": "●", "warn": "◐", "notice": "○", "ok": "✓", "unknown": "?"}
_BAR = 20
_LARGE = 50
_SHOWN_MISSING = 3
_NO_PRICE = "no_price"

CheckKey = Annotated[str, typer.Argument(metavar="check")]


def run(
    ctx: typer.Context,
    workspace: Folder = None,
    as_of: AsOf = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="file")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="file")] = None,
    without_samples: Annotated[bool, typer.Option("--without-samples")] = False,
    json: Json = False,
) -> None:
    """Audit the base: score, findings with what to do, what is at stake."""
    if ctx.invoked_subcommand is not None:
        return
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = _examine(terminal, ws, as_of, is_quiet=json)
        currency, zone = ws.settings.currency, ws.settings.zone
        name = ws.settings.name or ws.folder.resolve().name
        if html is not None or pdf is not None:
            from tesela.audit import render_audit, render_pdf

            page = render_audit(
                found, terminal.language, shop=name, zone=zone, currency=currency, samples=not without_samples
            )
            if html is not None:
                write_page(html, page)
            if pdf is not None:
                write_page(pdf, render_pdf(page))
        if json:
            from tesela.audit import telling

            terminal.write_json(telling.tell_audit(found, terminal.language, currency=currency))
        else:
            terminal.say("audit_title", shop=name, as_of=terminal.moment(found.as_of, zone))
            _draw(terminal, found, currency)
            for written in filter(None, (html, pdf)):
                terminal.say("audit_written", address=written.resolve().as_uri())


def history(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """Show the audits before."""
    from rich.table import Table

    from tesela.audit import WEIGHTS, telling

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        past, zone = ws.audit.history(), ws.settings.zone
    if json:
        terminal.write_json([telling.tell_past(each) for each in past])
        return
    if not past:
        terminal.tell("no_audits")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column(terminal.text("column.as_of"))
    for name in ("base", "mark"):
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    for part in WEIGHTS:
        table.add_column(text(f"audit.part.{part}.name", terminal.language), justify="right")
    for each in past:
        marks = [terminal.number(each.parts[part]) if part in each.parts else "–" for part in WEIGHTS]
        score = "–" if each.score is None else terminal.number(each.score)
        table.add_row(terminal.clock(each.as_of, zone), terminal.number(each.base), score, *marks)
    terminal.draw(table)


def show(ctx: typer.Context, check: CheckKey, workspace: Folder = None, as_of: AsOf = None, json: Json = False) -> None:
    """Show one finding whole: what is counted, why it matters, who, what to do."""
    from tesela.audit import telling

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        asked = ws.audit.check(check)
        found = ws.audit.run(as_of, only=[check]).of(check)
        currency = ws.settings.currency
    if json:
        told = telling.tell_finding(found, terminal.language, currency=currency, samples=True)
        terminal.write_json(telling.tell_check(asked, terminal.language) | told)
        return
    terminal.say_line(_headline(terminal, found, currency))
    for line in _told(terminal, asked):
        terminal.say_line(line)
    for line in _explained(terminal, found, currency):
        terminal.say_line(line)
    if found.samples:
        terminal.say("audit_samples", samples=", ".join(found.samples))


def checks(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """List the checks: what each counts, thresholds, weight in the score."""
    from rich.table import Table

    from tesela.audit import WEIGHTS, telling

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        known = ws.audit.checks()
    if json:
        terminal.write_json([telling.tell_check(each, terminal.language) for each in known.values()])
        return
    table = Table(box=None, pad_edge=False)
    for name in ("check", "name", "unit"):
        table.add_column(terminal.text(f"column.{name}"), overflow="fold")
    for name in ("warn", "bad", "part", "weight", "anchor"):
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    for each in known.values():
        marked = (
            (text(f"audit.part.{each.part}.name", terminal.language), str(each.weight), _percent(terminal, each.anchor))
            if each.part
            else ("", "", "")
        )
        thresholds = (_percent(terminal, each.warn), _percent(terminal, each.bad))
        unit = text(f"audit.unit.{each.unit}", terminal.language)
        table.add_row(each.key, each.said("name", terminal.language), unit, *thresholds, *marked)
    terminal.draw(table)
    terminal.say_line("")
    for part, weight in WEIGHTS.items():
        name = text(f"audit.part.{part}.name", terminal.language)
        terminal.say_line(f"{name} ({weight}): {text(f'audit.part.{part}.why', terminal.language)}")


def _examine(terminal: Terminal, ws: Workspace, as_of: str | None, *, is_quiet: bool) -> Audit:
    with terminal.progress(terminal.text("auditing"), quiet=is_quiet) as progress:
        told = (lambda _step, done, total: progress(done, total)) if progress else None
        return ws.audit.run(as_of, progress=told)


# --- drawing ----------------------------------------------------------------------------------------------------


def _draw(terminal: Terminal, found: Audit, currency: str) -> None:
    before = found.before
    points = "–" if found.score.points is None else terminal.number(found.score.points)
    if before is not None and before.score is not None and before.version == found.score.version:
        terminal.say("audit_score_before", points=points, before=terminal.number(before.score))
    else:
        terminal.say("audit_score", points=points)
    if not found.base:
        terminal.say("audit_nobody")
        return
    for line in _parts(terminal, found.score):
        terminal.say_line(line)
    if found.score.known < 1:
        terminal.say("audit_known", share=_percent(terminal, found.score.known))
    grave = [each for each in found.findings if each.severity in ("bad", "warn")]
    terminal.say_line("")
    for each in grave:
        terminal.say_line(_headline(terminal, each, currency))
        for line in _explained(terminal, each, currency):
            terminal.say_line(line)
    noticed = [each for each in found.findings if each.severity == "notice"]
    if noticed:
        terminal.say("audit_noticed")
    for each in noticed:
        terminal.say_line(f"  {_headline(terminal, each, currency)}")
    if any(each.money is not None and each.money.how == _NO_PRICE for each in found.findings):
        terminal.say("audit_no_price")
    fine = [each.check.said("name", terminal.language) for each in found.findings if each.severity == "ok"]
    if fine:
        terminal.say("audit_fine", checks="; ".join(fine))
    unknown = [each for each in found.findings if each.severity == "unknown"]
    if unknown:
        terminal.say("audit_unknown")
    for reason, names in _by_reason(terminal, unknown).items():
        terminal.say_line(f"  {reason}: {', '.join(names)}")
    _draw_pictures(terminal, found)


def _draw_pictures(terminal: Terminal, found: Audit) -> None:
    """Say in a few lines what stands beside the findings; the page shows it whole."""
    told = found.inventory
    if told is None:
        return
    terminal.say("audit_possible", possible=told.possible, entries=told.entries)
    for each in told.missing[:_SHOWN_MISSING]:
        what = each.need.say(terminal.language)
        terminal.say("audit_missing", data=what, opens=terminal.number(each.opens), of=terminal.number(each.of))
    if found.ladder:
        rungs = {rung.key: rung.people for rung in found.ladder}
        warm = sum(rungs[key] for key in ("d7", "d30", "d60", "d90"))
        terminal.say(
            "audit_ladder",
            warm=terminal.number(warm),
            longer=terminal.number(rungs["longer"]),
            machines=terminal.number(rungs["machine_only"]),
            never=terminal.number(rungs["never_opened"]),
        )
    for channel in found.channels:
        ratio = "–" if channel.ratio is None else _percent(terminal, channel.ratio)
        terminal.say("audit_channel", channel=channel.key, yes=terminal.number(channel.yes), ratio=ratio)
    large = [source for source in found.sources if source.people >= _LARGE]
    if len(large) > 1 and any(source.buyers for source in large):
        best, worst = large[0].name or "-", large[-1].name or "-"
        terminal.say("audit_sources", best=best, worst=worst, n=terminal.number(len(large)), people=_LARGE)


def _parts(terminal: Terminal, score: Score) -> Iterator[str]:
    names = {part.key: text(f"audit.part.{part.key}.name", terminal.language) for part in score.parts}
    widest = max(map(len, names.values()))
    for part in score.parts:
        if part.value is None:
            yield f"  {names[part.key]:<{widest}}  {terminal.text('audit_part_unknown')}"
            continue
        full = round(part.value * _BAR / 100)
        told = "" if part.known == 1 else terminal.text("audit_part_partly", share=_percent(terminal, part.known))
        bar = "█" * full + "░" * (_BAR - full)
        yield f"  {names[part.key]:<{widest}}  {bar} {terminal.number(part.value):>4}  {told}".rstrip()


def _headline(terminal: Terminal, found: Finding, currency: str) -> str:
    from tesela.audit import say_unit

    check = found.check
    name = check.said("name", terminal.language)
    sign = _SIGNS[found.severity]
    if found.count is None:
        return f"{sign} {name}: {text('audit.severity.unknown', terminal.language)}"
    told = f"{terminal.number(found.count)} {say_unit(check.unit, found.count, terminal.language)}"
    if found.share is not None and found.found is not None:
        told += f" ({_percent(terminal, found.share)})"
    if found.change:
        told += f"  {'+' if found.change > 0 else '−'}{terminal.number(abs(found.change))}"
    if found.money is not None and found.money.amount_e4 is not None:
        told += f"  ·  {_money(terminal, found.money, currency)}"
    return f"{sign} {name}: {told}  [{check.key}]"


def _explained(terminal: Terminal, found: Finding, currency: str) -> Iterator[str]:
    if found.found is None:
        reason = found.answer.said(terminal.language)  # type: ignore[union-attr]
        yield f"    {reason}"
        return
    for line in _figures(terminal, found):
        yield f"    {line}"
    if found.money is not None and found.money.how != _NO_PRICE:
        yield f"    {terminal.text('audit_money', how=_how(terminal, found.money, currency))}"
    advice = found.check.said("advice", terminal.language)
    if found.count and advice:
        yield f"    → {advice}"
    if found.count and found.check.command:
        yield f"      {found.check.command}"


def _told(terminal: Terminal, check: Check) -> Iterator[str]:
    for what in ("description", "why", "reason", "source"):
        words = check.said(what, terminal.language)
        if words:
            yield f"  {terminal.text(f'audit_line.{what}')} {words}"
    if check.when:
        yield f"  {terminal.text('audit_line.when')} {check.when}"


def _figures(terminal: Terminal, found: Finding) -> Iterator[str]:
    from tesela.audit import tell_figures

    if found.found is not None:
        yield from tell_figures(found.found, terminal.language, terminal.number).values()


def _money(terminal: Terminal, money: Money, currency: str) -> str:
    amount = f"{terminal.number(from_e4(money.amount_e4 or 0))} {currency}"
    if money.low_e4 is not None and money.high_e4 is not None:
        low, high = (terminal.number(from_e4(end)) for end in (money.low_e4, money.high_e4))
        amount += f" ({low} – {high})"
    return f"{amount} {text(f'audit.money_kind.{money.kind}', terminal.language)}"


def _how(terminal: Terminal, money: Money, currency: str) -> str:
    written: dict[str, Any] = {
        name: terminal.number(value) for name, value in money.facts.items() if isinstance(value, int)
    }
    if "value_e4" in money.facts:
        written["value"] = f"{terminal.number(from_e4(money.facts['value_e4']))} {currency}"
    if "price" in money.facts:
        written["price"] = f"{terminal.number(money.facts['price'], 2)} {currency}"
    return money.said(terminal.language, **written)


def _by_reason(terminal: Terminal, unknown: list[Finding]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in unknown:
        reason = each.answer.said(terminal.language)  # type: ignore[union-attr]
        found.setdefault(reason, []).append(each.check.said("name", terminal.language))
    return found


def _percent(terminal: Terminal, share: Any) -> str:
    percent = 100 * share
    decimals = 0 if not percent or (percent >= 10 and percent == round(percent)) else 1 if percent >= 1 else 2
    return f"{terminal.number(percent, decimals)} %"
