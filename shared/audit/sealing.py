"""The sealer: chains the records that are there for good, behind the writers' backs, and tells the world how far."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from pydantic import Field, create_model
from sqlalchemy import insert

from shared.audit.chain import COLUMNS, FIRST, Sealed, is_genuine, link_after
from shared.audit.keys import Keys
from shared.audit.record import WRITTEN
from shared.events import Event
from shared.outbox import outbox_rows
from shared.store import Database
from shared.tables import outbox

if TYPE_CHECKING:
    import asyncpg

BATCH = 2000
LOCK_SPACE = 7202
ANCHORED_EVERY = timedelta(hours=1)
NOBODY = UUID(int=0)

log = structlog.get_logger()

_LOCK = "SELECT pg_try_advisory_xact_lock($1::int, 0)"
_HEAD = """
    SELECT sequence, record, link, at,
        CASE WHEN xid < pg_snapshot_xmax(pg_current_snapshot()) THEN xid::text ELSE '0' END AS xid
    FROM audit_seal ORDER BY sequence DESC LIMIT 1
"""
# In a cluster that was restored from a dump the numbers of transactions begin anew: then the cursor does too.
_NEXT = f"""
    SELECT {COLUMNS}, r.xid::text AS xid FROM audit_record r
    WHERE (r.xid, r.id) > ($1::text::xid8, $2) AND r.xid < pg_snapshot_xmin(pg_current_snapshot())
    AND NOT EXISTS (SELECT FROM audit_seal WHERE record = r.id)
    ORDER BY r.xid, r.id LIMIT $3
"""  # nosec B608  # names of ours alone, every value is bound
_SEAL = """
    INSERT INTO audit_seal (sequence, record, at, xid, mac, key_id, link)
    VALUES ($1, $2, $3, $4::text::xid8, $5, $6, $7)
"""
_ANCHOR = "INSERT INTO audit_anchor (number, sequence, link, at) VALUES ($1, $2, $3, $4)"
_LAST_ANCHOR = "SELECT number, sequence, at FROM audit_anchor ORDER BY number DESC LIMIT 1"
_BEGAN = "SELECT at FROM audit_seal ORDER BY sequence LIMIT 1"


class AuditAnchored(Event):
    """How far the chain over a service's audit was, so that no end of it can be cut off unseen."""

    type: ClassVar[str] = ""
    number: int = Field(description="Anchors count up from 1")
    sequence: int = Field(description="The last link of the chain at that time")
    link: str = Field(description="That link, in hexadecimal")
    key_id: str = Field(description="The key that the link was made with")


@cache
def anchored(service: str) -> type[AuditAnchored]:
    """The fact as one service tells it."""
    kind = create_model("AuditAnchored", __base__=AuditAnchored, __doc__=AuditAnchored.__doc__)
    kind.type = f"{service}.audit-anchored.v1"
    return kind


@dataclass
class Sealer:
    """Seals one service's audit. Of any number of replicas one at a time does; the writers wait for none of them."""

    service: str
    database: Database
    keys: Keys
    _passed: tuple[str, UUID] = ("0", NOBODY)
    """The last record that was looked at: forged ones are passed over, and stay without a seal."""

    async def run(self) -> None:
        """Seal all that can be sealed now."""
        while await self.seal() == BATCH:
            pass

    async def seal(self) -> int:
        """Seal the next records in the order of their transactions; how many were looked at.

        A record is looked at when no transaction older than its own is under way: what becomes visible later comes
        behind it in this order.
        """
        async with self.database.raw() as connection, connection.transaction():
            if not await connection.fetchval(_LOCK, LOCK_SPACE):
                return 0
            head = await connection.fetchrow(_HEAD)
            cursor = (head["xid"], head["record"]) if head else ("0", NOBODY)
            if head is None or cursor[0] != "0":
                cursor = max(cursor, self._passed, key=lambda place: (int(place[0]), place[1]))
            records = await connection.fetch(_NEXT, *cursor, BATCH)
            genuine = [record for record in records if is_genuine(self.keys, record[: len(WRITTEN)])]
            await self._chain(connection, head, genuine)
        if len(genuine) < len(records):
            log.error("audit-forged", service=self.service, count=len(records) - len(genuine))
        if records:
            self._passed = (records[-1]["xid"], records[-1]["id"])
        return len(records)

    async def _chain(self, connection: "asyncpg.Connection[Any]", head: Any, records: list[Any]) -> None:
        link = head["link"] if head else FIRST
        first = head["sequence"] + 1 if head else 1
        rows = []
        for sequence, record in enumerate(records, first):
            sealed = Sealed(record["id"], record["at"], record["mac"], self.keys.current)
            link = link_after(self.keys, link, sealed)
            rows.append((sequence, sealed.record, sealed.at, record["xid"], sealed.mac, sealed.key_id, link))
        await connection.executemany(_SEAL, rows)

    async def anchor(self) -> bool:
        """Tell of the head of the chain, in the log and on the bus, once an hour and only where it has moved."""
        now = self.database.clock.now()
        async with self.database.transaction() as transaction:
            raw = await (await transaction.session.connection()).get_raw_connection()
            connection: asyncpg.Connection[Any] | None = raw.driver_connection
            assert connection is not None
            if not await connection.fetchval(_LOCK, LOCK_SPACE + 1):
                return False
            head, last = await connection.fetchrow(_HEAD), await connection.fetchrow(_LAST_ANCHOR)
            if head is None or not await self._is_due(connection, head, last, now):
                return False
            number = last["number"] + 1 if last else 1
            await connection.execute(_ANCHOR, number, head["sequence"], head["link"], now)
            fact = self._fact(number, head)
            rows = outbox_rows(uuid5(NAMESPACE_URL, f"audit/{self.service}"), number, [fact], now)
            await transaction.session.exec(insert(outbox).values(rows))
            transaction.has_events = True
        log.info("audit-anchored", service=self.service, count=head["sequence"], anchor=head["link"].hex())
        return True

    async def _is_due(self, connection: "asyncpg.Connection[Any]", head: Any, last: Any, now: datetime) -> bool:
        if last and last["sequence"] == head["sequence"]:
            return False
        since: datetime = last["at"] if last else await connection.fetchval(_BEGAN)
        return now - since >= ANCHORED_EVERY

    def _fact(self, number: int, head: Mapping[str, Any]) -> AuditAnchored:
        kind = anchored(self.service)
        return kind(number=number, sequence=head["sequence"], link=head["link"].hex(), key_id=self.keys.current)
