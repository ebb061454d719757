"""Imports: many referrals in one file, each row by the same command as a push."""

import asyncio
import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from services.referrals.api.doors import Body, InstrumentsDep, OrganisationsDep, router
from services.referrals.domain import NotYourMove, Sheet
from services.referrals.domain.document import Code, Day, Line, Rater
from services.referrals.domain.imports import ImportState, RowState
from services.referrals.formats.table import (
    Mapping,
    columns_with,
    convert,
    document_of,
    message,
    read_foreign_rows,
    shipped_mapping,
)
from services.referrals.store import ImportRow, Imports, Judged, UnknownOrganisation
from shared.access import May, Scope
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.requests import opened, strict_json
from shared.spreadsheets import RejectedRow, Table, TableRow, UnsupportedTable
from shared.spreadsheets.over_http import WORKBOOK, media_of, reader_of, rejected_rows, table_body

MayImport = Annotated[Caller, Depends(May("referral:import"))]
ImportsDep = Annotated[Imports, Depends(opened(Imports))]

BODY = table_body({"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}})


class Report(BaseModel):
    """How many rows became what."""

    rows: int
    waiting: int = 0
    received: int = Field(0, description="Rows that became a referral, or would")
    repeated: int = Field(0, description="Rows that were known already with the same content")
    rejected: int = 0


class CheckReport(Report):
    """What an import would do; nothing is stored."""

    errors: list[RejectedRow]


class ImportView(Report):
    """An import and how far it is."""

    id: UUID
    organisation: str
    state: ImportState
    all_or_nothing: bool
    progress: float = Field(description="From 0 to 1")
    created_at: datetime
    finished_at: datetime | None
    rows_forgotten_at: datetime | None = Field(description="When the rows as received were deleted")


class ForeignSheet(Body):
    """Another program's record of a sheet, and the mapping by its code or in full."""

    mapping: Code | Mapping
    sheet: dict[str, Any]
    identifier: Line | None = None
    filled_on: Day | None = None
    rater: Rater | None = None


class ConvertedSheet(BaseModel):
    """Our sheet, null while something could not be mapped; `faults` point into the record that was sent."""

    sheet: Sheet | None
    faults: list[Fault]
    left_out: list[str] = Field(description="Places whose text has no place in our sheet")


@router.post(
    "/imports",
    status_code=202,
    openapi_extra=BODY,
    responses={200: {"model": CheckReport, "description": "Dry run"}},
)
async def import_referrals(
    request: Request,
    response: Response,
    imports: ImportsDep,
    instruments: InstrumentsDep,
    organisations: OrganisationsDep,
    caller: MayImport,
    organisation: Annotated[Code | None, Query(description="For which organisation; yours when left out")] = None,
    dry_run: Annotated[bool, Query(description="Check every row and store nothing")] = False,
    all_or_nothing: Annotated[bool, Query(description="One bad row keeps all out")] = False,
    mapping: Annotated[Code | None, Query(description="How to read foreign sheets in a JSON body")] = None,
) -> ImportView | CheckReport:
    """Import a CSV file or an Excel workbook. The same file again is the same import."""
    sender = sender_of(caller, organisation)
    await organisations.check_sender(sender)
    body, media = await request.body(), media_of(request)
    cards = await instruments.cards()
    table = await asyncio.to_thread(read, body, media, mapping, cards)
    if dry_run:
        response.status_code = 200
        return await check(table, imports, sender)
    kind = json.dumps([media, mapping, all_or_nothing]).encode()
    found = await imports.open(table, sender, hashlib.sha256(kind + body).hexdigest(), all_or_nothing)
    response.headers["location"] = f"/referrals/imports/{found.id}"
    return await view(found, imports)


def sender_of(caller: Caller, organisation: str | None) -> str:
    """For whom a caller imports: a hospital for itself, the programme's staff for the organisation they name."""
    if caller.scope == Scope.ALL:
        if organisation is None:
            raise UnknownOrganisation(faults=[Fault("/query/organisation", "required")])
        return organisation
    if organisation not in (None, caller.organisation):
        raise NotYourMove
    return caller.organisation


def read(body: bytes, media: str, mapping: str | None, cards: Collection[str]) -> Table:
    """The table in a body."""
    if media == "application/json" and mapping:
        return read_foreign_rows(strict_json(body), shipped_mapping(mapping), cards)
    if mapping:
        raise UnsupportedTable
    return reader_of(media)(body, columns_with(cards))


def documents_of(rows: Sequence[TableRow]) -> list[Judged]:
    """The documents that rows mean."""
    return [Judged(row, *document_of(row)) for row in rows]


async def check(table: Table, imports: Imports, sender: str) -> CheckReport:
    """What would become of each row."""
    judged = await asyncio.to_thread(documents_of, table.rows)
    await imports.judge(judged, sender)
    counts = {state: sum(each.state is state for each in judged) for state in RowState}
    errors = [
        RejectedRow(row=each.row.number, faults=tuple(each.faults))
        for each in judged
        if each.state is RowState.REJECTED
    ]
    return CheckReport(**report(counts, len(judged)), errors=errors)


def report(counts: Any, total: int) -> dict[str, int]:
    """The counts of a report."""
    ended = {state.value: counts.get(state, 0) for state in (RowState.RECEIVED, RowState.REPEATED, RowState.REJECTED)}
    return {"rows": total, "waiting": total - sum(ended.values()), **ended}


async def view(found: ImportRow, imports: Imports) -> ImportView:
    """An import as its owner sees it."""
    counts = report(await imports.counts(found.id), found.total)
    done = 1.0 if found.finished_at else (counts["rows"] - counts["waiting"]) / counts["rows"]
    return ImportView.model_validate({**found.model_dump(), **counts, "progress": round(done, 4)})


@router.get("/imports/{import_id:uuid}")
async def read_import(import_id: UUID, imports: ImportsDep, caller: MayImport) -> ImportView:
    """One import: its state, its counts, how far it is."""
    return await view(await imports.get(import_id, caller), imports)


@router.get("/imports/{import_id:uuid}/errors")
async def list_import_errors(
    import_id: UUID, imports: ImportsDep, paging: PagingDep, caller: MayImport
) -> Page[RejectedRow]:
    """The rejected rows in their order: number, columns, codes; never a value."""
    found = await imports.get(import_id, caller)
    rows = await imports.rejected(found.id, paging.limit + 1, int(paging.after[0]) if paging.after else 0)
    return paging.page([row.verdict for row in rows], [(row.number,) for row in rows])


@router.get("/imports/{import_id:uuid}/rejected.xlsx", response_class=Response, responses=WORKBOOK)
async def download_rejected_rows(import_id: UUID, imports: ImportsDep, caller: MayImport) -> Response:
    """The rejected rows as they came, with what was wrong: correct them there and send the workbook back."""
    found = await imports.get(import_id, caller)
    rows = await imports.rejected(found.id, found.total, 0)
    shown = [(row.verdict, row.content.cells if row.content else {}) for row in rows]
    return await rejected_rows(found.columns, shown, message)


@router.post("/sheets/mapping")
async def map_foreign_sheet(body: ForeignSheet, caller: MayImport) -> ConvertedSheet:
    """Convert another program's sheet into ours without storing anything. What is not mapped is named by its place."""
    mapping = body.mapping if isinstance(body.mapping, Mapping) else shipped_mapping(body.mapping)
    converted = convert(body.sheet, mapping)
    given = {"identifier": body.identifier, "filled_on": body.filled_on, "rater": body.rater}
    fields: dict[str, Any] = {**converted.fields, **{name: value for name, value in given.items() if value}}
    faults = list(converted.faults)
    faults += [Fault(f"/{name}", "required") for name in given if not fields.get(name)]
    sheet = None if faults else Sheet.model_validate({**fields, "answers": converted.answers})
    return ConvertedSheet(sheet=sheet, faults=faults, left_out=converted.left_out)
