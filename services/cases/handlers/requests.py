"""What opens a case: an accepted referral, or the line's request; and who it turns out to be about."""

from typing import ClassVar
from uuid import UUID

from services.cases.domain import Case
from services.cases.domain.routing import Request
from services.cases.events import OriginKind, Urgency
from services.cases.handlers.cancellations import end_cancelled
from services.cases.handlers.consents import align
from services.cases.handlers.deaths import ask_if_dead
from services.cases.handlers.registry import handlers
from services.cases.handlers.relays import press
from services.cases.settings import Settings
from services.cases.store import Agenda, CaseRow, Cases, Organisations, OriginRow, Origins, Routes
from shared.events import Reading
from shared.relinks import Relinks


class ReferralAccepted(Reading):
    """Of all that referrals publishes, this is what opens a case."""

    type: ClassVar[str] = "referrals.referral-accepted.v1"
    referral_id: UUID
    person_id: UUID | None
    urgency: Urgency
    organisation: str | None = None
    programme: str | None = None


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


@handlers.on(ReferralAccepted)
async def open_for_referral(
    event: ReferralAccepted, origins: Origins, cases: Cases, agenda: Agenda, routes: Routes, settings: Settings
) -> None:
    """Open the one case of a referral; what was learnt of the referral before goes with it."""
    origin = await origins.hold(OriginKind.REFERRAL, event.referral_id)
    origin.person(event.person_id)
    said = {"programme": event.programme, "organisation": event.organisation}
    terms = await routes.terms(Request(origin_kind=origin.kind, urgency=event.urgency, **said), settings)
    case, fact = Case.open(origin, event.urgency, terms, cases.transaction.clock.now())
    if await cases.open(case, fact):
        await catch_up(origin, await cases.get(case.id), cases, agenda)


@handlers.on(CaseManagementRequested)
async def open_for_contact(
    event: CaseManagementRequested, origins: Origins, cases: Cases, agenda: Agenda, routes: Routes, settings: Settings
) -> None:
    """Open the one case of a contact at the line."""
    origin = await origins.hold(OriginKind.CONTACT, event.request_id)
    origin.person(event.person_id)
    terms = await routes.terms(Request(origin_kind=origin.kind, urgency=event.urgency), settings)
    case, fact = Case.open(origin, event.urgency, terms, cases.transaction.clock.now())
    if await cases.open(case, fact):
        await catch_up(origin, await cases.get(case.id), cases, agenda)


async def catch_up(origin: OriginRow, case: CaseRow, cases: Cases, agenda: Agenda) -> None:
    """What was told before there was a case: that it is taken back, asked for again, or that the person died."""
    await press(case, origin, cases, agenda)
    await ask_if_dead(case, cases)
    await align(case, cases)
    if origin.cancellation:
        await end_cancelled(case, origin.cancellation, cases, agenda)


@handlers.on(PersonIdentified)
async def name_person(event: PersonIdentified, origins: Origins, cases: Cases, relinks: Relinks) -> None:
    """Note whom a referral is about, on its case where there is one already."""
    origin = await origins.hold(OriginKind.REFERRAL, event.referral_id)
    origin.person_id = event.person_id
    case = await cases.of_origin(OriginKind.REFERRAL, event.referral_id)
    if case is not None and case.person_id != await relinks.current(event.person_id):
        await keep(cases, case, event.person_id)


async def keep(cases: Cases, case: CaseRow, person_id: UUID) -> None:
    """Record whom a case is about, unless that is known."""
    facts = case.link_person(person_id)
    if facts:
        await cases.keep(case, None, *facts)
        await ask_if_dead(case, cases)
        await align(case, cases)


@handlers.on(OrganisationChanged)
async def learn_organisation(event: OrganisationChanged, organisations: Organisations) -> None:
    """Keep our own copy of which organisations may answer for a task."""
    await organisations.learn(event.organisation, event.active)
