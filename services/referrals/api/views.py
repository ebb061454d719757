"""What the routes of referrals answer with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.referrals.domain import Actor, Care, Document, Door, Message, Move, Rejection, State, awaited
from services.referrals.events import Urgency
from services.referrals.store import ReferralRow
from shared.errors import Fault


class Receipt(BaseModel):
    """The proof that a referral is in our hands; the same push gets the same receipt."""

    id: UUID
    state: State
    received_at: datetime
    warnings: list[Fault] = Field(description="What looks odd and was taken all the same", default=[])


class Summary(BaseModel):
    """A referral in a list: no personal data."""

    id: UUID
    sender: str
    identifier_system: str
    identifier_value: str
    state: State
    urgency: Urgency
    received_at: datetime

    @classmethod
    def of(cls, referral: ReferralRow) -> "Summary":
        return cls.model_validate(referral, from_attributes=True)


class ReferralView(Summary):
    """A referral as its sender and the programme's staff see it."""

    consent_given: bool
    sheets_checked: bool = Field(description="False when no copy of the instrument was at hand at the door")
    person_id: UUID | None
    case_id: UUID | None
    cancellation_requested: bool
    updated_at: datetime
    door: Door = Field(description="The road by which it came in")
    waits_for: Actor | None = Field(description="Who acts next; null where nobody is awaited")
    due_at: datetime | None = Field(description="When that answer is due, in Belgian working days")
    overdue: bool = Field(description="Whether a reminder has been sent in this state")
    possible_duplicates: list[UUID] = Field(description="The sender's other open referrals about the same person")
    messages: list[Message] = Field(description="What both sides told each other")
    care: Care = Field(description="What the sender may know of the case")
    totals: list[dict[str, Any]] = Field(description="Computed scores per sheet, once assessed")
    rejections: list[Rejection] = Field(description="Sheets that could not be scored, with codes and places")
    moves: list[Move]
    allowed: list[State] = Field(description="The states it can move to from here")
    identity_unverified: bool = Field(description="True without a NISS: only the sender's word says who it is")
    warnings: list[Fault] = Field(description="What looks odd and was taken all the same")
    overlap: bool | None = Field(description="Whether somebody serves the person already; null for the sender")
    document: Document

    @classmethod
    def of(cls, referral: ReferralRow, overlap: bool | None = None) -> "ReferralView":
        return cls.model_validate(
            {
                **referral.model_dump(),
                "allowed": referral.allowed(),
                "waits_for": awaited(referral.state),
                "overdue": referral.reminders > 0,
                "identity_unverified": referral.document.identity_unverified,
                "overlap": overlap,
                "warnings": list(referral.document.warnings()),
            },
            from_attributes=True,
        )
