"""The program `tesela`: puts the commands together, and turns what goes wrong into a message and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from tesela.base import InputError, NotFoundError, TeselaError
from tesela.interfaces.cli import (
    audit,
    catalog,
    changes,
    clean,
    consent,
    discovering,
    engine,
    explaining,
    fixes,
    imports,
    jobs,
    kpis,
    lifecycle,
    matching,
    options,
    plans,
    privacy,
    profile,
    remote,
    rfm,
    schema,
    scores,
    segments,
    serving,
    sets,
    settings,
    shops,
    showing,
    suppression,
    together,
    upkeep,
    versions,
)
from tesela.interfaces.cli.help import LocalCommand, LocalGroup
from tesela.interfaces.cli.language import choose_language
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXIT_FAILED = 1
EXIT_INPUT = 2
EXIT_INTERRUPTED = 130
EXIT_NOBODY_READS = 141

_ORDER = (
    *("init", "import", "audit", "run", "count", "members", "reachable", "explain"),
    *("kpis", "metrics", "targets", "retention"),
    *("clean", "profile", "match", "consent", "suppression", "privacy"),
    *("segments", "catalog", "rfm", "scores", "lifecycle"),
    *("settings", "serve", "demo", "simulate", "backup", "restore", "rebuild", "engine"),
)

# Typer shows neither Click's class for a wrong command line nor where it comes from; this is its public child.
_USAGE_ERROR = cast("type[Exception]", typer.BadParameter.__mro__[1])


def main(arguments: Sequence[str] | None = None, *, may_hand_over: bool = True) -> int:
    """Run one command and return the exit code.

    Args:
        arguments: The command line without the program's name; `sys.argv` by default.
        may_hand_over: Whether a server that has the workspace runs it.

    Returns:
        0 when all went well, 2 when the input must change, 1 when something else failed, 130 after Ctrl-C.
    """
    told = list(sys.argv[1:] if arguments is None else arguments)
    if may_hand_over:
        handed_over = _hand_over(told)
        if handed_over is not None:
            return handed_over
    asked, is_debugging, rest = _take_everywhere(told)
    terminal = Terminal(choose_language(None, rest, os.environ))
    try:
        terminal = Terminal(choose_language(asked, rest, os.environ))
        code = build().main(args=rest, prog_name="tesela", standalone_mode=False, obj=terminal) or 0
        if code == EXIT_INTERRUPTED:  # what Typer makes of Ctrl-C
            raise KeyboardInterrupt
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        terminal.tell("interrupted")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return _nobody_reads()
    except TeselaError as error:
        _show(terminal, error)
        return EXIT_INPUT if isinstance(error, InputError | NotFoundError) else EXIT_FAILED
    except _USAGE_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stdout.write(f"{error}\n")
            return 0
        _show(terminal, _explain(error, terminal))
        return EXIT_INPUT
    except Exception as error:
        if _comes_of_ctrl_c(error):
            terminal.tell("interrupted")
            return EXIT_INTERRUPTED
        if is_debugging:
            traceback.print_exc()
        terminal.tell("unexpected", what=f"{type(error).__name__}: {error}".splitlines()[0])
        return EXIT_FAILED
    return int(code)


def _hand_over(told: Sequence[str]) -> int | None:
    """Let a server that has the workspace run a command; None when there is none."""
    try:
        return remote.hand_over(told)
    except KeyboardInterrupt:
        Terminal(choose_language(None, told, os.environ)).tell("interrupted")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return _nobody_reads()


def _nobody_reads() -> int:
    """Let go of standard output when whoever read the answer (`| head`) has gone."""
    # the interpreter must not try to write again at its end
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_NOBODY_READS


def _comes_of_ctrl_c(error: BaseException | None) -> bool:
    """Return whether Ctrl-C came where something else is made of it: by DuckDB, or while a class is being made."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt) or str(error) == "Query interrupted":
            return True
        error = error.__cause__ or error.__context__
    return False


def build() -> Any:
    """Return the program with all its commands, as Typer makes it."""
    app = _group()
    app.callback(invoke_without_command=True)(_root)
    _add(app, {"init": shops.init})
    app.add_typer(_import_group(), name="import")
    _add(app, {"run": jobs.run, "count": segments.count, "members": segments.members})
    _add(app, {"reachable": segments.reachable, "explain": explaining.explain})
    cleaning = _group()
    _add(cleaning, {"show": clean.show, "rules": clean.rules, "suggestions": clean.suggestions})
    _add(cleaning, {"accept": clean.accept, "undo": clean.undo, "acts": clean.acts})
    app.add_typer(cleaning, name="clean")
    person = _group()
    _add(person, {"show": profile.show, "merge": profile.merge, "unmerge": profile.unmerge})
    _add(person, {"undo": profile.undo, "acts": profile.acts})
    app.add_typer(person, name="profile")
    said = _group()
    _add(said, {"show": consent.show, "record": consent.record})
    app.add_typer(said, name="consent")
    stops = _group()
    _add(stops, {"add": suppression.add, "remove": suppression.remove, "list": suppression.list_stops})
    _add(stops, {"import-list": suppression.import_list, "lists": suppression.lists})
    app.add_typer(stops, name="suppression")
    rights = _group()
    _add(rights, {"erase": privacy.erase, "export": privacy.export})
    _add(rights, {"retention": privacy.retention, "erasures": privacy.erasures})
    app.add_typer(rights, name="privacy")
    duplicates = _group()
    _add(duplicates, {"find": matching.find, "review": matching.review})
    _add(duplicates, {"accept": matching.accept, "reject": matching.reject})
    app.add_typer(duplicates, name="match")
    listing = _group()
    _add(listing, {"list": segments.list_segments, "show": showing.show, "preview": changes.preview})
    _add(listing, {"combine": sets.combine, "overlap": sets.overlap, "diff": sets.diff})
    _add(listing, {"coverage": together.coverage, "movement": together.movement})
    _add(listing, {"discover": discovering.discover})
    _add(listing, {"plan": plans.plan, "sql": plans.sql, "schema": schema.schema})
    _add(listing, {"history": changes.history, "moves": changes.moves})
    _add(listing, {"versions": versions.versions, "compare": versions.compare, "restore": versions.restore})
    app.add_typer(listing, name="segments")
    ready = _group()
    _add(ready, {"list": catalog.list_entries, "show": catalog.show, "add": catalog.add})
    app.add_typer(ready, name="catalog")
    recency = _group()
    _add(recency, {"show": rfm.show, "movement": rfm.movement, "explain": rfm.explain, "run": rfm.run})
    app.add_typer(recency, name="rfm")
    points = _group()
    _add(points, {"list": scores.list_scores, "show": scores.show, "explain": scores.explain})
    app.add_typer(points, name="scores")
    stages = _group()
    _add(stages, {"show": lifecycle.show, "measure": lifecycle.measure})
    app.add_typer(stages, name="lifecycle")
    looked_at = typer.Typer(cls=LocalGroup, add_completion=False, rich_markup_mode=None)
    looked_at.callback(invoke_without_command=True)(audit.run)
    _add(looked_at, {"show": audit.show, "history": audit.history, "checks": audit.checks})
    _add(looked_at, {"fix": fixes.fix, "fixes": fixes.fixes, "undo": fixes.undo, "tagged": fixes.tagged})
    app.add_typer(looked_at, name="audit")
    chosen = typer.Typer(cls=LocalGroup, add_completion=False, rich_markup_mode=None)
    chosen.callback(invoke_without_command=True)(settings.show)
    _add(chosen, {"set": settings.set_values, "reset": settings.reset})
    app.add_typer(chosen, name="settings")
    _add(app, {"kpis": kpis.kpis, "targets": kpis.targets, "retention": kpis.retention})
    measured = _group()
    _add(measured, {"list": kpis.list_metrics, "show": kpis.show_metric})
    app.add_typer(measured, name="metrics")
    _add(app, {"serve": serving.serve_with(main), "simulate": shops.simulate, "demo": shops.demo_with(main)})
    _add(app, {"backup": upkeep.backup, "restore": upkeep.restore, "rebuild": upkeep.rebuild})
    looking = _group()
    _add(looking, {"check": engine.check})
    app.add_typer(looking, name="engine")
    program: Any = typer.main.get_command(app)
    # Typer puts groups last; help tells commands in the order of the work
    program.commands = {name: program.commands[name] for name in _ORDER}
    return program


def _import_group() -> typer.Typer:
    group = _group()
    for kind in imports.KINDS:
        group.command(kind, cls=LocalCommand)(imports.import_command(kind))
    _add(group, {"list": imports.list_imports, "undo": imports.undo})
    _add(group, {"rejected": imports.rejected, "replay": imports.replay})
    return group


def _group() -> typer.Typer:
    return typer.Typer(cls=LocalGroup, add_completion=False, no_args_is_help=True, rich_markup_mode=None)


def _add(group: typer.Typer, commands: dict[str, Callable[..., None]]) -> None:
    for name, command in commands.items():
        group.command(name, cls=LocalCommand)(command)


def _root(ctx: typer.Context, version: Annotated[bool, typer.Option("--version")] = False) -> None:
    if version:
        import tesela

        sys.stdout.write(f"tesela {tesela.__version__}\n")
    elif ctx.invoked_subcommand is None:
        sys.stdout.write(ctx.get_help())


def _take_everywhere(arguments: Sequence[str]) -> tuple[str | None, bool, list[str]]:
    """Take `--lang` and `--debug` out of a command line, wherever they stand before a `--`."""
    asked, is_debugging, rest = None, False, []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument == "--debug":
            is_debugging = True
        elif argument == "--lang":
            asked = next(waiting, "")
        elif argument.startswith("--lang="):
            asked = argument.removeprefix("--lang=")
        else:
            rest.append(argument)
    return asked, is_debugging, rest


def _show(terminal: Terminal, error: TeselaError) -> None:
    terminal.tell("error", message=error.message(terminal.language))
    hint = error.hint(terminal.language)
    if hint:
        terminal.tell_line(hint)


def _explain(error: Exception, terminal: Terminal) -> TeselaError:
    """Return what was wrong with a command line, as an error that speaks both languages."""
    param: Any = getattr(error, "param", None)
    metavar = getattr(param, "metavar", None)
    is_option = param is not None and param.param_type_name == "option"
    name = param.opts[0] if is_option else terminal.text(f"metavar.{metavar}") if metavar else ""
    reason = getattr(error, "message", "") or str(error)
    match type(error).__name__:
        case "MissingParameter":
            return InputError("interfaces.cli.missing_argument", name=name)
        case "NoSuchOption":
            return InputError("interfaces.cli.unknown_option", name=getattr(error, "option_name", reason))
        case "BadParameter" if metavar in ("number", "import_number"):
            return InputError("interfaces.cli.not_a_number", name=name)
        case "BadParameter" if metavar == "format":
            return InputError("interfaces.cli.unknown_format", known=", ".join(get_args(options.Format)))
        case "BadParameter" if metavar == "schema":
            return InputError("interfaces.cli.unknown_schema", known=", ".join(get_args(options.SchemaKind)))
        case "BadParameter":
            return InputError("interfaces.cli.bad_value", name=name, reason=reason)
        case _:
            return InputError("interfaces.cli.bad_command", reason=reason)
