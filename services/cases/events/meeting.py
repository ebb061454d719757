"""What cases tells of the weekly meeting and of the help that workers ask for: never a word of what was said."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.cases.events.codes import Urgency
from shared.events import Event


class LineOutcome(StrEnum):
    """What the meeting decides on a line."""

    TASK = "task"
    REOPEN_PROPOSED = "reopen-proposed"
    NEW_REFERRAL = "new-referral"
    CLOSE_PROPOSED = "close-proposed"
    KEEP_WATCHING = "keep-watching"
    NO_ACTION = "no-action"


class HelpKind(StrEnum):
    """What kind of help a worker asks for."""

    ADVICE = "advice"
    SECOND_OPINION = "second-opinion"
    JOINT_VISIT = "joint-visit"
    STUCK = "stuck"
    SAFETY = "safety"
    TAKE_OVER = "take-over"
    OTHER = "other"


class AnsweredAt(StrEnum):
    """Where a request for help was answered."""

    DIRECTLY = "directly"
    MEETING = "meeting"


class MeetingSeriesSet(Event):
    """When an organisation's weekly meeting is held, from now on."""

    type: ClassVar[str] = "cases.meeting-series-set.v1"
    series_id: UUID
    organisation: str = Field(examples=["relais"])
    weekday: int = Field(description="ISO 8601: 1 is Monday")
    time: str = Field(description="Local time in Belgium", examples=["09:30"])


class MeetingPlanned(Event):
    """A week's meeting has its day."""

    type: ClassVar[str] = "cases.meeting-planned.v1"
    meeting_id: UUID
    series_id: UUID
    week: date = Field(description="The Monday of its week")
    on: date


class MeetingMoved(Event):
    """A week's meeting is on another day, or at another time."""

    type: ClassVar[str] = "cases.meeting-moved.v1"
    meeting_id: UUID
    on: date
    time: str = Field(description="Local time in Belgium", examples=["09:30"])


class MeetingCancelled(Event):
    """A week's meeting is not held; its lines wait for the next one."""

    type: ClassVar[str] = "cases.meeting-cancelled.v1"
    meeting_id: UUID


class MeetingOpened(Event):
    """A meeting has begun: its agenda no longer changes."""

    type: ClassVar[str] = "cases.meeting-opened.v1"
    meeting_id: UUID
    lines: int = Field(description="How many lines are on its agenda")


class LineDecided(Event):
    """The meeting decided on a line."""

    type: ClassVar[str] = "cases.line-decided.v1"
    meeting_id: UUID
    line_id: UUID
    case_id: UUID
    reason: str = Field(description="Why the case was on the agenda", examples=["item-lost"])
    outcome: LineOutcome
    tasks: list[UUID] = Field(description="The tasks that the decision became")


class MeetingHeld(Event):
    """A meeting is over and its minutes are signed."""

    type: ClassVar[str] = "cases.meeting-held.v1"
    meeting_id: UUID
    on: date
    attendees: int
    is_quorate: bool = Field(description="Whether as many came as the series asks for")
    lines: int
    decided: int
    rolled_over: int = Field(description="Lines that wait for the next meeting")
    tasks: int = Field(description="Tasks that the decisions became")


class HelpRequested(Event):
    """A worker asks for help with a case; it stays on the agenda until it is answered."""

    type: ClassVar[str] = "cases.help-requested.v1"
    help_request_id: UUID
    case_id: UUID
    kind: HelpKind
    urgency: Urgency


class HelpAnswered(Event):
    """A request for help was answered."""

    type: ClassVar[str] = "cases.help-answered.v1"
    help_request_id: UUID
    case_id: UUID
    answered_at: AnsweredAt


class HelpWithdrawn(Event):
    """A worker no longer needs the help that was asked for."""

    type: ClassVar[str] = "cases.help-withdrawn.v1"
    help_request_id: UUID
    case_id: UUID


MEETING = (
    MeetingSeriesSet,
    MeetingPlanned,
    MeetingMoved,
    MeetingCancelled,
    MeetingOpened,
    LineDecided,
    MeetingHeld,
    HelpRequested,
    HelpAnswered,
    HelpWithdrawn,
)
