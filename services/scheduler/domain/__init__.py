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
    restore_contact,
)
from services.scheduler.domain.policy import Owner, Policies, Policy, Step, Trigger
from services.scheduler.domain.record import Attempt, Channel, Closing, Item, Result

__all__ = [
    "FAILED",
    "NEXT",
    "WORKABLE",
    "Attempt",
    "Calendar",
    "Channel",
    "Closing",
    "FollowUp",
    "IllegalStep",
    "Item",
    "Owner",
    "Policies",
    "Policy",
    "Result",
    "Status",
    "Step",
    "Trigger",
    "WrongInput",
    "add_months",
    "instant_of",
    "legal_holidays",
    "restore_contact",
]
