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


CONTACTS = (ContactRecorded, CaseManagementRequested, OrientationRequested)
