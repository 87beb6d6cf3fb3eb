"""The control store: connection, transactions, migrations, backup."""

from tesela.control.store import METADATA, ControlStore

__all__ = ["METADATA", "ControlStore"]
