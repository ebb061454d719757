"""A worker's request for help with a case: it stays before the meeting until somebody answers it."""

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.domain.agenda import Reason, Signal
from services.cases.domain.case import Case
from services.cases.domain.states import ENDED
from services.cases.domain.words import Part, Prose
from services.cases.events import Urgency
from services.cases.events.meeting import AnsweredAt, HelpAnswered, HelpKind, HelpRequested, HelpWithdrawn
from shared.clock import BRUSSELS
from shared.errors import DomainError
from shared.ids import new_id


class HelpState(StrEnum):
    """Where a request for help stands."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class HelpNotOpen(DomainError):
    """This request for help is answered or withdrawn already."""


class HelpAsked(Part):
    """What help is asked for, and how soon."""

    kind: HelpKind
    urgency: Urgency = Urgency.ROUTINE
    text: Prose


class HelpAnswer(Part):
    """What was answered, or why the request is withdrawn."""

    text: Prose


class HelpRequest(BaseModel):
    """One request for help. `asked_by` and `answered_by` are subjects; `meeting_id` the meeting that answered."""

    id: UUID = Field(default_factory=new_id)
    case_id: UUID
    kind: HelpKind
    urgency: Urgency
    text: str
    asked_by: str
    asked_at: datetime
    state: HelpState = HelpState.OPEN
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    meeting_id: UUID | None = None

    @classmethod
    def ask(cls, case: Case, asked: HelpAsked, by: str, now: datetime) -> tuple[Self, HelpRequested]:
        """Ask for help with a case that goes on. Raises IllegalStep for one that has ended."""
        if case.state in ENDED:
            raise case.illegal()
        request = cls(case_id=case.id, asked_by=by, asked_at=now, **dict(asked))
        fact = HelpRequested(help_request_id=request.id, case_id=case.id, kind=request.kind, urgency=request.urgency)
        return request, fact

    @property
    def signal(self) -> Signal:
        """What it puts before the meeting."""
        asked_on = self.asked_at.astimezone(BRUSSELS).date()
        return Signal(self.case_id, Reason.HELP_REQUESTED, self.id, self.id, asked_on, self.urgency)

    def give_answer(self, text: str, by: str, now: datetime, meeting_id: UUID | None = None) -> HelpAnswered:
        """Answer it, directly or at a meeting. Raises HelpNotOpen."""
        self._end(HelpState.ANSWERED, text, by, now)
        self.meeting_id = meeting_id
        at = AnsweredAt.MEETING if meeting_id else AnsweredAt.DIRECTLY
        return HelpAnswered(help_request_id=self.id, case_id=self.case_id, answered_at=at)

    def withdraw(self, text: str, by: str, now: datetime) -> HelpWithdrawn:
        """Take it back. Raises HelpNotOpen."""
        self._end(HelpState.WITHDRAWN, text, by, now)
        return HelpWithdrawn(help_request_id=self.id, case_id=self.case_id)

    def _end(self, state: HelpState, text: str, by: str, now: datetime) -> None:
        if self.state is not HelpState.OPEN:
            raise HelpNotOpen(facts={"state": self.state, "allowed": []})
        self.state, self.answer, self.answered_by, self.answered_at = state, text, by, now
