"""One weekly meeting: planned, moved or cancelled; opened with a frozen agenda; held, with minutes that stay."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.domain.meeting_codes import MeetingState
from services.cases.domain.meeting_line import MeetingLine
from services.cases.domain.meeting_series import ClockTime, MeetingSeries
from services.cases.domain.words import Day, Part, Prose, Subject, refuse
from services.cases.domain.working_days import WEEK
from services.cases.events.meeting import MeetingCancelled, MeetingHeld, MeetingMoved, MeetingOpened, MeetingPlanned
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.ids import new_id

STEPS = {
    MeetingState.PLANNED: ["move", "cancellation", "opening"],
    MeetingState.OPEN: ["decision", "closure"],
    MeetingState.HELD: [],
    MeetingState.CANCELLED: [],
}
"""What can be done with a meeting in each state."""


class MeetingNotThere(DomainError):
    """The meeting is not in a state that allows this step."""


class MeetingTooEarly(DomainError):
    """A meeting is opened on its day or later; one that is held sooner is moved first."""


class MeetingStillOpen(DomainError):
    """Another meeting of this organisation is open; it is closed before the next one opens."""


class Move(Part):
    """Another day for a week's meeting, and another hour if need be."""

    on: Day
    time: ClockTime | None = None
    reason: Prose | None = None


class Calling(Part):
    """Why a meeting is not held."""

    reason: Prose


class LineSummary(Part):
    """What the minutes say of one line."""

    line_id: UUID
    summary: Prose


class Closure(Part):
    """Who was there, and what the minutes say besides the decisions."""

    attendees: Annotated[tuple[Subject, ...], Field(min_length=1, max_length=60)]
    summary: Prose | None = None
    lines: Annotated[tuple[LineSummary, ...], Field(max_length=1000)] = ()


class Meeting(BaseModel):
    """The meeting of one week. `week` is its Monday; `moved_from` the day it had before it was moved."""

    id: UUID = Field(default_factory=new_id)
    series_id: UUID
    organisation: str
    week: date
    on: date
    time: str
    moved_from: date | None = None
    state: MeetingState = MeetingState.PLANNED
    reason: str | None = Field(None, description="Why it was moved or cancelled")
    opened_at: datetime | None = None
    opened_by: str | None = None
    lines: int | None = None
    held_at: datetime | None = None
    signed_by: str | None = None
    attendees: tuple[str, ...] = ()
    is_quorate: bool | None = None
    summary: str | None = None

    @classmethod
    def plan(cls, series: MeetingSeries, week: date) -> tuple[Self, MeetingPlanned]:
        """The meeting of a week, on the day of the series."""
        meeting = cls(
            series_id=series.id,
            organisation=series.organisation,
            week=week,
            on=series.day_of(week),
            time=series.time,
        )
        return meeting, MeetingPlanned(meeting_id=meeting.id, series_id=series.id, week=week, on=meeting.on)

    @property
    def starts_at(self) -> datetime:
        """The instant at which it begins."""
        return datetime.combine(self.on, time.fromisoformat(self.time), tzinfo=BRUSSELS)

    def follow(self, series: MeetingSeries, today: date) -> list[MeetingMoved]:
        """Take other terms of the series over, unless it was moved by hand, is past or no longer planned."""
        on = series.day_of(self.week)
        fixed = self.moved_from is not None or self.state is not MeetingState.PLANNED or self.on < today
        if fixed or (self.on, self.time) == (on, series.time) or on < today:
            return []
        self.on, self.time = on, series.time
        return [MeetingMoved(meeting_id=self.id, on=self.on, time=self.time)]

    def move(self, move: Move, today: date) -> MeetingMoved:
        """Hold it on another day. Raises MeetingNotThere, Unfit for a day past, or beyond the week before and after."""
        self.needs(MeetingState.PLANNED)
        far = not self.week - WEEK <= move.on < self.week + 2 * WEEK
        refuse([Fault("/on", "in-past")] if move.on < today else [])
        refuse([Fault("/on", "out-of-range")] if far else [])
        self.moved_from, self.on = self.moved_from or self.on, move.on
        self.time, self.reason = move.time or self.time, move.reason
        return MeetingMoved(meeting_id=self.id, on=self.on, time=self.time)

    def cancel(self, calling: Calling) -> MeetingCancelled:
        """Do not hold it. Raises MeetingNotThere."""
        self.needs(MeetingState.PLANNED)
        self.state, self.reason = MeetingState.CANCELLED, calling.reason
        return MeetingCancelled(meeting_id=self.id)

    def open(self, lines: int, by: str, now: datetime) -> MeetingOpened:
        """Begin it with this many lines. Raises MeetingNotThere, MeetingTooEarly."""
        self.can_open(now)
        self.state, self.lines, self.opened_by, self.opened_at = MeetingState.OPEN, lines, by, now
        return MeetingOpened(meeting_id=self.id, lines=lines)

    def can_open(self, now: datetime) -> None:
        """Raises MeetingNotThere, MeetingTooEarly unless it can begin now."""
        self.needs(MeetingState.PLANNED)
        if now.astimezone(BRUSSELS).date() < self.on:
            raise MeetingTooEarly(facts={"on": self.on.isoformat()})

    def close(
        self, closure: Closure, lines: Sequence[MeetingLine], is_quorate: bool, by: str, now: datetime
    ) -> MeetingHeld:
        """Sign its minutes. Raises MeetingNotThere, Unfit for a summary of a line that is not on its agenda."""
        self.needs(MeetingState.OPEN)
        known = {line.id: line for line in lines}
        refuse(
            [
                Fault(f"/lines/{number}/line_id", "unknown-line")
                for number, each in enumerate(closure.lines)
                if each.line_id not in known
            ]
        )
        for each in closure.lines:
            known[each.line_id].summary = each.summary
        self.state, self.held_at, self.signed_by = MeetingState.HELD, now, by
        self.attendees, self.summary = tuple(dict.fromkeys(closure.attendees)), closure.summary
        self.is_quorate = is_quorate
        return MeetingHeld(
            meeting_id=self.id,
            on=self.on,
            attendees=len(self.attendees),
            is_quorate=is_quorate,
            lines=len(lines),
            decided=sum(line.outcome is not None for line in lines),
            rolled_over=sum(bool(line.rolls_over) for line in lines),
            tasks=sum(len(line.tasks) for line in lines),
        )

    def needs(self, state: MeetingState) -> None:
        """Raises MeetingNotThere in another state."""
        if self.state is not state:
            raise MeetingNotThere(facts={"state": self.state, "allowed": STEPS[self.state]})
