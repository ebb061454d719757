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
