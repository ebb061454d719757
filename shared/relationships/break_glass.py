"""Emergency access: one worker, one subject, an hour at most; told of at once, and open until somebody else judges it.

It opens a record only to requests that name it, in the header Break-Glass: each of them stands in the audit as such.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import registry
from sqlmodel import select

from shared.acting import SERVICE
from shared.auth import Caller
from shared.errors import DomainError, NotFound
from shared.permissions.reasons import BreakGlassReason, RelationReason
from shared.relationships.facts import closed, opened, reviewed
from shared.relationships.links import Holder, Relation, Relationships
from shared.store import Collection
from shared.tables import break_glass, kernel

BATCH = 200


class Verdict(StrEnum):
    """What a review says. An inquiry leaves it open."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"
    INQUIRY = "inquiry"


class OwnBreakGlass(DomainError):
    """Whoever broke the glass does not judge it."""


class AlreadyReviewed(DomainError):
    """The review is closed."""


@dataclass
class BreakGlass:
    """One emergency access. `text` and `note` are read by those who review it, and by nobody else."""

    id: UUID
    subject_id: UUID
    organisation: str
    worker: str
    reason: str
    text: str
    opened_at: datetime
    until: datetime
    closed_at: datetime | None = None
    verdict: str | None = None
    reviewed_at: datetime | None = None
    reviewer: str | None = None
    note: str | None = None
    version: int = 0

    @property
    def holder(self) -> Holder:
        """Whom it serves."""
        return Holder(self.organisation, self.worker)

    def judge(self, verdict: Verdict, reviewer: str, note: str, now: datetime) -> None:
        """Take down what somebody else thinks of it; raises OwnBreakGlass, AlreadyReviewed."""
        if reviewer == self.worker:
            raise OwnBreakGlass
        if self.reviewed_at:
            raise AlreadyReviewed
        self.verdict, self.reviewer, self.note = verdict, reviewer, note
        self.reviewed_at = None if verdict is Verdict.INQUIRY else now


registry(metadata=kernel).map_imperatively(
    BreakGlass, break_glass, version_id_col=break_glass.c.version, version_id_generator=False
)


class Emergencies(Collection):
    """The emergency accesses of a service."""

    async def open(self, service: str, grant: BreakGlass) -> None:
        """Break the glass: the link, the fact that tells coordinator and officer, and the review to come."""
        reason = BreakGlassReason(grant.reason)
        told = {"subject_id": grant.subject_id, "organisation": grant.organisation, "worker": grant.worker}
        await self.record(grant, opened(service)(break_glass_id=grant.id, reason=reason, until=grant.until, **told))
        link = Relation(
            grant.subject_id,
            grant.holder,
            RelationReason.BREAK_GLASS,
            grant.id,
            grant.opened_at,
            grant.until,
            reason.is_vital,
        )
        await Relationships(self.transaction).begin(link, at=grant.opened_at)

    async def close(self, service: str, grant: BreakGlass, at: datetime) -> None:
        """End an access, by hand or because its time is over; a second end does nothing."""
        if grant.closed_at:
            return
        grant.closed_at = min(at, grant.until)
        await self.record(grant, closed(service)(break_glass_id=grant.id, at=grant.closed_at))
        links = Relationships(self.transaction)
        await links.end_of(grant.holder, RelationReason.BREAK_GLASS, grant.id, grant.closed_at)

    async def close_due(self, service: str) -> bool:
        """End those whose time is over; whether more may be waiting. The link itself ends by the clock in any case."""
        now = self.transaction.clock.now()
        query = select(BreakGlass).where(break_glass.c.closed_at.is_(None), break_glass.c.until <= now)
        query = query.order_by(break_glass.c.id).limit(BATCH).with_for_update(skip_locked=True)
        rows = list((await self.session.exec(query)).all())
        for grant in rows:
            await self.close(service, grant, now)
        return len(rows) == BATCH

    async def review(self, service: str, grant: BreakGlass, caller: Caller, verdict: Verdict, note: str) -> None:
        """Judge an access; one that still runs may be judged too."""
        grant.judge(verdict, caller.subject, note, self.transaction.clock.now())
        is_closed = grant.reviewed_at is not None
        await self.record(grant, reviewed(service)(break_glass_id=grant.id, verdict=verdict, is_closed=is_closed))

    async def get(self, grant_id: UUID, worker: str | None = None) -> BreakGlass:
        """One access, held to the end of the transaction, of a worker where one is named; NotFound."""
        query = select(BreakGlass).where(break_glass.c.id == grant_id).with_for_update()
        grant: BreakGlass | None = (await self.session.exec(query)).first()
        if grant is None or (worker is not None and grant.worker != worker):
            raise NotFound
        return grant

    async def page(self, limit: int, after: Sequence[Any] | None, *, reviewed: bool) -> list[BreakGlass]:
        """At most `limit` + 1 of the acting organisation, judged or not yet, the oldest first."""
        is_over = break_glass.c.reviewed_at.is_not(None)
        query = select(BreakGlass).where(is_over if reviewed else ~is_over).order_by(break_glass.c.id)
        if after:
            query = query.where(break_glass.c.id > UUID(after[0]))
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def standing(self, caller: Caller) -> BreakGlass | None:
        """The access that a request names, if it is the caller's own and its time is not over."""
        now = self.transaction.clock.now()
        query = select(BreakGlass).where(
            break_glass.c.id == caller.break_glass,
            break_glass.c.worker == caller.subject,
            break_glass.c.organisation == caller.organisation,
            break_glass.c.closed_at.is_(None),
            break_glass.c.until > now,
        )
        async with self.transaction.in_name_of(SERVICE):
            return (await self.session.exec(query)).first()


def until(now: datetime, minutes: int) -> datetime:
    """When an access that begins now ends."""
    return now + timedelta(minutes=minutes)
