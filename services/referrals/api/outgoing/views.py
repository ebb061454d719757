"""What the routes of outgoing referrals answer with: staff sees all of it, an organisation what is meant for it."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.referrals.domain.care_service import Channel
from services.referrals.domain.document import Consent
from services.referrals.domain.exchange import Confirmation, Disclosed, OutgoingMove, Party, waits_for
from services.referrals.domain.history import Message
from services.referrals.domain.states import State
from services.referrals.events import Origin, ServiceStatus, Urgency
from services.referrals.store import OutgoingRow


class OutgoingSummary(BaseModel):
    """An outgoing referral in a list: no personal data."""

    id: UUID
    organisation: str = Field(description="Code of the organisation that is asked")
    service_id: UUID | None
    channel: Channel
    origin: Origin
    state: State
    urgency: Urgency
    needs: list[str]
    prepared_at: datetime
    sent_at: datetime | None = Field(description="Null until staff has reached an organisation without a system")
    due_at: datetime | None
    expired_at: datetime | None = Field(description="When it was given up on an answer; a late one still counts")
    service_status: ServiceStatus | None = Field(description="How far the person is; null while nobody confirmed")
    unused: bool = Field(description="The organisation is done, and no use is confirmed")
    recall_requested_at: datetime | None = Field(
        description="From when the person no longer agrees that the organisation knows: it is to give this back"
    )

    @classmethod
    def of(cls, referral: OutgoingRow) -> "OutgoingSummary":
        return cls.model_validate({**dict(referral), "unused": referral.is_unused})


class OutgoingView(OutgoingSummary):
    """An outgoing referral as the programme's staff sees it."""

    chain_id: UUID = Field(description="Shared by all that was tried for the same demand")
    based_on: UUID | None = Field(description="The incoming referral that it continues")
    replaces: UUID | None = Field(description="The outgoing referral that failed before")
    contact_id: UUID | None
    case_id: UUID | None
    person_id: UUID | None
    commune: str | None
    reason_text: str | None
    disclosed: Disclosed | None
    consent: Consent | None
    discloses: bool = Field(description="Whether the organisation may read whom it is about")
    answer_by: date | None
    updated_at: datetime
    reminders: int
    moves: list[OutgoingMove]
    messages: list[Message]
    cancellation_requested: bool
    confirmations: list[Confirmation]
    waits_for: Party | None = Field(description="Which side acts next; null where nobody is awaited")
    allowed: list[State] = Field(description="The states it can move to from here")

    @classmethod
    def of(cls, referral: OutgoingRow) -> "OutgoingView":
        derived = {
            "unused": referral.is_unused,
            "discloses": referral.discloses,
            "waits_for": waits_for(referral.state),
            "allowed": referral.allowed(),
        }
        return cls.model_validate({**dict(referral), **derived})


class InboxSummary(BaseModel):
    """What is addressed to an organisation, in a list: no personal data."""

    id: UUID
    service_id: UUID | None
    state: State
    urgency: Urgency
    needs: list[str]
    prepared_at: datetime
    due_at: datetime | None
    waits_for: Party | None = Field(description="`fulfiller` is you")
    recall_requested_at: datetime | None = Field(
        description="From when the person no longer agrees that you know: give this back, keep nothing, say so"
    )

    @classmethod
    def of(cls, referral: OutgoingRow) -> "InboxSummary":
        return cls.model_validate({**dict(referral), "waits_for": waits_for(referral.state)})


class InboxMove(BaseModel):
    """One step, without who of our staff wrote it down."""

    state: State
    at: datetime
    party: Party
    reason: str | None
    note: str | None


class InboxView(InboxSummary):
    """A referral as the organisation that is asked sees it: whom it is about only by that person's consent."""

    commune: str | None
    person: Disclosed | None = Field(description="Null without consent, and where it is about nobody in particular")
    withheld: bool = Field(description="True where there is a person who has not agreed yet")
    reason_text: str | None
    consent: Consent | None
    moves: list[InboxMove]
    messages: list[Message]
    cancellation_requested: bool
    allowed: list[State] = Field(description="The states that you can move it to")

    @classmethod
    def of(cls, referral: OutgoingRow) -> "InboxView":
        withheld = referral.disclosed is not None and not referral.discloses
        moves = [InboxMove.model_validate(move, from_attributes=True) for move in referral.moves]
        if referral.recall_requested_at:
            moves = [move.model_copy(update={"note": None}) for move in moves]
        shown = {
            "person": None if withheld else referral.disclosed,
            "withheld": withheld,
            "reason_text": None if withheld else referral.reason_text,
            "consent": referral.consent if not referral.recall_requested_at else None,
            "moves": moves,
            "messages": referral.readable_messages,
            "waits_for": waits_for(referral.state),
            "allowed": referral.allowed(Party.FULFILLER),
        }
        return cls.model_validate({**dict(referral), **shown})
