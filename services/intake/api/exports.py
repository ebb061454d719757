"""Routes of the copies that people ask for: what is held of them, by whom it was seen, and to whom it went."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from services.intake.api.doors import Body, PersonsDep, SettingsDep, router
from services.intake.domain.export import (
    AskedBy,
    Delivery,
    Export,
    ExportExpired,
    ExportLanguage,
    ExportRequest,
    Extension,
    Timeliness,
)
from services.intake.events.exports import ExportState
from services.intake.formats.export import ExportDocument, document_of
from services.intake.formats.export_html import page_of, policy
from services.intake.store.exports import ExportRow, Exports, PartRow
from shared.access import May
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, IfMatch, Tag, opened

POLICY = policy()

ExportsDep = Annotated[Exports, Depends(opened(Exports))]
MayRequest = Annotated[Caller, Depends(May("export:request"))]
MayRead = Annotated[Caller, Depends(May("export:read"))]
MayFetch = Annotated[Caller, Depends(May("export:fetch"))]
MaySettle = Annotated[Caller, Depends(May("export:settle"))]
Language = Annotated[ExportLanguage | None, Query(description="Another language than the one asked for")]


class NewExport(ExportRequest):
    """Somebody asks for a copy of all that is held of them."""

    model_config = ConfigDict(extra="forbid")


class Extended(Body):
    """Why the answer takes two months more (GDPR art. 12 (3)); the person is told of it."""

    reason: Extension


class Delivered(Body):
    """How the person got the copy."""

    how: Delivery


class PartView(BaseModel):
    """How far one service is. `failure` says in a word why it gave nothing yet."""

    service: str
    collected_at: datetime | None
    tries: int
    try_at: datetime | None = Field(description="When it is asked again")
    failure: str | None

    @classmethod
    def of(cls, part: PartRow) -> "PartView":
        """The view of a part."""
        return cls(**part.model_dump(include=set(cls.model_fields)))


class ExportView(BaseModel):
    """A request for a copy, and how far it is."""

    id: UUID
    person_id: UUID
    asked_by: AskedBy
    asked_on: date
    language: ExportLanguage
    recorded_at: datetime
    due_on: date = Field(description="The day on which the person must have it")
    timeliness: Timeliness = Field(description="`near` in the last days before it is due")
    state: ExportState
    completed_at: datetime | None
    keep_until: date | None = Field(description="The last day of what was collected")
    extension: Extension | None
    extended_at: datetime | None
    delivery: Delivery | None
    delivered_at: datetime | None

    @classmethod
    def of(cls, row: Export, today: date, warn_days: int) -> "ExportView":
        """The view of a request on a day."""
        return cls(**row.model_dump(exclude={"version"}), timeliness=row.timeliness(today, warn_days))


class WholeExportView(ExportView):
    """The same with each service's part."""

    parts: list[PartView]
    missing: list[str] = Field(description="Services that have given nothing yet; they are asked again")


@router.post("/persons/{person_id:uuid}/exports", status_code=202)
async def request_export(
    person_id: UUID,
    body: NewExport,
    exports: ExportsDep,
    persons: PersonsDep,
    settings: SettingsDep,
    clock: ClockDep,
    response: Response,
    caller: MayRequest,
) -> ExportView:
    """Record that a person, or who may act for them, asked for a copy (GDPR art. 15); the services are asked for it."""
    person = await persons.current(person_id, caller)
    today = local_date(clock)
    due = body.due_on(today, settings.export_terms)
    row = await exports.ask(body.export(person.id, person.programme, caller.subject, due, clock.now()))
    response.headers["location"] = f"/intake/exports/{row.id}"
    return ExportView.of(row, today, settings.export_warn_days)


@router.get("/exports")
async def list_exports(
    exports: ExportsDep,
    settings: SettingsDep,
    paging: PagingDep,
    clock: ClockDep,
    caller: MayRead,
    all: Annotated[bool, Query(description="Those that were answered too")] = False,
) -> Page[ExportView]:
    """The requests that wait for an answer, the one that is due first before the others."""
    rows = await exports.page(caller, paging.limit, paging.after, is_open=not all)
    views = [ExportView.of(row, local_date(clock), settings.export_warn_days) for row in rows]
    return paging.page(views, [(row.due_on, row.id) for row in rows])


async def whole(row: ExportRow, exports: Exports, warn_days: int) -> WholeExportView:
    """A request with its parts."""
    parts = await exports.parts(row.id)
    view = ExportView.of(row, local_date(exports.transaction.clock), warn_days)
    missing = [part.service for part in parts if part.collected_at is None]
    return WholeExportView(**view.model_dump(), parts=[PartView.of(part) for part in parts], missing=missing)


@router.get("/exports/{export_id:uuid}")
async def read_export(
    export_id: UUID, exports: ExportsDep, settings: SettingsDep, tag: Tag, caller: MayRead
) -> WholeExportView:
    """How far a copy is: what each service has given, who is missing, and when it is due."""
    return await whole(tag(await exports.get(export_id, caller)), exports, settings.export_warn_days)


@router.post("/exports/{export_id:uuid}/extension")
async def extend_export(
    export_id: UUID,
    body: Extended,
    exports: ExportsDep,
    settings: SettingsDep,
    seen: IfMatch,
    tag: Tag,
    caller: MaySettle,
) -> WholeExportView:
    """Put the answer off by two months, once and before it is due."""
    row = await exports.get(export_id, caller)
    seen.check(row)
    clock = exports.transaction.clock
    await exports.record(row, row.extend(body.reason, clock.now(), local_date(clock)))
    return await whole(tag(row), exports, settings.export_warn_days)


@router.post("/exports/{export_id:uuid}/delivery")
async def deliver_export(
    export_id: UUID,
    body: Delivered,
    exports: ExportsDep,
    settings: SettingsDep,
    seen: IfMatch,
    tag: Tag,
    caller: MaySettle,
) -> WholeExportView:
    """Record that the person has the copy."""
    row = await exports.get(export_id, caller)
    seen.check(row)
    await exports.record(row, row.deliver(body.how, caller.subject, exports.transaction.clock.now()))
    return await whole(tag(row), exports, settings.export_warn_days)


async def document(export_id: UUID, exports: Exports, caller: Caller, lang: ExportLanguage | None) -> ExportDocument:
    """The copy as far as it is; raises ExportExpired."""
    row = await exports.get(export_id, caller)
    if row.state is ExportState.EXPIRED:
        raise ExportExpired
    parts = await exports.parts(row.id)
    return document_of(row, [(part.service, part.content) for part in parts], lang or row.language)


@router.get("/exports/{export_id:uuid}/document")
async def read_export_document(
    export_id: UUID, exports: ExportsDep, caller: MayFetch, lang: Language = None
) -> ExportDocument:
    """The copy for machines (GDPR art. 20): all that is there by now; `missing` names who has given nothing yet."""
    return await document(export_id, exports, caller, lang)


@router.get("/exports/{export_id:uuid}/document.html", response_class=HTMLResponse)
async def print_export_document(
    export_id: UUID, exports: ExportsDep, caller: MayFetch, lang: Language = None
) -> Response:
    """The copy for people, as one page to read or print; it needs nothing from outside."""
    found = await document(export_id, exports, caller, lang)
    headers = {"content-security-policy": POLICY, "content-language": found.language.value}
    return HTMLResponse(page_of(found), headers=headers)
