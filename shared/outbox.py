"""The outbox: facts are written beside the change that made them true, and read back as envelopes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from shared import trace
from shared.events import Envelope, Event
from shared.ids import new_id

SHARDS = 8


def shard_of(aggregate_id: UUID) -> int:
    """The shard of an aggregate: all its events pass through one relay at a time."""
    return aggregate_id.int % SHARDS


def outbox_rows(aggregate_id: UUID, first: int, events: Sequence[Event], at: datetime) -> list[dict[str, Any]]:
    """The outbox rows of an aggregate's new events, numbered from `first`."""
    return [
        {
            "id": new_id(),
            "aggregate_id": aggregate_id,
            "aggregate_version": number,
            "type": event.type,
            "occurred_at": at,
            "trace": trace.current(),
            "payload": event.model_dump(mode="json"),
            "shard": shard_of(aggregate_id),
        }
        for number, event in enumerate(events, start=first)
    ]


def envelope_of(row: Any) -> Envelope:
    """The envelope of an outbox row, its payload as JSON text."""
    return Envelope(
        id=row["id"],
        type=row["type"],
        aggregate_id=row["aggregate_id"],
        version=row["aggregate_version"],
        time=row["occurred_at"],
        data=row["payload"].encode(),
        traceparent=row["trace"],
    )
