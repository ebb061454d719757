"""What ends a case from outside: its referral or relay is taken back, or its sender asks for the end."""

from typing import ClassVar
from uuid import UUID

from services.cases.domain import Reason, concerns
from services.cases.domain.states import UNOWNED
from services.cases.events import OriginKind
from services.cases.handlers.registry import handlers
from services.cases.store import Agenda, CaseRow, Cases, OriginRow, Origins
from shared.events import Reading

TAKEN_BACK = frozenset({Reason.REFERRAL_CANCELLED, Reason.RELAY_WITHDRAWN})
"""Nobody wants it any more, as against somebody who asks for the end."""


class CancellationRequested(Reading):
    """The sender asks to end a referral whose case is open."""

    type: ClassVar[str] = "referrals.cancellation-requested.v1"
    referral_id: UUID


class ReferralCancelled(Reading):
    """The sender took a referral back."""

    type: ClassVar[str] = "referrals.referral-cancelled.v1"
    referral_id: UUID


@handlers.on(CancellationRequested)
async def cancellation_requested(event: CancellationRequested, origins: Origins, cases: Cases, agenda: Agenda) -> None:
    """Put the sender's wish before the meeting."""
    origin = await origins.hold(OriginKind.REFERRAL, event.referral_id)
    await cancel(origin, Reason.CANCELLATION_REQUESTED, cases, agenda)


@handlers.on(ReferralCancelled)
async def referral_cancelled(event: ReferralCancelled, origins: Origins, cases: Cases, agenda: Agenda) -> None:
    """Withdraw the request that nobody owns yet, else tell the meeting that the referral behind the case is gone."""
    origin = await origins.hold(OriginKind.REFERRAL, event.referral_id)
    await cancel(origin, Reason.REFERRAL_CANCELLED, cases, agenda)


async def cancel(origin: OriginRow, reason: Reason, cases: Cases, agenda: Agenda) -> None:
    """Note it on the origin, and see to the case where there is one; a case to come will find it."""
    origin.cancellation = reason
    case = await cases.of_origin(origin.kind, origin.id)
    if case is not None:
        await end_cancelled(case, reason, cases, agenda)


async def end_cancelled(case: CaseRow, reason: Reason, cases: Cases, agenda: Agenda) -> None:
    """End a request whose referral or relay is gone; about a case that somebody owns, people decide."""
    if reason in TAKEN_BACK and case.state in UNOWNED:
        await cases.keep(case, None, case.withdraw())
    elif concerns(reason, case.state):
        await agenda.raise_line(case.id, reason, case.origin_id, case.origin_id)
