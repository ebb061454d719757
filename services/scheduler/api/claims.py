"""Claim a follow-up before calling, give it free, let it rest."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduler.api.doors import Body, FollowUpsDep, LeasesDep, MayClaim, SettingsDep, router
from services.scheduler.api.views import FollowUpView
from services.scheduler.domain import hold, resume
from services.scheduler.events import HoldReason
from shared.clock import local_date
from shared.requests import ClockDep, IfMatch, Tag


class ClaimView(BaseModel):
    """A claim: until then nobody else can claim this person, by whatever follow-up."""

    follow_up_id: UUID
    person_id: UUID | None
    until: datetime = Field(description="By the database's clock; free again from then on")


class HoldRequest(Body):
    """Let a follow-up rest."""

    until: Annotated[date, Field(description="The day on which it is on the worklist again")]
    reason: HoldReason


@router.post("/follow-ups/{follow_up_id:uuid}/claim", status_code=201)
async def claim_follow_up(
    follow_up_id: UUID, follow_ups: FollowUpsDep, leases: LeasesDep, settings: SettingsDep, caller: MayClaim
) -> ClaimView:
    """Claim the person of this follow-up for some minutes, or prolong one's own claim: nobody else calls meanwhile."""
    row = await follow_ups.workable(follow_up_id, caller)
    until = await leases.take(row, caller, settings.claim_length)
    return ClaimView(follow_up_id=row.id, person_id=row.person_id, until=until)


@router.post("/follow-ups/{follow_up_id:uuid}/renewal", status_code=201)
async def renew_claim(
    follow_up_id: UUID, follow_ups: FollowUpsDep, leases: LeasesDep, settings: SettingsDep, caller: MayClaim
) -> ClaimView:
    """Prolong one's own claim; refused when it is over, for somebody else may have called since."""
    row = await follow_ups.workable(follow_up_id, caller)
    until = await leases.renew(row, caller, settings.claim_length)
    return ClaimView(follow_up_id=row.id, person_id=row.person_id, until=until)


@router.post("/follow-ups/{follow_up_id:uuid}/release", status_code=204)
async def release_follow_up(follow_up_id: UUID, follow_ups: FollowUpsDep, leases: LeasesDep, caller: MayClaim) -> None:
    """Give the person free for others."""
    await leases.release(await follow_ups.get(follow_up_id, caller), caller)


@router.post("/follow-ups/{follow_up_id:uuid}/hold", status_code=201)
async def hold_follow_up(
    follow_up_id: UUID,
    body: HoldRequest,
    follow_ups: FollowUpsDep,
    leases: LeasesDep,
    settings: SettingsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayClaim,
    tag: Tag,
) -> FollowUpView:
    """Let it rest until a day, for a coded reason: until then it is on no worklist."""
    row = await follow_ups.get(follow_up_id, caller, seen)
    async with leases.working(row, caller, settings.claim_length):
        held = hold(row, body.until, body.reason, local_date(clock), settings.hold_days)
        await follow_ups.record(row, held)
    return FollowUpView.of(tag(row))


@router.post("/follow-ups/{follow_up_id:uuid}/resumption", status_code=201)
async def resume_follow_up(
    follow_up_id: UUID, follow_ups: FollowUpsDep, seen: IfMatch, clock: ClockDep, caller: MayClaim, tag: Tag
) -> FollowUpView:
    """End its rest before the day."""
    row = await follow_ups.get(follow_up_id, caller, seen)
    await follow_ups.record(row, resume(row, local_date(clock)))
    return FollowUpView.of(tag(row))
