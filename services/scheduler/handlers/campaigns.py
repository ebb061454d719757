"""Lapsed links become a campaign, and on the clock its calls are planned."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from services.scheduler.domain import Campaign, CampaignStatus, LeftReason, Member, Trigger, risk_of
from services.scheduler.handlers.registry import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import (
    Calendars,
    CampaignCalls,
    CampaignRow,
    Campaigns,
    LastContacts,
    PolicyBook,
)
from shared.events import Reading


class LineOutageRecorded(Reading):
    """intake has recorded an outage of the line."""

    type: ClassVar[str] = "intake.line-outage-recorded.v1"
    outage_id: UUID
    people: int


class LinkLapsed(Reading):
    """Somebody has not been in touch since an outage."""

    type: ClassVar[str] = "intake.link-lapsed.v1"
    outage_id: UUID
    person_id: UUID
    rank: int
    reasons: tuple[str, ...]
    since: date


class LinkRestored(Reading):
    """Somebody of an outage's roster is in touch again."""

    type: ClassVar[str] = "intake.link-restored.v1"
    outage_id: UUID
    person_id: UUID
    on: date


@handlers.on(LineOutageRecorded)
async def draft_campaign(event: LineOutageRecorded, campaigns: Campaigns, settings: Settings) -> None:
    """An outage in which links lapsed calls for a campaign."""
    if event.people:
        campaign = await campaign_of(event.outage_id, campaigns, settings)
        campaign.expected = event.people


@handlers.on(LinkLapsed)
async def put_on_campaign(event: LinkLapsed, campaigns: Campaigns, settings: Settings) -> None:
    """Everybody on the roster of an outage is on its campaign, once."""
    campaign = await campaign_of(event.outage_id, campaigns, settings)
    is_over = campaign.status is CampaignStatus.CLOSED
    member = Member(
        campaign_id=campaign.id,
        person_id=event.person_id,
        rank=event.rank,
        risk=risk_of(event.reasons),
        reasons=event.reasons,
        since=event.since,
        left=LeftReason.CLOSED if is_over else None,
        left_on=campaign.ended_on if is_over else None,
    )
    await campaigns.add([member])


@handlers.on(LinkRestored)
async def take_off_campaign(
    event: LinkRestored, campaigns: Campaigns, calls: CampaignCalls, contacts: LastContacts, settings: Settings
) -> None:
    """Whoever is in touch again is not called; whichever of the two facts of a link comes first."""
    await contacts.note(event.person_id, event.on)
    campaign = await campaign_of(event.outage_id, campaigns, settings)
    if not await campaigns.note_restored(campaign, event.person_id, event.on):
        await calls.leave(event.person_id, LeftReason.RESTORED, event.on)


@handlers.every(2.0)
async def run_campaigns(
    campaigns: Campaigns, calls: CampaignCalls, policies: PolicyBook, calendars: Calendars, settings: Settings
) -> bool:
    """Plan the calls of running campaigns and complete those that are done; true while more may wait."""
    today = await campaigns.today()
    if settings.campaigns_start_themselves:
        await start_drafts(campaigns, calendars, settings, today)
    more = False
    for campaign in await campaigns.with_work():
        tally = await campaigns.tally(campaign.id)
        if campaign.is_done(tally):
            await campaigns.record(campaign, campaign.finish(CampaignStatus.COMPLETED, today, tally))
            continue
        policy = await policies.in_force(Trigger.LINE_OUTAGE, campaign.organisation, campaign.programme)
        if policy:
            calendar = await calendars.of(campaign.organisation, settings.calendar)
            more = await calls.plan(campaign, policy, calendar, today) or more
    return more


async def start_drafts(campaigns: Campaigns, calendars: Calendars, settings: Settings, today: date) -> None:
    """Start the drafts on which everybody is whom their outage announced."""
    for campaign in await campaigns.drafts_told_whole():
        calendar = await calendars.of(campaign.organisation, settings.calendar)
        people = (await campaigns.tally(campaign.id)).people
        await campaigns.record(campaign, campaign.start(today, today, calendar, people))


async def campaign_of(outage_id: UUID, campaigns: Campaigns, settings: Settings) -> CampaignRow:
    """The campaign of an outage, drafted by whichever fact of it comes first."""
    draft = Campaign.after(outage_id, settings.organisation, settings.campaign_per_day)
    return await campaigns.of_outage(outage_id, draft)
