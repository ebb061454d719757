"""The inbox: each event takes effect once, in the order of its key, in one transaction with its claim."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import structlog
from pydantic import ValidationError
from sqlalchemy.orm.exc import StaleDataError

from shared import dead_letter, failpoints, trace
from shared.database_errors import UNIQUE_RACE, is_away, is_busy, sqlstate_of
from shared.dead_letter import Failure, Reason
from shared.erasure.ended import UNSEEN, without
from shared.errors import StaleVersion
from shared.events import Envelope, Message, Reading, UnreadableMessage
from shared.handlers import Handlers, Subscriber
from shared.http import Http, PullFailed
from shared.relinks import Relinks, identifiers_in
from shared.store import Database, Transaction

log = structlog.get_logger()

QUICK_RETRIES = 2

_ADVANCED = """
    WITH advanced AS (
        UPDATE position SET last_version = $4
        WHERE consumer = $1 AND source = $2 AND aggregate_id = $3 AND last_version = $4 - 1 AND (NOT parked OR $5)
        RETURNING 1
    ), begun AS (
        INSERT INTO position (consumer, source, aggregate_id, last_version)
        SELECT $1, $2, $3, 1 WHERE $4 = 1 ON CONFLICT DO NOTHING RETURNING 1
    ), next AS (SELECT FROM advanced UNION ALL SELECT FROM begun)
"""
_ADVANCE = f"{_ADVANCED} SELECT EXISTS (SELECT FROM next)"  # nosec B608  # names of ours alone, every value is bound
_CLAIM = f"""{_ADVANCED}, claimed AS (
        INSERT INTO inbox (consumer, event_id) SELECT $1, $6 WHERE EXISTS (SELECT FROM next)
        ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT EXISTS (SELECT FROM claimed)
"""  # nosec B608  # names of ours alone, every value is bound
_PLACE = "SELECT last_version, parked FROM position WHERE consumer = $1 AND source = $2 AND aggregate_id = $3"


class Outcome(StrEnum):
    """What became of a delivered message."""

    HANDLED = "handled"
    PASSED = "passed"
    DUPLICATE = "duplicate"
    NOT_NEXT = "not-next"
    WAITING = "waiting"
    POISONED = "poisoned"


class Poison(Exception):
    """An event that this consumer cannot take: unreadable, of an unknown version, or refused by its handler."""


@dataclass
class Inbox:
    """One consumer's deliveries. `consumer` is the service's name."""

    consumer: str
    database: Database
    handlers: Handlers
    http: Http

    async def deliver(self, message: Message) -> Outcome:
        """Give one message its effect, or park it with its key; only a database that is away raises."""
        try:
            envelope = Envelope.read(message)
        except UnreadableMessage as error:
            await dead_letter.park(self.database, self.consumer, message, None, Failure(Reason.UNREADABLE, error))
            return Outcome.POISONED
        trace.follow(envelope.traceparent)
        try:
            outcome = await self.handle(envelope)
        except Exception as error:
            if is_away(error):
                raise
            reason = Reason.RETRY if is_passing(error) else Reason.POISON
            return await self._park(message, envelope, Failure(reason, error))
        return await self._out_of_order(message, envelope) if outcome is Outcome.NOT_NEXT else outcome

    async def _out_of_order(self, message: Message, envelope: Envelope) -> Outcome:
        async with self.database.raw() as connection:
            place = await connection.fetchrow(_PLACE, self.consumer, envelope.source, envelope.aggregate_id)
        if place and envelope.version <= place["last_version"]:
            return Outcome.DUPLICATE
        return await self._park(message, envelope, Failure(Reason.BEHIND if place and place["parked"] else Reason.GAP))

    async def _park(self, message: Message, envelope: Envelope, failure: Failure) -> Outcome:
        log.warning("event-parked", type=envelope.type, reason=failure.reason, error_class=failure.error_class)
        await dead_letter.park(self.database, self.consumer, message, envelope, failure)
        await self.drain(envelope.source, str(envelope.aggregate_id))
        return Outcome.POISONED if failure.reason is Reason.POISON else Outcome.WAITING

    async def handle(self, envelope: Envelope, *, parked: bool = False) -> Outcome:
        """Claim and handle one event that is next in its key's order; `parked` when it comes from the dead letters."""
        subscriber = self.handlers.subscribers.get(envelope.type)
        if subscriber is None:
            if self.handlers.follows_other_version(envelope.type):
                raise Poison("no Reading of this version")
            return await self._pass(envelope, parked)
        if not subscriber.of_ended:
            left = await self._without_erased(envelope)
            if left is None:
                return await self._pass(envelope, parked)
            envelope = left
        events = [read(each, envelope) for each in (subscriber, *subscriber.also)]
        for attempt in range(QUICK_RETRIES):
            try:
                return await self._once(subscriber, events, envelope, parked)
            except Exception as error:
                if not is_passing(error):
                    raise
                await asyncio.sleep(0.05 * (attempt + 1))
        return await self._once(subscriber, events, envelope, parked)

    async def _without_erased(self, envelope: Envelope) -> Envelope | None:
        """The event without those who are erased here; None where it is about one of them."""
        named = identifiers_in(envelope.data) | {envelope.aggregate_id}
        async with self.database.raw() as connection:
            erased = {row["id"] for row in await connection.fetch(UNSEEN, list(named))}
        if not erased:
            return envelope
        data = without(envelope.data, envelope.aggregate_id, erased)
        return None if data is None else replace(envelope, data=data)

    async def _once(
        self, subscriber: Subscriber, events: Sequence[Reading], envelope: Envelope, parked: bool
    ) -> Outcome:
        pulled = None
        if subscriber.pull:
            if not await self._is_next(envelope, parked):
                return Outcome.NOT_NEXT
            pulled = await subscriber.pull(events[0], self.http)
        async with self.database.transaction() as transaction:
            if not await self.claim(transaction, envelope, parked):
                return Outcome.NOT_NEXT
            for each, event in zip((subscriber, *subscriber.also), events, strict=True):
                await each.call(event, transaction, pulled, envelope)
            if self.handlers.relinked:
                await Relinks(transaction).follow(identifiers_in(envelope.data), self.handlers.relinked)
            failpoints.reach("before-effect")
        failpoints.reach("after-effect")
        return Outcome.HANDLED

    async def _is_next(self, envelope: Envelope, parked: bool) -> bool:
        async with self.database.raw() as connection:
            place = await connection.fetchrow(_PLACE, self.consumer, envelope.source, envelope.aggregate_id)
        if place is None:
            return envelope.version == 1
        return envelope.version == place["last_version"] + 1 and (parked or not place["parked"])

    async def claim(self, transaction: Transaction, envelope: Envelope, parked: bool) -> bool:
        """Take the event for this transaction: a competing delivery waits here and then gets nothing."""
        connection = await transaction.session.connection()
        place = (self.consumer, envelope.source, envelope.aggregate_id, envelope.version, parked, envelope.id)
        return bool((await connection.exec_driver_sql(_CLAIM, place)).scalar())

    async def _pass(self, envelope: Envelope, parked: bool) -> Outcome:
        async with self.database.raw() as connection:
            place = (self.consumer, envelope.source, envelope.aggregate_id, envelope.version, parked)
            advanced = await connection.fetchval(_ADVANCE, *place)
        return Outcome.PASSED if advanced else Outcome.NOT_NEXT

    async def drain(self, source: str, aggregate_id: str) -> int:
        """Deliver what is parked of one key, in order, as far as it goes; the number delivered."""
        delivered = 0
        while letter := await dead_letter.next_of(self.database, self.consumer, source, aggregate_id):
            envelope = Envelope.read(letter.message)
            try:
                await self.handle(envelope, parked=True)
            except Exception as error:
                if is_away(error):
                    raise
                reason = Reason.RETRY if is_passing(error) else Reason.POISON
                await dead_letter.postpone(self.database, letter, reason, error)
                return delivered
            await dead_letter.settle(self.database, letter, "replayed")
            delivered += 1
        return delivered

    async def retry_due(self) -> int:
        """Try again every key whose time has come; the number of events delivered."""
        keys = await dead_letter.due_keys(self.database, self.consumer)
        return sum([await self.drain(source, aggregate_id) for source, aggregate_id in keys])


def read(subscriber: Subscriber, envelope: Envelope) -> Reading:
    """The consumer's reading of an event; raises Poison where it does not fit."""
    try:
        return subscriber.reading.model_validate_json(envelope.data)
    except ValidationError:
        raise Poison("does not fit its Reading") from None


def is_passing(error: Exception) -> bool:
    """Whether another try may succeed without anybody's help."""
    is_stale = isinstance(error, (PullFailed, StaleVersion, StaleDataError))
    return is_stale or is_busy(error) or sqlstate_of(error) == UNIQUE_RACE
