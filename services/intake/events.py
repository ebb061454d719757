"""What intake tells the others: ids and codes, never who the person is or what was said."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class Urgency(StrEnum):
    """How soon a case manager is needed."""

    ROUTINE = "routine"
    URGENT = "urgent"


class Direction(StrEnum):
    """Who began a contact: somebody turned to the line, or the line to somebody."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Outcome(StrEnum):
    """What came of a contact: the steps of the triage ladder."""

    ANSWERED = "answered"
    ORIENTED = "oriented"
    RELAYED = "relayed"
    CALL_BACK = "call-back"
    NO_ONE_COULD_HELP = "no-one-could-help"


class Certainty(StrEnum):
    """How the person of a referral was found."""

    CERTAIN = "certain"
    REVIEWED = "reviewed"
    REGISTERED = "registered"


class Decision(StrEnum):
    """What a reviewer says of an incoming person: one we know, or somebody new."""

    SAME = "same"
    NEW = "new"


TOPICS_SENT = "Codes of the topic tree; sensitive need domains are only told as `need`"


class ContactRecorded(Event):
    """A contact with the line took place."""

    type: ClassVar[str] = "intake.contact-recorded.v1"
    contact_id: UUID
    person_id: UUID | None = Field(description="Whom it was about; null for an anonymous question")
    direction: Direction
    outcome: Outcome
    topics: list[str] = Field(description=TOPICS_SENT, examples=[["care.medication", "need.housework"]])


class CaseManagementRequested(Event):
    """The line relays a person to a case manager: once per contact."""

    type: ClassVar[str] = "intake.case-management-requested.v1"
    request_id: UUID = Field(description="The contact's id")
    person_id: UUID
    urgency: Urgency


class OrientationRequested(Event):
    """The line orients somebody to an organisation."""

    type: ClassVar[str] = "intake.orientation-requested.v1"
    contact_id: UUID
    person_id: UUID | None = Field(description="Whom it is about; null for an anonymous question")
    organisation: str = Field(description="Code of the organisation that is asked", examples=["centre"])
    topics: list[str] = Field(description=TOPICS_SENT, examples=[["services.home-help"]])


class PersonRegistered(Event):
    """A person is new in the index."""

    type: ClassVar[str] = "intake.person-registered.v1"
    person_id: UUID


class PersonUpdated(Event):
    """What is known of a person has changed."""

    type: ClassVar[str] = "intake.person-updated.v1"
    person_id: UUID


class PersonIdentified(Event):
    """It is known whom a referral is about."""

    type: ClassVar[str] = "intake.person-identified.v1"
    referral_id: UUID
    person_id: UUID
    certainty: Certainty


class IdentityReviewNeeded(Event):
    """Whom a referral is about is for a person to decide."""

    type: ClassVar[str] = "intake.identity-review-needed.v1"
    review_id: UUID
    referral_id: UUID
    candidates: int = Field(description="How many known people it could be")


class IdentityReviewDecided(Event):
    """A reviewer has decided."""

    type: ClassVar[str] = "intake.identity-review-decided.v1"
    review_id: UUID
    referral_id: UUID
    decision: Decision


PUBLISHED = (
    ContactRecorded,
    CaseManagementRequested,
    OrientationRequested,
    PersonRegistered,
    PersonUpdated,
    PersonIdentified,
    IdentityReviewNeeded,
    IdentityReviewDecided,
)
