"""Back up a workspace, even while an import runs, and restore it.

A backup holds what cannot be computed again: the settings and definitions, the record's sealed files, the
control store with the key of its suppressed addresses, and what runs have published. The warehouse is not in it:
it is made again.
"""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tesela import events
from tesela.base import ConflictError, InputError, UnavailableError
from tesela.workspace.folder import SETTINGS_FILE, Layout
from tesela.workspace.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMAT = 1
_LABEL = "tesela-backup.json"
_TRIES = 5


def back_up(folder: Path, target: Path) -> Path:
    """Write a workspace to one `.tar` file.

    No lock is taken: sealed files never change, the manifest is read once, and the control store is copied
    after it, so that it knows at least every number that the manifest's loads use.

    Args:
        folder: The workspace.
        target: File to write; it must not exist.

    Raises:
        NotFoundError: when the folder is no workspace.
        ConflictError: when the target exists, or somebody is being erased: the backup would bring her back.
    """
    Settings.load(folder)
    layout = Layout(folder)
    if target.exists():
        raise ConflictError("workspace.file_exists", path=str(target))
    if layout.erasing.exists():
        raise ConflictError("workspace.being_erased", path=str(folder))
    draft = target.with_name(target.name + ".part")
    try:
        for attempt in range(_TRIES):
            try:
                _write(layout, draft)
                break
            except FileNotFoundError:
                # an undo swapped the manifest under our feet: take the new one
                if attempt == _TRIES - 1:
                    raise
        draft.replace(target)
    except OSError as cause:
        raise UnavailableError(
            "workspace.cannot_write", path=str(target), reason=cause.strerror or str(cause)
        ) from cause
    finally:
        draft.unlink(missing_ok=True)
    return target


def restore(source: Path, folder: Path) -> Path:
    """Unpack a backup into a new folder and verify every sealed file.

    Args:
        source: A file made by `back_up`.
        folder: Where; it must not exist, or be empty.

    Raises:
        ConflictError: when the folder has something in it.
        InputError: when the file is no backup of ours.
        UnavailableError: when a sealed file is damaged.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ConflictError("workspace.folder_not_empty", path=str(folder))
    try:
        with tarfile.open(source) as archive:
            label = archive.extractfile(_LABEL)
            if label is None or json.load(label)["format"] > _FORMAT:
                raise InputError("workspace.not_a_backup", path=str(source), reason=_LABEL)
            draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.resolve().parent))
            try:
                archive.extractall(draft, filter="data")
                (draft / _LABEL).unlink()
                events.Record(Layout(draft).record).verify()
                if folder.exists():
                    folder.rmdir()
                draft.replace(folder)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    except (tarfile.TarError, KeyError, ValueError) as cause:
        if isinstance(cause, InputError):
            raise
        raise InputError("workspace.not_a_backup", path=str(source), reason=str(cause)) from cause
    except OSError as cause:
        raise UnavailableError(
            "workspace.cannot_write", path=str(folder), reason=cause.strerror or str(cause)
        ) from cause
    return folder


def _write(layout: Layout, draft: Path) -> None:
    manifest = events.Record(layout.record).manifest()
    with tarfile.open(draft, "w") as archive:
        _add_text(archive, _LABEL, json.dumps({"format": _FORMAT}))
        for path in _definitions(layout):
            archive.add(path, path.relative_to(layout.root).as_posix())
        for load in manifest.sealed:
            for file in load.files:
                archive.add(layout.record / file.name, f".tesela/record/{file.name}")
        for path in sorted(layout.history.glob("*.parquet")):
            archive.add(path, f".tesela/history/{path.name}")
        if layout.control.exists():
            _add_control(archive, layout)
        # after the store: the key is made before the store knows of it, and never another one
        if layout.suppression_key.exists():
            archive.add(layout.suppression_key, f".tesela/{layout.suppression_key.name}")
        # the store may tell of a load that came in meanwhile: no later load gets its number
        after = events.Record(layout.record).manifest()
        _add_text(archive, ".tesela/record/manifest.json", replace(manifest, next_load=after.next_load).to_json())


def _definitions(layout: Layout) -> Iterator[Path]:
    yield layout.root / SETTINGS_FILE
    if layout.rates.exists():
        yield layout.rates
    for folder in (layout.segments, layout.traits, layout.targets, layout.checks, layout.mappings):
        yield from sorted(folder.rglob("*.yaml"))


def _add_control(archive: tarfile.TarFile, layout: Layout) -> None:
    from tesela.control import copy_store

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "control.sqlite"
        copy_store(layout.control, copy)
        archive.add(copy, ".tesela/control.sqlite")


def _add_text(archive: tarfile.TarFile, name: str, written: str) -> None:
    content = written.encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
