"""Routes of the contacts."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.intake.api.doors import (
    ContactsDep,
    MayReadContact,
    MayRecordContact,
    OrientationsDep,
    PersonsDep,
    router,
)
from services.intake.domain import Agent, Told, Why
from services.intake.domain.contact import CallerKind, Channel, HeardFrom, Topic
from services.intake.events import Direction, NextOwner, Outcome, Urgency
from services.intake.store import ContactRow, OrientationRow, WantedContacts
from shared.cursors import Page, PagingDep
from shared.requests import Tag


class NewContact(Told):
    """A contact to record; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class SpeakerView(BaseModel):
    """Who spoke with the line."""

    kind: CallerKind
    relation: str | None
    person_id: UUID | None
    organisation: str | None


class ContactSummary(BaseModel):
    """A contact in a list: without its note."""

    id: UUID
    direction: Direction
    channel: Channel
    caller: SpeakerView
    person_id: UUID | None
    started_at: datetime
    ended_at: datetime
    language: str | None
    topics: list[str]
    outcome: Outcome
    reason: Why
    urgency: Urgency | None
    next_owner: NextOwner | None = Field(description="Who acts next")
    organisation: str | None
    declined_by: str | None
    heard_from: HeardFrom | None
    answers_callback_id: UUID | None
    request_id: UUID | None = Field(description="The request to the case managers: of a repeated relay the first one's")
    amendments: int = Field(description="How many corrections it has")
    agent: str = Field(description="Subject of the token of the one who had it")
    discipline: str
    recorded_at: datetime

    @classmethod
    def of(cls, contact: ContactRow) -> "ContactSummary":
        view = cls.model_validate(contact, from_attributes=True)
        view.caller.person_id = contact.caller_person_id
        return view


class OrientationView(BaseModel):
    """What became of an orientation, as referrals tells it."""

    outgoing_id: UUID
    organisation: str
    state: str = Field(description="`prepared`, `sent`, then the outgoing referral's own states")
    service_status: str | None
    changed_at: datetime


class ContactView(ContactSummary):
    """A contact."""

    note: str | None
    orientation: OrientationView | None = Field(
        default=None, description="The outgoing referral of an orientation; null until referrals has prepared it"
    )

    @classmethod
    def of(cls, contact: ContactRow, orientation: OrientationRow | None = None) -> "ContactView":
        view = cls.model_validate(contact, from_attributes=True)
        view.caller.person_id = contact.caller_person_id
        if orientation:
            view.orientation = OrientationView.model_validate(orientation, from_attributes=True)
        return view


async def wanted_contacts(
    on: date | None = None,
    person_id: UUID | None = None,
    caller_person_id: UUID | None = None,
    outcome: Outcome | None = None,
    agent: Annotated[str | None, Query(max_length=200)] = None,
    caller_kind: CallerKind | None = None,
    channel: Channel | None = None,
    topic: Topic | None = None,
    open_call_back: bool = False,
) -> WantedContacts:
    """What the list is narrowed to; `on` is a day in Belgium, `topic` a root stands for its leaves too."""
    return WantedContacts(on, person_id, caller_person_id, outcome, agent, caller_kind, channel, topic, open_call_back)


@router.post("/contacts", status_code=201)
async def record_contact(
    body: NewContact, contacts: ContactsDep, caller: MayRecordContact, tag: Tag, response: Response
) -> ContactView:
    """Record a contact in one call. `relayed` asks for a case manager, `oriented` asks the named organisation: once."""
    agent = Agent(caller.subject, caller.discipline, caller.organisation)
    contact = await contacts.put_on_record(body, agent)
    response.headers["location"] = f"/intake/contacts/{contact.id}"
    return ContactView.of(tag(contact))


@router.get("/contacts")
async def list_contacts(
    contacts: ContactsDep,
    persons: PersonsDep,
    paging: PagingDep,
    caller: MayReadContact,
    wanted: Annotated[WantedContacts, Depends(wanted_contacts)],
) -> Page[ContactSummary]:
    """Contacts of the programme, the latest first; those of a merged record are the person's that it stands for."""
    whom = await persons.stands_for(wanted.person_id), await persons.stands_for(wanted.caller_person_id)
    wanted = replace(wanted, person_id=whom[0], caller_person_id=whom[1])
    rows = await contacts.page(caller, wanted, paging.limit, paging.after)
    keys = [(row.started_at.isoformat(), row.id) for row in rows]
    return paging.page([ContactSummary.of(row) for row in rows], keys)


@router.get("/contacts/{contact_id:uuid}")
async def read_contact(
    contact_id: UUID, contacts: ContactsDep, orientations: OrientationsDep, caller: MayReadContact, tag: Tag
) -> ContactView:
    """One contact with its note, and what became of its orientation."""
    contact = tag(await contacts.get(contact_id, caller))
    return ContactView.of(contact, await orientations.of(contact_id) if contact.organisation else None)
