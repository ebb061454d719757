"""Routes of the line's outages, and of the links that lapsed in them."""

from datetime import date, datetime
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.intake.api.doors import (
    LinksDep,
    MayReadLine,
    MayTellOutage,
    OutagesDep,
    SettingsDep,
    SilencesDep,
    StandingsDep,
    router,
)
from services.intake.domain import Cause, LinkState, OutageAccount, Reach, Restored
from services.intake.events import LinkReason
from services.intake.store import LinkRow, OutageRow
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, Tag


class NewOutage(OutageAccount):
    """An outage to record; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    silence_id: UUID | None = Field(default=None, description="The silence of the line that this outage explains")


class OutageView(BaseModel):
    """An outage."""

    id: UUID
    began_at: datetime
    ended_at: datetime
    cause: Cause
    note: str | None
    people: int = Field(description="How many people's link lapsed")
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def of(cls, outage: OutageRow) -> "OutageView":
        return cls.model_validate(outage, from_attributes=True)


class LinkView(BaseModel):
    """Somebody whose link lapsed; who it is is to be read at /intake/persons/{person_id}."""

    outage_id: UUID
    person_id: UUID
    rank: int = Field(description="Place in the order of risk, 1 first")
    reasons: list[LinkReason]
    since: date = Field(description="The day of the last contact, or the outage's first day where there was none")
    state: LinkState
    restored_on: date | None
    restored_by: Restored | None

    @classmethod
    def of(cls, link: LinkRow, person_id: UUID) -> "LinkView":
        return cls.model_validate(link, from_attributes=True).model_copy(update={"person_id": person_id})


@router.post("/line/outages", status_code=201)
async def record_outage(
    body: NewOutage,
    outages: OutagesDep,
    standings: StandingsDep,
    silences: SilencesDep,
    settings: SettingsDep,
    clock: ClockDep,
    caller: MayTellOutage,
    tag: Tag,
    response: Response,
) -> OutageView:
    """Put an outage that is over on record; everybody whose link lapsed in it is found and told, by risk. 409 when
    it is on record, or when its silence is judged already."""
    now, programme = clock.now(), caller.organisation
    body.refuse_impossible(now)
    silence = await silences.get(body.silence_id, caller) if body.silence_id else None
    await outages.hold(programme)
    await outages.refuse_overlap(programme, body.began_at, body.ended_at)
    reach = Reach.of(body.began_at, settings.link_known_days, settings.link_recent_days)
    roster = await standings.roster(programme, reach)
    outage, links, facts = OutageRow.record(body, programme, caller.subject, now, roster)
    await outages.keep(outage, links, facts)
    if silence:
        await silences.record(silence, silence.confirm(outage.id, caller.subject, now))
    response.headers["location"] = f"/intake/line/outages/{outage.id}"
    return OutageView.of(tag(outage))


@router.get("/line/outages")
async def list_outages(outages: OutagesDep, paging: PagingDep, caller: MayReadLine) -> Page[OutageView]:
    """The outages of the line, the latest first."""
    rows = await outages.page(caller, paging.limit, paging.after)
    return paging.page([OutageView.of(row) for row in rows], [(row.began_at.isoformat(), row.id) for row in rows])


@router.get("/line/outages/{outage_id:uuid}")
async def read_outage(outage_id: UUID, outages: OutagesDep, caller: MayReadLine, tag: Tag) -> OutageView:
    """One outage."""
    return OutageView.of(tag(await outages.get(outage_id, caller)))


@router.get("/lapsed-links")
async def list_lapsed_links(
    links: LinksDep,
    paging: PagingDep,
    caller: MayTellOutage,
    outage_id: UUID | None = None,
    state: LinkState | None = None,
) -> Page[LinkView]:
    """People whose link lapsed in an outage, the greatest risk first."""
    rows = await links.page(caller, outage_id, state, paging.limit, paging.after)
    keys = [(row.rank, row.outage_id, row.person_id) for row, _ in rows]
    return paging.page([LinkView.of(row, person_id) for row, person_id in rows], keys)
