"""What cases tells of its cases, so that follow-ups belong to the right organisation, worker and person."""

from typing import ClassVar
from uuid import UUID

from services.scheduler.domain import Trigger
from services.scheduler.handlers.deaths import cancel_all_of
from services.scheduler.handlers.registry import handlers
from services.scheduler.store import CaseState, FollowedCaseRow, FollowedCases, FollowUps, Plans
from shared.events import Reading


class CaseOpened(Reading):
    """cases has opened a case."""

    type: ClassVar[str] = "cases.case-opened.v1"
    case_id: UUID
    origin_id: UUID
    person_id: UUID | None


class CaseAssigned(Reading):
    """A case has an owner."""

    type: ClassVar[str] = "cases.case-assigned.v1"
    case_id: UUID
    worker: str
    organisation: str


class PersonLinked(Reading):
    """It is known now whom a case is about, or it was corrected."""

    type: ClassVar[str] = "cases.person-linked.v1"
    case_id: UUID
    person_id: UUID


class CasePaused(Reading):
    """A case rests."""

    type: ClassVar[str] = "cases.case-paused.v1"
    case_id: UUID


class CaseResumed(Reading):
    """A case goes on."""

    type: ClassVar[str] = "cases.case-resumed.v1"
    case_id: UUID


@handlers.on(CaseOpened)
async def follow_case(event: CaseOpened, cases: FollowedCases, plans: Plans, follow_ups: FollowUps) -> None:
    """Remember a case; what its referral called for is this case's from now on."""
    case = await cases.note(event.case_id, state=CaseState.OPEN, origin_id=event.origin_id, person_id=event.person_id)
    for follow_up in await plans.open_of_origin(Trigger.DISCHARGE, event.origin_id):
        await plans.link(follow_up, case)
    if event.person_id:
        await cancel_all_of(event.person_id, follow_ups, cases)


@handlers.on(CaseAssigned)
async def note_worker(event: CaseAssigned, cases: FollowedCases, plans: Plans) -> None:
    """The case's organisation and worker are its follow-ups' too."""
    await link_all(await cases.note(event.case_id, worker=event.worker, organisation=event.organisation), plans)


@handlers.on(PersonLinked)
async def note_person(event: PersonLinked, cases: FollowedCases, plans: Plans, follow_ups: FollowUps) -> None:
    """The right person is called, and nobody who has died."""
    await link_all(await cases.note(event.case_id, person_id=event.person_id), plans)
    await cancel_all_of(event.person_id, follow_ups, cases)


@handlers.on(CasePaused)
async def note_pause(event: CasePaused, cases: FollowedCases) -> None:
    """Remember that a case rests."""
    await cases.note(event.case_id, state=CaseState.PAUSED)


@handlers.on(CaseResumed)
async def note_resumption(event: CaseResumed, cases: FollowedCases) -> None:
    """Remember that a case goes on."""
    await cases.note(event.case_id, state=CaseState.OPEN)


async def link_all(case: FollowedCaseRow, plans: Plans) -> None:
    """Give the follow-ups of a case that are not over what is known of it."""
    for follow_up in await plans.open_of_case(case.case_id):
        await plans.link(follow_up, case)
