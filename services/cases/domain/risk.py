"""Which cases are about to break the rule that every open case has an owner, a next step and a date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.cases.domain.case import Case
from services.cases.domain.states import UNOWNED, State


class Risk(StrEnum):
    """Why a case is at risk, the most pressing first."""

    OWNER_LEFT = "owner-left"
    NO_OWNER = "no-owner"
    PAUSE_OVER = "pause-over"
    STEP_OVERDUE = "step-overdue"
    OWNER_ABSENT = "owner-absent"
    STEP_DUE = "step-due"


RISK_RANK: Mapping[Risk, int] = {risk: place for place, risk in enumerate(Risk, start=1)}


@dataclass(frozen=True)
class Watch:
    """What a case is looked at with: today, how many days ahead (and how long a request may wait), who is away."""

    today: date
    days: int
    left: frozenset[str]
    absent: frozenset[str]

    @property
    def horizon(self) -> date:
        """The last day that counts as near."""
        return self.today + timedelta(days=self.days)

    @property
    def patience(self) -> date:
        """Requests of this day or later may still wait."""
        return self.today - timedelta(days=self.days)


def day_at_risk(case: Case) -> date:
    """The day that orders cases of one rank: of the request, of the return, or of the next step."""
    if case.state in UNOWNED:
        return case.opened_on
    return case.paused_until or case.next_step_on or case.opened_on


def risks_of(case: Case, watch: Watch) -> list[Risk]:
    """Every reason for which a case is at risk, the most pressing first."""
    if case.state in UNOWNED:
        return [Risk.NO_OWNER] if case.opened_on < watch.patience else []
    owner, day, rests = case.worker or "", day_at_risk(case), case.state is State.PAUSED
    found = {
        Risk.OWNER_LEFT: owner in watch.left,
        Risk.PAUSE_OVER: rests and day < watch.today,
        Risk.STEP_OVERDUE: not rests and day < watch.today,
        Risk.OWNER_ABSENT: owner in watch.absent,
        Risk.STEP_DUE: not rests and watch.today <= day <= watch.horizon,
    }
    return [risk for risk in Risk if found.get(risk)]
