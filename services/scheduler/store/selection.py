"""Which follow-ups a list shows."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduler.domain import Status, Trigger


class Selection(BaseModel):
    """Which follow-ups a list shows: those that fit all that is given."""

    case_id: UUID | None = None
    person_id: UUID | None = None
    status: Status | None = None
    kind: Annotated[str | None, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", description="Step of the policy")] = None
    trigger: Trigger | None = None
    worker: Annotated[str | None, Field(min_length=1, max_length=200, description="A worker's subject")] = None
    due_from: Annotated[date | None, Field(description="Due on this day or later")] = None
    due_until: Annotated[date | None, Field(description="Due on this day or before")] = None

    @property
    def equal(self) -> dict[str, object]:
        """The columns that have to have one value."""
        return self.model_dump(exclude={"due_from", "due_until"}, exclude_none=True)

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day on which it may be due."""
        return self.due_from or date.min, self.due_until or date.max
