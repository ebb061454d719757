"""The audit as FHIR: search and read of AuditEvent, for the tools of auditors (IHE BALP, ITI-81)."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from shared.access import May
from shared.audit.fhir import MEDIA_TYPE, audit_event
from shared.audit.reading import Records, Row
from shared.audit.searching import EventForm, EventSearch, bundle
from shared.auth import Caller
from shared.cursors import sign, verify
from shared.errors import Fault
from shared.problems import INVALID, Problem, faults_of
from shared.requests import opened
from shared.service import Service
from shared.store import Database, Transaction

MayRead = Annotated[Caller, Depends(May("audit:read"))]
RecordsDep = Annotated[Records, Depends(opened(Records))]
FORM: Mapping[str, Any] = {
    "requestBody": {
        "content": {"application/x-www-form-urlencoded": {"schema": EventForm.model_json_schema(by_alias=True)}}
    }
}
ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}, "description": "A FHIR R4 resource"}}


def add_events(router: APIRouter, service: Service) -> None:
    """The base is `/<service>/audit`: what stands in an address is never whom a record is about."""

    @router.get("/AuditEvent", name="search_audit_events", response_class=JSONResponse, responses=ANSWER)
    async def search(
        wanted: Annotated[EventSearch, Query()], request: Request, records: RecordsDep, caller: MayRead
    ) -> JSONResponse:
        """AuditEvents, the latest first. `entity` and `patient` are asked by POST to `_search` only."""
        return await _found(service, request, wanted, records)

    @router.post(
        "/AuditEvent/_search",
        name="search_audit_events_by_form",
        response_class=JSONResponse,
        responses=ANSWER,
        openapi_extra=dict(FORM),
    )
    async def search_by_form(
        request: Request,
        records: RecordsDep,
        caller: MayRead,
        cursor: Annotated[str | None, Query(max_length=2000, description="Of the page before")] = None,
    ) -> JSONResponse:
        """The same by a form. The next page is asked with the same form at the address of the link."""
        form = _form(await request.body())
        return await _found(service, request, form.model_copy(update={"cursor": cursor or form.cursor}), records)

    @router.get("/AuditEvent/{record_id:uuid}", name="read_audit_event", response_class=JSONResponse, responses=ANSWER)
    async def read(record_id: UUID, request: Request, records: RecordsDep, caller: MayRead) -> JSONResponse:
        """One AuditEvent."""
        database: Database = request.app.state.database
        async with database.transaction() as own:
            return JSONResponse(await _event(service, await records.get(record_id), own), media_type=MEDIA_TYPE)


def _form(body: bytes) -> EventForm:
    try:
        return EventForm.read(parse_qsl(body.decode(), keep_blank_values=True))
    except UnicodeDecodeError:
        raise Problem(INVALID, faults=[Fault("", "wrong-format")]) from None
    except ValidationError as error:
        raise Problem(INVALID, faults=faults_of(error.errors())) from None


async def _found(service: Service, request: Request, wanted: EventSearch, records: Records) -> JSONResponse:
    database: Database = request.app.state.database
    after = verify(request, wanted.cursor) if wanted.cursor else None
    # The service itself looks up whom a record is about; who asks sees ids alone.
    async with database.transaction() as own:
        entities = await _entities(service, wanted, own)
        rows = await records.page(wanted, wanted.count, after, entities)
        shown = rows[: wanted.count]
        events = [await _event(service, row, own) for row in shown]
    here = request.url
    links = {"self": f"{here.path}?{here.query}".rstrip("?")}
    if len(rows) > wanted.count:
        then = here.include_query_params(cursor=sign(request, [shown[-1]["id"]]))
        links["next"] = f"{then.path}?{then.query}"
    return JSONResponse(bundle(f"/{service.name}/audit/AuditEvent", links, events), media_type=MEDIA_TYPE)


async def _entities(service: Service, wanted: EventSearch, own: Transaction) -> set[UUID] | None:
    """What a record must be about: a subject stands for all that is kept of it, another entity for itself."""
    named = {each for each in (getattr(wanted, "entity", None), getattr(wanted, "patient", None)) if each}
    if not named:
        return None
    found: set[UUID] = set()
    for each in named:
        found |= await service.subjects.entities_of(each, own) | {each}
    return found


async def _event(service: Service, row: Row, own: Transaction) -> dict[str, Any]:
    about = sorted(await service.subjects.among(row["entities"], own))
    return audit_event(service.name, row, about, service.subjects.kind)
