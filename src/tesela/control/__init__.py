"""The control store: connection, transactions, migrations, backup."""

from tesela.control.store import METADATA, ControlStore, copy_store

__all__ = ["METADATA", "ControlStore", "copy_store"]
