"""Facts about what leaves the programme, and what a region lacks."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.referrals.events.codes import CancellationCode, CapacityState, RefusalReason, Urgency
from shared.events import Event


class Origin(StrEnum):
    """What an outgoing referral came from."""

    STAFF = "staff"
    ORIENTATION = "orientation"
    REDIRECTION = "redirection"
    RESENDING = "resending"


class ServiceStatus(StrEnum):
    """How far the person has come with the service, apart from the referral's own state."""

    FOUND = "found"
    ACCESSED = "accessed"
    USED = "used"
    NOT_USED = "not-used"


class Confirmer(StrEnum):
    """On whose word a service status stands."""

    PERSON = "person"
    RELATIVE = "relative"
    EVIDENCE = "evidence"


class Evidence(StrEnum):
    """What shows that a service was found, accessed or used."""

    APPOINTMENT = "appointment"
    REPORT = "report"
    INVOICE = "invoice"
    VISIT = "visit"
    OTHER = "other"


class GapSource(StrEnum):
    """Where a gap showed: a demand to us, one of ours to a partner, or a demand that nothing exists for."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    NO_SERVICE = "no-service"


class OutgoingPrepared(Event):
    """A referral to an organisation that we reach by hand waits to be sent."""

    type: ClassVar[str] = "referrals.outgoing-prepared.v1"
    outgoing_id: UUID
    organisation: str = Field(description="Code of the organisation that is asked", examples=["centre"])
    origin: Origin
    contact_id: UUID | None = Field(default=None, description="The contact at the line that it follows")


class OutgoingSent(Event):
    """A referral is with the organisation that is asked; the clock runs."""

    type: ClassVar[str] = "referrals.outgoing-sent.v1"
    outgoing_id: UUID
    organisation: str = Field(description="Code of the organisation that is asked", examples=["centre"])
    origin: Origin
    channel: str = Field(examples=["email-notice"])
    urgency: Urgency
    based_on: UUID | None = Field(description="The incoming referral that it continues")
    replaces: UUID | None = Field(description="The outgoing referral that was sent to another organisation before")
    discloses: bool = Field(description="Whether the organisation may read whom it is about")
    contact_id: UUID | None = Field(default=None, description="The contact at the line that it follows")
    case_id: UUID | None = Field(default=None, description="The case that it was made for, where there is one")
    person_id: UUID | None = Field(default=None, description="Null while not known, or for nobody in particular")


class OutgoingAnswered(Event):
    """The organisation answered: it looks at it, asks, accepts, has a waiting list or refuses."""

    type: ClassVar[str] = "referrals.outgoing-answered.v1"
    outgoing_id: UUID
    organisation: str = Field(examples=["centre"])
    state: str = Field(description="The state it led to", examples=["accepted"])
    reason: RefusalReason | None = None
    on_behalf: bool = Field(description="Whether our staff recorded it for an organisation without a system")


class OutgoingProgressed(Event):
    """What the organisation does for the person has begun, come further, or rests."""

    type: ClassVar[str] = "referrals.outgoing-progressed.v1"
    outgoing_id: UUID
    organisation: str = Field(examples=["centre"])
    state: str = Field(examples=["case-opened"])


class OutgoingClosed(Event):
    """The organisation reported the end: the loop is closed."""

    type: ClassVar[str] = "referrals.outgoing-closed.v1"
    outgoing_id: UUID
    organisation: str = Field(examples=["centre"])
    achieved: bool


class OutgoingCancelled(Event):
    """We no longer ask, or the organisation let go as we asked."""

    type: ClassVar[str] = "referrals.outgoing-cancelled.v1"
    outgoing_id: UUID
    organisation: str = Field(examples=["centre"])
    code: CancellationCode


class OutgoingCancellationRequested(Event):
    """We ask the organisation to end what it has begun."""

    type: ClassVar[str] = "referrals.outgoing-cancellation-requested.v1"
    outgoing_id: UUID
    organisation: str = Field(examples=["centre"])


class OutgoingDisclosed(Event):
    """The person agreed: the organisation may read from now on whom it is about."""

    type: ClassVar[str] = "referrals.outgoing-disclosed.v1"
    outgoing_id: UUID
    organisation: str = Field(examples=["centre"])


class OutgoingRecallRequested(Event):
    """The person no longer agrees that the organisation knows: it is asked to give the referral back and forget."""

    type: ClassVar[str] = "referrals.outgoing-recall-requested.v1"
    outgoing_id: UUID
    organisation: str = Field(examples=["centre"])
    since: datetime = Field(description="From when the person no longer agrees")


class ConsentBrought(Event):
    """A referral of a known person says that she or he agreed: to the transfer to us, or to this organisation."""

    type: ClassVar[str] = "referrals.consent-brought.v1"
    source_id: UUID = Field(description="The referral, to us or by us")
    person_id: UUID
    purpose: str = Field(examples=["case-management"])
    recipient: str | None = Field(description="For `sharing`: code of the organisation", examples=["centre"])
    how: str = Field(description="`oral` or `written`", examples=["oral"])
    on: date


class OutgoingPersonLinked(Event):
    """It is known now whom an outgoing referral is about."""

    type: ClassVar[str] = "referrals.outgoing-person-linked.v1"
    outgoing_id: UUID
    person_id: UUID


class OutgoingMessageSent(Event):
    """One side told the other something on an outgoing referral; the text stays with it."""

    type: ClassVar[str] = "referrals.outgoing-message-sent.v1"
    outgoing_id: UUID
    organisation: str = Field(examples=["centre"])
    number: int = Field(description="The message's number on this referral, from 1")
    kind: str = Field(examples=["message"])
    by: str = Field(description="`placer` is us, `fulfiller` the organisation", examples=["placer"])


class OutgoingOverdue(Event):
    """An answer on an outgoing referral is late."""

    type: ClassVar[str] = "referrals.outgoing-overdue.v1"
    outgoing_id: UUID
    organisation: str = Field(examples=["centre"])
    state: str = Field(examples=["received"])
    waits_for: str = Field(description="`placer` is us, `fulfiller` the organisation", examples=["fulfiller"])
    reminders: int


class OutgoingExpired(Event):
    """The organisation did not answer, reminders included: somebody else is to be asked. A late answer still counts."""

    type: ClassVar[str] = "referrals.outgoing-expired.v1"
    outgoing_id: UUID
    organisation: str = Field(examples=["centre"])


class ServiceStatusChanged(Event):
    """It is confirmed how far the person has come with the service."""

    type: ClassVar[str] = "referrals.service-status-changed.v1"
    outgoing_id: UUID
    organisation: str = Field(examples=["centre"])
    status: ServiceStatus
    confirmed_by: Confirmer
    shown_by: Evidence | None = Field(description="The kind of evidence, where there is some")
    on: date


class ServiceStatusDue(Event):
    """Somebody is to ask whether the person uses the service."""

    type: ClassVar[str] = "referrals.service-status-due.v1"
    outgoing_id: UUID
    organisation: str = Field(examples=["centre"])
    status: ServiceStatus | None


class GapRecorded(Event):
    """A need met no help: never who had it."""

    type: ClassVar[str] = "referrals.gap-recorded.v1"
    gap_id: UUID
    source: GapSource
    domain: str = Field(description="Need domain; `other` also where the domain itself is sensitive", examples=["food"])
    commune: str | None = Field(description="NIS code of the municipality", examples=["62063"])
    reason: str = Field(examples=["at-capacity"])
    month: str = Field(examples=["2026-11"])
    source_id: UUID | None = Field(
        default=None, description="The contact of the line in which it showed; null where a referral is behind it"
    )


class CapacityAsked(Event):
    """An organisation is asked whether it has room; about no person."""

    type: ClassVar[str] = "referrals.capacity-asked.v1"
    question_id: UUID
    organisation: str = Field(examples=["centre"])


class CapacityAnswered(Event):
    """The organisation said how much room it has."""

    type: ClassVar[str] = "referrals.capacity-answered.v1"
    question_id: UUID
    organisation: str = Field(examples=["centre"])
    capacity: CapacityState
    on_behalf: bool = Field(description="Whether our staff recorded it for an organisation without a system")
