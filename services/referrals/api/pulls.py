"""What our neighbours' handlers pull: each just what it needs."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel

from services.referrals.api.doors import ReferralsDep, router
from services.referrals.domain import Sheet
from services.referrals.domain.document import Day, Person
from shared.access import May
from shared.auth import Caller

MayPullDemographics = Annotated[Caller, Depends(May("referral:pull-demographics"))]
MayPullSheets = Annotated[Caller, Depends(May("referral:pull-sheets"))]


class Demographics(BaseModel):
    """What intake needs to know whom a referral is about."""

    person: Person
    sender: str


class Sheets(BaseModel):
    """What assessment needs of a referral."""

    sheets: list[Sheet]
    factors: list[str]
    discharge_on: Day | None


@router.get("/{referral_id:uuid}/demographics")
async def pull_demographics(referral_id: UUID, referrals: ReferralsDep, caller: MayPullDemographics) -> Demographics:
    """For intake alone: whom the referral is about."""
    referral = await referrals.get(referral_id, caller)
    return Demographics(person=referral.document.person, sender=referral.sender)


@router.get("/{referral_id:uuid}/sheets")
async def pull_sheets(referral_id: UUID, referrals: ReferralsDep, caller: MayPullSheets) -> Sheets:
    """For assessment alone: the filled sheets and the named factors."""
    document = (await referrals.get(referral_id, caller)).document
    discharge = document.stay.discharge_on if document.stay else None
    return Sheets(sheets=document.sheets, factors=document.reason.factors, discharge_on=discharge)
