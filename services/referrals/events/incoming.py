"""Facts about what hospitals send."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.referrals.events.codes import CancellationCode, RefusalReason, Urgency
from shared.events import Event


class ReferralReceived(Event):
    """A hospital's referral is in our hands."""

    type: ClassVar[str] = "referrals.referral-received.v1"
    referral_id: UUID
    sender: str = Field(description="The sending organisation's id", examples=["chu"])
    urgency: Urgency
    factors: list[str] = Field(description="Codes of complexity the sender named", examples=[["carer_burden"]])
    sheets: int = Field(description="How many filled sheets came with it")


class ReferralTriaged(Event):
    """The line or a coordinator has begun to look at it."""

    type: ClassVar[str] = "referrals.referral-triaged.v1"
    referral_id: UUID


class ReferralAccepted(Event):
    """A coordinator accepted it: a case is to be opened."""

    type: ClassVar[str] = "referrals.referral-accepted.v1"
    referral_id: UUID
    person_id: UUID | None = Field(description="Null while the person is not identified yet")
    urgency: Urgency
    discharge_on: date | None = Field(default=None, description="The day of discharge, where the sender said it")
    programme: str | None = Field(default=None, description="Code of the programme that takes the person, where named")
    organisation: str | None = Field(default=None, description="Code of the organisation that runs that programme")


class ReferralRefused(Event):
    """A coordinator refused it, with a coded reason."""

    type: ClassVar[str] = "referrals.referral-refused.v1"
    referral_id: UUID
    reason: RefusalReason


class ReferralWaitlisted(Event):
    """It waits for a free place."""

    type: ClassVar[str] = "referrals.referral-waitlisted.v1"
    referral_id: UUID


class ReferralRedirected(Event):
    """Another organisation is asked instead."""

    type: ClassVar[str] = "referrals.referral-redirected.v1"
    referral_id: UUID
    organisation: str = Field(examples=["centre"])


class InformationRequested(Event):
    """The sender is asked a question."""

    type: ClassVar[str] = "referrals.information-requested.v1"
    referral_id: UUID


class InformationGiven(Event):
    """The sender answered the question."""

    type: ClassVar[str] = "referrals.information-given.v1"
    referral_id: UUID


class CancellationRequested(Event):
    """The sender asks to end a referral whose case is open already."""

    type: ClassVar[str] = "referrals.cancellation-requested.v1"
    referral_id: UUID
    case_id: UUID | None


class ReferralCancelled(Event):
    """It ends because its sender no longer wants it, or never did."""

    type: ClassVar[str] = "referrals.referral-cancelled.v1"
    referral_id: UUID
    code: CancellationCode


class ReferralCorrected(Event):
    """The sender corrected what it had sent, before anything was decided."""

    type: ClassVar[str] = "referrals.referral-corrected.v1"
    referral_id: UUID
    parts: list[str] = Field(description="Which parts of the document changed", examples=[["person", "stay"]])
    discharge_on: date | None = Field(default=None, description="The day of discharge, as it stands after this")


class MessageSent(Event):
    """One side told the other something; the text stays with the referral."""

    type: ClassVar[str] = "referrals.message-sent.v1"
    referral_id: UUID
    number: int = Field(description="The message's number on this referral, from 1")
    kind: str = Field(examples=["message"])
    by: str = Field(examples=["sender"])


class PossibleDuplicateFound(Event):
    """The same sender has other open referrals about the same person."""

    type: ClassVar[str] = "referrals.possible-duplicate-found.v1"
    referral_id: UUID
    others: list[UUID]


class ReferralOverdue(Event):
    """An answer is late: a reminder is due to whoever acts next."""

    type: ClassVar[str] = "referrals.referral-overdue.v1"
    referral_id: UUID
    state: str = Field(examples=["received"])
    waits_for: str = Field(examples=["coordinator"])
    reminders: int = Field(description="How many reminders there have been in this state")


class PersonLinked(Event):
    """intake knows whom the referral is about."""

    type: ClassVar[str] = "referrals.person-linked.v1"
    referral_id: UUID
    person_id: UUID


class SheetAssessed(Event):
    """assessment has answered about one of its sheets: the totals, or the rejection, can be read."""

    type: ClassVar[str] = "referrals.sheet-assessed.v1"
    referral_id: UUID
    scored: bool


class ReferralProgressed(Event):
    """The case it led to has come a step further, and the sender can see it."""

    type: ClassVar[str] = "referrals.referral-progressed.v1"
    referral_id: UUID
    case_id: UUID
    state: str = Field(examples=["case-opened"])


class ReferralClosed(Event):
    """Its case is closed: the loop with the sender is closed too."""

    type: ClassVar[str] = "referrals.referral-closed.v1"
    referral_id: UUID
    achieved: bool
