"""Routes of the corrections of contacts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.intake.api.doors import AmendmentsDep, ContactsDep, MayAmendContact, MayReadContact, router
from services.intake.domain import Agent
from services.intake.domain.amendment import AmendmentReason, Changes, Explanation
from services.intake.store import AmendmentRow
from shared.cursors import Page
from shared.requests import IfMatch, Tag


class NewAmendment(Explanation):
    """A correction: what is to be said instead, and why; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    changes: Changes


class AmendmentView(BaseModel):
    """A correction of a contact."""

    contact_id: UUID
    number: int = Field(description="From 1, without holes")
    reason: AmendmentReason
    explanation: str | None
    before: dict[str, Any] = Field(description="The changed fields as they were")
    after: dict[str, Any]
    amended_by: str
    discipline: str
    amended_at: datetime

    @classmethod
    def of(cls, amendment: AmendmentRow) -> "AmendmentView":
        return cls.model_validate(amendment, from_attributes=True)


@router.post("/contacts/{contact_id:uuid}/amendments", status_code=201)
async def amend_contact(
    contact_id: UUID,
    body: NewAmendment,
    contacts: ContactsDep,
    amendments: AmendmentsDep,
    seen: IfMatch,
    caller: MayAmendContact,
    tag: Tag,
    response: Response,
) -> AmendmentView:
    """Correct a contact (merge patch, RFC 7396, in `changes`); what it said before stays in the chain."""
    contact = await contacts.get(contact_id, caller, seen)
    by = Agent(caller.subject, caller.discipline, caller.organisation)
    amendment = await amendments.add(contact, body.changes, body, by)
    response.headers["location"] = f"/intake/contacts/{contact_id}/amendments"
    tag(contact)
    return AmendmentView.of(amendment)


@router.get("/contacts/{contact_id:uuid}/amendments")
async def list_amendments(
    contact_id: UUID, contacts: ContactsDep, amendments: AmendmentsDep, caller: MayReadContact
) -> Page[AmendmentView]:
    """The corrections of a contact in order, with what it said before each."""
    await contacts.get(contact_id, caller)
    return Page(items=[AmendmentView.of(row) for row in await amendments.of(contact_id)], next=None)
