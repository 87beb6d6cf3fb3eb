"""What comes in: uploads looked at, mappings corrected, imports begun, listed, taken back."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response, UploadFile
from pydantic import Field

from tesela.base import text
from tesela.interfaces.http.problems import language_of
from tesela.interfaces.http.routes.jobs import JobTold, told
from tesela.interfaces.http.server import PersonalReader, Reader, Serving, Writer, at_pace
from tesela.interfaces.http.shapes import Page, Shape, Told

router = APIRouter(tags=["imports"])
Kind = Literal["contacts", "orders", "order-lines", "products", "consents", "email-events", "events"]
Mark = Annotated[str, Field(pattern=r"^[\w-]{8,40}$")]
LoadId = Annotated[int, Path(ge=1, le=2**31)]
MOST_MB = 2048


class Uploaded(Told):
    """A file that waits to be imported."""

    upload: str
    name: str


class ColumnTold(Told):
    """A column of a file, and what it would be read as."""

    header: str
    field: str | None = Field(description="None where it is not read.")
    samples: list[str] = Field(description="Empty for whoever may not see people.")


class ProposalTold(Told):
    """How a file would be read."""

    kind: Kind
    columns: list[ColumnTold]
    fields: list[str] = Field(description="What a column can be.")
    notes: list[str] = Field(description="What was decided on the way, in the reader's language.")
    mapping: str = Field(description="As YAML: it comes back with the import.")
    is_saved: bool = Field(description="Whether it was confirmed before.")


class ProposalAsked(Shape):
    """A file to be looked at, and corrections to how it is read."""

    upload: Mark
    kind: Kind
    fields: dict[str, str | None] = Field(default_factory=dict, description="Headers to fields; null reads nothing.")


class ImportAsked(ProposalAsked):
    """A file to be imported."""

    source: Annotated[str | None, Field(max_length=60)] = None


class LoadTold(Told):
    """An import."""

    load_id: int
    kind: str
    source: str
    origin: str
    received_at: str = Field(description="ISO 8601, UTC.")
    received: int
    stored: int
    duplicate: int
    rejected: int
    reasons: dict[str, int]
    reasons_said: dict[str, str] = Field(description="Each reason in the reader's language.")
    is_undone: bool


class RejectedRowTold(Told):
    """A row that could not be used."""

    row_number: int = Field(description="Place in the file, from 1.")
    reason: str
    said: str = Field(description="The reason in the reader's language.")
    detail: str | None = Field(description="The value or column at fault; None for whoever may not see people.")
    cells: dict[str, str | None] | None = Field(description="What stood in each column; None where it is not told.")
    raw: str | None = Field(description="The line as it came, where it could not be told apart into columns.")


class RejectedReason(Told):
    """Why rows were rejected, and how many."""

    said: str
    rows: int


class RejectedColumn(Told):
    """A column of the file, and what it was read as."""

    header: str
    field: str | None


class ReplayTold(Told):
    """An import that brought rejected rows in again."""

    load_id: int
    stored: int
    duplicate: int
    rejected: int


class RejectedTold(Page[RejectedRowTold]):
    """Rows of an import that could not be used."""

    kind: str
    origin: str
    reasons: dict[str, RejectedReason] = Field(description="By code.")
    columns: list[RejectedColumn]
    fields: list[str] = Field(description="What a column can be.")
    replays: list[ReplayTold] = Field(description="Imports that brought them in again; the oldest first.")


class ReplayAsked(Shape):
    """How rejected rows are imported again."""

    fields: dict[str, str | None] = Field(default_factory=dict, description="Headers to fields; null reads nothing.")
    upload: Mark | None = Field(default=None, description="The rows, mended; by default as they came.")


@router.post("/uploads", status_code=201, dependencies=[at_pace("imports")])
def upload(file: UploadFile, server: Serving, _: Writer) -> Uploaded:
    """Upload a file; it waits a week at most to be imported."""
    name = file.filename or "file"
    mark = server.workspace.uploads.keep(name, file.file, most_bytes=MOST_MB << 20)
    return Uploaded(upload=mark, name=server.workspace.uploads.find(mark).name)


@router.post("/imports/propose", dependencies=[at_pace("imports")])
def propose(asked: ProposalAsked, request: Request, server: Serving, holder: Writer) -> ProposalTold:
    """Look at an uploaded file and say how it would be read; nothing is stored."""
    found = server.workspace.imports.propose(asked.kind, server.workspace.uploads.find(asked.upload))
    mapping = found.mapping
    for header, field in asked.fields.items():
        mapping = mapping.with_field(header, field)
    language = language_of(request)
    columns = [
        ColumnTold(
            header=each.header,
            field=mapping.field_of(each.header),
            samples=list(each.samples) if holder.sees_people else [],
        )
        for each in found.columns
    ]
    return ProposalTold(
        kind=asked.kind,
        columns=columns,
        fields=mapping.known_fields,
        notes=[note.message(language) for note in found.notes],
        mapping=mapping.to_yaml(),
        is_saved=found.is_saved,
    )


@router.post("/imports", status_code=202, dependencies=[at_pace("imports")])
def begin(asked: ImportAsked, request: Request, server: Serving, holder: Writer) -> JobTold:
    """Begin to import an uploaded file in the background."""
    file = server.workspace.uploads.find(asked.upload)
    mapping = None
    if asked.fields:
        found = server.workspace.imports.propose(asked.kind, file).mapping
        for header, field in asked.fields.items():
            found = found.with_field(header, field)
        mapping = found.to_yaml()
    work = {"upload": asked.upload, "kind": asked.kind, "source": asked.source, "mapping": mapping, "file": file.name}
    return told(server.background.ask("import", work, actor=holder.name), language_of(request), holder)


@router.get("/imports")
def imports(request: Request, server: Serving, _: Reader) -> list[LoadTold]:
    """List all imports, the newest first."""
    loads = server.workspace.imports.list()
    language = language_of(request)
    names = [name for name in LoadTold.model_fields if name not in ("is_undone", "reasons_said")]
    return [
        LoadTold(
            **{name: getattr(each, name) for name in names},
            reasons_said={reason: text(reason, language) for reason in each.reasons},
            is_undone=each.state == "undone",
        )
        for each in reversed(loads)
    ]


@router.post("/imports/{load_id}/undo", status_code=202)
def undo(load_id: LoadId, request: Request, server: Serving, holder: Writer) -> JobTold:
    """Begin to take an import back in the background."""
    return told(
        server.background.ask("undo_import", {"load_id": load_id}, actor=holder.name), language_of(request), holder
    )


@router.get("/imports/{load_id}/rejected")
def rejected(
    load_id: LoadId,
    request: Request,
    server: Serving,
    holder: Reader,
    reason: Annotated[str | None, Query(max_length=100)] = None,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> RejectedTold:
    """List the rows of an import that could not be used, with the reason; what stood in them is personal data."""
    found = server.workspace.rejected.list(load_id, offset=offset, limit=limit, reason=reason)
    language, sees = language_of(request), holder.sees_people
    return RejectedTold(
        rows=[
            RejectedRowTold(
                row_number=each.row_number,
                reason=each.reason,
                said=text(each.reason, language),
                detail=each.detail if sees else None,
                cells=dict(each.cells) if sees and each.cells is not None else None,
                raw=each.raw if sees and each.cells is None else None,
            )
            for each in found.rows
        ],
        total=found.total,
        offset=offset,
        limit=limit,
        kind=found.load.kind,
        origin=found.load.origin,
        reasons={
            code: RejectedReason(said=text(code, language), rows=rows) for code, rows in found.load.reasons.items()
        },
        columns=[RejectedColumn(header=each.header, field=each.field) for each in found.mapping.columns],
        fields=found.mapping.known_fields,
        replays=[
            ReplayTold(load_id=each.load_id, stored=each.stored, duplicate=each.duplicate, rejected=each.rejected)
            for each in found.replays
        ],
    )


@router.post(
    "/imports/{load_id}/rejected/export", response_class=Response, responses={200: {"content": {"text/csv": {}}}}
)
def take_out_rejected(load_id: LoadId, request: Request, server: Serving, holder: PersonalReader) -> Response:
    """Take the rejected rows of an import out as CSV, with their reasons; noted as any list of people."""
    content, rows = server.workspace.rejected.sheet(load_id, language_of(request))
    server.workspace.access.note_taken_out(
        f"rejected:{load_id}", rows, actor=holder.name, is_raw=True, channel=None, purpose=None, reason=""
    )
    headers = {"content-disposition": f'attachment; filename="rejected-{load_id}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/imports/{load_id}/replay", status_code=202)
def replay(load_id: LoadId, asked: ReplayAsked, request: Request, server: Serving, holder: Writer) -> JobTold:
    """Begin to import the rejected rows of an import again, by a corrected mapping or from a corrected file."""
    found = server.workspace.rejected.list(load_id, limit=1)
    mapping = found.mapping
    for header, field in asked.fields.items():
        mapping = mapping.with_field(header, field)
    file = server.workspace.uploads.find(asked.upload) if asked.upload else None
    work = {"load_id": load_id, "fields": asked.fields, "upload": asked.upload}
    work["file"] = file.name if file else found.load.origin
    return told(server.background.ask("replay_rejected", work, actor=holder.name), language_of(request), holder)
