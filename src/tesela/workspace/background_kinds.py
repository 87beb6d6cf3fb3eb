"""The kinds of work that a workspace does in the background; each changes all or nothing, so a crash loses none."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tesela import events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.workspace.auditing import Auditing
    from tesela.workspace.background import Progress, Work
    from tesela.workspace.imports import ImportResult, Imports
    from tesela.workspace.jobs import Jobs
    from tesela.workspace.rejections import Rejections
    from tesela.workspace.uploads import Uploads


_COUNTS = ("load_id", "received", "stored", "duplicate", "rejected", "consents", "ignored", "stops")


def kinds_of(
    jobs: Jobs, imports: Imports, rejected: Rejections, uploads: Uploads, auditing: Auditing
) -> dict[str, Work]:
    """Return what each kind of work does, by name."""

    def run(asked: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        found = jobs.run(asked.get("as_of"), progress=progress)
        base = found.kpis["base"]
        return {"as_of": f"{found.as_of.isoformat()}Z", "size": base.size, "segments": len(found.kpis) - 1}

    def refresh(asked: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        progress("segments", 0, 1)
        found = jobs.refresh(asked.get("as_of"))
        progress("segments", 1, 1)
        return {**asdict(found), "as_of": f"{found.as_of.isoformat()}Z"}

    def examine(asked: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        del asked
        found = auditing.run(progress=progress)
        return {"as_of": f"{found.as_of.isoformat()}Z", "base": found.base, "points": found.score.points}

    def bring_in(asked: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        file = uploads.find(asked["upload"])
        told = asked.get("mapping")
        mapping = events.Mapping.from_yaml(told) if told else None

        def units(done: int, total: int | None) -> None:
            progress("reading", done, total)

        found = imports.run(asked["kind"], file, mapping=mapping, name=asked.get("source"), progress=units)
        uploads.drop(asked["upload"])
        return {**_counts(found), "kind": asked["kind"]}

    def replay(asked: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        upload = asked.get("upload")

        def units(done: int, total: int | None) -> None:
            progress("reading", done, total)

        found = rejected.replay(
            int(asked["load_id"]),
            fields=asked.get("fields"),
            file=uploads.find(upload) if upload else None,
            progress=units,
        )
        if upload:
            uploads.drop(upload)
        return {**_counts(found.result), "left_out": found.left_out, "replayed": int(asked["load_id"])}

    def undo(asked: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        def units(done: int, total: int) -> None:
            progress("rebuilding", done, total)

        undone = imports.undo(int(asked["load_id"]), units)
        return {"load_id": undone.load_id}

    return {
        "run": run,
        "refresh": refresh,
        "audit": examine,
        "import": bring_in,
        "undo_import": undo,
        "replay_rejected": replay,
    }


def _counts(found: ImportResult) -> dict[str, Any]:
    return {**{name: getattr(found, name) for name in _COUNTS}, "reasons": found.reasons}
