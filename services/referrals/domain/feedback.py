"""Feedback to a hospital: what became of the people it sent, in counts and delays."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel, Field

from services.referrals.domain.history import Care, Move
from services.referrals.domain.states import OPEN_CASE, UNDECIDED, State
from shared.clock import BRUSSELS

DECISIONS = frozenset({State.ACCEPTED, State.REFUSED, State.REDIRECTED})
WITHDRAWN = frozenset({State.CANCELLED, State.VOIDED})
READMITTED = "readmitted"


@dataclass(frozen=True)
class Followed:
    """What is looked at of one referral: no name, no document."""

    state: State
    received_at: datetime
    moves: Sequence[Move]
    care: Care
    discharge_on: date | None

    @property
    def decided(self) -> Move | None:
        """The first move that decided on it."""
        return next((move for move in self.moves if move.state in DECISIONS), None)

    @property
    def hours_to_decision(self) -> float | None:
        """Hours from receipt to the decision, None while undecided."""
        return (self.decided.at - self.received_at).total_seconds() / 3600 if self.decided else None

    @property
    def days_to_contact(self) -> float | None:
        """Days from discharge to the first contact (the first visit where none is noted); a contact before is 0."""
        contact = self.care.first_contact_on or self.care.home_visit_on
        if contact is None or self.discharge_on is None:
            return None
        return float(max(0, (contact - self.discharge_on).days))

    @property
    def case_days(self) -> float | None:
        """Days from the opening of the case to the day care ended."""
        opened = next((move for move in self.moves if move.state in OPEN_CASE), None)
        if opened is None or self.care.closed_on is None:
            return None
        return float(max(0, (self.care.closed_on - opened.at.astimezone(BRUSSELS).date()).days))

    @property
    def ended(self) -> str | None:
        """The coded reason for which its case ended."""
        over = self.moves[-1]
        return over.reason if over.state in (State.CLOSED, State.NOT_ACHIEVED) else None

    @property
    def readmissions(self) -> int:
        """How often the case rested because the person was in hospital again."""
        return sum(move.state is State.PAUSED and move.reason == READMITTED for move in self.moves)


class Spread(BaseModel):
    """A delay over several people: how many have one, the middle one, and the one that nine in ten stay within."""

    count: int
    median: float | None = Field(description="Null where nobody has one")
    p90: float | None = Field(description="Nearest rank: the smallest value that nine in ten do not exceed")

    @classmethod
    def of(cls, values: Iterable[float | None]) -> "Spread":
        """The spread of the values that are there."""
        found = sorted(value for value in values if value is not None)
        if not found:
            return cls(count=0, median=None, p90=None)
        middle = len(found) // 2
        median = found[middle] if len(found) % 2 else (found[middle - 1] + found[middle]) / 2
        rank = -(-len(found) * 9 // 10)
        return cls(count=len(found), median=round(median, 2), p90=round(found[rank - 1], 2))


class Feedback(BaseModel):
    """What became of the referrals that an organisation sent in a period, by the day of their receipt in Belgium."""

    received: int
    by_state: dict[str, int]
    decided: int
    accepted: int
    undecided: int = Field(description="Still waiting for a decision; withdrawn ones are not among them")
    acceptance_share: float | None = Field(description="Accepted among decided, 0 to 1; null while none is decided")
    hours_to_decision: Spread
    days_discharge_to_contact: Spread
    case_days: Spread
    outcomes: dict[str, int] = Field(description="Coded reasons for which cases ended")
    refusal_reasons: dict[str, int]
    readmitted: int = Field(description="Referrals whose case rested at least once because of a readmission")
    readmissions: int = Field(description="All such pauses")

    @classmethod
    def of(cls, referrals: Sequence[Followed]) -> "Feedback":
        """Count and measure."""
        decided = [each for each in referrals if each.decided]
        accepted = sum(each.decided is not None and each.decided.state is State.ACCEPTED for each in decided)
        refused = [each.moves[-1].reason or "none" for each in referrals if each.state is State.REFUSED]
        return cls(
            received=len(referrals),
            by_state=counted(each.state for each in referrals),
            decided=len(decided),
            accepted=accepted,
            undecided=sum(each.state in UNDECIDED for each in referrals),
            acceptance_share=round(accepted / len(decided), 4) if decided else None,
            hours_to_decision=Spread.of(each.hours_to_decision for each in referrals),
            days_discharge_to_contact=Spread.of(each.days_to_contact for each in referrals),
            case_days=Spread.of(each.case_days for each in referrals),
            outcomes=counted(each.ended for each in referrals if each.ended),
            refusal_reasons=counted(refused),
            readmitted=sum(each.readmissions > 0 for each in referrals),
            readmissions=sum(each.readmissions for each in referrals),
        )

    def rows(self) -> list[tuple[str, str, str]]:
        """The same as a table of three columns: measure, part, value."""
        found = [(name, "", str(getattr(self, name))) for name in ("received", "decided", "accepted", "undecided")]
        found.append(("acceptance_share", "", "" if self.acceptance_share is None else str(self.acceptance_share)))
        for name in ("hours_to_decision", "days_discharge_to_contact", "case_days"):
            spread: Spread = getattr(self, name)
            found += [(name, part, "" if value is None else str(value)) for part, value in spread]
        for name in ("by_state", "outcomes", "refusal_reasons"):
            parts: dict[str, int] = getattr(self, name)
            found += [(name, part, str(count)) for part, count in parts.items()]
        return [*found, ("readmitted", "", str(self.readmitted)), ("readmissions", "", str(self.readmissions))]


def counted(values: Iterable[str]) -> dict[str, int]:
    """How often each value occurs, by value."""
    return dict(sorted(Counter(str(value) for value in values).items()))
