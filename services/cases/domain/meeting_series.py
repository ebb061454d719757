"""An organisation's weekly meeting: its day and hour, who takes part, and the weeks it is planned for."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StrictInt, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.cases.domain.meeting_codes import MemberRole
from services.cases.domain.words import Part, Subject
from services.cases.domain.working_days import WEEK, day_in_week, week_of
from services.cases.events.meeting import MeetingSeriesSet
from shared.ids import new_id

WEEKS_AHEAD = 4
"""How many weeks after the present one have their meeting planned."""

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Member(Part):
    """Somebody who belongs to the meeting."""

    subject: Subject
    role: MemberRole


class SeriesTerms(Part):
    """When the meeting is held, in local Belgian time, and who belongs to it."""

    weekday: Annotated[StrictInt, Field(ge=1, le=7, description="ISO 8601: 1 is Monday")]
    time: ClockTime = Field(description="Local time in Belgium (Europe/Brussels)", examples=["09:30"])
    members: Annotated[tuple[Member, ...], Field(min_length=1, max_length=60)]
    quorum: Annotated[StrictInt, Field(ge=1, le=60)] | None = Field(
        None, description="How many members must be there; the minutes say whether they were"
    )
    active: StrictBool = True

    @model_validator(mode="after")
    def sound(self) -> Self:
        """Each member once, and no quorum that nobody can reach."""
        subjects = {member.subject for member in self.members}
        if len(subjects) < len(self.members):
            raise PydanticCustomError("repeated_member", "somebody is a member twice")
        if self.quorum is not None and self.quorum > len(subjects):
            raise PydanticCustomError("quorum_out_of_reach", "the quorum is more than all members")
        return self


class MeetingSeries(BaseModel):
    """The weekly meeting of one organisation."""

    id: UUID = Field(default_factory=new_id)
    organisation: str
    weekday: int
    time: str
    members: tuple[Member, ...]
    quorum: int | None = None
    active: bool = True

    @classmethod
    def of(cls, organisation: str, terms: SeriesTerms) -> tuple[Self, MeetingSeriesSet]:
        """The series of an organisation that had none."""
        series = cls(organisation=organisation, **dict(terms))
        return series, series.told()

    def change(self, terms: SeriesTerms) -> MeetingSeriesSet:
        """Take other terms over."""
        self.weekday, self.time, self.members = terms.weekday, terms.time, terms.members
        self.quorum, self.active = terms.quorum, terms.active
        return self.told()

    def told(self) -> MeetingSeriesSet:
        """The fact of its terms."""
        return MeetingSeriesSet(series_id=self.id, organisation=self.organisation, weekday=self.weekday, time=self.time)

    def day_of(self, week: date) -> date:
        """The day of a week's meeting; a holiday gives way to the working day next to it."""
        return day_in_week(week, self.weekday - 1)

    def weeks_from(self, today: date) -> Iterator[date]:
        """The Mondays of the weeks that have their meeting planned: this one, unless its day is past, and the next."""
        if not self.active:
            return
        monday = week_of(today)
        for number in range(WEEKS_AHEAD + 1):
            week = monday + number * WEEK
            if self.day_of(week) >= today:
                yield week

    def is_quorate(self, attendees: tuple[str, ...]) -> bool:
        """Whether enough of its members came."""
        members = {member.subject for member in self.members}
        return self.quorum is None or len(members & set(attendees)) >= self.quorum
