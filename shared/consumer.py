"""The consuming side of a service: polls its topics, delivers, and only then commits its place."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from shared import failpoints
from shared.bus.port import Bus, Subscription
from shared.events import Message
from shared.inbox import Inbox, Outcome

PARALLEL = 8
STUCK_AFTER = 60.0
POISON_PER_MINUTE = 50

log = structlog.get_logger()


class TooMuchPoison(Exception):
    """So many events were refused within a minute that something is wrong with this deployment, not with the events."""


@dataclass
class Consumer:
    """Delivers the events that a service follows. One task per partition, in order; offsets after the database."""

    bus: Bus
    inbox: Inbox
    topics: Sequence[str]
    group: str
    connected: bool = False
    stopped: bool = False
    counts: dict[Outcome, int] = field(default_factory=lambda: defaultdict(int))
    _poison_at: list[float] = field(default_factory=list)

    async def run(self) -> None:
        """Consume until cancelled. A bus or a database that is away is waited for; a flood of poison stops it."""
        failures = 0
        while not self.stopped:
            try:
                async with self.bus.subscription(self.group, self.topics) as subscription:
                    self.connected = True
                    failures = 0
                    await self._consume(subscription)
            except asyncio.CancelledError:
                raise
            except TooMuchPoison:
                self.stopped = True
                log.error("consumer-stopped", poison_last_minute=len(self._poison_at))
            except Exception as error:
                failures += 1
                log.warning("consumer-interrupted", error_class=type(error).__name__, attempt=failures)
            self.connected = False
            await asyncio.sleep(min(5.0, 0.2 * 2 ** min(failures, 5)) * random.uniform(0.5, 1.0))  # nosec B311  # jitter

    async def _consume(self, subscription: Subscription) -> None:
        moved = time.monotonic()
        while True:
            messages = await subscription.poll()
            if messages:
                await self._deliver(messages)
                failpoints.reach("before-offsets")
                await subscription.commit()
                moved = time.monotonic()
            elif time.monotonic() - moved > STUCK_AFTER:
                if await subscription.lag() > 0:
                    log.error("consumer-stuck")
                    return
                moved = time.monotonic()

    async def _deliver(self, messages: Sequence[Message]) -> None:
        partitions: dict[tuple[str, int], list[Message]] = defaultdict(list)
        for message in messages:
            partitions[message.topic, message.partition].append(message)
        slots = asyncio.Semaphore(PARALLEL)
        try:
            async with asyncio.TaskGroup() as tasks:
                for ordered in partitions.values():
                    tasks.create_task(self._in_order(ordered, slots))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures

    async def _in_order(self, messages: Sequence[Message], slots: asyncio.Semaphore) -> None:
        async with slots:
            for message in messages:
                outcome = await self.inbox.deliver(message)
                self.counts[outcome] += 1
                if outcome is Outcome.POISONED:
                    self._count_poison()

    def _count_poison(self) -> None:
        now = time.monotonic()
        self._poison_at = [at for at in self._poison_at if now - at < 60] + [now]
        if len(self._poison_at) > POISON_PER_MINUTE:
            raise TooMuchPoison
