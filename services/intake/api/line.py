"""Routes of the line's health: whether it is open, what it expects and sees, its heartbeats and its silences."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.intake.api.doors import (
    Body,
    LinesDep,
    MayBeat,
    MayReadLine,
    MaySetHours,
    MayTellOutage,
    SilencesDep,
    router,
)
from services.intake.domain.line import Hours
from services.intake.domain.silence import Dismissal, Heartbeat, HeartbeatKind
from services.intake.domain.volume import Volume
from services.intake.events import SilenceEnding, SilenceSign
from services.intake.store import HeartbeatRow, LineHoursRow, Lines, SilenceRow
from shared.clock import BRUSSELS, local_date
from shared.cursors import Page, PagingDep
from shared.errors import NotFound
from shared.requests import ClockDep, IfMatch, IfMatchSaid, Tag


class HoursView(BaseModel):
    """The opening hours of the line."""

    current: Hours | None = Field(description="Those in force today; null before the first day of any")
    versions: list[Hours] = Field(description="All of them, the oldest first")


class LineState(StrEnum):
    """How the line is."""

    NO_HOURS = "no-hours"
    LEARNING = "learning"
    HEARD = "heard"
    SILENT = "silent"


class SilenceView(BaseModel):
    """A silence of the line."""

    id: UUID
    sign: SilenceSign
    since: datetime = Field(description="The last call, or the last heartbeat")
    raised_at: datetime
    probability: float | None = Field(description="How likely chance alone explains it; null for a heartbeat's")
    ended_at: datetime | None
    ending: SilenceEnding | None
    dismissal: Dismissal | None
    note: str | None
    judged_by: str | None
    outage_id: UUID | None

    @classmethod
    def of(cls, silence: SilenceRow) -> "SilenceView":
        return cls.model_validate(silence, from_attributes=True)


class Seen(BaseModel):
    """Calls counted from the beginning of an hour or a day until now, beside those expected until now."""

    calls: int
    expected: float | None = Field(description="Null while the line has not learned enough")


class LineView(BaseModel):
    """The line at this instant."""

    state: LineState
    open: bool
    next_opening: datetime | None = Field(description="The next time it opens; null within sixty days")
    last_call_at: datetime | None
    last_heartbeat_at: datetime | None
    this_hour: Seen
    today: Seen
    silence_probability: float | None = Field(description="How likely chance explains the time since the last call")
    threshold: float | None = Field(description="The probability under which a silence is told")
    silences: list[SilenceView] = Field(description="Those that go on")


class NewHeartbeat(Heartbeat):
    """A heartbeat to note; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class HeartbeatView(BaseModel):
    """A heartbeat."""

    id: UUID
    at: datetime
    kind: HeartbeatKind


class Dismissing(Body):
    """Why a silence was none."""

    reason: Dismissal
    note: Annotated[str, Field(max_length=2000)] | None = Field(default=None, description="Stays in intake")


@router.get("/line")
async def read_line(lines: LinesDep, silences: SilencesDep, clock: ClockDep, caller: MayReadLine) -> LineView:
    """How the line is: open or not, last signs of life, calls against what is expected, silences that go on."""
    now, programme = clock.now(), caller.organisation
    line, volume = await lines.of(programme), await lines.learned(programme)
    last = await lines.last_call(programme)
    going_on = await silences.open(programme)
    sure = volume if volume and volume.is_learned else None
    this_hour, today = await counts(lines, line, sure, programme, now)
    return LineView(
        state=state_of(line, sure, bool(going_on)),
        open=bool(line and line.is_open(now)),
        next_opening=line.next_opening(now) if line else None,
        last_call_at=last,
        last_heartbeat_at=await lines.last_heartbeat(programme),
        this_hour=this_hour,
        today=today,
        silence_probability=sure.silence_probability(line, last, now) if line and sure and last else None,
        threshold=sure.threshold(line, now) if line and sure else None,
        silences=[SilenceView.of(each) for each in going_on],
    )


def state_of(line: LineHoursRow | None, sure: Volume | None, is_silent: bool) -> LineState:
    """How the line is, in one word."""
    if line is None:
        return LineState.NO_HOURS
    if is_silent:
        return LineState.SILENT
    return LineState.HEARD if sure else LineState.LEARNING


async def counts(
    lines: Lines, line: LineHoursRow | None, sure: Volume | None, programme: str, now: datetime
) -> tuple[Seen, Seen]:
    """The calls of this hour and of this day so far."""
    local = now.astimezone(BRUSSELS)
    midnight = datetime.combine(local.date(), time(0), BRUSSELS)
    hour = now - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    counted = await lines.counted(programme, midnight)

    def expected(begin: datetime) -> float | None:
        return round(sure.expected(line, begin, now), 2) if line and sure else None

    seen = counted.get((local.date(), local.hour), 0)
    return Seen(calls=seen, expected=expected(hour)), Seen(calls=sum(counted.values()), expected=expected(midnight))


@router.get("/line/hours")
async def read_line_hours(lines: LinesDep, clock: ClockDep, caller: MayReadLine, tag: Tag) -> HoursView:
    """The opening hours, with those that held before and will hold later."""
    line = await lines.of(caller.organisation)
    if line is None:
        raise NotFound
    return HoursView(current=tag(line).on(local_date(clock)), versions=list(line.versions))


@router.put("/line/hours")
async def set_line_hours(
    body: Hours, lines: LinesDep, clock: ClockDep, caller: MaySetHours, seen: IfMatchSaid, tag: Tag
) -> HoursView:
    """Set the opening hours from a day on. The first may begin in the past; later ones today at the earliest."""
    line, today = await lines.of(caller.organisation), local_date(clock)
    if line is None:
        line, fact = LineHoursRow.begin(caller.organisation, body)
    else:
        seen.check(line)
        fact = line.change(body, today)
    await lines.record(line, fact)
    return HoursView(current=tag(line).on(today), versions=list(line.versions))


@router.post("/line/heartbeats", status_code=201)
async def note_heartbeat(body: NewHeartbeat, lines: LinesDep, clock: ClockDep, caller: MayBeat) -> HeartbeatView:
    """Note that the line was tried and answered: by a test call, or by the telephone exchange's own probe."""
    body.refuse_future(clock.now())
    heartbeat = HeartbeatRow(programme=caller.organisation, at=body.at, kind=body.kind)
    await lines.beat(heartbeat)
    return HeartbeatView.model_validate(heartbeat, from_attributes=True)


@router.get("/line/silences")
async def list_silences(silences: SilencesDep, paging: PagingDep, caller: MayReadLine) -> Page[SilenceView]:
    """The silences of the line, the latest first."""
    rows = await silences.page(caller, paging.limit, paging.after)
    return paging.page([SilenceView.of(row) for row in rows], [(row.raised_at.isoformat(), row.id) for row in rows])


@router.get("/line/silences/{silence_id:uuid}")
async def read_silence(silence_id: UUID, silences: SilencesDep, caller: MayReadLine, tag: Tag) -> SilenceView:
    """One silence."""
    return SilenceView.of(tag(await silences.get(silence_id, caller)))


@router.post("/line/silences/{silence_id:uuid}/dismissal", status_code=201)
async def dismiss_silence(
    silence_id: UUID,
    body: Dismissing,
    silences: SilencesDep,
    clock: ClockDep,
    caller: MayTellOutage,
    seen: IfMatch,
    tag: Tag,
    response: Response,
) -> SilenceView:
    """Say that it was no silence of the line, once; it is not told again before the next sign of life. To confirm it,
    record the outage with its `silence_id`."""
    silence = await silences.get(silence_id, caller)
    seen.check(silence)
    await silences.record(silence, silence.dismiss(body.reason, body.note, caller.subject, clock.now()))
    response.headers["location"] = f"/intake/line/silences/{silence.id}"
    return SilenceView.of(tag(silence))
