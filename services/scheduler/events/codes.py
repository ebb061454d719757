"""The codes that facts about follow-ups are told in."""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of one attempt to reach the person."""

    NO_ANSWER = "no-answer"
    WRONG_NUMBER = "wrong-number"
    SPOKE_TO_RELATIVE = "spoke-to-relative"
    ANSWERED = "answered"
    CALL_BACK = "call-back"
    REFUSED = "refused"


class ItemStatus(StrEnum):
    """What became of one item of the care plan."""

    IN_PLACE = "in-place"
    WEAK = "weak"
    LOST = "lost"


class Escalation(StrEnum):
    """Who is turned to when the attempts are exhausted."""

    AGENDA = "agenda"
    RELATIVE = "relative"
    GENERAL_PRACTITIONER = "general-practitioner"


class CancelReason(StrEnum):
    """Why nobody is to call any more."""

    REOPENED = "reopened"
    DECEASED = "deceased"
    PATIENT_WITHDREW = "patient-withdrew"
    POLICY_CHANGED = "policy-changed"
    PERSON_ERASED = "person-erased"
    NOT_FOLLOWED_UP = "not-followed-up"
    RESTORED = "restored"
    CAMPAIGN_CLOSED = "campaign-closed"
    CASE_CLOSED = "case-closed"
    PLAN_REPLACED = "plan-replaced"
    REFERRAL_CANCELLED = "referral-cancelled"


class AskedBy(StrEnum):
    """Who wanted the other day."""

    PERSON = "person"
    LINE = "line"


class NextAction(StrEnum):
    """What is to follow from what was found."""

    NOTHING = "nothing"
    CALL_AGAIN = "call-again"
    NEW_REQUEST = "new-request"
    REOPEN = "reopen"
    ORIENTATION = "orientation"


class OutcomePoint(StrEnum):
    """The four points of a case at which outcomes are measured."""

    START = "start"
    CLOSE = "close"
    ONE_MONTH = "one-month"
    SIX_MONTHS = "six-months"


class MoveReason(StrEnum):
    """Why a follow-up has another time."""

    POLICY_CHANGED = "policy-changed"
    CALENDAR_CHANGED = "calendar-changed"
    DAY_CORRECTED = "day-corrected"
    BY_HAND = "by-hand"
    PERSON_AWAY = "person-away"
    IN_HOSPITAL = "in-hospital"
    PERSON_PREFERS = "person-prefers"
    WORKER_ABSENT = "worker-absent"
    LINE_OVERLOADED = "line-overloaded"
    CAMPAIGN_RESUMED = "campaign-resumed"
