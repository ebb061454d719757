"""Who works with a person just now, and what rests until a later day."""

from datetime import date, timedelta
from enum import StrEnum

from services.scheduler.domain.follow_up import FollowUp
from services.scheduler.domain.states import IllegalStep, WrongInput
from services.scheduler.events import FollowUpHeld, FollowUpResumed, HoldReason
from shared.errors import DomainError, Fault


class ClaimedByAnother(DomainError):
    """Somebody else works with this person just now; see `until`."""


class ClaimExpired(DomainError):
    """You do not hold this follow-up, or no longer; claim it again."""


class Holder(StrEnum):
    """Who holds the claim on a person, as seen by the caller."""

    SELF = "self"
    OTHER = "other"


def hold(follow_up: FollowUp, until: date, reason: HoldReason, today: date, most_days: int) -> FollowUpHeld:
    """Let a follow-up rest: it is on no worklist before `until`.

    However often it is held, it rests for at most `most_days` from the first hold after the last attempt on.
    Raises IllegalStep when nobody is to be reached any more, WrongInput for a day that cannot be.
    """
    _refuse_over(follow_up)
    begun = follow_up.held_on or today
    if until <= today:
        raise WrongInput(faults=[Fault("/until", "in-past")])
    if until > begun + timedelta(days=most_days):
        raise WrongInput(faults=[Fault("/until", "out-of-range")])
    follow_up.held_on, follow_up.held_until, follow_up.hold_reason = begun, until, reason
    return FollowUpHeld(follow_up_id=follow_up.id, case_id=follow_up.case_id, until=until, reason=reason)


def resume(follow_up: FollowUp, today: date) -> FollowUpResumed:
    """End its rest before the day; raises IllegalStep when it does not rest."""
    _refuse_over(follow_up)
    if not (follow_up.held_until and follow_up.held_until > today):
        raise IllegalStep(facts={"state": follow_up.status, "allowed": ["hold"]})
    follow_up.held_until = None
    return FollowUpResumed(follow_up_id=follow_up.id, case_id=follow_up.case_id)


def _refuse_over(follow_up: FollowUp) -> None:
    if not follow_up.has_work:
        raise IllegalStep(facts={"state": follow_up.status, "allowed": [each.value for each in follow_up.allowed()]})
