"""Those who want to be told of referrals: every fact of ours becomes a notice for each of them, in the fact's order.

The service follows its own facts through the bus, as anybody would: so each counts once, and in the order of its
referral, whatever happened in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.referrals import events
from services.referrals.domain.history import MessageKind
from services.referrals.domain.states import State
from services.referrals.domain.subscription import OUTGOING_INFORMED, OUTGOING_KINDS, REFERRAL_KINDS, NoticeKind
from services.referrals.events import CancellationCode
from services.referrals.handlers.registry import handlers
from services.referrals.settings import Settings
from services.referrals.store.deliveries import Deliveries, Happening
from shared.events import Reading


@dataclass(frozen=True)
class Matter:
    """Which referral a fact is about, who is party to it beside the programme, and its state now where we looked."""

    subject_id: UUID
    party: str
    now: str | None = None


class Fact(Reading):
    """What is read of a fact of ours. It may say to which state it led, and which message it is about."""

    async def matter(self, deliveries: Deliveries) -> Matter:
        """Whom it is about."""
        raise NotImplementedError

    def told_as(self, kind: NoticeKind) -> NoticeKind:
        """The kind of notice that tells of it."""
        return kind

    def led_to(self) -> str | None:
        """The state that the fact itself says it led to."""
        return None

    def told(self) -> int | None:
        """The number of the message that it is about."""
        return None


class OnReferral(Fact):
    """Something happened to a referral to us; who sent it is party to it."""

    referral_id: UUID

    async def matter(self, deliveries: Deliveries) -> Matter:
        """The referral with its sender."""
        return Matter(self.referral_id, *await deliveries.sender_of(self.referral_id))


class OnOutgoing(Fact):
    """Something happened to a referral of ours; the organisation that is asked is party to it."""

    outgoing_id: UUID
    organisation: str

    async def matter(self, deliveries: Deliveries) -> Matter:
        """The referral with that organisation."""
        return Matter(self.outgoing_id, self.organisation)


class Step(Fact):
    """A fact that names the state."""

    state: str

    def led_to(self) -> str:
        """That state."""
        return self.state


class End(Fact):
    """A fact that says how it ended."""

    achieved: bool

    def led_to(self) -> str:
        """Closed, or not achieved."""
        return State.CLOSED if self.achieved else State.NOT_ACHIEVED


class Withdrawal(Fact):
    """Whoever asked no longer does, or never should have."""

    code: str | None = None

    def led_to(self) -> str:
        """Cancelled, or voided."""
        return State.VOIDED if self.code == CancellationCode.ENTERED_IN_ERROR else State.CANCELLED


class Word(Fact):
    """One side told the other something."""

    number: int

    def told(self) -> int | None:
        """Its number."""
        return self.number


class OutgoingWord(Word):
    """One side told the other something; our answer to a question also gives the referral back."""

    kind: str

    def told_as(self, kind: NoticeKind) -> NoticeKind:
        """An answer is more than a message."""
        return OUTGOING_INFORMED if self.kind == MessageKind.ANSWER else kind

    def told(self) -> int | None:
        """Its number, where it is no more than a message."""
        return None if self.kind == MessageKind.ANSWER else self.number


SHAPES: Mapping[str, type[Fact]] = {
    events.ReferralProgressed.type: Step,
    events.ReferralClosed.type: End,
    events.ReferralCancelled.type: Withdrawal,
    events.MessageSent.type: Word,
    events.OutgoingAnswered.type: Step,
    events.OutgoingProgressed.type: Step,
    events.OutgoingOverdue.type: Step,
    events.OutgoingClosed.type: End,
    events.OutgoingCancelled.type: Withdrawal,
    events.OutgoingMessageSent.type: OutgoingWord,
}
"""What is read of a fact, where that is more than whom it is about."""


async def happening(fact: Fact, kind: NoticeKind, deliveries: Deliveries) -> Happening:
    """What those who want to be told are told."""
    matter, told_as = await fact.matter(deliveries), fact.told_as(kind)
    state = fact.led_to() or told_as.state or matter.now
    return Happening(told_as, matter.party, matter.subject_id, state, fact.told())


def follow(event_type: str, subject: type[Fact], kind: NoticeKind) -> None:
    """Tell of one type of fact."""
    shape = SHAPES.get(event_type, Fact)
    bases = (subject,) if shape is Fact else (shape, subject)
    reading = type(f"{subject.__name__}_{event_type.replace('.', '_')}", bases, {"type": event_type})

    @handlers.on(reading)
    async def tell(event: Fact, deliveries: Deliveries) -> None:
        """Note it for everybody who wants to be told."""
        await deliveries.note(await happening(event, kind, deliveries))


for _type, _kind in REFERRAL_KINDS.items():
    follow(_type, OnReferral, _kind)
for _type, _kind in OUTGOING_KINDS.items():
    follow(_type, OnOutgoing, _kind)


@handlers.every(3600)
async def forget_notices(deliveries: Deliveries, settings: Settings) -> bool:
    """Delete notices that can no longer be sent again."""
    before = deliveries.transaction.clock.now() - timedelta(days=settings.notice_days)
    return await deliveries.forget(before)
