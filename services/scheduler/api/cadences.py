"""The routes of cadences: the weekly meetings of an organisation."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import Depends, Path
from pydantic import BaseModel, Field, StrictInt

from services.scheduler.api.doors import Body, MayReadAppointments, router
from services.scheduler.domain import refuse
from services.scheduler.domain.cadence import Cadence, OnDayOff
from services.scheduler.domain.calendar import CLOSES, OPENS
from services.scheduler.store.cadences import CadenceRow, Cadences
from shared.access import May
from shared.auth import Caller
from shared.cursors import Page
from shared.errors import Fault
from shared.requests import IfMatchSaid, Tag, opened

CadencesDep = Annotated[Cadences, Depends(opened(Cadences))]
MayWriteCadences = Annotated[Caller, Depends(May("cadence:write"))]
Code = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,63}$")]


class CadenceBody(Body):
    """A weekly meeting, in Belgian local time."""

    weekday: Annotated[StrictInt, Field(ge=1, le=5, description="Monday 1 to Friday 5")]
    starts: time
    minutes: Annotated[StrictInt, Field(ge=15, le=480)]
    on_day_off: Annotated[OnDayOff, Field(description="What becomes of it on a day that is not worked")]
    active: bool = True

    def check(self) -> None:
        """Raise WrongInput for times outside 07:00-20:00."""
        if self.starts.tzinfo is not None:
            refuse([Fault("/starts", "not-local")])
        ends = datetime.combine(date.min, self.starts) + timedelta(minutes=self.minutes)
        if not (self.starts >= OPENS and ends <= datetime.combine(date.min, CLOSES)):
            refuse([Fault("/starts", "outside-hours")])


class CadenceView(BaseModel):
    """A weekly meeting."""

    code: str
    weekday: int
    starts: time
    minutes: int
    on_day_off: OnDayOff
    active: bool
    planned_until: date = Field(description="Up to which day its meetings are planned")

    @classmethod
    def of(cls, row: CadenceRow) -> "CadenceView":
        """The view of a row."""
        return cls.model_validate(dict(row))


@router.get("/cadences")
async def list_cadences(cadences: CadencesDep, caller: MayReadAppointments) -> Page[CadenceView]:
    """The weekly meetings of the caller's organisation, by code."""
    return Page(items=[CadenceView.of(row) for row in await cadences.all(caller)], next=None)


@router.put("/cadences/{code}")
async def write_cadence(
    code: Code, body: CadenceBody, cadences: CadencesDep, seen: IfMatchSaid, caller: MayWriteCadences, tag: Tag
) -> CadenceView:
    """Begin a series or change it: meetings after today are called off, and planned anew within half a minute."""
    body.check()
    today = await cadences.today()
    row = await cadences.find(caller.organisation, code)
    if row is None:
        new = Cadence(organisation=caller.organisation, code=code, planned_until=today, **dict(body))
        row = CadenceRow(**dict(new))
    else:
        seen.check(row)
        for name, value in dict(body).items():
            setattr(row, name, value)
        row.planned_until = today
        await cadences.call_off(row, today)
    await cadences.record(row, row.changed())
    return CadenceView.of(tag(row))
