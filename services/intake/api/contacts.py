"""Routes of the contacts."""

from datetime import datetime
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.intake.api.doors import ContactsDep, MayReadContact, MayRecordContact, PersonsDep, router
from services.intake.domain import Account, Agent
from services.intake.domain.contact import CallerKind, Channel, Why
from services.intake.events import Direction, Outcome, Urgency
from services.intake.store import ContactRow
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, Tag


class NewContact(Account):
    """A contact to record; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class SpeakerView(BaseModel):
    """Who spoke with the line."""

    kind: CallerKind
    relation: str | None


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
    organisation: str | None
    agent: str = Field(description="Subject of the token of the one who recorded it")
    discipline: str
    recorded_at: datetime

    @classmethod
    def of(cls, contact: ContactRow) -> "ContactSummary":
        return cls.model_validate(contact, from_attributes=True)


class ContactView(ContactSummary):
    """A contact."""

    note: str | None

    @classmethod
    def of(cls, contact: ContactRow) -> "ContactView":
        return cls.model_validate(contact, from_attributes=True)


@router.post("/contacts", status_code=201)
async def record_contact(
    body: NewContact,
    contacts: ContactsDep,
    persons: PersonsDep,
    clock: ClockDep,
    caller: MayRecordContact,
    tag: Tag,
    response: Response,
) -> ContactView:
    """Record a contact. `relayed` asks for a case manager, `oriented` asks the named organisation: once each."""
    agent = Agent(caller.subject, caller.discipline, caller.organisation)
    contact, facts = ContactRow.record(body, agent, clock.now())
    if body.person_id:
        await persons.in_programme(body.person_id, caller.organisation)
    await contacts.record(contact, *facts)
    response.headers["location"] = f"/intake/contacts/{contact.id}"
    return ContactView.of(tag(contact))


@router.get("/contacts")
async def list_contacts(
    contacts: ContactsDep,
    paging: PagingDep,
    caller: MayReadContact,
    person_id: UUID | None = None,
    outcome: Outcome | None = None,
) -> Page[ContactSummary]:
    """Contacts of the programme, the latest first."""
    rows = await contacts.page(caller, person_id, outcome, paging.limit, paging.after)
    keys = [(row.started_at.isoformat(), row.id) for row in rows]
    return paging.page([ContactSummary.of(row) for row in rows], keys)


@router.get("/contacts/{contact_id:uuid}")
async def read_contact(contact_id: UUID, contacts: ContactsDep, caller: MayReadContact, tag: Tag) -> ContactView:
    """One contact with its note."""
    return ContactView.of(tag(await contacts.get(contact_id, caller)))
