"""The command `tesela`."""

from tesela.interfaces.cli.app import main

__all__ = ["main"]
