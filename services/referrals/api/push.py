"""The push, and reading what became of it."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.referrals.api.doors import InstrumentsDep, OrganisationsDep, ReferralsDep, router
from services.referrals.api.views import Receipt, ReferralView, Summary
from services.referrals.domain import Document, State
from services.referrals.store import Instruments, Overlaps
from shared.access import May
from shared.auth import Caller
from shared.clock import Clock, local_date
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, Tag

MayPush = Annotated[Caller, Depends(May("referral:push"))]
MayRead = Annotated[Caller, Depends(May("referral:read"))]


@router.post("", status_code=201)
async def push_referral(
    document: Document,
    referrals: ReferralsDep,
    organisations: OrganisationsDep,
    instruments: InstrumentsDep,
    clock: ClockDep,
    caller: MayPush,
    response: Response,
) -> Receipt:
    """Push a referral. The same push again gets the same receipt; other content under its identifier is 409."""
    await organisations.check_sender(caller.organisation)
    checked = await check_at_door(document, instruments, clock)
    referral_id, received_at, _ = await referrals.receive(document, caller.organisation, checked)
    response.headers["location"] = f"/referrals/{referral_id}"
    response.headers["etag"] = '"1"'
    warnings = list(document.warnings())
    return Receipt(id=referral_id, state=State.RECEIVED, received_at=received_at, warnings=warnings)


async def check_at_door(document: Document, instruments: Instruments, clock: Clock) -> bool:
    """Refuse what is wrong on its face (SheetFaults); says whether every sheet could be checked."""
    return await instruments.check(document, local_date(clock))


@router.get("")
async def list_referrals(
    referrals: ReferralsDep, paging: PagingDep, caller: MayRead, state: State | None = None
) -> Page[Summary]:
    """Referrals, newest first: a hospital sees its own, the programme all."""
    rows = await referrals.page(caller, state, paging.limit, paging.after)
    keys = [(row.received_at.isoformat(), row.id) for row in rows]
    return paging.page([Summary.of(row) for row in rows], keys)


@router.get("/{referral_id:uuid}")
async def read_referral(referral_id: UUID, referrals: ReferralsDep, caller: MayRead, tag: Tag) -> ReferralView:
    """One referral with its state, its history and the computed totals."""
    referral = await referrals.get(referral_id, caller)
    return ReferralView.of(tag(referral), await Overlaps(referrals.transaction).flag(referral, caller))
