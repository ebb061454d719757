"""What intake tells of the line itself: when it was silent or out of order, and whose link lapsed meanwhile."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.events import Event


class LinkReason(StrEnum):
    """Why somebody whose link lapsed is at risk."""

    OPEN_SAFETY_ISSUE = "open-safety-issue"
    OPEN_PLAN = "open-plan"
    RECENT_HOSPITAL_STAY = "recent-hospital-stay"
    LIVES_ALONE = "lives-alone"
    RECENT_NEED = "recent-need"


class SilenceSign(StrEnum):
    """What a silence of the line was seen by."""

    NO_CONTACTS = "no-contacts"
    NO_HEARTBEAT = "no-heartbeat"


class SilenceEnding(StrEnum):
    """How a silence ended."""

    CONTACT = "contact"
    HEARTBEAT = "heartbeat"
    OUTAGE = "outage"
    DISMISSED = "dismissed"


class LineHoursChanged(Event):
    """The line has other opening hours; they are to be read at /intake/line/hours."""

    type: ClassVar[str] = "intake.line-hours-changed.v1"
    valid_from: date = Field(description="The first day that they hold for")


class LineSilenceDetected(Event):
    """The line is more silent than chance explains, or its heartbeats stay away: told once per silence."""

    type: ClassVar[str] = "intake.line-silence-detected.v1"
    silence_id: UUID
    sign: SilenceSign
    since: date = Field(description="The day of the last contact, or of the last heartbeat")


class LineSilenceEnded(Event):
    """A silence is over, or somebody has said what it was."""

    type: ClassVar[str] = "intake.line-silence-ended.v1"
    silence_id: UUID
    ending: SilenceEnding


class LineOutageRecorded(Event):
    """The line was out of order; whose link lapsed is told next, person by person."""

    type: ClassVar[str] = "intake.line-outage-recorded.v1"
    outage_id: UUID
    began_on: date
    ended_on: date
    people: int = Field(description="How many people's link lapsed")


class LinkLapsed(Event):
    """Somebody in touch with the line before an outage has not been since; told in the order of risk."""

    type: ClassVar[str] = "intake.link-lapsed.v1"
    outage_id: UUID
    person_id: UUID
    rank: int = Field(description="Place in the order of risk, 1 first")
    reasons: list[LinkReason] = Field(description="What makes it risky; empty where nothing is known")
    since: date = Field(description="The day of the last contact, or the outage's first day where there was none")


class LinkRestored(Event):
    """The programme is in touch with this person again."""

    type: ClassVar[str] = "intake.link-restored.v1"
    person_id: UUID
    outage_id: UUID
    on: date = Field(description="The day of the contact that restored it")


LINE = (
    LineHoursChanged,
    LineSilenceDetected,
    LineSilenceEnded,
    LineOutageRecorded,
    LinkLapsed,
    LinkRestored,
)
