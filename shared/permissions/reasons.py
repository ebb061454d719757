"""The codes of why somebody may see a record: `relationships` of matrix.json says which roles each serves."""

from enum import StrEnum


class RelationReason(StrEnum):
    """Why an organisation's team, or one worker of it, is related to a person (eHealth: therapeutic relationship)."""

    REFERRAL = "referral"
    """Asked for: a request or a referral that awaits its answer."""
    ASSIGNMENT = "assignment"
    """Taken on: the case is open, or its follow-ups still run."""
    SUBSTITUTION = "substitution"
    """Stands in for a colleague who is absent."""
    LINE_DUTY = "line-duty"
    """Spoke with, or writes down, a call: for some hours after it, and as long as it waits to be called back."""
    FOLLOW_UP = "follow-up"
    """Has a call to make that was promised."""
    MEETING = "meeting"
    """On the agenda of a meeting, and for some days after it."""
    CARE_TEAM = "care-team"
    """Named in the circle around the person."""
    COORDINATION = "coordination"
    """Answers for the organisation that holds the case."""
    BREAK_GLASS = "break-glass"
    """Emergency access: one worker, an hour at most, reviewed afterwards."""
    OWN_RECORDS = "own-records"
    """Sent it or was sent it: the record itself says so, no row does."""


class BreakGlassReason(StrEnum):
    """Why the glass is broken (FHIR AuditEvent emergency access). A named exclusion yields to a threat to life only."""

    THREAT_TO_LIFE = "threat-to-life"
    URGENT_CARE = "urgent-care"
    SAFEGUARDING = "safeguarding"

    @property
    def is_vital(self) -> bool:
        """Whether an exclusion yields to it."""
        return self is BreakGlassReason.THREAT_TO_LIFE
