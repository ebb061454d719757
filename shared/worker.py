"""What a service does without being asked: relay, consume, retry, tick, keep house."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from shared.audit.sealing import Sealer
from shared.bus.port import Bus
from shared.consumer import Consumer
from shared.events import topic_of
from shared.handlers import Errand, ErrandRun, Handlers, Tick
from shared.inbox import Inbox
from shared.relationships.break_glass import Emergencies
from shared.relay import Relay
from shared.store import Database

RETRY_EVERY = 2.0
HOUSEKEEPING_EVERY = 3600.0
SEAL_EVERY = 1.0
ANCHOR_LOOKED_AT_EVERY = 60.0
CLOSE_EVERY = 15.0
STOP_WITHIN = 8.0

log = structlog.get_logger()

_FORGET = (
    "DELETE FROM outbox WHERE seq IN "
    "(SELECT seq FROM outbox WHERE published_at < now() - interval '30 days' LIMIT 5000)",
    "DELETE FROM inbox WHERE ctid IN (SELECT ctid FROM inbox WHERE at < now() - interval '35 days' LIMIT 5000)",
    "DELETE FROM idempotency_key WHERE ctid IN (SELECT ctid FROM idempotency_key WHERE keep_until < now() LIMIT 5000)",
    "DELETE FROM dead_letter WHERE state <> 'parked' AND first_seen < now() - interval '35 days'",
)


@dataclass
class Worker:
    """The background tasks of one service in one process."""

    service: str
    database: Database
    bus: Bus
    relay: Relay
    consumer: Consumer
    inbox: Inbox
    handlers: Handlers
    errand: Errand
    sealer: Sealer

    def start(self) -> Sequence[asyncio.Task[None]]:
        """Start every task."""
        loops: list[Coroutine[Any, Any, None]] = [
            self._with_topics(self.relay.run),
            forever("retry", RETRY_EVERY, self._retry),
            forever("housekeeping", HOUSEKEEPING_EVERY, self._keep_house),
            forever("audit-seal", SEAL_EVERY, self.sealer.run),
            forever("break-glass", CLOSE_EVERY, self._close_emergencies),
            forever("audit-anchor", ANCHOR_LOOKED_AT_EVERY, self.sealer.anchor),
        ]
        if self.handlers.subscribers:
            loops.append(self._with_topics(self.consumer.run))
        loops += [forever(tick.name, tick.seconds, partial(self._tick, tick)) for tick in self.handlers.ticks]
        loops += [forever(each.name, each.seconds, partial(self._run, each)) for each in self.handlers.errands]
        return [asyncio.ensure_future(loop) for loop in loops]

    async def _with_topics(self, run: Callable[[], Awaitable[None]]) -> None:
        """Make sure of the topics before the first use, however long the bus stays away."""
        wanted = sorted({topic_of(self.service), *self.handlers.topics()})
        while True:
            try:
                await self.bus.create_topics(wanted)
                break
            except Exception as error:
                log.warning("bus-away", error_class=type(error).__name__)
                await asyncio.sleep(1)
        await run()

    async def _retry(self) -> None:
        if self.handlers.subscribers:
            await self.inbox.retry_due()

    async def _tick(self, tick: Tick) -> None:
        more = True
        while more:
            async with self.database.transaction() as transaction:
                more = await tick.call(transaction)

    async def _close_emergencies(self) -> None:
        more = True
        while more:
            async with self.database.transaction() as transaction:
                more = await Emergencies(transaction).close_due(self.service)

    async def _run(self, errand: ErrandRun) -> None:
        while await errand.act(self.errand):
            pass

    async def _keep_house(self) -> None:
        for statement in _FORGET:
            forgotten = "DELETE 5000"
            while forgotten == "DELETE 5000":
                async with self.database.raw() as connection:
                    forgotten = await connection.execute(statement)


async def forever(name: str, seconds: float, act: Callable[[], Awaitable[object]]) -> None:
    """Act at this pace until cancelled; an error is logged and the next round comes all the same."""
    while True:
        try:
            await act()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.warning("tick-failed", tick=name, error_class=type(error).__name__)
        await asyncio.sleep(seconds)


async def stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel the tasks and wait for them, but not for ever."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=STOP_WITHIN)
