"""What intake tells of whom people do not want to see their records."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class ExclusionReason(StrEnum):
    """Why somebody is not to see a person's records; it stays in intake."""

    KNOWS_PERSON = "knows-person"
    CONFLICT = "conflict"
    WISH = "wish"


class ExclusionChanged(Event):
    """A person excludes a worker or an organisation by name (eHealth: exclusion), or does so no longer."""

    type: ClassVar[str] = "intake.exclusion-changed.v1"
    exclusion_id: UUID
    person_id: UUID
    organisation: str = Field(description="The organisation, or the one that the worker works for", examples=["centre"])
    worker: str = Field(description="Subject of the worker's token; empty where the whole organisation is meant")
    since: datetime
    until: datetime | None = Field(description="When it ended; null while it holds")


EXCLUSIONS = (ExclusionChanged,)
