"""By when an answer is due: the response clock of a referral, in Belgian working days."""

from dataclasses import dataclass
from datetime import datetime

from services.referrals.domain.states import STANDING, Actor, State
from services.referrals.events import Urgency
from shared.working_days import after_working_days


@dataclass(frozen=True)
class ResponseTimes:
    """Working days until an answer is due, per state; an urgent referral halves them, and never under one."""

    decision: int = 2
    question: int = 5
    waiting_list: int = 30
    opening: int = 5

    def days(self, state: State) -> int | None:
        """The working days that a state may last, None where nothing is awaited."""
        limits = {
            State.RECEIVED: self.decision,
            State.IN_TRIAGE: self.decision,
            State.INFORMATION_REQUESTED: self.question,
            State.WAITING_LIST: self.waiting_list,
            State.ACCEPTED: self.opening,
        }
        return limits.get(state)


def deadline(state: State, urgency: Urgency, at: datetime, times: ResponseTimes) -> datetime | None:
    """When the answer that this state waits for is due: the same hour, so many Belgian working days later."""
    days = times.days(state)
    if days is None:
        return None
    return after_working_days(at, max(1, days // 2) if urgency is Urgency.URGENT else days)


def awaited(state: State) -> Actor | None:
    """Who acts next."""
    return STANDING[state].waits_for
