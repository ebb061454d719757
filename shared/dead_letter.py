"""Dead letters: what cannot be processed now is kept, with its key behind it, visible and replayable."""

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.events import Envelope, Message, service_of
from shared.store import Database

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0


class Reason(StrEnum):
    """Why a message is parked."""

    UNREADABLE = "unreadable"
    GAP = "gap"
    BEHIND = "behind"
    RETRY = "retry"
    POISON = "poison"


@dataclass(frozen=True)
class DeadLetter:
    """One parked message."""

    id: int
    consumer: str
    source: str
    aggregate_id: UUID
    version: int
    attempts: int
    message: Message


_INSERT = """
    INSERT INTO dead_letter (consumer, topic, partition, kafka_offset, source, aggregate_id, aggregate_version,
                             event_id, type, headers, payload, reason, error_class, fingerprint, next_attempt_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13, $14,
            CASE WHEN $12 = 'retry' THEN now() + make_interval(secs => $15) END)
    ON CONFLICT DO NOTHING
"""
_PARK_KEY = """
    INSERT INTO position (consumer, source, aggregate_id, last_version, parked) VALUES ($1, $2, $3, 0, true)
    ON CONFLICT (consumer, source, aggregate_id) DO UPDATE SET parked = true
"""
_NEXT = """
    SELECT d.*, p.last_version FROM dead_letter d
    JOIN position p USING (consumer, source, aggregate_id)
    WHERE d.consumer = $1 AND d.source = $2 AND d.aggregate_id = $3::uuid AND d.state = 'parked'
    ORDER BY d.aggregate_version, d.id LIMIT 1
"""
_UNPARK = """
    UPDATE position SET parked = false WHERE consumer = $1 AND source = $2 AND aggregate_id = $3
    AND NOT EXISTS (SELECT FROM dead_letter d WHERE d.consumer = $1 AND d.source = $2 AND d.aggregate_id = $3
                    AND d.state = 'parked')
"""
_SETTLE = "UPDATE dead_letter SET state = $2, next_attempt_at = NULL WHERE id = $1"
_POSTPONE = """
    UPDATE dead_letter SET reason = $2, error_class = $3, fingerprint = $4, attempts = attempts + 1,
        next_attempt_at = CASE WHEN $2 = 'retry' THEN now() + make_interval(secs => $5) END
    WHERE id = $1
"""
_DUE = """
    SELECT DISTINCT source, aggregate_id FROM dead_letter
    WHERE consumer = $1 AND state = 'parked' AND next_attempt_at <= now() LIMIT 100
"""
_RELEASE = """
    UPDATE dead_letter SET next_attempt_at = now(), reason = 'retry', decision = $3
    WHERE consumer = $1 AND state = 'parked' AND reason IN ('poison', 'retry')
    AND ($2::text = 'all' OR id::text = $2 OR fingerprint = $2 OR aggregate_id::text = $2)
"""
_DISCARD = "UPDATE dead_letter SET state = 'discarded', decision = $3 WHERE consumer = $1 AND id = $2 RETURNING *"
_SKIP = """
    UPDATE position SET last_version = greatest(last_version, $4)
    WHERE consumer = $1 AND source = $2 AND aggregate_id = $3 AND last_version = $4 - 1
"""
_LIST = """
    SELECT id, topic, partition, kafka_offset, source, aggregate_id, aggregate_version, event_id, type, reason,
           error_class, fingerprint, attempts, next_attempt_at, first_seen, state, decision
    FROM dead_letter WHERE consumer = $1 AND state = 'parked' ORDER BY id LIMIT 200
"""


def fingerprint(event_type: str, error_class: str) -> str:
    """Groups letters that fail alike: the type and the class of the error, never its text."""
    return hashlib.sha256(f"{event_type}|{error_class}".encode()).hexdigest()[:12]


def wait(attempts: int) -> float:
    """Seconds until the next try: one second doubling to five minutes, with jitter."""
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts, 10)) * random.uniform(0.8, 1.2))  # nosec B311  # jitter


@dataclass(frozen=True)
class Failure:
    """Why a message is parked, and the error behind it if there was one."""

    reason: Reason
    error: Exception | None = None

    @property
    def error_class(self) -> str:
        """The class of the error: never its text, which may quote data."""
        return type(self.error).__name__ if self.error else ""


async def park(
    database: Database, consumer: str, message: Message, envelope: Envelope | None, failure: Failure
) -> None:
    """Keep a message and hold its key, in one transaction. Keeping the same message twice is once."""
    kind, reason = failure.error_class, failure.reason
    event_type = envelope.type if envelope else ""
    source = envelope.source if envelope else service_of(message.topic.removeprefix("relais."))
    headers = [[name, value.decode("latin-1")] for name, value in message.headers]
    async with database.raw() as connection, connection.transaction():
        if envelope:
            await connection.execute(_PARK_KEY, consumer, source, envelope.aggregate_id)
        await connection.execute(
            _INSERT,
            consumer,
            message.topic,
            message.partition,
            message.offset,
            source,
            envelope.aggregate_id if envelope else None,
            envelope.version if envelope else None,
            envelope.id if envelope else None,
            event_type or None,
            json.dumps(headers),
            message.value,
            str(reason),
            kind,
            fingerprint(event_type, kind),
            wait(0),
        )


async def next_of(database: Database, consumer: str, source: str, aggregate_id: str) -> DeadLetter | None:
    """The first parked letter of a key if it may be tried now; frees the key where nothing is parked any more."""
    async with database.raw() as connection, connection.transaction():
        key = (consumer, source, UUID(aggregate_id))
        while row := await connection.fetchrow(_NEXT, *key):
            if row["aggregate_version"] > row["last_version"]:
                break
            await connection.execute(_SETTLE, row["id"], "duplicate")
        await connection.execute(_UNPARK, *key)
        if row is None or not ready(row, await connection.fetchval("SELECT now()")):
            return None
    return letter_of(row)


def ready(row: Any, now: Any) -> bool:
    """Whether the first letter of a key is the key's next event and is not waiting for time or for an operator."""
    if row["aggregate_version"] != row["last_version"] + 1 or row["reason"] == Reason.POISON:
        return False
    return row["next_attempt_at"] is None or row["next_attempt_at"] <= now


def letter_of(row: Any) -> DeadLetter:
    """A row as a letter with its message as it came."""
    headers = [(name, value.encode("latin-1")) for name, value in row["headers"]]
    key = str(row["aggregate_id"]).encode()
    message = Message(row["topic"], key, headers, row["payload"], row["partition"], row["kafka_offset"])
    return DeadLetter(
        row["id"],
        row["consumer"],
        row["source"],
        row["aggregate_id"],
        row["aggregate_version"],
        row["attempts"],
        message,
    )


async def settle(database: Database, letter: DeadLetter, state: str) -> None:
    """Close a letter and free its key when it was the last."""
    async with database.raw() as connection, connection.transaction():
        await connection.execute(_SETTLE, letter.id, state)
        await connection.execute(_UNPARK, letter.consumer, letter.source, letter.aggregate_id)


async def postpone(database: Database, letter: DeadLetter, reason: Reason, error: Exception) -> None:
    """Note another failed attempt."""
    kind = type(error).__name__
    event_type = Envelope.read(letter.message).type
    async with database.raw() as connection:
        await connection.execute(
            _POSTPONE, letter.id, str(reason), kind, fingerprint(event_type, kind), wait(letter.attempts + 1)
        )


async def due_keys(database: Database, consumer: str) -> Sequence[tuple[str, str]]:
    """Keys with a letter whose next attempt is due."""
    async with database.raw() as connection:
        rows = await connection.fetch(_DUE, consumer)
    return [(row["source"], str(row["aggregate_id"])) for row in rows if row["aggregate_id"]]


async def release(database: Database, consumer: str, which: str, decision: str) -> int:
    """Let poisoned letters be tried again: `which` is an id, a fingerprint, an aggregate's id or `all`."""
    async with database.raw() as connection:
        return int((await connection.execute(_RELEASE, consumer, which, decision)).split()[-1])


async def discard(database: Database, consumer: str, letter_id: int, decision: str) -> bool:
    """Give one letter up, with a reason; what waits behind it goes on. Says whether there was one."""
    async with database.raw() as connection, connection.transaction():
        row = await connection.fetchrow(_DISCARD, consumer, letter_id, decision)
        if row is None:
            return False
        key = (consumer, row["source"], row["aggregate_id"])
        if row["aggregate_id"]:
            await connection.execute(_SKIP, *key, row["aggregate_version"])
            await connection.execute(_UNPARK, *key)
            await connection.execute(
                "UPDATE dead_letter SET next_attempt_at = now() WHERE consumer = $1 AND source = $2 "
                "AND aggregate_id = $3 AND state = 'parked' AND reason = 'behind'",
                *key,
            )
    return True


async def parked(database: Database, consumer: str) -> list[dict[str, Any]]:
    """The parked letters without their payload, oldest first, at most 200."""
    async with database.raw() as connection:
        return [dict(row) for row in await connection.fetch(_LIST, consumer)]
