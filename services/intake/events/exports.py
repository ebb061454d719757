"""What intake tells of copies that people ask for: that there is one, and how far it is."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class ExportState(StrEnum):
    """How far a copy is. Of an expired one nothing is left but that it was asked for."""

    COLLECTING = "collecting"
    COMPLETE = "complete"
    DELIVERED = "delivered"
    EXPIRED = "expired"


class SubjectExportChanged(Event):
    """A person asked for a copy of all that is held of them, or that request has moved on."""

    type: ClassVar[str] = "intake.subject-export-changed.v1"
    export_id: UUID
    person_id: UUID
    state: ExportState
    due_on: date = Field(description="The day on which the answer is due")
    extended: bool = Field(description="Whether the answer was put off (GDPR art. 12 (3))")


EXPORTS = (SubjectExportChanged,)
