"""Calendar feeds: made and ended by their worker, read by calendar programs that know the token."""

import base64
import binascii
import hashlib
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, Field

from services.scheduler.api.doors import (
    AbsencesDep,
    Body,
    FeedsDep,
    MayManageFeeds,
    MayRotateFeeds,
    OpenToAll,
    SettingsDep,
    router,
)
from services.scheduler.domain import CalendarEntry, Feed, FeedOf, Language, WrongInput, hash_of, new_token
from services.scheduler.formats import calendar_text
from services.scheduler.store import Absences, FeedRow, Feeds
from shared.acting import Acting, Reach
from shared.clock import Clock, local_date
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.requests import ClockDep, UnkeptRoute

LINE_ROLES = frozenset({"line-nurse", "coordinator"})
MEDIA_TYPE = "text/calendar; charset=utf-8"
TOKEN = Field(min_length=1, max_length=100)

feeds_router = APIRouter(prefix="/feeds", route_class=UnkeptRoute)


class FeedRequest(Body):
    """A feed to be made."""

    of: Annotated[FeedOf, Field(description="One's own work, or with `line` what the line has to do as well")] = (
        FeedOf.MINE
    )
    language: Annotated[Language, Field(description="Of the labels")] = Language.FR


class FeedView(BaseModel):
    """A feed, without its token."""

    id: UUID
    worker: str = Field(description="The worker's subject")
    of: FeedOf
    language: Language
    made_at: datetime
    expires_at: datetime

    @classmethod
    def of_row(cls, row: FeedRow) -> "FeedView":
        return cls.model_validate(row, from_attributes=True)


class NewFeedView(FeedView):
    """A feed with its new token: shown here and never again."""

    token: str
    path: str = Field(description="Where a calendar program finds it")

    @classmethod
    def with_token(cls, row: FeedRow, token: str) -> "NewFeedView":
        """The view of a row whose token is new."""
        return cls(**dict(FeedView.of_row(row)), token=token, path=f"/scheduler/feeds/{token}/calendar.ics")


@feeds_router.post("", status_code=201)
async def make_feed(
    body: FeedRequest,
    feeds: FeedsDep,
    settings: SettingsDep,
    clock: ClockDep,
    caller: MayManageFeeds,
    response: Response,
) -> NewFeedView:
    """Make a feed for oneself; its token is shown once and kept as a hash. Repeats make further feeds, five at most."""
    if body.of is FeedOf.LINE and not caller.roles & LINE_ROLES:
        raise WrongInput(faults=[Fault("/of", "not-allowed")])
    token, now = new_token(), clock.now()
    feed = Feed(
        worker=caller.subject,
        organisation=caller.organisation,
        of=body.of,
        language=body.language,
        token_hash=hash_of(token),
        made_at=now,
        expires_at=now + settings.feed_length,
    )
    response.headers["cache-control"] = "no-store"
    return NewFeedView.with_token(await feeds.add(feed), token)


@feeds_router.get("")
async def list_feeds(feeds: FeedsDep, paging: PagingDep, caller: MayManageFeeds) -> Page[FeedView]:
    """One's own feeds, or for a coordinator those of the organisation, the oldest first; no token is ever shown."""
    rows = await feeds.page(caller, paging.limit, paging.after)
    return paging.page([FeedView.of_row(row) for row in rows], [(row.made_at.isoformat(), row.id) for row in rows])


@feeds_router.post("/{feed_id:uuid}/rotation", status_code=201)
async def rotate_feed(
    feed_id: UUID, feeds: FeedsDep, settings: SettingsDep, clock: ClockDep, caller: MayRotateFeeds, response: Response
) -> NewFeedView:
    """Give one's feed a new token and a new end; the old token opens nothing from now on."""
    row = await feeds.get(feed_id, caller)
    token = row.rotate(clock.now(), settings.feed_length)
    await feeds.keep(row)
    response.headers["cache-control"] = "no-store"
    return NewFeedView.with_token(row, token)


@feeds_router.delete("/{feed_id:uuid}", status_code=204)
async def end_feed(feed_id: UUID, feeds: FeedsDep, caller: MayManageFeeds) -> None:
    """End a feed: its token opens nothing from now on."""
    await feeds.end(await feeds.get(feed_id, caller))


CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {}}, "description": "iCalendar (RFC 5545)"},
    304: {},
}
IfNoneMatch = Annotated[str | None, Header(description="ETag last seen")]


@feeds_router.get("/{token}/calendar.ics", response_class=Response, responses=CALENDAR)
async def read_feed(
    token: Annotated[str, TOKEN],
    feeds: FeedsDep,
    absences: AbsencesDep,
    clock: ClockDep,
    _: OpenToAll,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The calendar that a token opens. It is open to whoever has the token, and holds codes, days and short ids."""
    return await calendar(token, feeds, absences, clock, if_none_match)


@router.get("/calendar.ics", response_class=Response, responses=CALENDAR)
async def read_calendar(
    feeds: FeedsDep,
    absences: AbsencesDep,
    clock: ClockDep,
    _: OpenToAll,
    token: Annotated[str | None, TOKEN] = None,
    authorization: Annotated[str | None, Header()] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The same calendar; the token is the query's, or the password of HTTP Basic (RFC 7617) with any user name."""
    return await calendar(token or password_of(authorization or ""), feeds, absences, clock, if_none_match)


async def calendar(token: str, feeds: Feeds, absences: Absences, clock: Clock, seen: str | None) -> Response:
    """The answer with a feed, or 304 where nothing in it has changed since."""
    feed = await feeds.of_token(token)
    today = local_date(clock)
    # The token of a feed speaks for who made it.
    async with feeds.transaction.in_name_of(Acting(feed.organisation, Reach.ORGANISATION, feed.worker)):
        workers = {feed.worker, *await absences.covered_by(feed.worker, today, feed.organisation)}
        entries = await feeds.entries(feed, workers, today)
    tag = tag_of(entries, feed.language)
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if seen and tag in [each.strip() for each in seen.split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(calendar_text(entries, feed.language, clock.now()), media_type=MEDIA_TYPE, headers=headers)


def tag_of(entries: list[CalendarEntry], language: Language) -> str:
    """A weak tag: it changes with the entries, not with the time at which the calendar was written."""
    said = repr([language.value, *((str(entry.id), entry.sequence, entry.begins.isoformat()) for entry in entries)])
    return f'W/"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def password_of(authorization: str) -> str:
    """The password in an Authorization header of the scheme Basic, empty where there is none."""
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(coded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


router.include_router(feeds_router)
