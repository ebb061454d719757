"""Who wants to be told of what, at which address, and how telling is going."""

import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel

from services.referrals import events
from services.referrals.domain.states import State
from services.referrals.events import SubscriptionChanged, SubscriptionFailed
from shared.errors import DomainError

GIVE_UP_AFTER = timedelta(hours=72)
"""How long a receiver may fail before we stop trying."""
SECRETS_OVERLAP = timedelta(hours=24)
"""How long the secret before is signed with too."""


@dataclass(frozen=True)
class Patience:
    """How long to wait before a failed notice is sent again: the first time, and at most; in seconds."""

    first: float = 5.0
    longest: float = 3600.0

    def pause(self, failures: int, share: float) -> timedelta:
        """After so many failures in a row: doubling up to the longest, shortened by `share` (0 to 1) of a half."""
        longest = min(self.longest, self.first * 2.0 ** min(failures - 1, 20))
        return timedelta(seconds=longest * (1 - share / 2))


class Wire(StrEnum):
    """How notices look: a signed webhook, or a FHIR notification."""

    WEBHOOK = "webhook"
    FHIR = "fhir"


class Topic(StrEnum):
    """The two topics of FHIR subscriptions."""

    TASK_STATUS = "task-status"
    COMMUNICATION = "communication"


class Side(StrEnum):
    """Which referrals a notice is about: those to us, or those by us to an organisation of the network."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


class Payload(StrEnum):
    """What a FHIR notification holds: nothing of the referral, or its id."""

    EMPTY = "empty"
    ID_ONLY = "id-only"


class SubscriptionState(StrEnum):
    """http://hl7.org/fhir/subscription-status, for both wires."""

    REQUESTED = "requested"
    ACTIVE = "active"
    ERROR = "error"
    OFF = "off"


class SubscriptionOff(DomainError):
    """This subscription has ended; make a new one."""


class EndpointRefused(DomainError):
    """This address is not one that we call."""


class TooManySubscriptions(DomainError):
    """Your organisation has as many subscriptions as it may have; delete some first."""


@dataclass(frozen=True)
class NoticeKind:
    """A fact as subscribers are told of it. `state` is the one it led to, None where it moved nothing."""

    name: str
    topics: frozenset[Topic] = frozenset()
    state: State | None = None


_STATUS = frozenset({Topic.TASK_STATUS})
_WORDS = frozenset({Topic.COMMUNICATION})

REFERRAL_KINDS: Mapping[str, NoticeKind] = {
    events.ReferralReceived.type: NoticeKind("referral.received", _STATUS, State.RECEIVED),
    events.ReferralTriaged.type: NoticeKind("referral.triaged", _STATUS, State.IN_TRIAGE),
    events.ReferralAccepted.type: NoticeKind("referral.accepted", _STATUS, State.ACCEPTED),
    events.ReferralRefused.type: NoticeKind("referral.refused", _STATUS, State.REFUSED),
    events.ReferralWaitlisted.type: NoticeKind("referral.waitlisted", _STATUS, State.WAITING_LIST),
    events.ReferralRedirected.type: NoticeKind("referral.redirected", _STATUS, State.REDIRECTED),
    events.InformationRequested.type: NoticeKind(
        "referral.information-requested", _STATUS | _WORDS, State.INFORMATION_REQUESTED
    ),
    events.InformationGiven.type: NoticeKind("referral.information-given", _STATUS | _WORDS, State.IN_TRIAGE),
    events.CancellationRequested.type: NoticeKind("referral.cancellation-requested", _STATUS),
    events.ReferralCancelled.type: NoticeKind("referral.cancelled", _STATUS, State.CANCELLED),
    events.ReferralCorrected.type: NoticeKind("referral.corrected", _STATUS),
    events.ReferralProgressed.type: NoticeKind("referral.progressed", _STATUS),
    events.ReferralClosed.type: NoticeKind("referral.closed", _STATUS, State.CLOSED),
    events.MessageSent.type: NoticeKind("referral.message-sent", _WORDS),
    events.SheetAssessed.type: NoticeKind("referral.sheet-assessed", _STATUS),
}
"""Facts about referrals to us: their sender is party to them."""

OUTGOING_KINDS: Mapping[str, NoticeKind] = {
    events.OutgoingSent.type: NoticeKind("outgoing.sent", _STATUS, State.RECEIVED),
    events.OutgoingAnswered.type: NoticeKind("outgoing.answered", _STATUS),
    events.OutgoingProgressed.type: NoticeKind("outgoing.progressed", _STATUS),
    events.OutgoingClosed.type: NoticeKind("outgoing.closed", _STATUS, State.CLOSED),
    events.OutgoingCancelled.type: NoticeKind("outgoing.cancelled", _STATUS, State.CANCELLED),
    events.OutgoingCancellationRequested.type: NoticeKind("outgoing.cancellation-requested", _STATUS),
    events.OutgoingDisclosed.type: NoticeKind("outgoing.disclosed", _STATUS),
    events.OutgoingRecallRequested.type: NoticeKind("outgoing.recall-requested", _STATUS),
    events.OutgoingMessageSent.type: NoticeKind("outgoing.message-sent", _WORDS),
    events.OutgoingOverdue.type: NoticeKind("outgoing.overdue"),
    events.OutgoingExpired.type: NoticeKind("outgoing.expired"),
}
"""Facts about referrals of ours: the organisation that is asked is party to them."""

OUTGOING_INFORMED = NoticeKind("outgoing.information-given", _STATUS | _WORDS, State.IN_TRIAGE)
"""Our answer to the organisation's question is told by a message, and gives the referral back to it."""

ABOUT: Mapping[Side, tuple[NoticeKind, ...]] = {
    Side.INCOMING: tuple(REFERRAL_KINDS.values()),
    Side.OUTGOING: (*OUTGOING_KINDS.values(), OUTGOING_INFORMED),
}
KIND_NAMES = tuple(kind.name for kinds in ABOUT.values() for kind in kinds)


def kinds_of(topic: Topic, sides: Iterable[Side]) -> tuple[str, ...]:
    """The kinds of notices that a FHIR topic is about, for referrals to us or by us."""
    return tuple(kind.name for side in sides for kind in ABOUT[side] if topic in kind.topics)


def new_secret() -> str:
    """A secret of 256 bits as Standard Webhooks write it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


class Subscription(BaseModel):
    """A wish to be told, with its address. `sees_all` is the programme's own, told of every referral.

    `kinds` are the wanted ones, none for all; `requester` narrows it to one sender, `task_owner` to what one
    organisation is asked. `headers` and the secrets are
    the receiver's and ours to authenticate: never shown again. Numbers: `last_number` was given to the newest notice,
    `sent_number` to the last that arrived; what lies between waits, in order.
    """

    id: UUID
    owner: str
    wire: Wire
    url: str
    sees_all: bool = False
    kinds: tuple[str, ...] = ()
    requester: str | None = None
    task_owner: str | None = None
    topic: Topic | None = None
    payload: Payload = Payload.ID_ONLY
    state: SubscriptionState = SubscriptionState.ACTIVE
    failure: str | None = None
    reason: str = ""
    base: str = ""
    secret: str = ""
    previous_secret: str | None = None
    previous_until: datetime | None = None
    headers: tuple[str, ...] = ()
    heartbeat_seconds: int | None = None
    ends_at: datetime | None = None
    deleted_at: datetime | None = None
    created_at: datetime
    last_number: int = 0
    sent_number: int = 0
    failures: int = 0
    first_failed_at: datetime | None = None
    retry_at: datetime | None = None
    version: int = 0

    def changed(self) -> SubscriptionChanged:
        """The fact that it is as it is now."""
        return SubscriptionChanged(
            subscription_id=self.id, organisation=self.owner, kind=self.wire, state=self.state, failure=self.failure
        )

    def activate(self) -> SubscriptionChanged:
        """The receiver has answered, or somebody says to go on."""
        self.state, self.failure = SubscriptionState.ACTIVE, None
        return self.changed()

    def fail(self, why: str) -> list[SubscriptionChanged | SubscriptionFailed]:
        """Stop: the receiver did not answer, for the last time `why`. What it missed is kept to be sent again."""
        self.state, self.failure = SubscriptionState.ERROR, why
        missed = self.last_number - self.sent_number
        failed = SubscriptionFailed(
            subscription_id=self.id, organisation=self.owner, kind=self.wire, failure=why, undelivered=missed
        )
        return [self.changed(), failed]

    def refuse(self, why: str) -> SubscriptionChanged:
        """Not begin: the receiver did not answer the handshake."""
        self.state, self.failure = SubscriptionState.ERROR, why
        return self.changed()

    def end(self, why: str) -> SubscriptionChanged:
        """No more notices."""
        self.state, self.failure = SubscriptionState.OFF, why
        return self.changed()

    def delete(self, at: datetime) -> SubscriptionChanged:
        """End it and forget its secrets."""
        self.deleted_at = at
        self.secret, self.previous_secret, self.headers = "", None, ()
        return self.end("deleted")

    def rotate_secret(self, at: datetime) -> SubscriptionChanged:
        """Take a new secret; the old one is signed with too for a day. Raises SubscriptionOff."""
        self.check_not_off()
        self.previous_secret, self.previous_until = self.secret, at + SECRETS_OVERLAP
        self.secret = new_secret()
        return self.changed()

    def check_not_off(self) -> None:
        """Raise SubscriptionOff when it has ended."""
        if self.state is SubscriptionState.OFF:
            raise SubscriptionOff

    def secrets_at(self, at: datetime) -> list[str]:
        """The secrets to sign with now, the newest first."""
        overlaps = self.previous_secret and self.previous_until and at < self.previous_until
        return [self.secret, *([self.previous_secret] if overlaps and self.previous_secret else [])]

    @property
    def waiting(self) -> int:
        """How many notices have not arrived."""
        return self.last_number - self.sent_number


class NoticeStatus(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class Notice(BaseModel):
    """That something happened: ids, a state, a number; never what was said or about whom."""

    subscription_id: UUID
    number: int
    kind: str
    subject_id: UUID
    state: str | None = None
    message: int | None = None
    at: datetime
    attempts: int = 0
    answer: str | None = None
    delivered_at: datetime | None = None

    def status_in(self, subscription: Subscription) -> NoticeStatus:
        """Where it stands: behind a subscription that has stopped it is dead until somebody resends."""
        if self.number <= subscription.sent_number:
            return NoticeStatus.DELIVERED
        is_moving = subscription.state in (SubscriptionState.ACTIVE, SubscriptionState.REQUESTED)
        return NoticeStatus.WAITING if is_moving else NoticeStatus.DEAD
