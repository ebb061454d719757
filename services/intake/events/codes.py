"""The codes that facts of intake are told in."""

from enum import StrEnum


class Urgency(StrEnum):
    """How soon a case manager is needed."""

    ROUTINE = "routine"
    URGENT = "urgent"


class Direction(StrEnum):
    """Who began a contact: somebody turned to the line, or the line to somebody."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Outcome(StrEnum):
    """What came of a contact: the steps of the triage ladder."""

    ANSWERED = "answered"
    ORIENTED = "oriented"
    RELAYED = "relayed"
    CALL_BACK = "call-back"
    NO_ONE_COULD_HELP = "no-one-could-help"


class NextOwner(StrEnum):
    """Who is the next to act after a contact."""

    LINE = "line"
    CASE_MANAGERS = "case-managers"
    ORGANISATION = "organisation"
    PERSON = "person"
    NOBODY = "nobody"


class Certainty(StrEnum):
    """How the person of a referral was found."""

    CERTAIN = "certain"
    REVIEWED = "reviewed"
    REGISTERED = "registered"


class Decision(StrEnum):
    """What a reviewer says of an incoming person: one we know, or somebody new."""

    SAME = "same"
    NEW = "new"
