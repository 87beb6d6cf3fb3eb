"""Help in Spanish and English: the texts of a command are found by its name, those of an option by its own."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

from tesela.base import Language, NotFoundError, text

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARGIN = "  "
_WIDEST = 100


class LocalCommand(TyperCommand):
    """A command whose help speaks the terminal's language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        formatter.write(render_help(self, ctx.command_path, ctx.find_root().obj.language))


class LocalGroup(TyperGroup):
    """A group of commands whose help speaks the terminal's language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        formatter.write(render_help(self, ctx.command_path, ctx.find_root().obj.language))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command meant.

        Raises:
            NotFoundError: when there is none of that name.
        """
        if not args[0].startswith("-") and args[0] not in self.commands:
            raise NotFoundError("interfaces.cli.unknown_command", name=args[0], known=", ".join(self.commands))
        return super().resolve_command(ctx, args)


def render_help(command: Any, path: str, language: Language) -> str:
    """Return the help of a command as text.

    Args:
        command: The command, as Typer made it.
        path: How it is called: `tesela import orders`.
        language: `es` or `en`.
    """

    def say(key: str) -> str:
        return text(f"interfaces.cli.{key}", language)

    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    subcommands = getattr(command, "commands", {})
    usage = [path, *(_metavar(p, say) for p in arguments)]
    usage += [say("help.command_place")] if subcommands else []
    usage += [say("help.options_place")] if options else []
    lines = [f"{say('help.usage')} {' '.join(usage)}", "", *_wrap(say(command_key(path)), _MARGIN)]
    lines += _section(say("help.arguments"), [(_metavar(p, say), say(f"argument.{p.name}")) for p in arguments])
    lines += _section(
        say("help.commands"), [(name, say(command_key(f"{path} {name}")).split("\n")[0]) for name in subcommands]
    )
    lines += _section(say("help.options"), [(_flags(p, say), say(f"option.{p.name}")) for p in options])
    lines += _section(
        say("help.everywhere"),
        [("--lang es|en", say("option.lang")), ("--debug", say("option.debug")), ("--help", say("option.help"))],
    )
    return "\n".join(lines) + "\n"


def command_key(path: str) -> str:
    """Return the key of a command's text: `tesela import orders` has `command.import.orders`."""
    return ".".join(["command", *path.split()[1:]])


def _metavar(param: Any, say: Any) -> str:
    name = say(f"metavar.{param.metavar}") if param.metavar else str(param.name).upper()
    name += "…" if param.nargs == -1 else ""
    return name if param.required else f"[{name}]"


def _flags(param: Any, say: Any) -> str:
    flags = "/".join((*param.opts, *param.secondary_opts))
    return flags if param.is_flag else f"{flags} {say(f'metavar.{param.metavar}')}"


def _section(title: str, rows: list[tuple[str, str]]) -> list[str]:
    if not rows:
        return []
    indent = _MARGIN + " " * (min(max(len(name) for name, _ in rows), 28) + 2)
    return ["", title, *(line for row in rows for line in _row(*row, indent))]


def _row(name: str, meaning: str, indent: str) -> Iterator[str]:
    lines = _wrap(meaning, indent)
    first = _MARGIN + name
    if len(first) > len(indent) - 2:
        yield first
        yield from lines
    else:
        yield first.ljust(len(indent)) + lines[0].strip()
        yield from lines[1:]


def _wrap(written: str, indent: str) -> list[str]:
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    lines = [textwrap.wrap(p, width, initial_indent=indent, subsequent_indent=indent) for p in written.split("\n")]
    return [line for wrapped in lines for line in (wrapped or [""])]
