"""What happens to a sheet: filled over several sittings, corrected, withdrawn, scored once more."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from services.assessment.api.doors import ContentDep, RelatedDep, SheetsDep
from services.assessment.api.sheets import MayReadSheets, MayRecordSheets, SheetBody, SheetView
from services.assessment.domain import FilledSheet, Origin, ScoringParameters, Sheet, rescore
from services.assessment.domain.sheet import Result
from services.assessment.store import DraftRow, Drafts, ResultRow, SheetRow
from services.assessment.store.table import values_of
from shared.ids import new_id
from shared.requests import ClockDep, IfMatch, Tag, opened
from shared.service import router as service_router

router = service_router("assessment", tags=["sheets"])

DraftsDep = Annotated[Drafts, Depends(opened(Drafts))]


class DraftBody(BaseModel):
    """A sheet as far as it is filled; anything may still be missing, and nothing is judged yet."""

    model_config = ConfigDict(extra="forbid")

    person_id: UUID
    content: dict[str, JsonValue] = Field(description="The sheet's fields, as POST /assessment/sheets takes them")


class DraftChange(BaseModel):
    """What was typed since: each named field replaces the one before, null takes it away."""

    model_config = ConfigDict(extra="forbid")

    content: dict[str, JsonValue]


class DraftView(BaseModel):
    """A sheet that is being filled."""

    id: UUID
    person_id: UUID
    recorded_by: str
    status: str = "in_progress"
    content: dict[str, Any]
    saved_at: datetime

    @classmethod
    def of(cls, draft: DraftRow) -> "DraftView":
        return cls.model_validate(draft, from_attributes=True)


class ErrorBody(BaseModel):
    """Why a sheet should not exist."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(pattern=r"^(wrong-person|test-entry|entered-twice|other)$", examples=["wrong-person"])]


class ScoreRequest(BaseModel):
    """By which version, and with which parameters, a sheet is scored once more."""

    model_config = ConfigDict(extra="forbid")

    spec_version: Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="Null: the newest of the sheet's edition"
    )
    parameters: ScoringParameters | None = None


class ResultView(BaseModel):
    """One result of a sheet; number 1 is the one of its day."""

    number: int
    spec_version: str
    scoring_version: str
    parameters: dict[str, Any] | None
    result: Result
    scored_at: datetime

    @classmethod
    def of(cls, row: ResultRow) -> "ResultView":
        return cls.model_validate(row, from_attributes=True)


@router.post("/drafts", status_code=201)
async def begin_sheet(
    body: DraftBody,
    drafts: DraftsDep,
    related: RelatedDep,
    clock: ClockDep,
    caller: MayRecordSheets,
    response: Response,
    tag: Tag,
) -> DraftView:
    """Begin a sheet that will be filled in several sittings."""
    await related.demand(body.person_id, caller)
    draft = DraftRow(
        id=new_id(),
        organisation=caller.organisation,
        person_id=body.person_id,
        recorded_by=caller.subject,
        content=body.content,
        saved_at=clock.now(),
    )
    response.headers["location"] = f"/assessment/drafts/{draft.id}"
    return DraftView.of(tag(await drafts.add(draft)))


@router.get("/drafts/{draft_id:uuid}")
async def read_draft(draft_id: UUID, drafts: DraftsDep, caller: MayRecordSheets, tag: Tag) -> DraftView:
    """A sheet as far as it is filled."""
    return DraftView.of(tag(await drafts.get(draft_id, caller)))


@router.get("/drafts")
async def list_drafts(person_id: UUID, drafts: DraftsDep, caller: MayRecordSheets) -> list[DraftView]:
    """The sheets about a person that are still being filled."""
    return [DraftView.of(draft) for draft in await drafts.of_person(person_id, caller)]


@router.patch("/drafts/{draft_id:uuid}")
async def save_draft(
    draft_id: UUID, body: DraftChange, drafts: DraftsDep, seen: IfMatch, caller: MayRecordSheets, tag: Tag
) -> DraftView:
    """Save what was typed since (JSON Merge Patch, RFC 7396, one level deep)."""
    draft = await drafts.get(draft_id, caller, seen)
    merged = {**draft.content, **body.content}
    kept = {name: value for name, value in merged.items() if value is not None}
    return DraftView.of(tag(await drafts.save(draft, kept)))


@router.delete("/drafts/{draft_id:uuid}", status_code=204)
async def drop_draft(draft_id: UUID, drafts: DraftsDep, seen: IfMatch, caller: MayRecordSheets) -> None:
    """Give a draft up."""
    await drafts.drop(await drafts.get(draft_id, caller, seen))


@router.post("/drafts/{draft_id:uuid}/completion", status_code=201)
async def complete_draft(
    draft_id: UUID,
    drafts: DraftsDep,
    sheets: SheetsDep,
    content: ContentDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayRecordSheets,
    response: Response,
) -> SheetView:
    """Turn a draft into a sheet under the same id: it is judged and scored now, and cannot be changed afterwards."""
    draft = await drafts.get(draft_id, caller, seen)
    filled = SheetBody.read({**draft.content, "person_id": str(draft.person_id)})
    origin = Origin(organisation=draft.organisation, person_id=draft.person_id, recorded_by=draft.recorded_by)
    sheet, fact = Sheet.fill(content, filled, origin, clock.now(), draft.id)
    await drafts.drop(draft)
    await sheets.record(SheetRow(**values_of(sheet, Sheet), version=0), fact)
    response.headers["location"] = f"/assessment/sheets/{sheet.id}"
    response.headers["etag"] = '"1"'
    return SheetView.model_validate(sheet, from_attributes=True)


@router.post("/sheets/{sheet_id:uuid}/amendment", status_code=201)
async def amend_sheet(
    sheet_id: UUID,
    body: FilledSheet,
    sheets: SheetsDep,
    content: ContentDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayRecordSheets,
    response: Response,
) -> SheetView:
    """Correct a sheet: the correction is a new sheet, the old one stays readable as amended."""
    old = await sheets.get(sheet_id, caller, seen)
    origin = Origin(
        organisation=old.organisation,
        referral_id=old.referral_id,
        identifier=old.identifier,
        person_id=old.person_id,
        recorded_by=caller.subject,
    )
    correction, completed = Sheet.fill(content, body, origin, clock.now())
    await sheets.amend(old, correction, completed, old.amend(correction))
    response.headers["location"] = f"/assessment/sheets/{correction.id}"
    response.headers["etag"] = '"1"'
    return SheetView.model_validate(correction, from_attributes=True)


@router.post("/sheets/{sheet_id:uuid}/error", status_code=201)
async def enter_in_error(
    sheet_id: UUID, body: ErrorBody, sheets: SheetsDep, seen: IfMatch, caller: MayRecordSheets, tag: Tag
) -> SheetView:
    """Declare that a sheet should not exist; it stays readable and counts nowhere."""
    sheet = await sheets.get(sheet_id, caller, seen)
    await sheets.record(sheet, sheet.enter_in_error(body.reason))
    return SheetView.of(tag(sheet))


@router.post("/sheets/{sheet_id:uuid}/scores", status_code=201)
async def score_again(
    sheet_id: UUID,
    body: ScoreRequest,
    sheets: SheetsDep,
    content: ContentDep,
    seen: IfMatch,
    caller: MayRecordSheets,
    tag: Tag,
) -> ResultView:
    """Score a sheet once more, by another version or with other parameters. The first result stays."""
    sheet = await sheets.get(sheet_id, caller, seen)
    result, fact = rescore(content, sheet, body.spec_version, body.parameters)
    values = {"spec_version": fact.spec_version, "scoring_version": fact.scoring_version, "scored_by": caller.subject}
    parameters = body.parameters.model_dump() if body.parameters else None
    row = await sheets.add_result(sheet, fact, result=result, parameters=parameters, **values)
    tag(sheet)
    return ResultView.of(row)


@router.get("/sheets/{sheet_id:uuid}/scores")
async def list_scores(sheet_id: UUID, sheets: SheetsDep, caller: MayReadSheets) -> list[ResultView]:
    """Every result of a sheet, the first one first."""
    sheet = await sheets.get(sheet_id, caller)
    first = ResultView(
        number=1,
        spec_version=sheet.spec_version,
        scoring_version=sheet.scoring_version,
        parameters=None,
        result=sheet.result,
        scored_at=sheet.recorded_at,
    )
    return [first, *(ResultView.of(row) for row in await sheets.results(sheet))]
