"""Do something in a copy of the workspace to see what comes of it: nothing of it stays."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from tesela.workspace.folder import Layout, scratch_folder
from tesela.workspace.stores import Stores

if TYPE_CHECKING:
    from collections.abc import Iterator

# definitions of the shop's own, by the properties of `Layout`
_DEFINITIONS = ("segments", "traits", "checks")


@contextlib.contextmanager
def rehearse(stores: Stores) -> Iterator[Stores]:
    """Yield the stores of a copy of a workspace; it is removed at the end.

    The record's files are never changed, so the copy has them as links; its rules run on the copied file, wherever
    those of the workspace run, so that nothing reaches an engine beside it.

    Args:
        stores: The open stores.
    """
    from tesela.control import copy_store

    layout = stores.layout
    stores.refresh()
    with scratch_folder(layout) as scratch:
        copy = Layout(scratch)
        copy.warehouse.parent.mkdir(parents=True)
        settings = replace(stores.settings, engine="duckdb")
        settings.save(copy.root)
        for name in _DEFINITIONS:
            if getattr(layout, name).is_dir():
                shutil.copytree(getattr(layout, name), getattr(copy, name))
        # the database is whole in its file, and nobody writes meanwhile
        with stores.warehouse.undisturbed(writes=True):
            stores.warehouse.purge()
            shutil.copyfile(layout.warehouse, copy.warehouse)
        shutil.copytree(layout.record, copy.record, copy_function=os.link)
        if layout.identity.is_dir():
            shutil.copytree(layout.identity, copy.identity)
        if layout.suppression_key.exists():
            shutil.copyfile(layout.suppression_key, copy.suppression_key)
        if layout.control.exists():
            copy_store(layout.control, copy.control)
        opened = Stores.open(copy, settings, stores.clock)
        try:
            yield opened
        finally:
            opened.close()
