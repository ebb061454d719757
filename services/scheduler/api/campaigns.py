"""The routes of campaigns: drafted, started, paused, gone on with, closed, reported."""

import csv
import io
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.scheduler.api.campaign_views import (
    Batch,
    CampaignDetail,
    CampaignReport,
    CampaignStart,
    CampaignView,
    MemberView,
    NewCampaign,
    NoBody,
)
from services.scheduler.api.doors import (
    CalendarsDep,
    CallsDep,
    CampaignsDep,
    MayReadCampaigns,
    MayReport,
    MayRunCampaigns,
    PoliciesDep,
    RelatedDep,
    SettingsDep,
    router,
)
from services.scheduler.domain import Campaign, CampaignStatus, NoCampaignPolicy, Standing, Trigger, refuse, repeated
from services.scheduler.domain.campaign_report import SMALLEST, report
from services.scheduler.store import CampaignRow
from shared.cursors import Page, PagingDep
from shared.requests import IfMatch, Tag

MAY_SEE_SMALL = frozenset({"coordinator", "line-nurse"})
"""Whoever may read the people of a campaign one by one is hidden nothing."""


@router.post("/campaigns", status_code=201)
async def draft_campaign(
    body: NewCampaign,
    campaigns: CampaignsDep,
    related: RelatedDep,
    caller: MayRunCampaigns,
    tag: Tag,
    response: Response,
) -> CampaignView:
    """Draft a campaign for people named by their ids; nobody is called before it starts.

    Ids that intake does not know are taken as they are: who a person is stays in intake.
    """
    people = [each.person_id for each in body.people]
    refuse(repeated("/people/{}/person_id", people))
    await related.demand_named(people, caller)
    draft = Campaign(organisation=caller.organisation, per_day=body.per_day, order=body.order, made_by=caller.subject)
    row = await campaigns.draft(draft)
    await campaigns.add(body.members(row.id))
    response.headers["location"] = f"/scheduler/campaigns/{row.id}"
    return CampaignView.of(tag(row), await campaigns.tally(row.id))


@router.get("/campaigns")
async def list_campaigns(
    campaigns: CampaignsDep, paging: PagingDep, caller: MayReadCampaigns, status: CampaignStatus | None = None
) -> Page[CampaignView]:
    """The campaigns, the latest first."""
    rows = await campaigns.page(caller, status, paging.limit, paging.after)
    views = [CampaignView.of(row, await campaigns.tally(row.id)) for row in rows[: paging.limit]]
    return paging.page([*views, *views[-1:]][: len(rows)], [(row.id,) for row in rows])


@router.get("/campaigns/{campaign_id:uuid}")
async def read_campaign(
    campaign_id: UUID, campaigns: CampaignsDep, caller: MayReadCampaigns, tag: Tag
) -> CampaignDetail:
    """One campaign with its progress and its batches."""
    row = tag(await campaigns.get(campaign_id, caller))
    batches = [Batch(on=on, people=count) for on, count in await campaigns.batches(row.id)]
    return CampaignDetail(**dict(CampaignView.of(row, await campaigns.tally(row.id))), batches=batches)


@router.get("/campaigns/{campaign_id:uuid}/people")
async def list_campaign_people(
    campaign_id: UUID,
    campaigns: CampaignsDep,
    paging: PagingDep,
    caller: MayReadCampaigns,
    standing: Standing | None = None,
) -> Page[MemberView]:
    """The people of a campaign in the order of risk, each with the call that serves it."""
    row = await campaigns.get(campaign_id, caller)
    places = await campaigns.people(row, standing, caller, paging.limit, paging.after)
    keys = [(place.member.rank, place.member.person_id) for place in places]
    return paging.page([MemberView.of(place) for place in places], keys)


@router.post("/campaigns/{campaign_id:uuid}/start", status_code=201)
async def start_campaign(
    campaign_id: UUID,
    body: CampaignStart,
    campaigns: CampaignsDep,
    policies: PoliciesDep,
    calendars: CalendarsDep,
    settings: SettingsDep,
    seen: IfMatch,
    caller: MayRunCampaigns,
    tag: Tag,
) -> CampaignView:
    """Start a draft: its people are given their days, so many a working day, within seconds."""
    row = await campaigns.get(campaign_id, caller, seen)
    if await policies.in_force(Trigger.LINE_OUTAGE, row.organisation, row.programme) is None:
        raise NoCampaignPolicy
    calendar = await calendars.of(row.organisation, settings.calendar)
    today, tally = await campaigns.today(), await campaigns.tally(row.id)
    row.per_day, row.order = body.per_day or row.per_day, body.order or row.order
    await campaigns.record(row, row.start(body.first_on or today, today, calendar, tally.people))
    return CampaignView.of(tag(row), tally)


@router.post("/campaigns/{campaign_id:uuid}/pause", status_code=201)
async def pause_campaign(
    campaign_id: UUID, body: NoBody, campaigns: CampaignsDep, seen: IfMatch, caller: MayRunCampaigns, tag: Tag
) -> CampaignView:
    """Pause it: what is planned stays planned and does not fall due; what is due already can be worked on."""
    row = await campaigns.get(campaign_id, caller, seen)
    tally = await campaigns.tally(row.id)
    await campaigns.record(row, row.pause(tally))
    return CampaignView.of(tag(row), tally)


@router.post("/campaigns/{campaign_id:uuid}/resumption", status_code=201)
async def resume_campaign(
    campaign_id: UUID,
    body: NoBody,
    campaigns: CampaignsDep,
    calls: CallsDep,
    policies: PoliciesDep,
    calendars: CalendarsDep,
    settings: SettingsDep,
    seen: IfMatch,
    caller: MayRunCampaigns,
    tag: Tag,
) -> CampaignView:
    """Go on with the next working day, in the same order."""
    row = await campaigns.get(campaign_id, caller, seen)
    calendar = await calendars.of(row.organisation, settings.calendar)
    tally = await campaigns.tally(row.id)
    await campaigns.record(row, row.resume(await campaigns.today(), calendar, tally))
    await calls.lay_anew(row, await policies.all(), calendar)
    return CampaignView.of(tag(row), tally)


@router.post("/campaigns/{campaign_id:uuid}/closure", status_code=201)
async def close_campaign(
    campaign_id: UUID,
    body: NoBody,
    campaigns: CampaignsDep,
    calls: CallsDep,
    seen: IfMatch,
    caller: MayRunCampaigns,
    tag: Tag,
) -> CampaignView:
    """Close it before everybody was called: who is still to be called is not called any more."""
    row = await campaigns.get(campaign_id, caller, seen)
    today = await campaigns.today()
    row.check(CampaignStatus.CLOSED)
    await calls.close(row, today)
    tally = await campaigns.tally(row.id)
    await campaigns.record(row, row.finish(CampaignStatus.CLOSED, today, tally))
    return CampaignView.of(tag(row), tally)


async def reported(campaign_id: UUID, campaigns: CampaignsDep, caller: MayReport) -> CampaignReport:
    """The report of a campaign as this caller may see it."""
    row: CampaignRow = await campaigns.get(campaign_id, caller)
    hide = not MAY_SEE_SMALL & set(caller.roles)
    counts = report(await campaigns.outcomes(row.id), hide)
    return CampaignReport(campaign_id=row.id, status=row.status, smallest=SMALLEST if hide else None, counts=counts)


ReportDep = Annotated[CampaignReport, Depends(reported)]


@router.get("/campaigns/{campaign_id:uuid}/report")
async def read_campaign_report(found: ReportDep) -> CampaignReport:
    """How many people came to which outcome, by the reason that weighs most; small numbers are hidden from analysts."""
    return found


@router.get("/campaigns/{campaign_id:uuid}/report.csv", response_class=Response)
async def export_campaign_report(found: ReportDep) -> Response:
    """The same as a table: outcome, reason, people (UTF-8 with BOM, for spreadsheets); empty where it is hidden."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";")
    writer.writerow(("outcome", "reason", "people"))
    writer.writerows((each.outcome, each.reason, each.people) for each in found.counts)
    headers = {"content-disposition": 'attachment; filename="campaign.csv"'}
    return Response("\ufeff" + table.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
