"""When the line is open: slots per weekday in local time, closures and holidays, in versions by day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from services.intake.domain.identity import written_day
from services.intake.events import LineHoursChanged
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.ids import new_id
from shared.working_days import legal_holidays

WEEKDAYS = 7
FRENCH_COMMUNITY_DAY = (9, 27)
AHEAD = timedelta(days=60)
"""How far a next opening is looked for: a longer closure has none."""


class ImpossibleHours(DomainError):
    """The line cannot be open at these times."""


def local_time(value: time) -> time:
    """A local time of day in whole minutes: it has no zone of its own."""
    if value.tzinfo is not None or value.second or value.microsecond:
        raise PydanticCustomError("wrong_format", "not a local time as HH:MM")
    return value


LocalTime = Annotated[time, AfterValidator(local_time)]
Day = Annotated[date, BeforeValidator(written_day)]


class Slot(BaseModel):
    """A time of a day in which the line answers, Europe/Brussels; it ends the same day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opens: LocalTime
    closes: LocalTime

    def on(self, day: date) -> tuple[datetime, datetime]:
        """The instants of a day at which it begins and ends, UTC: a day of a clock change is an hour off."""
        begin, end = (datetime.combine(day, at, BRUSSELS).astimezone(UTC) for at in (self.opens, self.closes))
        return begin, end


class Closure(BaseModel):
    """Days on which the line is closed, whatever the weekday; both count."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: Day
    last: Day


Slots = Annotated[tuple[Slot, ...], Field(max_length=6)]


class Hours(BaseModel):
    """Opening hours from one day on. `weekly` holds the slots of Monday to Sunday."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    valid_from: Day
    weekly: Annotated[tuple[Slots, ...], Field(min_length=WEEKDAYS, max_length=WEEKDAYS)] = Field(
        description="The slots of each weekday, Monday first; none for a closed day"
    )
    closed_on_legal_holidays: bool = True
    closed_on_27_september: bool = Field(default=False, description="The day of the French Community")
    closures: Annotated[tuple[Closure, ...], Field(max_length=200)] = ()
    heartbeat_minutes: int | None = Field(
        default=None, ge=5, le=1440, description="Open minutes in which a heartbeat is expected; null for none"
    )

    def faults(self) -> Iterator[Fault]:
        """What cannot be: slots that close before they open or overlap, closures that end before they begin."""
        for weekday, slots in enumerate(self.weekly):
            yield from slot_faults(f"/weekly/{weekday}", slots)
        for number, closure in enumerate(self.closures):
            if closure.last < closure.first:
                yield Fault(f"/closures/{number}/last", "before-start")

    def slots_of(self, day: date) -> tuple[Slot, ...]:
        """The slots of one day; none where it is a holiday or within a closure."""
        holiday = self.closed_on_legal_holidays and day in legal_holidays(day.year)
        community = self.closed_on_27_september and (day.month, day.day) == FRENCH_COMMUNITY_DAY
        if holiday or community or any(each.first <= day <= each.last for each in self.closures):
            return ()
        return self.weekly[day.weekday()]


def slot_faults(pointer: str, slots: tuple[Slot, ...]) -> Iterator[Fault]:
    """What is wrong with the slots of one weekday."""
    for number, slot in enumerate(slots):
        if slot.closes <= slot.opens:
            yield Fault(f"{pointer}/{number}/closes", "before-start")
        elif any(slot.opens < other.closes and other.opens < slot.closes for other in slots[:number]):
            yield Fault(f"{pointer}/{number}", "overlaps")


class LineHours(BaseModel):
    """The opening hours of a programme's line in all their versions, the oldest first."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    versions: tuple[Hours, ...] = ()

    @classmethod
    def begin(cls, programme: str, hours: Hours) -> tuple[Self, LineHoursChanged]:
        """A line's first hours; they may lie in the past, for what is learned from it."""
        line = cls(id=new_id(), programme=programme)
        return line, line._take(hours)

    def change(self, hours: Hours, today: date) -> LineHoursChanged:
        """New hours from a day on; those that were in force stay known. Raises ImpossibleHours.

        What held yesterday cannot be told otherwise: silences were judged by it.
        """
        if hours.valid_from < today:
            raise ImpossibleHours(faults=[Fault("/valid_from", "in-past")])
        return self._take(hours)

    def _take(self, hours: Hours) -> LineHoursChanged:
        faults = list(hours.faults())
        if faults:
            raise ImpossibleHours(faults=faults)
        self.versions = (*(each for each in self.versions if each.valid_from < hours.valid_from), hours)
        return LineHoursChanged(valid_from=hours.valid_from)

    def on(self, day: date) -> Hours | None:
        """The version in force on a day."""
        return next((each for each in reversed(self.versions) if each.valid_from <= day), None)

    def open_times(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The parts of a span of time in which the line is open, in order; they never touch two local days."""
        day, last = begin.astimezone(BRUSSELS).date(), end.astimezone(BRUSSELS).date()
        while day <= last:
            hours = self.on(day)
            slots = sorted(hours.slots_of(day), key=lambda slot: slot.opens) if hours else []
            for opens, closes in (slot.on(day) for slot in slots):
                if max(opens, begin) < min(closes, end):
                    yield max(opens, begin), min(closes, end)
            day += timedelta(days=1)

    def open_minutes(self, begin: datetime, end: datetime) -> float:
        """How long the line was open within a span, in minutes."""
        return sum((closes - opens).total_seconds() for opens, closes in self.open_times(begin, end)) / 60

    def is_open(self, at: datetime) -> bool:
        """Whether the line answers at an instant; a slot's end is outside it."""
        return any(True for _ in self.open_times(at, at + timedelta(microseconds=1)))

    def next_opening(self, at: datetime) -> datetime | None:
        """The next instant at which the line opens, after now; None within sixty days."""
        return next((opens for opens, _ in self.open_times(at, at + AHEAD) if opens > at), None)
