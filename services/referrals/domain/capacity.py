"""A question to an organisation whether it has room: it is about no person."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictInt

from services.referrals.domain.document import Part
from services.referrals.domain.exchange import Hand, Recorded
from services.referrals.events import CapacityAnswered, CapacityAsked, CapacityState
from shared.errors import DomainError
from shared.ids import new_id


class AnsweredAlready(DomainError):
    """This question has its answer; ask again for a newer one."""


class RoomAnswer(Part):
    """How much room there is, and free places where they can be counted."""

    capacity: CapacityState
    places: Annotated[StrictInt, Field(ge=0, le=10_000)] | None = None


class CapacityQuestion(BaseModel):
    """One question and its answer. `needs` says for what, in domains."""

    id: UUID = Field(default_factory=new_id)
    organisation: str
    service_id: UUID | None = None
    needs: tuple[str, ...] = ()
    commune: str | None = None
    asked_at: datetime
    asked_by: str
    answer_by: date | None = None
    answer: RoomAnswer | None = None
    answered_at: datetime | None = None
    recorded: Recorded | None = None
    version: int = 0

    def asked(self) -> CapacityAsked:
        """The fact of the question."""
        return CapacityAsked(question_id=self.id, organisation=self.organisation)

    def take(self, answer: RoomAnswer, by: Hand, at: datetime) -> CapacityAnswered:
        """Note the answer, once. Raises AnsweredAlready."""
        if self.answer is not None:
            raise AnsweredAlready
        self.answer, self.answered_at, self.recorded = answer, at, by.recorded
        return CapacityAnswered(
            question_id=self.id,
            organisation=self.organisation,
            capacity=answer.capacity,
            on_behalf=by.recorded is not None,
        )
