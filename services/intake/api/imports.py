"""Routes of the imports: people and contacts of another list, each row by the rules of the line."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from services.intake.api.doors import Body, MayReview, PersonsDep, router
from services.intake.api.reviews import CandidateView, candidates_of
from services.intake.domain.identity import OrganisationCode
from services.intake.domain.imports import (
    ColumnMapping,
    Entry,
    ImportedPerson,
    ImportKind,
    ImportState,
    Nearby,
    RowState,
)
from services.intake.events import Decision
from services.intake.formats.table import columns_of, message, person_of, refuse_unknown
from services.intake.store import ContactImports, ImportedRow, ImportRow, Imports, Mappings, PeopleImports, Persons
from services.intake.store.imports import in_parts
from shared.access import May
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.requests import opened
from shared.spreadsheets import CellFault, RejectedRow
from shared.spreadsheets.over_http import WORKBOOK, media_of, reader_of, rejected_rows, table_body

MayImport = Annotated[Caller, Depends(May("person:import"))]
ImportsDep = Annotated[Imports, Depends(opened(Imports))]
MappingsDep = Annotated[Mappings, Depends(opened(Mappings))]
PeopleImportsDep = Annotated[PeopleImports, Depends(opened(PeopleImports))]
ContactImportsDep = Annotated[ContactImports, Depends(opened(ContactImports))]


class ImportReport(BaseModel):
    """How many rows became what."""

    rows: int
    waiting: int = 0
    entered: int = Field(0, description="Rows that became a person or contact, or would")
    known: int = Field(0, description="Rows whose person or contact was there already")
    review: int = Field(0, description="Rows of which somebody must say who it is")
    rejected: int = 0


class ImportCheck(ImportReport):
    """What an import would do; nothing is stored."""

    errors: list[RejectedRow]
    to_review: list[int] = Field(description="Numbers of the rows that somebody would have to decide")


class ImportView(ImportReport):
    """An import and how far it is."""

    id: UUID
    kind: ImportKind
    state: ImportState
    progress: float = Field(description="From 0 to 1")
    created_at: datetime
    finished_at: datetime | None
    rows_forgotten_at: datetime | None = Field(description="When the cells of rejected rows were deleted")


class ImportRowView(BaseModel):
    """What became of a row: numbers, codes, ids; never a value."""

    row: int
    state: RowState
    faults: list[CellFault]
    target_id: UUID | None = Field(description="The person or contact that it became, or was already")

    @classmethod
    def of(cls, row: ImportedRow) -> "ImportRowView":
        return cls(row=row.number, state=row.state, faults=list(row.faults), target_id=row.target_id)


class ImportReview(BaseModel):
    """A row of which somebody must say who it is."""

    row: int
    incoming: ImportedPerson | None
    candidates: list[CandidateView] = Field(description="The surest first")


class ImportChoice(Body):
    """Who a row is."""

    decision: Decision
    person_id: UUID | None = None


@router.put("/import-mappings/{code}", status_code=204)
async def put_column_mapping(
    code: OrganisationCode, body: ColumnMapping, mappings: MappingsDep, caller: MayImport
) -> None:
    """Keep how another list is to be read. It never changes: 409 when the code stands for another one."""
    refuse_unknown(body)
    await mappings.put(caller.organisation, code, body)


@router.get("/import-mappings/{code}")
async def read_column_mapping(code: OrganisationCode, mappings: MappingsDep, caller: MayImport) -> ColumnMapping:
    """One mapping."""
    return await mappings.get(caller.organisation, code)


@router.post(
    "/imports",
    status_code=202,
    openapi_extra=table_body(),
    responses={200: {"model": ImportCheck, "description": "Dry run"}},
)
async def import_list(
    request: Request,
    response: Response,
    imports: ImportsDep,
    mappings: MappingsDep,
    people: PeopleImportsDep,
    contacts: ContactImportsDep,
    caller: MayImport,
    kind: ImportKind,
    mapping: Annotated[OrganisationCode | None, Query(description="Code of a column mapping")] = None,
    dry_run: Annotated[bool, Query(description="Check every row and store nothing")] = False,
) -> ImportView | ImportCheck:
    """Import a CSV file or an Excel workbook. The same file again is the same import."""
    media = media_of(request)
    read_table, body = reader_of(media), await request.body()
    how = await mappings.for_import(caller.organisation, mapping, kind)
    table = await asyncio.to_thread(read_table, body, columns_of(how))
    if dry_run:
        response.status_code = 200
        entries = [Entry(row) for row in table.rows]
        await rehearse(entries, caller.organisation, how, people, contacts)
        return checked(entries)
    manner = json.dumps([media, how.model_dump(mode="json")], sort_keys=True).encode()
    found = await imports.open(table, caller, hashlib.sha256(manner + b"\0" + body).hexdigest(), how)
    response.headers["location"] = f"/intake/imports/{found.id}"
    return await view(found, imports)


async def rehearse(
    entries: list[Entry], programme: str, how: ColumnMapping, people: PeopleImports, contacts: ContactImports
) -> None:
    """Say of each row what would become of it."""
    met, known = Nearby(), dict[str, tuple[str, UUID]]()
    for some in in_parts(entries):
        if how.kind is ImportKind.PERSONS:
            await people.check(some, programme, how, met)
        else:
            await contacts.take(some, programme, how, known, dry=True)


def checked(entries: list[Entry]) -> ImportCheck:
    """The report of a dry run."""
    counts = {state: sum(each.state is state for each in entries) for state in RowState}
    errors = [
        RejectedRow(row=each.row.number, faults=tuple(each.faults))
        for each in entries
        if each.state is RowState.REJECTED
    ]
    to_review = [each.row.number for each in entries if each.state is RowState.REVIEW]
    return ImportCheck(**report(counts, len(entries)), errors=errors, to_review=to_review)


def report(counts: Mapping[RowState, int], total: int) -> dict[str, int]:
    """The counts of a report."""
    ended = {state.value: counts.get(state, 0) for state in RowState if state is not RowState.WAITING}
    return {"rows": total, "waiting": total - sum(ended.values()), **ended}


async def view(found: ImportRow, imports: Imports) -> ImportView:
    """An import as its programme sees it."""
    counts = report(await imports.counts(found.id), found.total)
    done = 1.0 if found.finished_at else (counts["rows"] - counts["waiting"]) / counts["rows"]
    return ImportView.model_validate(
        {**found.model_dump(), **counts, "kind": found.mapping.kind, "progress": round(done, 4)}
    )


@router.get("/imports/{import_id:uuid}")
async def read_import(import_id: UUID, imports: ImportsDep, caller: MayImport) -> ImportView:
    """One import: its state, its counts, how far it is."""
    return await view(await imports.get(import_id, caller), imports)


@router.get("/imports/{import_id:uuid}/rows")
async def list_import_rows(
    import_id: UUID, imports: ImportsDep, paging: PagingDep, caller: MayImport, state: RowState | None = None
) -> Page[ImportRowView]:
    """The rows in their order with what became of them; of rejected ones columns and codes, never a value."""
    found = await imports.get(import_id, caller)
    rows = await imports.rows(found.id, state, paging.limit + 1, int(paging.after[0]) if paging.after else 0)
    return paging.page([ImportRowView.of(row) for row in rows], [(row.number,) for row in rows])


@router.get("/imports/{import_id:uuid}/rejected.xlsx", response_class=Response, responses=WORKBOOK)
async def download_rejected_rows(import_id: UUID, imports: ImportsDep, caller: MayImport) -> Response:
    """The rejected rows as they came, with what was wrong: correct them there and send the workbook back."""
    found = await imports.get(import_id, caller)
    rows = await imports.rows(found.id, RowState.REJECTED, found.total, 0)
    shown = [(row.verdict, row.content.cells if row.content else {}) for row in rows]
    return await rejected_rows(found.columns, shown, message)


@router.get("/imports/{import_id:uuid}/reviews")
async def list_import_reviews(
    import_id: UUID, imports: ImportsDep, persons: PersonsDep, paging: PagingDep, caller: MayReview
) -> Page[ImportReview]:
    """The rows of which somebody must say who it is, with the candidates and the reasons."""
    found = await imports.get(import_id, caller)
    after = int(paging.after[0]) if paging.after else 0
    rows = await imports.rows(found.id, RowState.REVIEW, paging.limit + 1, after)
    items = [await review_of(row, found, persons, caller) for row in rows]
    return paging.page(items, [(row.number,) for row in rows])


async def review_of(row: ImportedRow, found: ImportRow, persons: Persons, caller: Caller) -> ImportReview:
    """A row in review with the cards of its candidates."""
    candidates = await candidates_of(row.candidates, persons, caller)
    incoming = person_of(row.content, found.mapping)[0] if row.content else None
    return ImportReview(row=row.number, incoming=incoming, candidates=candidates)


@router.post("/imports/{import_id:uuid}/reviews/{number}/decision", status_code=201)
async def decide_import_review(
    import_id: UUID,
    number: int,
    body: ImportChoice,
    imports: ImportsDep,
    people: PeopleImportsDep,
    persons: PersonsDep,
    caller: MayReview,
) -> ImportRowView:
    """Say who a row is, once. 409 when decided, or when somebody certainly the same was registered meanwhile."""
    found = await imports.get(import_id, caller)
    row = await imports.row(found.id, number)
    person = await persons.in_programme(body.person_id, found.programme) if body.person_id else None
    await people.decide(row, (body.decision, person), found.mapping, (found.programme, caller.subject))
    return ImportRowView.of(row)
