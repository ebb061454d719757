"""Filled sheets: recorded by a case manager or come with a referral, read by those who care for the person."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from pydantic import BaseModel, Field, ValidationError

from services.assessment.api.about import AboutDep
from services.assessment.api.doors import ContentDep, RelatedDep, SheetsDep
from services.assessment.domain import (
    CardAnswer,
    Crossed,
    FilledSheet,
    ItemAnswer,
    Origin,
    RaterType,
    RefusedSheet,
    Sheet,
    SheetComparison,
    SheetStatus,
)
from services.assessment.domain.sheet import Assistance, Result
from services.assessment.store import SheetRow
from shared.access import May
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.problems import faults_of
from shared.requests import ClockDep, Tag
from shared.service import router as service_router

router = service_router("assessment", tags=["sheets"])

MayReadSheets = Annotated[Caller, Depends(May("sheet:read"))]
MayRecordSheets = Annotated[Caller, Depends(May("sheet:record"))]


class SheetBody(FilledSheet):
    """A sheet that a case manager filled with a person, or about one."""

    person_id: UUID

    @classmethod
    def read(cls, content: dict[str, Any]) -> "SheetBody":
        """A sheet out of a draft; raises RefusedSheet with what is missing or wrong."""
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise RefusedSheet(faults=faults_of(error.errors())) from None


class SheetSummary(BaseModel):
    """A sheet in a list: no answers."""

    id: UUID
    person_id: UUID | None = Field(description="Null while the person of the referral is not identified")
    referral_id: UUID | None
    identifier: str | None = Field(description="The sender's name of the sheet; null when a case manager recorded it")
    instrument: str
    edition: str
    spec_version: str
    scoring_version: str
    rater: RaterType
    assistance: Assistance | None = Field(description="Whether the person filled it alone")
    filled_on: date
    language: str | None
    status: SheetStatus
    amends: UUID | None = Field(description="The sheet that this one corrects")
    amended_by: UUID | None = Field(description="The sheet that took its place")
    recorded_at: datetime

    @classmethod
    def of(cls, sheet: SheetRow) -> "SheetSummary":
        return cls.model_validate(sheet, from_attributes=True)


class SheetView(SheetSummary):
    """A sheet with its answers and what they come to."""

    recorded_by: str | None = Field(description="The case manager who recorded it")
    answers: list[CardAnswer] | dict[str, ItemAnswer]
    main_problem: str | None
    single_wish: str | None
    result: Result
    thresholds: list[Crossed] = Field(description="What the cut-offs in force on the day of filling say")
    warnings: list[Fault] = Field(description="Where the sender's own totals differ from ours")
    error_reason: str | None

    @classmethod
    def of(cls, sheet: SheetRow) -> "SheetView":
        return cls.model_validate(sheet, from_attributes=True)


@router.post("/sheets", status_code=201)
async def record_sheet(
    body: SheetBody,
    sheets: SheetsDep,
    content: ContentDep,
    related: RelatedDep,
    clock: ClockDep,
    caller: MayRecordSheets,
    response: Response,
) -> SheetView:
    """Record a sheet for a person. It cannot be changed afterwards."""
    await related.demand(body.person_id, caller)
    origin = Origin(organisation=caller.organisation, person_id=body.person_id, recorded_by=caller.subject)
    sheet, fact = Sheet.fill(content, body, origin, clock.now())
    await sheets.add(sheet, fact)
    response.headers["location"] = f"/assessment/sheets/{sheet.id}"
    response.headers["etag"] = '"1"'
    return SheetView.model_validate(sheet, from_attributes=True)


@router.get("/sheets")
async def list_sheets(
    sheets: SheetsDep, about: AboutDep, paging: PagingDep, caller: MayReadSheets
) -> Page[SheetSummary]:
    """The sheets of a person or a referral, the latest filled first."""
    rows = await sheets.page(caller, about, paging.limit, paging.after)
    return paging.page([SheetSummary.of(row) for row in rows], [(row.filled_on.isoformat(), row.id) for row in rows])


@router.get("/sheets/{sheet_id:uuid}")
async def read_sheet(sheet_id: UUID, sheets: SheetsDep, caller: MayReadSheets, tag: Tag) -> SheetView:
    """One sheet with its answers and its result."""
    return SheetView.of(tag(await sheets.get(sheet_id, caller)))


@router.get("/comparisons")
async def compare_sheets(
    first: UUID, second: UUID, sheets: SheetsDep, content: ContentDep, caller: MayReadSheets
) -> SheetComparison:
    """Two sheets of one person side by side: one rater at two dates, or two raters. Raw differences, no claim."""
    earlier, later = await sheets.get(first, caller), await sheets.get(second, caller)
    return earlier.compare_with(later, content)
