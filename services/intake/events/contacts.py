"""What intake tells of contacts."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.intake.events.codes import Direction, Outcome, Urgency
from shared.events import Event

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
    """The line relays a person to a case manager: once however often it is repeated."""

    type: ClassVar[str] = "intake.case-management-requested.v1"
    request_id: UUID = Field(description="The id of the contact that asked first")
    person_id: UUID
    urgency: Urgency


class RelayRepeated(Event):
    """The line relays a person whose request is open already: it stays one request, maybe a more urgent one."""

    type: ClassVar[str] = "intake.relay-repeated.v1"
    request_id: UUID
    contact_id: UUID
    person_id: UUID
    urgency: Urgency


class RelayWithdrawn(Event):
    """A request to the case managers named the wrong person; the right one's follows, if any."""

    type: ClassVar[str] = "intake.relay-withdrawn.v1"
    request_id: UUID
    person_id: UUID = Field(description="Who was named by mistake")


class OrientationRequested(Event):
    """The line orients somebody to an organisation."""

    type: ClassVar[str] = "intake.orientation-requested.v1"
    contact_id: UUID
    person_id: UUID | None = Field(description="Whom it is about; null for an anonymous question")
    organisation: str = Field(description="Code of the organisation that is asked", examples=["centre"])
    topics: list[str] = Field(description=TOPICS_SENT, examples=[["services.home-help"]])
    urgency: Urgency = Urgency.ROUTINE


class DemandUnmet(Event):
    """A demand at the line that nobody could help with: never whose it was."""

    type: ClassVar[str] = "intake.demand-unmet.v1"
    contact_id: UUID
    topics: list[str] = Field(description=TOPICS_SENT, examples=[["need.food"]])
    commune: str | None = Field(description="NIS code of where the person lives", examples=["62063"])
    reason: str = Field(examples=["no-service"])
    declined_by: str | None = Field(description="Code of the organisation that said no", examples=["centre"])


class TopicRepeated(Event):
    """The same topic came back for one person, and no contact solved it."""

    type: ClassVar[str] = "intake.topic-repeated.v1"
    contact_id: UUID = Field(description="The contact at which it came back")
    person_id: UUID
    topic: str = Field(description="Code of the topic tree; sensitive need domains are only told as `need`")
    count: int = Field(description="Contacts about it since one solved it, this one included", examples=[3])


class ContactAmended(Event):
    """A contact was corrected."""

    type: ClassVar[str] = "intake.contact-amended.v1"
    contact_id: UUID
    number: int = Field(description="The amendment's number on this contact, from 1")
    changed: list[str] = Field(description="Names of the corrected fields", examples=[["person_id"]])
    person_id: UUID | None = Field(description="Whom it is about now")
    previous_person_id: UUID | None = Field(description="Whom it was about before")


CONTACTS = (
    ContactRecorded,
    CaseManagementRequested,
    RelayRepeated,
    RelayWithdrawn,
    OrientationRequested,
    DemandUnmet,
    TopicRepeated,
    ContactAmended,
)
