"""Contacts that others tell of are kept; whoever is silent for too long is noticed."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from services.scheduler.domain import FollowUp, Trigger
from services.scheduler.handlers.registry import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import (
    Calendars,
    CampaignCalls,
    Campaigns,
    FollowedCases,
    FollowUps,
    LastContacts,
    PolicyBook,
    silence_of,
)
from shared.events import Reading


class FirstContactMade(Reading):
    """Somebody of the programme has spoken with the person of a case for the first time."""

    type: ClassVar[str] = "cases.first-contact-made.v1"
    case_id: UUID
    on: date


@handlers.on(FirstContactMade)
async def note_first_contact(
    event: FirstContactMade, cases: FollowedCases, contacts: LastContacts, calls: CampaignCalls
) -> None:
    """The first word with the person is a contact."""
    await note_contact(event.case_id, event.on, cases, contacts, calls)


@handlers.every(60.0)
async def notice_lost_contacts(
    contacts: LastContacts,
    campaigns: Campaigns,
    follow_ups: FollowUps,
    policies: PolicyBook,
    calendars: Calendars,
    settings: Settings,
) -> bool:
    """Plan a call to everybody with an open case who was not in touch for longer than the policy allows, once."""
    today = await campaigns.today()
    await contacts.begin(today)
    noticed = 0
    for reach in await contacts.reaches():
        organisation = reach[0] or settings.organisation
        policy = await policies.in_force(Trigger.NO_CONTACT, organisation, reach[1])
        if policy is None:
            continue
        calendar = await calendars.of(organisation, settings.calendar)
        for last, case in await contacts.silent(reach, policy, today):
            if last.noticed:
                continue
            last.noticed, last.silences = True, last.silences + 1
            occasion = silence_of(last, case, policy, organisation, today)
            for step in policy.steps:
                await follow_ups.plan(FollowUp.plan(occasion, policy, step, calendar))
            noticed += 1
    return noticed > 0


async def note_contact(
    case_id: UUID, on: date, cases: FollowedCases, contacts: LastContacts, calls: CampaignCalls
) -> None:
    """Somebody was in touch with the person of a case: nobody has to search any more."""
    case = await cases.find(case_id)
    if case and case.person_id and await contacts.note(case.person_id, on):
        await calls.end_search(case.person_id)
