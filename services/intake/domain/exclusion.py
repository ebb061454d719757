"""Whom a person does not want to see their records, by name."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.intake.events import ExclusionChanged, ExclusionReason
from shared.errors import DomainError
from shared.ids import new_id


class OwnOrganisation(DomainError):
    """Not the whole programme that follows the person: that would be the end of the care. Name the worker."""


class ExclusionOver(DomainError):
    """The exclusion has ended already."""


class Excluded(BaseModel):
    """Whom it names: a worker by the subject of the token, or with no worker the whole organisation."""

    organisation: str | None = Field(
        default=None, pattern=r"^[a-z][a-z0-9-]{0,63}$", description="Left out: the programme's own"
    )
    worker: str = Field(default="", max_length=200, description="Subject of the worker's token; empty for all")
    reason: ExclusionReason


class NamedExclusion(BaseModel):
    """An exclusion, in force until it is ended."""

    id: UUID
    programme: str
    person_id: UUID
    organisation: str
    worker: str
    reason: ExclusionReason
    said_by: str
    said_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None

    @classmethod
    def say(cls, person_id: UUID, programme: str, whom: Excluded, by: str, at: datetime) -> Self:
        """Somebody is excluded from now on; raises OwnOrganisation."""
        organisation = whom.organisation or programme
        if organisation == programme and not whom.worker:
            raise OwnOrganisation
        told = {"person_id": person_id, "organisation": organisation, "worker": whom.worker}
        return cls(id=new_id(), programme=programme, reason=whom.reason, said_by=by, said_at=at, **told)

    def end(self, by: str, at: datetime) -> ExclusionChanged:
        """It holds no longer; raises ExclusionOver."""
        if self.ended_at:
            raise ExclusionOver
        self.ended_by, self.ended_at = by, at
        return self.fact()

    def fact(self) -> ExclusionChanged:
        """It as a fact."""
        told = {"person_id": self.person_id, "organisation": self.organisation, "worker": self.worker}
        return ExclusionChanged(exclusion_id=self.id, since=self.said_at, until=self.ended_at, **told)
