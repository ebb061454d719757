"""What the routes of outgoing referrals share: the collections, who may come in, one step on one referral."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.referrals.api.doors import router
from services.referrals.domain.outgoing import OutgoingReferral
from services.referrals.store import CapacityQuestions, Gaps, OutgoingRow, Outgoings
from services.referrals.store.related import Related
from shared.access import May
from shared.auth import Caller
from shared.events import Event
from shared.relinks import Relinks
from shared.requests import ClockDep, IfMatch, SeenVersion, Tag, Tagged, opened

OutgoingsDep = Annotated[Outgoings, Depends(opened(Outgoings))]
QuestionsDep = Annotated[CapacityQuestions, Depends(opened(CapacityQuestions))]
RelatedDep = Annotated[Related, Depends(opened(Related))]
RelinksDep = Annotated[Relinks, Depends(opened(Relinks))]
GapsDep = Annotated[Gaps, Depends(opened(Gaps))]

MaySend = Annotated[Caller, Depends(May("outgoing:send"))]
MayReadOutgoing = Annotated[Caller, Depends(May("outgoing:read"))]
MayWorkOutgoing = Annotated[Caller, Depends(May("outgoing:work"))]
MayReadInbox = Annotated[Caller, Depends(May("inbox:read"))]
MayAnswerInbox = Annotated[Caller, Depends(May("inbox:answer"))]

Act = Callable[[OutgoingReferral, datetime], Event]


@dataclass(frozen=True)
class OutgoingStep:
    """One step on one outgoing referral, in the version that the caller has seen."""

    outgoing_id: UUID
    outgoings: Outgoings
    seen: SeenVersion
    at: datetime
    tag: Tagged

    async def take(self, caller: Caller, act: Act) -> OutgoingRow:
        """Load, act, record; the referral as it stands afterwards."""
        referral = await self.outgoings.get(self.outgoing_id, caller, self.seen)
        await self.outgoings.record(referral, act(referral, self.at))
        return self.tag(referral)

    async def refuse_recalled(self, caller: Caller) -> None:
        """Raise AgreementRefused where the person no longer agrees that the organisation knows."""
        referral = await self.outgoings.get(self.outgoing_id, caller)
        if referral.recall_requested_at:
            await self.outgoings.refuse_unagreed(referral.person_id, referral.organisation)


async def current_step(
    outgoing_id: UUID, outgoings: OutgoingsDep, seen: IfMatch, clock: ClockDep, tag: Tag
) -> OutgoingStep:
    """The step that this request asks for."""
    return OutgoingStep(outgoing_id, outgoings, seen, clock.now(), tag)


OutgoingStepDep = Annotated[OutgoingStep, Depends(current_step)]

__all__ = [
    "ClockDep",
    "GapsDep",
    "MayAnswerInbox",
    "MayReadInbox",
    "MayReadOutgoing",
    "MaySend",
    "MayWorkOutgoing",
    "OutgoingStepDep",
    "OutgoingsDep",
    "QuestionsDep",
    "router",
]
