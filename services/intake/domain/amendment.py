"""Corrections of a contact on record: what was, what is, and why; the chain of them is never cut."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.intake.domain.contact import (
    EARLIEST,
    NOTE,
    Account,
    Agent,
    CallerKind,
    Channel,
    Contact,
    HeardFrom,
    ImpossibleContact,
    Speaker,
    Topics,
)
from services.intake.domain.identity import Language
from services.intake.domain.outcome import Why
from services.intake.events import ContactAmended, Direction, NextOwner
from shared.errors import DomainError, Fault


class NothingAmended(DomainError):
    """These values are what the contact says already."""


class AmendmentReason(StrEnum):
    """Why a contact is corrected."""

    WRONG_PERSON = "wrong-person"
    PERSON_IDENTIFIED = "person-identified"
    WRONG_TIME = "wrong-time"
    WRONG_CODE = "wrong-code"
    TYPING_ERROR = "typing-error"
    INCOMPLETE = "incomplete"
    OTHER = "other"


class Changes(BaseModel):
    """A merge patch (RFC 7396) of a contact. Its outcome stays: others have acted on it; record another contact."""

    model_config = ConfigDict(extra="forbid")

    direction: Direction = Field(default=Direction.INBOUND)
    channel: Channel = Field(default=Channel.CALL)
    caller: Speaker = Field(default=Speaker(kind=CallerKind.OTHER))
    person_id: UUID | None = None
    started_at: AwareDatetime = EARLIEST
    ended_at: AwareDatetime = EARLIEST
    language: Language | None = None
    topics: Topics = ()
    note: Annotated[str, Field(max_length=NOTE)] | None = None
    reason: Why = Field(default=Why.INFORMATION_GIVEN)
    next_owner: NextOwner = Field(default=NextOwner.NOBODY)
    heard_from: HeardFrom | None = None

    def said(self) -> dict[str, Any]:
        """The fields that were sent, with their values."""
        return {name: getattr(self, name) for name in Changes.model_fields if name in self.model_fields_set}


class Explanation(BaseModel):
    """Why a contact is corrected: a code, and words that stay in intake."""

    reason: AmendmentReason
    explanation: Annotated[str, Field(max_length=2000)] | None = Field(default=None, description="Stays in intake")


class Amendment(BaseModel):
    """One correction: the fields as they were and as they are, by whom and why."""

    contact_id: UUID
    number: int
    reason: AmendmentReason
    explanation: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    amended_by: str
    discipline: str
    amended_at: datetime

    @classmethod
    def of(cls, contact: Contact, before: Mapping[str, Any], why: Explanation, by: Agent, at: datetime) -> Self:
        """The correction that a contact has just had."""
        return cls(
            contact_id=contact.id,
            number=contact.amendments,
            reason=why.reason,
            explanation=why.explanation,
            before=dict(before),
            after={name: getattr(contact, name) for name in before},
            amended_by=by.subject,
            discipline=by.discipline,
            amended_at=at,
        )


def amend(contact: Contact, changes: Changes, at: datetime) -> tuple[Mapping[str, Any], ContactAmended]:
    """Correct a contact: what the changed fields said before, and the fact.

    Raises ImpossibleContact with what cannot be, pointed at under `/changes`; NothingAmended.
    """
    said = {name: value for name, value in changes.said().items() if value != getattr(contact, name)}
    if not said:
        raise NothingAmended
    before = {name: getattr(contact, name) for name in said}
    told = {name: getattr(contact, name) for name in Account.model_fields}
    faults = [
        Fault(f"/changes{fault.pointer}", fault.code)
        for fault in Account.model_construct(**(told | said)).faults_at(at)
    ]
    if faults:
        raise ImpossibleContact(faults=faults)
    for name, value in said.items():
        setattr(contact, name, value)
    contact.caller_kind, contact.caller_person_id = contact.caller.kind, contact.caller.person_id
    contact.amendments += 1
    fact = ContactAmended(
        contact_id=contact.id,
        number=contact.amendments,
        changed=sorted(said),
        person_id=contact.person_id,
        previous_person_id=before.get("person_id", contact.person_id),
    )
    return before, fact
