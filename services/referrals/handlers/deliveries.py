"""Delivery of notices, for both wires: one subscription at a time under a lease, its notices in their order.

At least once: a process that dies between sending and writing it down sends again, under the same id.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from services.referrals.domain.subscription import GIVE_UP_AFTER, Notice, Subscription, SubscriptionState, Wire
from services.referrals.formats.fhir.notification import NotificationType, notification, rest_hook
from services.referrals.formats.webhook import Outbound, trial, webhook
from services.referrals.handlers.registry import handlers
from services.referrals.store.deliveries import Deliveries
from services.referrals.store.subscriptions import NO_FAILURE, SubscriptionRow, Subscriptions
from shared.callbacks import CallbackFailed
from shared.events import Event
from shared.handlers import Errand
from shared.ids import new_id

AT_ONCE = 50
LANES = 4
"""How many subscriptions a process serves at the same time: a slow receiver holds up one lane."""
MOST_PATIENT = timedelta(hours=1)

log = structlog.get_logger()


@dataclass(frozen=True)
class Answer:
    """How an attempt ended: a status or a word, and when the receiver wants to be asked again."""

    code: str
    arrived: bool = False
    gone: bool = False
    not_before: timedelta = timedelta(0)


async def deliver(errand: Errand) -> bool:
    """Serve the subscription that has waited longest; says whether there was one."""
    async with errand.transaction() as transaction:
        claimed = await Deliveries(transaction).claim(timedelta(seconds=errand.settings.notice_turn_seconds))
    if claimed is None:
        return False
    await Round(errand, claimed).run()
    return True


for _ in range(LANES):
    handlers.errand(1)(deliver)


@dataclass
class Round:
    """One turn of a subscription, its lease held. Nothing is open in the database while a receiver is asked."""

    errand: Errand
    claimed: SubscriptionRow

    async def run(self) -> None:
        """Do what is due and give the subscription back."""
        claimed = self.claimed
        if claimed.ends_at and claimed.ends_at <= self.now():
            await self.change(lambda row: [row.end("ended")])
        elif claimed.state is SubscriptionState.REQUESTED:
            await self.shake_hands()
        elif await self.test():
            await self.tell()
        await self.write(lease=None, leased_until=None)

    def now(self) -> datetime:
        """The time of the service's clock."""
        return self.errand.clock.now()

    async def shake_hands(self) -> None:
        """The receiver must answer once before it is told of anything."""
        bundle = notification(self.claimed, NotificationType.HANDSHAKE, self.now())
        answer = await self.send(rest_hook(bundle, self.claimed))
        if answer.arrived:
            await self.write(**NO_FAILURE, **self.next_heartbeat())
            await self.change(lambda row: [row.activate()])
        else:
            await self.change(lambda row: [row.refuse(answer.code)])

    async def test(self) -> bool:
        """Send the test that was asked for; its answer changes nothing else. Says whether the lease is still ours."""
        if self.claimed.test_asked_at is None:
            return True
        answer = await self.send(trial(self.claimed, new_id(), self.now()))
        tested: dict[str, Any] = {"test_asked_at": None, "tested_at": self.now(), "test_answer": answer.code}
        return await self.write(**tested, **self.longer())

    async def tell(self) -> None:
        """Send what waits, in order, until nothing does or one does not arrive; else a heartbeat, when it is due."""
        async with self.errand.transaction() as transaction:
            deliveries = Deliveries(transaction)
            waiting = await deliveries.next_of(self.claimed, self.claimed.sent_number, AT_ONCE)
            if self.claimed.waiting and not waiting:
                # What it missed is older than notices are kept: nothing is left to send, so nothing waits.
                await deliveries.arrived(self.claimed, self.claimed.last_number)
        for notice in waiting:
            answer = await self.send(self.outbound(notice))
            if not await self.settle(notice, answer):
                return
        beat = self.claimed.heartbeat_at
        if not waiting and beat and beat <= self.now():
            bundle = notification(self.claimed, NotificationType.HEARTBEAT, self.now())
            answer = await self.send(rest_hook(bundle, self.claimed))
            await self.write(**self.next_heartbeat())
            if not answer.arrived:
                await self.postpone(answer)

    def outbound(self, notice: Notice) -> Outbound:
        """A notice as this subscriber reads it."""
        if self.claimed.wire is Wire.WEBHOOK:
            return webhook(self.claimed, notice, self.now())
        return rest_hook(notification(self.claimed, NotificationType.EVENT, self.now(), [notice]), self.claimed)

    async def send(self, outbound: Outbound) -> Answer:
        """One attempt. A redirect is no arrival, and is not followed."""
        try:
            answer = await self.errand.callbacks.post(self.claimed.url, outbound.content, outbound.headers)
        except CallbackFailed as failure:
            return Answer(failure.code)
        wanted = answer.headers.get("retry-after", "")
        patience = timedelta(seconds=int(wanted)) if wanted.isdigit() and len(wanted) < 6 else timedelta(0)
        arrived = 200 <= answer.status < 300
        return Answer(str(answer.status), arrived, answer.status == 410, min(patience, MOST_PATIENT))

    async def settle(self, notice: Notice, answer: Answer) -> bool:
        """Write down how an attempt ended; says whether the next one may follow."""
        at = self.now() if answer.arrived else None
        async with self.errand.transaction() as transaction:
            deliveries = Deliveries(transaction)
            await deliveries.attempted(notice, answer.code, at)
            if answer.arrived:
                values = {**self.longer(), **NO_FAILURE, **self.next_heartbeat()}
                return await deliveries.arrived(self.claimed, notice.number, **values)
        await self.postpone(answer)
        return False

    async def postpone(self, answer: Answer) -> None:
        """After a failure: later, or no more."""
        if answer.gone:
            await self.change(lambda row: [row.end("410")])
            return
        now, failures = self.now(), self.claimed.failures + 1
        first = self.claimed.first_failed_at or now
        wait = max(self.errand.settings.patience.pause(failures, random.random()), answer.not_before)  # nosec B311  # jitter
        await self.write(failures=failures, first_failed_at=first, retry_at=now + wait)
        if now - first >= GIVE_UP_AFTER:
            log.error("subscription-failed", subscription=str(self.claimed.id), answer=answer.code)
            await self.change(lambda row: row.fail(answer.code))

    async def change(self, act: Callable[[Subscription], list[Any]]) -> None:
        """Change the subscription itself, with the facts of it, unless somebody else has meanwhile."""
        async with self.errand.transaction() as transaction:
            subscriptions = Subscriptions(transaction)
            row = await subscriptions.get(self.claimed.id)
            if row.version != self.claimed.version:
                return
            facts: list[Event] = act(row)
            await subscriptions.record(row, *facts)

    async def write(self, **values: Any) -> bool:
        """Write how delivery stands; says whether the lease was still ours."""
        async with self.errand.transaction() as transaction:
            return await Deliveries(transaction).keep(self.claimed, **values)

    def longer(self) -> dict[str, Any]:
        """The turn begins anew: it outlasts one attempt, not all of them."""
        return {"leased_until": self.now() + timedelta(seconds=self.errand.settings.notice_turn_seconds)}

    def next_heartbeat(self) -> dict[str, Any]:
        """When the receiver is to hear from us again, if it wants to."""
        seconds = self.claimed.heartbeat_seconds
        return {"heartbeat_at": self.now() + timedelta(seconds=seconds)} if seconds else {}
