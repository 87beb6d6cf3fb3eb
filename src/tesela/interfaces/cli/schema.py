"""What editors need to check and complete the files of segments and traits."""

from __future__ import annotations

from typing import Annotated

import typer

from tesela.interfaces.cli.options import SchemaKind
from tesela.interfaces.cli.terminal import Terminal

Kind = Annotated[SchemaKind, typer.Option("--kind", metavar="schema")]


def schema(ctx: typer.Context, kind: Kind = "segments") -> None:
    """Print a JSON Schema."""
    from tesela.language import read_schema

    Terminal.of(ctx).say_line(read_schema(kind).rstrip())
