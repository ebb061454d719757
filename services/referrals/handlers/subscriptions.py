"""Those who want to be told of referrals: every fact of ours becomes a notice for each of them, in the fact's order.

The service follows its own facts through the bus, as anybody would: so each counts once, and in the order of its
referral, whatever happened in between.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from services.referrals import events
from services.referrals.domain.states import State
from services.referrals.domain.subscription import OUTGOING_KINDS, REFERRAL_KINDS, NoticeKind
from services.referrals.events import CancellationCode
from services.referrals.handlers.registry import handlers
from services.referrals.settings import Settings
from services.referrals.store.deliveries import Deliveries, Happening
from shared.events import Reading


class ReferralFact(Reading):
    """Something happened to a referral to us."""

    referral_id: UUID

    def led_to(self) -> str | None:
        """The state that this fact itself says it led to."""
        return None

    def told(self) -> int | None:
        """The number of the message that it is about."""
        return None


class ReferralStep(ReferralFact):
    """A fact that names the new state."""

    state: str

    def led_to(self) -> str:
        """That state."""
        return self.state


class ReferralEnd(ReferralFact):
    """The end of a case."""

    achieved: bool

    def led_to(self) -> str:
        """Closed, or not achieved."""
        return State.CLOSED if self.achieved else State.NOT_ACHIEVED


class ReferralWithdrawal(ReferralFact):
    """The sender no longer wants it, or never did."""

    code: str | None = None

    def led_to(self) -> str:
        """Cancelled, or voided."""
        return State.VOIDED if self.code == CancellationCode.ENTERED_IN_ERROR else State.CANCELLED


class ReferralMessage(ReferralFact):
    """One side told the other something."""

    number: int

    def told(self) -> int:
        """Its number."""
        return self.number


class OutgoingFact(Reading):
    """Something happened to a referral of ours; the organisation that is asked is party to it."""

    outgoing_id: UUID
    organisation: str

    def led_to(self) -> str | None:
        """The state that this fact itself says it led to."""
        return None

    def told(self) -> int | None:
        """The number of the message that it is about."""
        return None


class OutgoingStep(OutgoingFact):
    """A fact that names the state."""

    state: str

    def led_to(self) -> str:
        """That state."""
        return self.state


class OutgoingEnd(OutgoingFact):
    """The organisation reported the end."""

    achieved: bool

    def led_to(self) -> str:
        """Closed, or not achieved."""
        return State.CLOSED if self.achieved else State.NOT_ACHIEVED


class OutgoingMessage(OutgoingFact):
    """One side told the other something."""

    number: int

    def told(self) -> int:
        """Its number."""
        return self.number


SHAPES: Mapping[str, type[ReferralFact] | type[OutgoingFact]] = {
    events.ReferralProgressed.type: ReferralStep,
    events.ReferralClosed.type: ReferralEnd,
    events.ReferralCancelled.type: ReferralWithdrawal,
    events.MessageSent.type: ReferralMessage,
    events.OutgoingAnswered.type: OutgoingStep,
    events.OutgoingProgressed.type: OutgoingStep,
    events.OutgoingOverdue.type: OutgoingStep,
    events.OutgoingClosed.type: OutgoingEnd,
    events.OutgoingMessageSent.type: OutgoingMessage,
}
"""What is read of a fact, where that is more than whom it is about."""


async def party_of(fact: ReferralFact | OutgoingFact, kind: NoticeKind, deliveries: Deliveries) -> Happening:
    """Who, beside the programme, is party to what happened, and what he is told."""
    state = fact.led_to() or kind.state
    if isinstance(fact, OutgoingFact):
        return Happening(kind, fact.organisation, fact.outgoing_id, state, fact.told())
    sender, now = await deliveries.sender_of(fact.referral_id)
    return Happening(kind, sender, fact.referral_id, state or now, fact.told())


def follow(event_type: str, shape: type[ReferralFact] | type[OutgoingFact], kind: NoticeKind) -> None:
    """Tell of one type of fact."""
    reading = type(f"{shape.__name__}Of{event_type.replace('.', '_')}", (shape,), {"type": event_type})

    @handlers.on(reading)
    async def tell(event: ReferralFact | OutgoingFact, deliveries: Deliveries) -> None:
        """Note it for everybody who wants to be told."""
        await deliveries.note(await party_of(event, kind, deliveries))


for _type, _kind in REFERRAL_KINDS.items():
    follow(_type, SHAPES.get(_type, ReferralFact), _kind)
for _type, _kind in OUTGOING_KINDS.items():
    follow(_type, SHAPES.get(_type, OutgoingFact), _kind)


@handlers.every(3600)
async def forget_notices(deliveries: Deliveries, settings: Settings) -> bool:
    """Delete notices that can no longer be sent again."""
    before = deliveries.transaction.clock.now() - timedelta(days=settings.notice_days)
    return await deliveries.forget(before)
