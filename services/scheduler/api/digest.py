"""The digest of a day: how much is due, overdue and done, for oneself or the team. Counts and codes, no names."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Header, Response
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse

from services.scheduler.api.doors import (
    AbsencesDep,
    CalendarsDep,
    MayRead,
    MaySeeTeam,
    SettingsDep,
    WorklistsDep,
    router,
)
from services.scheduler.domain import Calendar, Language, Owner, Trigger, WrongInput
from services.scheduler.formats import digest_text
from services.scheduler.store import Sum, Wanted
from shared.clock import local_date
from shared.errors import Fault
from shared.problems import language_of
from shared.requests import ClockDep

LINE_NURSE = "line-nurse"
FARTHEST = timedelta(days=31)
TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {}}, "description": "As text, where Accept asks for text/plain"}
}

Accept = Annotated[str, Header(description="`text/plain` for a text to be read")]
AcceptLanguage = Annotated[str, Header(description="Of the text: fr, nl, de or en")]
On = Annotated[date | None, Field(description="The day; today without it")]


class KindCount(BaseModel):
    """How many follow-ups of one kind."""

    trigger: Trigger
    kind: str
    count: int


class DigestView(BaseModel):
    """What is due on a day, what is overdue then, and what was done since the working day before."""

    on: date
    since: date = Field(description="The working day before: what was done from then to the eve")
    due: list[KindCount]
    overdue: list[KindCount]
    done: list[KindCount]

    @classmethod
    def of(cls, on: date, since: date, found: Sum) -> "DigestView":
        return cls(on=on, since=since, due=counts(found.due), overdue=counts(found.overdue), done=counts(found.done))


def counts(found: Mapping[tuple[str, str], int]) -> list[KindCount]:
    """The counts in a fixed order."""
    return [
        KindCount(trigger=Trigger(trigger), kind=kind, count=count) for (trigger, kind), count in sorted(found.items())
    ]


def day_before(day: date, calendar: Calendar) -> date:
    """The working day before a day."""
    day -= timedelta(days=1)
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return day


def known_day(on: date | None, today: date) -> date:
    """The day that is asked for; raises WrongInput for one that is too far away for its counts to mean much."""
    if on and abs(on - today) > FARTHEST:
        raise WrongInput(faults=[Fault("/query/on", "out-of-range")])
    return on or today


def answer(view: DigestView, found: Sum, accept: str, language: str) -> DigestView | Response:
    """The digest as it was asked for."""
    if "text/plain" not in accept:
        return view
    parts = {"due": found.due, "overdue": found.overdue, "done": found.done}
    return PlainTextResponse(digest_text(Language(language_of(language)), view.on, view.since, parts))


@router.get("/digest", response_model=DigestView, responses=TEXT)
async def read_digest(
    worklists: WorklistsDep,
    absences: AbsencesDep,
    calendars: CalendarsDep,
    settings: SettingsDep,
    clock: ClockDep,
    caller: MayRead,
    on: On = None,
    accept: Accept = "",
    accept_language: AcceptLanguage = "",
) -> DigestView | Response:
    """One's own day, with those of whom one stands in for; at the line, the line's. Done is what one did oneself."""
    day = known_day(on, local_date(clock))
    since = day_before(day, await calendars.of(caller.organisation, settings.calendar))
    workers = frozenset({caller.subject, *await absences.covered_by(caller.subject, day, caller.organisation)})
    of_line = LINE_NURSE in caller.roles
    wanted = Wanted(
        on=day,
        days=(date.min, day),
        owner=Owner.LINE if of_line else None,
        workers=None if of_line else workers,
        done_by=frozenset({caller.subject}),
    )
    found = await worklists.sums(caller, wanted, since)
    return answer(DigestView.of(day, since, found), found, accept, accept_language)


@router.get("/digest/team", response_model=DigestView, responses=TEXT)
async def read_team_digest(
    worklists: WorklistsDep,
    calendars: CalendarsDep,
    settings: SettingsDep,
    clock: ClockDep,
    caller: MaySeeTeam,
    on: On = None,
    accept: Accept = "",
    accept_language: AcceptLanguage = "",
) -> DigestView | Response:
    """The same day of everybody in the organisation."""
    day = known_day(on, local_date(clock))
    since = day_before(day, await calendars.of(caller.organisation, settings.calendar))
    found = await worklists.sums(caller, Wanted(on=day, days=(date.min, day)), since)
    return answer(DigestView.of(day, since, found), found, accept, accept_language)
