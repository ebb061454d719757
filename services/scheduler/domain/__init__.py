"""The domain of scheduler: working days, policies as data, and the follow-ups of closed cases."""

from services.scheduler.domain.calendar import Calendar, add_months, instant_of, legal_holidays
from services.scheduler.domain.follow_up import (
    FAILED,
    NEXT,
    WORKABLE,
    FollowUp,
    IllegalStep,
    Status,
    WrongInput,
)
from services.scheduler.domain.policy import Escalation, Owner, Policies, Policy, Step, Trigger, Try
from services.scheduler.domain.record import ROUTINE, Attempt, Channel, Item, Occasion, Result

__all__ = [
    "FAILED",
    "NEXT",
    "ROUTINE",
    "WORKABLE",
    "Attempt",
    "Calendar",
    "Channel",
    "Escalation",
    "FollowUp",
    "IllegalStep",
    "Item",
    "Occasion",
    "Owner",
    "Policies",
    "Policy",
    "Result",
    "Status",
    "Step",
    "Trigger",
    "Try",
    "WrongInput",
    "add_months",
    "instant_of",
    "legal_holidays",
]
