"""A known caller: whether this is a contact, a closed case that goes on, or a new case. Advice, never a decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

REOPENED_WITHIN = timedelta(days=183)
"""A case that closed no longer ago goes on rather than begins again: the span of the calls after a closing."""


class Choice(StrEnum):
    """What can be done for somebody who comes back."""

    NEW_CONTACT = "new-contact"
    REOPEN = "reopen"
    NEW_CASE = "new-case"


class Ground(StrEnum):
    """Why."""

    CASE_OPEN = "case-open"
    CLOSED_RECENTLY = "closed-recently"
    CLOSED_LONG_AGO = "closed-long-ago"
    NO_CASE = "no-case"
    CALL_BACK_PENDING = "call-back-pending"
    DECEASED = "deceased"


@dataclass(frozen=True)
class FollowedBy:
    """A case as intake knows it from what cases tells."""

    case_id: UUID
    opened_at: datetime
    closed_at: datetime | None
    declined: bool = False


@dataclass(frozen=True)
class Option:
    """One thing that can be done, why, and on which case."""

    choice: Choice
    grounds: tuple[Ground, ...]
    case_id: UUID | None = None


def guide(cases: Sequence[FollowedBy], *, owed: bool, deceased: bool, now: datetime) -> list[Option]:
    """What can be done for a returning caller, the advised first."""
    contact = Option(Choice.NEW_CONTACT, (Ground.CALL_BACK_PENDING,) if owed else ())
    if deceased:
        return [Option(Choice.NEW_CONTACT, (Ground.DECEASED, *contact.grounds))]
    for each in cases:
        if each.closed_at is None:
            return [Option(Choice.NEW_CONTACT, (Ground.CASE_OPEN, *contact.grounds), each.case_id)]
    closed = sorted(
        ((each.closed_at, each.case_id) for each in cases if each.closed_at and not each.declined), reverse=True
    )
    if not closed:
        return [
            Option(Choice.NEW_CONTACT, (Ground.NO_CASE, *contact.grounds)),
            Option(Choice.NEW_CASE, (Ground.NO_CASE,)),
        ]
    [(closed_at, case_id), *_] = closed
    recent = now - closed_at <= REOPENED_WITHIN
    ground = Ground.CLOSED_RECENTLY if recent else Ground.CLOSED_LONG_AGO
    again = [Option(Choice.REOPEN, (ground,), case_id), Option(Choice.NEW_CASE, (ground,))]
    return [*(again if recent else reversed(again)), contact]
