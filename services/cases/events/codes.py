"""The codes that facts about cases are told in."""

from enum import StrEnum


class OriginKind(StrEnum):
    """What a case came from."""

    REFERRAL = "referral"
    CONTACT = "contact"


class Urgency(StrEnum):
    """How soon somebody has to act."""

    ROUTINE = "routine"
    URGENT = "urgent"


class Discipline(StrEnum):
    """The profile of a case manager; the programme needs both."""

    NURSE = "nurse"
    SOCIAL_WORKER = "social-worker"


class WantedDiscipline(StrEnum):
    """The profile that a person needs: one of the two, or both."""

    NURSE = "nurse"
    SOCIAL_WORKER = "social-worker"
    BOTH = "both"


class VisitKind(StrEnum):
    """What kind of visit."""

    HOME_VISIT = "home-visit"


class VisitStatus(StrEnum):
    """What became of a visit."""

    PLANNED = "planned"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"
    MOVED = "moved"


class Place(StrEnum):
    """The kind of place of a visit; where it lies is known to intake alone."""

    HOME = "home"
    HOSPITAL = "hospital"
    OTHER = "other"


class MissedBy(StrEnum):
    """Who missed a visit."""

    PERSON = "person"
    WORKER = "worker"
    THIRD_PARTY = "third-party"


class MissedReason(StrEnum):
    """Why a visit was missed."""

    NOBODY_HOME = "nobody-home"
    REFUSED_AT_THE_DOOR = "refused-at-the-door"
    FORGOTTEN = "forgotten"
    ILLNESS = "illness"
    IN_HOSPITAL = "in-hospital"
    TRANSPORT = "transport"
    UNSAFE = "unsafe"
    OTHER = "other"


class Assignee(StrEnum):
    """Who does a task."""

    LINE = "line"
    CASE_MANAGER = "case-manager"
    PARTNER = "partner"
    PERSON = "person"


class Durability(StrEnum):
    """How a plan item stands when the line calls after the closing."""

    IN_PLACE = "in-place"
    WEAK = "weak"
    LOST = "lost"


class ClosingReason(StrEnum):
    """Why a case ends."""

    GOALS_REACHED = "goals-reached"
    MOVED = "moved"
    DECEASED = "deceased"
    PATIENT_WITHDREW = "patient-withdrew"
    UNREACHABLE = "unreachable"
    HANDED_OVER = "handed-over"
    OTHER = "other"


class DeclineReason(StrEnum):
    """Why a request for case management is not taken."""

    NOT_COMPLEX = "not-complex"
    OUTSIDE_AREA = "outside-area"
    FOLLOWED_ELSEWHERE = "followed-elsewhere"
    PERSON_DECLINES = "person-declines"
    AT_CAPACITY = "at-capacity"
    REQUEST_WITHDRAWN = "request-withdrawn"
    DECEASED = "deceased"
    OTHER = "other"


class PauseReason(StrEnum):
    """Why a case rests."""

    READMITTED = "readmitted"
    UNREACHABLE = "unreachable"
    PATIENT_REQUEST = "patient-request"


class TaskCancelReason(StrEnum):
    """Why a task is not done any more."""

    NO_LONGER_NEEDED = "no-longer-needed"
    PERSON_DECLINES = "person-declines"
    SERVICE_REFUSED = "service-refused"
    NOT_POSSIBLE = "not-possible"
    DONE_BY_OTHERS = "done-by-others"
    OTHER = "other"


class TaskPostponeReason(StrEnum):
    """Why a task is due later."""

    WAITING_FOR_ANSWER = "waiting-for-answer"
    PERSON_ASKS = "person-asks"
    PERSON_UNAVAILABLE = "person-unavailable"
    SERVICE_FULL = "service-full"
    WORKER_ABSENT = "worker-absent"
    OTHER = "other"


class DecisionKind(StrEnum):
    """What was noted between organisations: what they decided, what one remarked, where they do not agree."""

    JOINT_DECISION = "joint-decision"
    REMARK = "remark"
    DISAGREEMENT = "disagreement"


class DecisionSubject(StrEnum):
    """What a decision on a shared case is about."""

    OPENING = "opening"
    CLOSING = "closing"
    TRANSFER = "transfer"
    PLAN = "plan"
    ACCOUNTABILITY = "accountability"
    INFORMATION_SHARING = "information-sharing"
    LIVING_PLACE = "living-place"
    PRACTICE = "practice"
    OTHER = "other"


class DecisionStatus(StrEnum):
    """Where a decision stands: it waits for answers, holds, was refused, was only noted, or was corrected."""

    WAITING = "waiting"
    IN_FORCE = "in-force"
    REFUSED = "refused"
    NOTED = "noted"
    AMENDED = "amended"
