"""What assessment does on others' facts and on the clock: it scores what comes with a referral, and says so."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.assessment.domain import (
    Admission,
    Content,
    FilledSheet,
    Origin,
    Publication,
    RefusedSheet,
    Rejection,
    Sheet,
    announced,
)
from services.assessment.domain.course import Point
from services.assessment.handlers.registry import handlers
from services.assessment.settings import Settings
from services.assessment.store import (
    Admissions,
    CourseRow,
    Courses,
    Outcomes,
    ReferralPersons,
    Registry,
    Sheets,
)
from services.assessment.store.courses import FROM_REFERRAL
from shared.clock import local_date
from shared.events import Reading
from shared.http import Http

PUBLISH_EVERY = 60.0


class ReferralReceived(Reading):
    """A referral came in, with sheets and factors or without."""

    type: ClassVar[str] = "referrals.referral-received.v1"
    referral_id: UUID
    sender: str | None = None
    factors: list[str]
    sheets: int


class ReferralCorrected(Reading):
    """The sender corrected a referral before anything was decided."""

    type: ClassVar[str] = "referrals.referral-corrected.v1"
    referral_id: UUID
    parts: list[str]


class PersonIdentified(Reading):
    """intake knows whom a referral is about."""

    type: ClassVar[str] = "intake.person-identified.v1"
    referral_id: UUID
    person_id: UUID


class CaseOpened(Reading):
    """A case exists: the four points of its outcomes count from here."""

    type: ClassVar[str] = "cases.case-opened.v1"
    case_id: UUID
    origin_kind: str
    origin_id: UUID
    person_id: UUID | None


class CasePersonLinked(Reading):
    """The person of a case is known."""

    type: ClassVar[str] = "cases.person-linked.v1"
    case_id: UUID
    person_id: UUID


class CaseClosed(Reading):
    """A case is closed, for a reason."""

    type: ClassVar[str] = "cases.case-closed.v1"
    case_id: UUID
    closed_on: date
    reason: str


class CaseReopened(Reading):
    """A closed case goes on."""

    type: ClassVar[str] = "cases.case-reopened.v1"
    case_id: UUID


class FollowUpCompleted(Reading):
    """A person was reached: one or six months after a closing, or on another occasion."""

    type: ClassVar[str] = "scheduler.follow-up-completed.v1"
    case_id: UUID | None
    kind: str


class SheetOfReferral(FilledSheet):
    """A sheet as the sender filled it, with the sender's name for it."""

    model_config = ConfigDict(extra="ignore")

    identifier: str


class ToAssess(BaseModel):
    """What a referral brings to assess."""

    sheets: list[SheetOfReferral]
    factors: list[str]


class Discharge(BaseModel):
    """The day that the hospital discharges the person of a referral, as far as it says."""

    discharge_on: date | None = None


async def pull_discharge(event: CaseOpened, http: Http) -> Discharge | None:
    """The day of discharge, from referrals; None for a case that came from the line."""
    if event.origin_kind != FROM_REFERRAL:
        return None
    return await http.get("referrals", f"/referrals/{event.origin_id}/sheets", Discharge)


async def pull_sheets(event: ReferralReceived, http: Http) -> ToAssess | None:
    """The sheets and factors, from referrals; None when the referral has neither."""
    if not event.sheets and not event.factors:
        return None
    return await http.get("referrals", f"/referrals/{event.referral_id}/sheets", ToAssess)


async def pull_corrected(event: ReferralCorrected, http: Http) -> ToAssess | None:
    """The sheets and factors as corrected, from referrals; None when the correction touched neither."""
    if not {"sheets", "reason"} & set(event.parts):
        return None
    return await http.get("referrals", f"/referrals/{event.referral_id}/sheets", ToAssess)


@handlers.on(ReferralReceived, pull=pull_sheets)
async def assess_referral(
    event: ReferralReceived,
    persons: ReferralPersons,
    sheets: Sheets,
    admissions: Admissions,
    registry: Registry,
    courses: Courses,
    settings: Settings,
    pulled: ToAssess | None,
) -> None:
    """Score each sheet, refuse those that cannot be read, and advise on the admission: once per referral."""
    if event.sender:
        await courses.note_sender(event.referral_id, event.sender)
    if pulled is None:
        return
    person_id = await persons.of(event.referral_id)
    if await admissions.current(event.referral_id):
        return
    origin = Origin(organisation=settings.organisation, referral_id=event.referral_id, person_id=person_id)
    content = await registry.content()
    taken = await take(sheets, content, pulled, origin)
    await admissions.add(*Admission.advise(content, taken, pulled.factors, origin, sheets.transaction.clock.now()))


@handlers.on(ReferralCorrected, pull=pull_corrected)
async def assess_correction(
    event: ReferralCorrected,
    persons: ReferralPersons,
    sheets: Sheets,
    admissions: Admissions,
    registry: Registry,
    settings: Settings,
    pulled: ToAssess | None,
) -> None:
    """Take the corrected sheets in the place of the first ones, and advise anew."""
    if pulled is None:
        return
    person_id = await persons.of(event.referral_id)
    origin = Origin(organisation=settings.organisation, referral_id=event.referral_id, person_id=person_id)
    content = await registry.content()
    taken = await take(sheets, content, pulled, origin)
    advice = Admission.advise(content, taken, pulled.factors, origin, sheets.transaction.clock.now())
    before = await admissions.current(event.referral_id)
    if before is None:
        await admissions.add(*advice)
    else:
        await admissions.replace(before, *advice)


async def take(sheets: Sheets, content: Content, pulled: ToAssess, origin: Origin) -> list[Sheet]:
    """Score what came with a referral: what is there already is kept, what differs becomes its correction."""
    known = (
        {sheet.identifier: sheet for sheet in await sheets.of_referral(origin.referral_id)}
        if origin.referral_id
        else {}
    )
    taken: list[Sheet] = []
    now = sheets.transaction.clock.now()
    for number, sent in enumerate(pulled.sheets):
        named = origin.model_copy(update={"identifier": sent.identifier})
        try:
            sheet, fact = Sheet.fill(content, sent, named, now)
        except RefusedSheet as refused:
            faults = announced(content, sent.answers, refused.faults)
            if origin.referral_id:
                await sheets.reject(*Rejection.of(origin.referral_id, number, sent.identifier, faults, now))
            continue
        before = known.get(sent.identifier)
        if before is None:
            await sheets.add(sheet, fact)
        elif before.says_the_same(sheet):
            sheet = before
        else:
            await sheets.amend(before, sheet, fact, before.amend(sheet))
        taken.append(sheet)
    return taken


@handlers.on(PersonIdentified)
async def name_person(event: PersonIdentified, persons: ReferralPersons) -> None:
    """Link the person to the sheets and the advice of the referral, those there and those to come."""
    await persons.link(event.referral_id, event.person_id)


@handlers.on(CaseOpened, pull=pull_discharge)
async def follow_case(event: CaseOpened, courses: Courses, settings: Settings, pulled: Discharge | None) -> None:
    """Follow a case from the day that we hear of it; the fact itself carries no day."""
    course = CourseRow(
        case_id=event.case_id,
        organisation=settings.organisation,
        person_id=event.person_id,
        origin_kind=event.origin_kind,
        origin_id=event.origin_id,
        opened_on=local_date(courses.transaction.clock),
        discharge_on=pulled.discharge_on if pulled else None,
    )
    await courses.open(course)


@handlers.on(CasePersonLinked)
async def name_person_of_case(event: CasePersonLinked, courses: Courses, outcomes: Outcomes) -> None:
    """Link the person to the case and to what is recorded of it."""
    await courses.change(event.case_id, person_id=event.person_id)
    await outcomes.name_person(event.case_id, event.person_id)


@handlers.on(CaseClosed)
async def expect_outcomes(event: CaseClosed, courses: Courses) -> None:
    """Expect the outcomes at closing and after it."""
    await courses.change(event.case_id, closed_on=event.closed_on, closing_reason=event.reason)


@handlers.on(CaseReopened)
async def withdraw_later_outcomes(event: CaseReopened, courses: Courses, outcomes: Outcomes) -> None:
    """Let the records at closing and after it count no more: there will be another closing."""
    await courses.change(event.case_id, closed_on=None, closing_reason=None, followed_up=())
    for outcome in await outcomes.current(event.case_id):
        if outcome.point is not Point.START:
            await outcomes.record(outcome, outcome.withdraw("case-reopened"))


@handlers.on(FollowUpCompleted)
async def note_follow_up(event: FollowUpCompleted, courses: Courses) -> None:
    """Note that the person was reached, so that values not entered since stand out."""
    if event.case_id and event.kind in {Point.ONE_MONTH, Point.SIX_MONTHS}:
        await courses.followed_up(event.case_id, Point(event.kind))


@handlers.every(PUBLISH_EVERY)
async def publish_instruments(registry: Registry) -> None:
    """Announce each instrument that was never announced."""
    for definition in (await registry.content()).definitions:
        await registry.announce(*Publication.of(definition, registry.transaction.clock.now()))
