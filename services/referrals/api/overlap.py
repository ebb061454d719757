"""Who already serves the person of a referral: shown before acceptance, and never in its way."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, Field

from services.referrals.api.doors import ReferralsDep, router
from services.referrals.store import Overlaps
from shared.access import May
from shared.auth import Caller
from shared.cursors import Page
from shared.requests import opened

OverlapsDep = Annotated[Overlaps, Depends(opened(Overlaps))]
MayReadOverlap = Annotated[Caller, Depends(May("overlap:read"))]


class ServingView(BaseModel):
    """Somebody who serves the person already, or is asked to."""

    kind: str = Field(description="`case` (ours), `incoming` (another referral to us), `outgoing` (a partner helps)")
    id: UUID = Field(description="The case or the referral")
    organisation: str | None
    state: str
    since: datetime
    needs: list[str] = Field(description="What the partner is asked to help with")
    mission: str | None = Field(description="The organisation's mission, as the directory has it")


@router.get("/{referral_id:uuid}/overlap")
async def read_overlap(
    referral_id: UUID, referrals: ReferralsDep, overlaps: OverlapsDep, caller: MayReadOverlap
) -> Page[ServingView]:
    """Who already serves the person: our cases, other open referrals, partners. Empty while nobody is identified."""
    found = await overlaps.of(await referrals.get(referral_id, caller))
    return Page(items=[ServingView.model_validate(each, from_attributes=True) for each in found], next=None)
