"""Verifying an audit: the chain from its first link to its last, every record in it, and what the world was told."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from shared.audit.chain import COLUMNS, FIRST, Sealed, is_genuine, link_after
from shared.audit.keys import Keys

if TYPE_CHECKING:
    import asyncpg

BATCH = 5000
RECORD = slice(6, None)
"""Where the record begins in a row of the walk, behind its link."""
LONG = 3600.0
"""Seconds that one statement may take."""

_WALK = f"""
    SELECT s.sequence, s.record, s.at AS sealed_at, s.mac AS sealed_mac, s.key_id AS sealed_key_id, s.link, {COLUMNS}
    FROM (SELECT * FROM audit_seal WHERE sequence > $1 ORDER BY sequence LIMIT $2) s
    LEFT JOIN audit_record r ON r.id = s.record ORDER BY s.sequence
"""  # nosec B608  # names of ours alone, every value is bound
_UNSEALED = f"""
    SELECT {COLUMNS}, (SELECT coalesce(max(sequence), 0) + 1 FROM audit_seal WHERE record < r.id) AS place
    FROM audit_record r WHERE NOT EXISTS (SELECT FROM audit_seal WHERE record = r.id) ORDER BY r.id
"""  # nosec B608  # names of ours alone, every value is bound
_LINKS = "SELECT sequence, record, at, mac, key_id, link FROM audit_seal WHERE sequence >= $1 ORDER BY sequence"
_ANCHORS = """
    SELECT sequence, encode(link, 'hex') AS link FROM audit_anchor
    UNION SELECT (payload->>'sequence')::bigint, payload->>'link' FROM outbox WHERE type = $1
"""


class Wrong(StrEnum):
    """What was done to the audit."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    NOT_AS_ANCHORED = "not-as-anchored"


@dataclass(frozen=True, order=True)
class Finding:
    """The first place of the chain that is not as it was written."""

    sequence: int
    wrong: Wrong


@dataclass
class Verdict:
    """What a verification found: how many links, how many records wait for theirs, and what is wrong, if anything."""

    links: int = 0
    waiting: int = 0
    finding: Finding | None = None


@dataclass
class Verification:
    """One walk over one service's audit, in one snapshot. Records from before `kept_since` may be gone by rule."""

    keys: Keys
    kept_since: datetime
    told: Sequence[tuple[int, str]] = ()
    """Anchors from outside, as (sequence, link in hexadecimal): from the log or the bus."""
    _links: dict[int, str] = field(default_factory=dict)

    async def run(self, connection: "asyncpg.Connection[Any]") -> Verdict:
        """Verify everything; the finding is the first in the order of the chain."""
        verdict = Verdict()
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("SET LOCAL statement_timeout = 0")
            stored = await connection.fetch(_ANCHORS, f"{self.keys.service}.audit-anchored.v1", timeout=LONG)
            anchors = {(row["sequence"], row["link"]) for row in stored} | set(self.told)
            found = [await self._walk(connection, verdict, {sequence for sequence, _ in anchors})]
            found += [each async for each in self._unsealed(connection, verdict)]
            found += [self._anchor(sequence, link, verdict) for sequence, link in anchors]
        verdict.finding = min((each for each in found if each), default=None)
        return verdict

    async def _walk(
        self, connection: "asyncpg.Connection[Any]", verdict: Verdict, anchors: Collection[int]
    ) -> Finding | None:
        before = FIRST
        while rows := await connection.fetch(_WALK, verdict.links, BATCH, timeout=LONG):
            for row in rows:
                place = verdict.links + 1
                if row["sequence"] != place:
                    return Finding(place, Wrong.DELETED)
                if not compare_digest(link_after(self.keys, before, Sealed(*row[1:5])), row["link"]):
                    return Finding(place, await self._misplaced(connection, row, before))
                if wrong := self._judge(row):
                    return Finding(place, wrong)
                before, verdict.links = row["link"], place
                if place in anchors:
                    self._links[place] = before.hex()
        return None

    def _judge(self, row: Any) -> Wrong | None:
        """What was done to the record of a link that is in its place."""
        if row["id"] is None:
            return Wrong.DELETED if row["sealed_at"] >= self.kept_since else None
        return None if row["mac"] == row["sealed_mac"] and is_genuine(self.keys, row[RECORD]) else Wrong.EDITED

    async def _misplaced(self, connection: "asyncpg.Connection[Any]", row: Any, before: bytes) -> Wrong:
        """Why a link does not follow the one before it: by whether the one that does is still there."""
        forged = row["id"] is not None and not is_genuine(self.keys, row[RECORD])
        async for each in connection.cursor(_LINKS, row["sequence"], prefetch=BATCH, timeout=LONG):
            if compare_digest(link_after(self.keys, before, Sealed(*each[1:5])), each["link"]):
                return Wrong.INSERTED if forged else Wrong.REORDERED
        return Wrong.EDITED if forged or row["mac"] != row["sealed_mac"] else Wrong.DELETED

    async def _unsealed(self, connection: "asyncpg.Connection[Any]", verdict: Verdict) -> AsyncIterator[Finding]:
        """Records without a link: they wait for it, or were never written by us."""
        async for record in connection.cursor(_UNSEALED, prefetch=BATCH, timeout=LONG):
            if is_genuine(self.keys, record[:-1]):
                verdict.waiting += 1
            else:
                yield Finding(record["place"], Wrong.INSERTED)

    def _anchor(self, sequence: int, link: str, verdict: Verdict) -> Finding | None:
        if sequence > verdict.links:
            return Finding(verdict.links + 1, Wrong.TRUNCATED)
        return None if self._links.get(sequence) == link else Finding(sequence, Wrong.NOT_AS_ANCHORED)
