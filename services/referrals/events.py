"""What referrals tells the others: ids and codes, never who the person is."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class Urgency(StrEnum):
    """How soon the sender asks for an answer (FHIR request-priority, two steps of it)."""

    ROUTINE = "routine"
    URGENT = "urgent"


class RefusalReason(StrEnum):
    """Why a referral is refused."""

    AT_CAPACITY = "at-capacity"
    OUTSIDE_AREA = "outside-area"
    OUTSIDE_MISSION = "outside-mission"
    EXISTING_CASE_MANAGER = "existing-case-manager"
    PATIENT_REFUSED = "patient-refused"
    NO_CONSENT = "no-consent"
    INSUFFICIENT_INFORMATION = "insufficient-information"
    DUPLICATE = "duplicate"


class CapacityState(StrEnum):
    """How much room a service or a programme has (Gravity's four)."""

    AVAILABLE = "available"
    FULL = "full"
    WAITING_LIST = "waiting-list"
    ASSESSMENT_NEEDED = "assessment-needed"


class CancellationCode(StrEnum):
    """Why a referral is no longer wanted."""

    BY_SENDER = "by-sender"
    GRANTED = "granted"
    ENTERED_IN_ERROR = "entered-in-error"


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


class OrganisationChanged(Event):
    """An organisation of the network was registered or changed."""

    type: ClassVar[str] = "referrals.organisation-changed.v1"
    organisation: str = Field(examples=["centre"])
    kind: str = Field(examples=["coordination-centre"])
    active: bool


class ServiceChanged(Event):
    """A service of the directory was registered, changed or verified."""

    type: ClassVar[str] = "referrals.service-changed.v1"
    service_id: UUID
    organisation: str = Field(examples=["centre"])
    code: str = Field(examples=["home-help"])
    domains: list[str] = Field(description="Codes of the need domains it covers", examples=[["housework"]])
    active: bool
    verified_on: date | None = Field(description="When somebody last checked it")


class CapacityChanged(Event):
    """A service said how much room it has."""

    type: ClassVar[str] = "referrals.capacity-changed.v1"
    service_id: UUID
    organisation: str = Field(examples=["centre"])
    capacity: CapacityState
    places: int | None
    on: date


class DirectoryStale(Event):
    """Nobody has verified a service for six months: somebody should."""

    type: ClassVar[str] = "referrals.directory-stale.v1"
    service_id: UUID
    organisation: str = Field(examples=["centre"])
    verified_on: date | None = Field(description="When it was last verified; null if never")


class ProgrammeChanged(Event):
    """A programme was registered or changed."""

    type: ClassVar[str] = "referrals.programme-changed.v1"
    programme: str = Field(examples=["relais-liege"])
    organisation: str = Field(description="Who runs it", examples=["relais"])
    category_limited: bool
    capacity: CapacityState | None


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


class SubscriptionChanged(Event):
    """Somebody's wish to be told of referrals began, came back, stopped or ended."""

    type: ClassVar[str] = "referrals.subscription-changed.v1"
    subscription_id: UUID
    organisation: str = Field(description="Who is told", examples=["chu"])
    kind: str = Field(description="`webhook` or `fhir`", examples=["webhook"])
    state: str = Field(examples=["active"])
    failure: str | None = Field(description="Why it stopped", examples=["timeout"])


class SubscriptionFailed(Event):
    """A receiver did not answer for 72 hours: an operator is to look at it and to send again what it missed."""

    type: ClassVar[str] = "referrals.subscription-failed.v1"
    subscription_id: UUID
    organisation: str = Field(description="Who is not told any more", examples=["chu"])
    kind: str = Field(description="`webhook` or `fhir`", examples=["webhook"])
    failure: str = Field(description="What the last attempt ended with", examples=["503"])
    undelivered: int = Field(description="How many notices are kept to be sent again")


PUBLISHED = (
    ReferralReceived,
    ReferralTriaged,
    ReferralAccepted,
    ReferralRefused,
    ReferralWaitlisted,
    ReferralRedirected,
    InformationRequested,
    InformationGiven,
    CancellationRequested,
    ReferralCancelled,
    ReferralCorrected,
    ReferralOverdue,
    MessageSent,
    PossibleDuplicateFound,
    PersonLinked,
    SheetAssessed,
    ReferralProgressed,
    ReferralClosed,
    OrganisationChanged,
    ServiceChanged,
    CapacityChanged,
    DirectoryStale,
    ProgrammeChanged,
    OutgoingPrepared,
    OutgoingSent,
    OutgoingAnswered,
    OutgoingProgressed,
    OutgoingClosed,
    OutgoingCancelled,
    OutgoingCancellationRequested,
    OutgoingDisclosed,
    OutgoingPersonLinked,
    OutgoingMessageSent,
    OutgoingOverdue,
    OutgoingExpired,
    ServiceStatusChanged,
    ServiceStatusDue,
    GapRecorded,
    CapacityAsked,
    CapacityAnswered,
    SubscriptionChanged,
    SubscriptionFailed,
)
