"""The routes of a service's audit. They show who did what, never the records that it was done to."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from shared.access import Anyone, May
from shared.audit.entry import entry_of
from shared.audit.fhir import MEDIA_TYPE, audit_event
from shared.audit.fhir_router import add_events
from shared.audit.purposes import Purposes, by_action, purposes
from shared.audit.reading import AccessView, Records, RecordView, Wanted, WholeRecordView
from shared.audit.record import Outcome
from shared.audit.subjects import Subjects
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.problems import INVALID, Problem
from shared.requests import opened
from shared.service import Service
from shared.service import router as service_router
from shared.store import Database

MayRead = Annotated[Caller, Depends(May("audit:read"))]
MayExport = Annotated[Caller, Depends(May("audit:export"))]
MayName = Annotated[Caller, Depends(May("audit:name-staff"))]
RecordsDep = Annotated[Records, Depends(opened(Records))]


class Search(Wanted):
    """Records about one subject: everything that the service keeps of them counts, their id alone would miss most."""

    model_config = ConfigDict(extra="forbid")

    subject_id: UUID


class Accesses(BaseModel):
    """Whose file it is about."""

    model_config = ConfigDict(extra="forbid")

    subject_id: UUID


class NamedAccesses(Accesses):
    """The same with the staff named, for a lawful reason that goes into the audit."""

    reason: str = Field(description="A code of `reasons` in /audit/purposes", max_length=40)


async def everything_of(request: Request, subjects: Subjects, subject_id: UUID) -> set[UUID]:
    """The ids of all that the service keeps about a subject: looked up by the service itself, shown to nobody."""
    database: Database = request.app.state.database
    async with database.transaction() as own:
        return await subjects.entities_of(subject_id, own)


async def subjects_among(request: Request, subjects: Subjects, entities: list[UUID]) -> list[UUID]:
    """Whom these ids are about."""
    database: Database = request.app.state.database
    async with database.transaction() as own:
        return sorted(await subjects.among(entities, own))


def audit_routes(service: Service) -> APIRouter:
    """The router of a service's audit."""
    router = service_router(f"{service.name}/audit", tags=["audit"])
    add_events(router, service)
    add_reading(router, service)
    add_accesses(router, service)
    return router


def add_reading(router: APIRouter, service: Service) -> None:
    """The records, by what they say and by whom they are about."""

    @router.get("/purposes", name="list_purposes")
    async def list_purposes(access: Annotated[None, Depends(Anyone())]) -> Purposes:
        """Why records may be looked at: what the header Purpose-Of-Use takes, and what an action has without it."""
        return purposes().model_copy(update={"by_action": by_action()})

    @router.get("", name="list_audit_records")
    async def list_records(
        wanted: Annotated[Wanted, Query()], records: RecordsDep, paging: PagingDep, caller: MayRead
    ) -> Page[RecordView]:
        """The audit, the latest first. Whom it is about is asked by POST to /audit/search, never in an address."""
        rows = await records.page(wanted, paging.limit, paging.after)
        return paging.page([RecordView.of(row) for row in rows], [[row["id"]] for row in rows])

    @router.post("/search", name="search_audit_records")
    async def search_records(
        body: Search, request: Request, records: RecordsDep, paging: PagingDep, caller: MayRead
    ) -> Page[RecordView]:
        """The records about one subject, the latest first."""
        entities = await everything_of(request, service.subjects, body.subject_id)
        rows = await records.page(body, paging.limit, paging.after, entities)
        return paging.page([RecordView.of(row) for row in rows], [[row["id"]] for row in rows])

    @router.get("/{record_id:uuid}", name="read_audit_record", response_model=WholeRecordView)
    async def read_record(record_id: UUID, request: Request, records: RecordsDep, caller: MayRead) -> Response:
        """One record; with `Accept: application/fhir+json` as a FHIR R4 AuditEvent (IHE BALP)."""
        row = await records.get(record_id)
        about = await subjects_among(request, service.subjects, row["entities"])
        if MEDIA_TYPE in request.headers.get("accept", ""):
            event = audit_event(service.name, row, about, service.subjects.kind)
            return JSONResponse(event, media_type=MEDIA_TYPE)
        terms = row["terms"].hex() if row["terms"] else None
        same = RecordView.of(row).model_dump()
        view = WholeRecordView(**same, entities=row["entities"], about=about, terms=terms)
        return JSONResponse(view.model_dump(mode="json"))


def add_accesses(router: APIRouter, service: Service) -> None:
    """Who looked at somebody's file, for that somebody."""

    async def page(
        request: Request, records: Records, paging: PagingDep, subject: UUID, named: bool
    ) -> Page[AccessView]:
        entities = await everything_of(request, service.subjects, subject)
        rows = await records.page(Wanted(outcome=Outcome.SUCCESS), paging.limit, paging.after, entities)
        return paging.page([AccessView.of(row, named) for row in rows], [[row["id"]] for row in rows])

    @router.post("/accesses/search", name="search_accesses")
    async def search_accesses(
        body: Accesses, request: Request, records: RecordsDep, paging: PagingDep, caller: MayExport
    ) -> Page[AccessView]:
        """Who looked at my file: when, why, in which role and for which organisation; nobody is named."""
        return await page(request, records, paging, body.subject_id, False)

    @router.post("/named-accesses/search", name="search_named_accesses")
    async def search_named_accesses(
        body: NamedAccesses, request: Request, records: RecordsDep, paging: PagingDep, caller: MayName
    ) -> Page[AccessView]:
        """The same with the staff named, for a lawful reason."""
        if body.reason not in purposes().reasons:
            raise Problem(INVALID, faults=[Fault("/reason", "not-one-of")])
        entry_of(request).reason = body.reason
        return await page(request, records, paging, body.subject_id, True)
