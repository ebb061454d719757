"""The kernel with one guarantee taken out: each of these must turn the suite red."""

import asyncio
from collections.abc import Sequence
from typing import Any

from shared.bus.port import Publisher, Subscription
from shared.consumer import Consumer
from shared.events import Envelope, Message
from shared.inbox import Inbox
from shared.outbox import envelope_of
from shared.relay import BATCH, Relay
from shared.store import Transaction


class WithoutInbox(Inbox):
    """Takes every delivery as new."""

    async def claim(self, transaction: Transaction, envelope: Envelope, parked: bool) -> bool:
        """Yes, always."""
        return True


class LastIdRelay(Relay):
    """Remembers the last number it saw instead of asking what is unpublished."""

    last = 0

    async def move(self, connection: Any, publisher: Publisher) -> int:
        """Publish what lies behind the last number."""
        rows = await connection.fetch(
            "SELECT seq, id, aggregate_id, aggregate_version, type, occurred_at, trace, payload::text FROM outbox "
            "WHERE seq > $1 ORDER BY seq LIMIT $2",
            self.last,
            BATCH,
        )
        if rows:
            await publisher.send([envelope_of(row).message() for row in rows])
            await connection.execute("UPDATE outbox SET published_at = now() WHERE seq <= $1", rows[-1]["seq"])
            self.last = rows[-1]["seq"]
        return len(rows)


class EarlyOffsets(Consumer):
    """Commits its place before it has dealt with what it polled."""

    async def _consume(self, subscription: Subscription) -> None:
        while True:
            messages: Sequence[Message] = await subscription.poll()
            await subscription.commit()
            await self._deliver(messages)
            await asyncio.sleep(0)
