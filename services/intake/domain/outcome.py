"""What comes of a contact: the closed sets of outcomes' reasons and next owners, and which go together."""

from collections.abc import Mapping
from enum import StrEnum

from services.intake.events import NextOwner, Outcome


class Why(StrEnum):
    """The coded reason of an outcome."""

    INFORMATION_GIVEN = "information-given"
    ADVICE_GIVEN = "advice-given"
    SUPPORT_GIVEN = "support-given"
    TASK_DONE = "task-done"
    SERVICE_COVERS_NEED = "service-covers-need"
    ALREADY_FOLLOWED_THERE = "already-followed-there"
    PERSON_PREFERS_IT = "person-prefers-it"
    OUTSIDE_MISSION = "outside-mission"
    MEDICAL_COMPLEXITY = "medical-complexity"
    SOCIAL_COMPLEXITY = "social-complexity"
    MEDICAL_AND_SOCIAL_COMPLEXITY = "medical-and-social-complexity"
    CARER_EXHAUSTED = "carer-exhausted"
    UNSAFE_AT_HOME = "unsafe-at-home"
    HOSPITAL_DISCHARGE = "hospital-discharge"
    INFORMATION_TO_FIND = "information-to-find"
    NOT_REACHED = "not-reached"
    INTERRUPTED = "interrupted"
    CALLER_ASKED = "caller-asked"
    NO_SERVICE = "no-service"
    AT_CAPACITY = "at-capacity"
    OUTSIDE_AREA = "outside-area"
    NOT_ENTITLED = "not-entitled"
    TOO_EXPENSIVE = "too-expensive"
    REFUSED_BY_PERSON = "refused-by-person"


REASONS: Mapping[Outcome, frozenset[Why]] = {
    Outcome.ANSWERED: frozenset({Why.INFORMATION_GIVEN, Why.ADVICE_GIVEN, Why.SUPPORT_GIVEN, Why.TASK_DONE}),
    Outcome.ORIENTED: frozenset(
        {Why.SERVICE_COVERS_NEED, Why.ALREADY_FOLLOWED_THERE, Why.PERSON_PREFERS_IT, Why.OUTSIDE_MISSION}
    ),
    Outcome.RELAYED: frozenset(
        {
            Why.MEDICAL_COMPLEXITY,
            Why.SOCIAL_COMPLEXITY,
            Why.MEDICAL_AND_SOCIAL_COMPLEXITY,
            Why.CARER_EXHAUSTED,
            Why.UNSAFE_AT_HOME,
            Why.HOSPITAL_DISCHARGE,
        }
    ),
    Outcome.CALL_BACK: frozenset({Why.INFORMATION_TO_FIND, Why.NOT_REACHED, Why.INTERRUPTED, Why.CALLER_ASKED}),
    Outcome.NO_ONE_COULD_HELP: frozenset(
        {
            Why.NO_SERVICE,
            Why.AT_CAPACITY,
            Why.OUTSIDE_AREA,
            Why.OUTSIDE_MISSION,
            Why.NOT_ENTITLED,
            Why.TOO_EXPENSIVE,
            Why.REFUSED_BY_PERSON,
        }
    ),
}
"""Which reasons go with which outcome."""

OWNERS: Mapping[Outcome, tuple[NextOwner, ...]] = {
    Outcome.ANSWERED: (NextOwner.NOBODY, NextOwner.PERSON, NextOwner.LINE, NextOwner.CASE_MANAGERS),
    Outcome.ORIENTED: (NextOwner.ORGANISATION, NextOwner.PERSON, NextOwner.LINE),
    Outcome.RELAYED: (NextOwner.CASE_MANAGERS,),
    Outcome.CALL_BACK: (NextOwner.LINE,),
    Outcome.NO_ONE_COULD_HELP: (NextOwner.NOBODY, NextOwner.PERSON, NextOwner.LINE),
}
"""Who may be the next to act after which outcome; the first is meant where none is said."""
