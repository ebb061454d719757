"""Outcomes: what became of a person at the start, at closing, one month and six months after; and what is missing."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from services.assessment.api.doors import SheetsDep
from services.assessment.domain.course import Point, due_on
from services.assessment.domain.outcome import AT_HOME, Findings, Measures, Outcome, OutcomeStatus
from services.assessment.domain.quality import QualityGiven, numbers_of
from services.assessment.store.courses import CourseRow, Courses
from services.assessment.store.outcomes import Outcomes
from shared.access import May
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import DomainError, Fault, NotFound
from shared.requests import ClockDep, IfMatch, Tag, opened
from shared.service import router as service_router

router = service_router("assessment", tags=["outcomes"])

OutcomesDep = Annotated[Outcomes, Depends(opened(Outcomes))]
CoursesDep = Annotated[Courses, Depends(opened(Courses))]
MayRecordOutcomes = Annotated[Caller, Depends(May("outcome:record"))]
MayReadOutcomes = Annotated[Caller, Depends(May("outcome:read"))]


class NoCase(DomainError):
    """Outcomes belong to a case that assessment has heard of, and a list of them names a case or a person."""


class FindingsBody(Findings):
    """What was found at a point, with quality of life by sheet or by number."""

    quality_of_life: Annotated[tuple[QualityGiven, ...], Field(max_length=10)] = ()


class OutcomeBody(FindingsBody):
    """What was found at a point of a case."""

    case_id: UUID


class WithdrawalBody(BaseModel):
    """Why a record should not exist."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(pattern=r"^(wrong-person|test-entry|entered-twice|other)$", examples=["wrong-person"])]


class OutcomeView(BaseModel):
    """The record of one point of one case."""

    id: UUID
    case_id: UUID
    person_id: UUID | None = Field(description="Null while the person of the case is not identified")
    point: Point
    measures: Measures
    living_at_home: bool | None = Field(description="Follows from the living situation; null when that is not known")
    status: OutcomeStatus
    amends: UUID | None = Field(description="The record that this one corrects")
    amended_by: UUID | None = Field(description="The record that took its place")
    withdrawn_for: str | None
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def of(cls, outcome: Outcome) -> "OutcomeView":
        living = outcome.measures.living_situation
        values = {name: getattr(outcome, name) for name in Outcome.model_fields if name != "organisation"}
        return cls(**values, living_at_home=None if living is None else living in AT_HOME)


class MissingPoint(BaseModel):
    """A point of a case that has come without a record."""

    case_id: UUID
    person_id: UUID | None
    point: Point
    due_on: date = Field(description="From this day on it could be measured")
    days_late: int
    reached: bool = Field(description="Whether the follow-up call of that point reached the person")


async def _measures(body: FindingsBody, course: CourseRow, sheets: SheetsDep, caller: Caller) -> Measures:
    linked = [given.sheet_id for given in body.quality_of_life if given.sheet_id]
    known = {}
    for sheet_id in linked:
        try:
            known[sheet_id] = await sheets.get(sheet_id, caller)
        except NotFound:
            continue
    numbers = numbers_of(body.quality_of_life, known, course, course.referral_id)
    values = {name: getattr(body, name) for name in Findings.model_fields}
    return Measures(**values, quality_of_life=numbers)


@router.post("/outcomes", status_code=201)
async def record_outcome(
    body: OutcomeBody,
    outcomes: OutcomesDep,
    courses: CoursesDep,
    sheets: SheetsDep,
    clock: ClockDep,
    caller: MayRecordOutcomes,
    response: Response,
) -> OutcomeView:
    """Record a point of a case. It cannot be changed afterwards, only amended."""
    try:
        course = await courses.get(body.case_id, caller)
    except NotFound:
        raise NoCase(faults=[Fault("/case_id", "unknown-case")]) from None
    measures = await _measures(body, course, sheets, caller)
    others = await outcomes.current(course.case_id)
    outcome, fact = Outcome.take(measures, course, others, caller.subject, clock.now())
    await outcomes.add(outcome, fact)
    response.headers["location"] = f"/assessment/outcomes/{outcome.id}"
    response.headers["etag"] = '"1"'
    return OutcomeView.of(outcome)


@router.get("/outcomes")
async def list_outcomes(
    outcomes: OutcomesDep,
    paging: PagingDep,
    caller: MayReadOutcomes,
    person_id: UUID | None = None,
    case_id: UUID | None = None,
) -> Page[OutcomeView]:
    """The records of a case or a person, the newest first, with those that were amended or withdrawn."""
    about = {name: value for name, value in (("person_id", person_id), ("case_id", case_id)) if value}
    if not about:
        raise NoCase(faults=[Fault("/query/case_id", "required")])
    rows = await outcomes.page(caller, about, paging.limit, paging.after)
    return paging.page([OutcomeView.of(row) for row in rows], [(row.id,) for row in rows])


@router.get("/outcomes/missing")
async def list_missing_outcomes(
    outcomes: OutcomesDep, courses: CoursesDep, paging: PagingDep, clock: ClockDep, caller: MayReadOutcomes
) -> Page[MissingPoint]:
    """The points that have come without a record, by case, the oldest case first. A page covers `limit` cases."""
    today = local_date(clock)
    rows = await courses.started_by(caller, today, paging.limit, paging.after)
    shown = rows[: paging.limit]
    recorded = {(row.case_id, row.point) for row in await outcomes.current(*(row.case_id for row in shown))}
    found = [
        MissingPoint(
            case_id=course.case_id,
            person_id=course.person_id,
            point=point,
            due_on=due,
            days_late=(today - due).days,
            reached=point in course.followed_up,
        )
        for course in shown
        for point in Point
        if (due := due_on(point, course.period)) and due <= today and (course.case_id, point) not in recorded
    ]
    page = paging.page(rows, [(row.opened_on.isoformat(), row.case_id) for row in rows])
    return Page(items=found, next=page.next)


@router.get("/outcomes/{outcome_id:uuid}")
async def read_outcome(outcome_id: UUID, outcomes: OutcomesDep, caller: MayReadOutcomes, tag: Tag) -> OutcomeView:
    """One record."""
    return OutcomeView.of(tag(await outcomes.get(outcome_id, caller)))


@router.post("/outcomes/{outcome_id:uuid}/amendment", status_code=201)
async def amend_outcome(
    outcome_id: UUID,
    body: FindingsBody,
    outcomes: OutcomesDep,
    courses: CoursesDep,
    sheets: SheetsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayRecordOutcomes,
    response: Response,
) -> OutcomeView:
    """Correct a record: the correction is a new one of the same point, the old one stays readable as amended."""
    old = await outcomes.get(outcome_id, caller, seen)
    course = await courses.get(old.case_id, caller)
    measures = await _measures(body, course, sheets, caller)
    others = [row for row in await outcomes.current(old.case_id) if row.id != old.id]
    correction, _ = Outcome.take(measures, course, others, caller.subject, clock.now())
    await outcomes.amend(old, correction, old.amend(correction))
    response.headers["location"] = f"/assessment/outcomes/{correction.id}"
    response.headers["etag"] = '"1"'
    return OutcomeView.of(correction)


@router.post("/outcomes/{outcome_id:uuid}/error", status_code=201)
async def withdraw_outcome(
    outcome_id: UUID, body: WithdrawalBody, outcomes: OutcomesDep, seen: IfMatch, caller: MayRecordOutcomes, tag: Tag
) -> OutcomeView:
    """Declare that a record should not exist; it stays readable and counts nowhere."""
    outcome = await outcomes.get(outcome_id, caller, seen)
    await outcomes.record(outcome, outcome.withdraw(body.reason))
    return OutcomeView.of(tag(outcome))
