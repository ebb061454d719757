"""Sheets and instruments: what assessment said of them."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel

from services.referrals.domain import KnownInstrument, Rejection
from services.referrals.handlers.registry import handlers
from services.referrals.store import Instruments, Referrals
from shared.errors import Fault
from shared.events import Reading
from shared.http import Http

CARDS = "cards"
"""How instruments are answered that the door can check: card by card. All were, before others came."""


class SheetCompleted(Reading):
    """assessment has scored a sheet."""

    type: ClassVar[str] = "assessment.sheet-completed.v1"
    sheet_id: UUID
    referral_id: UUID | None


class SheetRejected(Reading):
    """assessment could not take a sheet."""

    type: ClassVar[str] = "assessment.sheet-rejected.v1"
    referral_id: UUID
    sheet_number: int
    faults: tuple[Fault, ...]


class InstrumentPublished(Reading):
    """assessment has published an instrument."""

    type: ClassVar[str] = "assessment.instrument-published.v1"
    code: str
    spec_version: str
    method: str = CARDS


class Totals(BaseModel):
    """What the sender may read of a scored sheet."""

    sheet_id: UUID
    identifier: str | None
    instrument: str
    state: str
    scales: dict[str, Any]


async def pull_totals(event: SheetCompleted, http: Http) -> Totals | None:
    """The totals, from assessment."""
    if event.referral_id is None:
        return None
    return await http.get("assessment", f"/assessment/sheets/{event.sheet_id}/totals", Totals)


async def pull_instrument(event: InstrumentPublished, http: Http) -> KnownInstrument | None:
    """The definition, from assessment; None for an instrument without cards, which the door does not check."""
    if event.method != CARDS:
        return None
    return await http.get(
        "assessment", f"/assessment/instruments/{event.code}/{event.spec_version}/cards", KnownInstrument
    )


@handlers.on(SheetCompleted, pull=pull_totals)
async def show_totals(event: SheetCompleted, referrals: Referrals, pulled: Totals | None) -> None:
    """Let the sender read the computed totals; a sheet that came with no referral is none of ours."""
    if event.referral_id is None or pulled is None:
        return
    referral = await referrals.get(event.referral_id)
    await referrals.record(referral, referral.show_totals(pulled.model_dump(mode="json")))


@handlers.on(SheetRejected)
async def show_rejection(event: SheetRejected, referrals: Referrals) -> None:
    """Let the sender read what was wrong with the sheet."""
    referral = await referrals.get(event.referral_id)
    rejection = Rejection(sheet_number=event.sheet_number, faults=event.faults)
    await referrals.record(referral, referral.reject_sheet(rejection))


@handlers.on(InstrumentPublished, pull=pull_instrument)
async def learn_instrument(
    event: InstrumentPublished, instruments: Instruments, pulled: KnownInstrument | None
) -> None:
    """Keep our own copy, so that the door needs nobody. Sheets of other instruments are checked by assessment alone."""
    if pulled is not None:
        await instruments.keep(pulled)
