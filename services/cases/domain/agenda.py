"""The agenda of the weekly meeting: why a case is on it, what comes first, and which fact answers a line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.domain.states import ENDED, State
from services.cases.events import (
    CaseAssigned,
    CaseClosed,
    CaseDeclined,
    CaseReopened,
    CaseTransferEnded,
    CaseWaitlisted,
    FirstContactMade,
    NextStepSet,
    TaskCancelled,
    TaskDone,
    TaskPostponed,
    Urgency,
)
from shared.events import Event
from shared.ids import new_id


class Reason(StrEnum):
    """Why a case is on the agenda, the most pressing first: safety, then what was lost, then what others ask."""

    PERSON_DECEASED = "person-deceased"
    DEATH_WITHDRAWN = "death-withdrawn"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    PERSON_UNREACHABLE = "person-unreachable"
    ITEM_LOST = "item-lost"
    RELAY_REPEATED = "relay-repeated"
    HELP_REQUESTED = "help-requested"
    FOLLOW_UP_MISSED = "follow-up-missed"
    STEP_OVERDUE = "step-overdue"
    TASK_OVERDUE = "task-overdue"
    REFERRAL_REFUSED = "referral-refused"
    TOPIC_REPEATED = "topic-repeated"
    CANCELLATION_REQUESTED = "cancellation-requested"
    REFERRAL_CANCELLED = "referral-cancelled"
    RELAY_WITHDRAWN = "relay-withdrawn"
    CASELOAD_OVER_CAP = "caseload-over-cap"
    TRANSFER_WAITING = "transfer-waiting"
    SAME_PERSON = "same-person"
    REQUEST_NEW = "request-new"
    FOLLOW_UP_DUE = "follow-up-due"


RANK: Mapping[Reason, int] = {reason: place for place, reason in enumerate(Reason, start=1)}
"""The first part of the order; `place_of` has the whole of it."""

CANCELLATIONS = frozenset({Reason.CANCELLATION_REQUESTED, Reason.REFERRAL_CANCELLED, Reason.RELAY_WITHDRAWN})
_CALLS = frozenset({Reason.PERSON_UNREACHABLE, Reason.ITEM_LOST})
_FOLLOW_UPS = frozenset({Reason.FOLLOW_UP_DUE, Reason.FOLLOW_UP_MISSED})
_DEATHS = frozenset({Reason.PERSON_DECEASED, Reason.DEATH_WITHDRAWN})
_UNWANTED = frozenset({Reason.CONSENT_WITHDRAWN})
_ASKED_AGAIN = frozenset({Reason.RELAY_REPEATED})
_NEW = frozenset({Reason.REQUEST_NEW})
_ONGOING = frozenset(
    {
        Reason.STEP_OVERDUE,
        Reason.REFERRAL_REFUSED,
        Reason.TOPIC_REPEATED,
        Reason.CASELOAD_OVER_CAP,
        Reason.TRANSFER_WAITING,
        Reason.SAME_PERSON,
    }
)

DATED = frozenset({Reason.STEP_OVERDUE, Reason.TASK_OVERDUE, Reason.FOLLOW_UP_DUE})
"""Reasons whose `since` is a day on which something was to be done."""

ANSWERED_BY: Mapping[type[Event], frozenset[Reason]] = {
    CaseAssigned: _NEW | _ASKED_AGAIN | {Reason.CASELOAD_OVER_CAP},
    CaseWaitlisted: _NEW,
    CaseClosed: CANCELLATIONS | _CALLS | _NEW | _ONGOING | _DEATHS | _ASKED_AGAIN | _UNWANTED,
    CaseTransferEnded: frozenset({Reason.TRANSFER_WAITING}),
    FirstContactMade: _ASKED_AGAIN,
    NextStepSet: _ASKED_AGAIN | {Reason.STEP_OVERDUE, Reason.DEATH_WITHDRAWN},
    CaseDeclined: CANCELLATIONS | _NEW | _DEATHS | _ASKED_AGAIN | _UNWANTED | {Reason.SAME_PERSON},
    CaseReopened: _CALLS | _FOLLOW_UPS | _ASKED_AGAIN | {Reason.DEATH_WITHDRAWN},
}
"""Which lines of a case its own facts answer: an end answers all that was raised before it, but no help request."""

SUBJECT_ANSWERED_BY: Mapping[type[Event], tuple[str, frozenset[Reason]]] = {
    TaskDone: ("task_id", frozenset({Reason.TASK_OVERDUE})),
    TaskCancelled: ("task_id", frozenset({Reason.TASK_OVERDUE})),
    TaskPostponed: ("task_id", frozenset({Reason.TASK_OVERDUE})),
    CaseClosed: ("case_id", frozenset({Reason.SAME_PERSON})),
    CaseDeclined: ("case_id", frozenset({Reason.SAME_PERSON})),
}
"""Which lines about one thing a fact answers: the field that names the thing, and the reasons."""


@dataclass(frozen=True)
class Signal:
    """Something that belongs before the meeting.

    `subject_id` is what it is about (a task, a referral, the case itself), `source_id` what raised it. `since` is the
    day, in Belgium, from which it stands: the due day for what is overdue. `urgency` is its own, besides the case's.
    """

    case_id: UUID
    reason: Reason
    subject_id: UUID
    source_id: UUID
    since: date
    urgency: Urgency = Urgency.ROUTINE


Place = tuple[int, int, int, date, UUID, UUID]


def place_of(signal: Signal, points: int | None) -> Place:
    """Where a line stands: by its reason, urgent ones first, the most complex first, the oldest first, then by id.

    `points` is the case's complexity where it is known. Nothing in it depends on when or in which order the signals
    arrived, so the same facts give the same agenda.
    """
    calm = int(signal.urgency is not Urgency.URGENT)
    return (RANK[signal.reason], calm, -(points or 0), signal.since, signal.subject_id, signal.case_id)


def more_urgent(*each: Urgency) -> Urgency:
    """The highest of several urgencies."""
    return Urgency.URGENT if Urgency.URGENT in each else Urgency.ROUTINE


class Line(BaseModel):
    """A line on the agenda (see `Signal`), open until a fact or a decision of the meeting answers it.

    A subject has one open line per reason, and a source raises one line per subject. `rolled_over` counts the
    meetings that left it unanswered.
    """

    id: UUID = Field(default_factory=new_id)
    case_id: UUID
    reason: Reason
    subject_id: UUID
    source_id: UUID
    since: date
    urgency: Urgency = Urgency.ROUTINE
    raised_at: datetime
    rolled_over: int = 0
    settled_at: datetime | None = None


def concerns(reason: Reason, state: State) -> bool:
    """Whether a line makes sense for a case in this state: nobody needs to end a case that has ended."""
    return not (state in ENDED and reason in CANCELLATIONS)


def answered_by(facts: Iterable[Event]) -> set[Reason]:
    """The reasons whose lines these facts answer."""
    return {reason for fact in facts for reason in ANSWERED_BY.get(type(fact), ())}


def subjects_answered_by(facts: Iterable[Event]) -> set[tuple[UUID, frozenset[Reason]]]:
    """What these facts answer about one thing: (the thing, the reasons)."""
    found = [(fact, SUBJECT_ANSWERED_BY[type(fact)]) for fact in facts if type(fact) in SUBJECT_ANSWERED_BY]
    return {(getattr(fact, field), reasons) for fact, (field, reasons) in found}
