"""What cases does on others' facts: it opens cases, learns whom they are about, and fills the meeting's agenda."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel

from services.cases.domain import Case, Line, Reason, concerns
from services.cases.events import Durability, OriginKind, Urgency
from services.cases.settings import Settings
from services.cases.store import Agenda, CaseRow, Cases, Organisations, Origins, Tasks
from shared.events import Reading
from shared.handlers import Handlers

handlers = Handlers()


class ReferralAccepted(Reading):
    """Of all that referrals publishes, this is what opens a case."""

    type: ClassVar[str] = "referrals.referral-accepted.v1"
    referral_id: UUID
    person_id: UUID | None
    urgency: Urgency


class CancellationRequested(Reading):
    """The sender asks to end a referral whose case is open."""

    type: ClassVar[str] = "referrals.cancellation-requested.v1"
    referral_id: UUID


class ReferralCancelled(Reading):
    """The sender took a referral back."""

    type: ClassVar[str] = "referrals.referral-cancelled.v1"
    referral_id: UUID


class OrganisationChanged(Reading):
    """An organisation of the network was registered or changed."""

    type: ClassVar[str] = "referrals.organisation-changed.v1"
    organisation: str
    active: bool


class CaseManagementRequested(Reading):
    """The line relays somebody it knows to the case managers."""

    type: ClassVar[str] = "intake.case-management-requested.v1"
    request_id: UUID
    person_id: UUID
    urgency: Urgency


class PersonIdentified(Reading):
    """intake knows whom a referral is about."""

    type: ClassVar[str] = "intake.person-identified.v1"
    referral_id: UUID
    person_id: UUID


class PersonUnreachable(Reading):
    """Nobody answered the follow-up calls."""

    type: ClassVar[str] = "scheduler.person-unreachable.v1"
    follow_up_id: UUID
    case_id: UUID


class FoundItem(BaseModel):
    """How the follow-up call found one item of the plan."""

    task_id: UUID
    status: Durability


class FollowUpCompleted(Reading):
    """A follow-up call was made, and each item of the plan was asked for."""

    type: ClassVar[str] = "scheduler.follow-up-completed.v1"
    follow_up_id: UUID
    case_id: UUID
    kind: str
    items: list[FoundItem]


@handlers.on(ReferralAccepted)
async def open_for_referral(
    event: ReferralAccepted, origins: Origins, cases: Cases, agenda: Agenda, settings: Settings
) -> None:
    """Open the one case of a referral; what was learnt of the referral before goes with it."""
    origin = await origins.hold(OriginKind.REFERRAL, event.referral_id)
    origin.person(event.person_id)
    case, fact = Case.open(origin, event.urgency, settings.organisation, cases.transaction.clock.now())
    if await cases.open(case, fact) and origin.cancellation:
        await raise_line(agenda, case.id, origin.cancellation, origin.id, origin.id)


@handlers.on(CaseManagementRequested)
async def open_for_contact(event: CaseManagementRequested, origins: Origins, cases: Cases, settings: Settings) -> None:
    """Open the one case of a contact at the line."""
    origin = await origins.hold(OriginKind.CONTACT, event.request_id)
    origin.person(event.person_id)
    case, fact = Case.open(origin, event.urgency, settings.organisation, cases.transaction.clock.now())
    await cases.open(case, fact)


@handlers.on(PersonIdentified)
async def name_person(event: PersonIdentified, origins: Origins, cases: Cases) -> None:
    """Note whom a referral is about, on its case where there is one already."""
    origin = await origins.hold(OriginKind.REFERRAL, event.referral_id)
    origin.person_id = event.person_id
    case = await cases.of_origin(OriginKind.REFERRAL, event.referral_id)
    if case is not None:
        await keep(cases, case, event.person_id)


async def keep(cases: Cases, case: CaseRow, person_id: UUID) -> None:
    """Record whom a case is about, unless that is known."""
    facts = case.link_person(person_id)
    if facts:
        await cases.keep(case, None, *facts)


@handlers.on(OrganisationChanged)
async def learn_organisation(event: OrganisationChanged, organisations: Organisations) -> None:
    """Keep our own copy of which organisations may answer for a task."""
    await organisations.learn(event.organisation, event.active)


@handlers.on(CancellationRequested)
async def cancellation_requested(event: CancellationRequested, origins: Origins, cases: Cases, agenda: Agenda) -> None:
    """Put the sender's wish before the meeting."""
    await cancel(event.referral_id, Reason.CANCELLATION_REQUESTED, origins, cases, agenda)


@handlers.on(ReferralCancelled)
async def referral_cancelled(event: ReferralCancelled, origins: Origins, cases: Cases, agenda: Agenda) -> None:
    """Tell the meeting that the referral behind a case is gone."""
    await cancel(event.referral_id, Reason.REFERRAL_CANCELLED, origins, cases, agenda)


async def cancel(referral_id: UUID, reason: Reason, origins: Origins, cases: Cases, agenda: Agenda) -> None:
    """Note it on the origin, and on the agenda where there is a case; a case to come will find it."""
    origin = await origins.hold(OriginKind.REFERRAL, referral_id)
    origin.cancellation = reason
    case = await cases.of_origin(OriginKind.REFERRAL, referral_id)
    if case is not None and concerns(reason, case.state):
        await raise_line(agenda, case.id, reason, referral_id, referral_id)


@handlers.on(PersonUnreachable)
async def person_unreachable(event: PersonUnreachable, cases: Cases, agenda: Agenda) -> None:
    """Put a person whom the line cannot reach before the meeting."""
    case = await cases.get(event.case_id)
    await raise_line(agenda, case.id, Reason.PERSON_UNREACHABLE, case.id, event.follow_up_id)


@handlers.on(FollowUpCompleted)
async def follow_up_completed(event: FollowUpCompleted, cases: Cases, tasks: Tasks, agenda: Agenda) -> None:
    """Note how each item of the plan stands; each lost one comes before the meeting, once."""
    case = await cases.get(event.case_id)
    found = {item.task_id: item.status for item in event.items}
    lost, facts = case.check_items((event.follow_up_id, event.kind), found, await tasks.of(case.id))
    if facts:
        await cases.keep(case, None, *facts)
    for task_id in lost:
        await raise_line(agenda, case.id, Reason.ITEM_LOST, task_id, event.follow_up_id)


async def raise_line(agenda: Agenda, case_id: UUID, reason: Reason, subject_id: UUID, source_id: UUID) -> None:
    """Put a line on the agenda now, unless it is there."""
    now = agenda.transaction.clock.now()
    line = Line(case_id=case_id, reason=reason, subject_id=subject_id, source_id=source_id, raised_at=now)
    await agenda.add(line)
