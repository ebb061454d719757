"""The links between subjects and those who may see their records: who, why, since when, until when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from shared.acting import SERVICE
from shared.auth import Caller
from shared.errors import NotFound
from shared.permissions.reasons import RelationReason
from shared.relationships.asked import excluded, linked
from shared.store import Collection
from shared.tables import exclusion, relationship

NO_RELATIONSHIP = "no-relationship"
EXCLUDED = "excluded"

SUBJECT_COLUMNS = ((relationship, "subject_id"), (exclusion, "subject_id"))
"""What each service adds to the columns that its relinks move: links and exclusions follow their subject."""

_KEY = ("source", "reason", "organisation", "worker")


@dataclass(frozen=True)
class Holder:
    """Who is related: an organisation's team, or with `worker` (the subject of a token) one of its people."""

    organisation: str
    worker: str = ""


@dataclass(frozen=True)
class Relation:
    """One link. `source` is the record that it comes from: said anew of the same source, it replaces what was said.

    Without `until` it lasts until its end is told. `vital` goes before an exclusion.
    """

    subject_id: UUID
    holder: Holder
    reason: RelationReason
    source: UUID
    since: datetime
    until: datetime | None = None
    vital: bool = False


class Relationships(Collection):
    """The links of a service, and the only hand that writes them.

    Of one source, reason and holder counts what was told of the latest moment, an end before a beginning: so facts
    may come twice, late and in any order. A link is the service's own bookkeeping, whoever caused it.
    """

    async def begin(self, *relations: Relation, at: datetime, is_latest: bool = False) -> None:
        """These links hold, or hold otherwise than before; `at` is the moment of the fact that says so.

        `is_latest` where that is known, as by a step of the record that is the source: then no moment is compared.
        """
        rows = [_row(each, at) for each in relations]
        if not rows:
            return
        new = insert(relationship)
        said = {name: new.excluded[name] for name in ("subject_id", "since", "until", "vital", "ended", "told_at")}
        later = tuple_(*_told(new.excluded)) >= tuple_(*_told(relationship.c))
        # In one order, so that two who tell of several never wait for each other.
        ordered = sorted(rows, key=lambda row: [str(row[name]) for name in _KEY])
        upsert = new.on_conflict_do_update(index_elements=list(_KEY), set_=said, where=None if is_latest else later)
        await self._write(upsert, {each.holder.organisation for each in relations}, ordered)

    async def end(
        self,
        source: UUID | Sequence[UUID],
        at: datetime,
        reason: RelationReason | None = None,
        *,
        held_by: str | None = None,
    ) -> None:
        """The links of a source ended at that moment: all of them, those of a reason, those of an organisation."""
        sources = [source] if isinstance(source, UUID) else list(source)
        ends = update(relationship).where(relationship.c.source.in_(sources), relationship.c.told_at <= at)
        ends = ends.where(or_(relationship.c.until.is_(None), relationship.c.until > at))
        if reason:
            ends = ends.where(relationship.c.reason == reason)
        if held_by:
            ends = ends.where(relationship.c.organisation == held_by)
        await self._write(ends.values(until=at, ended=True, told_at=at))

    async def end_of(self, holder: Holder, reason: RelationReason, source: UUID, at: datetime) -> None:
        """One link ended, whether or not its beginning has come yet: one that comes late does nothing."""
        gone = {"until": at, "ended": True, "told_at": at}
        key = {"source": source, "reason": reason, "organisation": holder.organisation, "worker": holder.worker}
        mark = insert(relationship).values(**key, since=at, **gone)
        before = relationship.c.told_at <= at
        mark = mark.on_conflict_do_update(index_elements=list(_KEY), set_=gone, where=before)
        await self._write(mark, {holder.organisation})

    async def about(self, source: UUID, subject_id: UUID) -> None:
        """It is known, or corrected, whom the links of a source are about; those too that it has stood in for."""
        its = or_(relationship.c.source == source, relationship.c.subject_id == source)
        moved = update(relationship).where(its, relationship.c.subject_id.is_distinct_from(subject_id))
        await self._write(moved.values(subject_id=subject_id))

    async def demand(self, subject_id: UUID | None, caller: Caller | None) -> None:
        """Raise NotFound unless this caller is related to the subject today; the audit keeps why.

        For one record that is read whole anyway; a list asks `related` in its query. A record of nobody is open.
        """
        if caller is None or subject_id is None:
            return
        now, subject = self.transaction.clock.now(), literal(subject_id)
        asked = select(linked(subject, caller, now), excluded(subject, caller, now))
        is_linked, is_excluded = (await self._run(asked)).one()
        self.refuse(is_linked, is_excluded, subject_id)

    def refuse(self, is_linked: bool, is_excluded: bool, subject_id: UUID | None) -> None:
        """Raise NotFound for one who is not linked, or is excluded; both as `linked` and `excluded` have found."""
        if is_linked and not is_excluded:
            return
        if entry := self.transaction.entry:
            entry.reason = EXCLUDED if is_excluded else NO_RELATIONSHIP
            entry.entities |= {subject_id} if subject_id else set()
        raise NotFound

    async def of(self, subject_id: UUID) -> list[Row[Any]]:
        """All links of a subject, past ones too, the latest first: for their own export."""
        query = select(relationship).where(relationship.c.subject_id == subject_id)
        return list((await self._run(query.order_by(relationship.c.since.desc()))).all())

    async def from_source(self, source: UUID) -> list[Row[Any]]:
        """All links that come from a record, past ones too; by the service, for what it has to write next."""
        async with self.transaction.in_name_of(SERVICE):
            return list((await self._run(select(relationship).where(relationship.c.source == source))).all())

    async def _write(self, statement: Any, holders: Iterable[str] = (), rows: Sequence[Any] = ()) -> None:
        """Write as the service, past the fence, unless the links are the acting organisation's own anyway."""
        acting = SERVICE if set(holders) != {self.transaction.acting.organisation} else self.transaction.acting
        async with self.transaction.in_name_of(acting):
            await self._run(statement, rows)

    async def _run(self, statement: Any, rows: Sequence[Any] = ()) -> Any:
        return await (await self.session.connection()).execute(statement, rows or None)


def _row(relation: Relation, at: datetime) -> dict[str, Any]:
    return {
        "source": relation.source,
        "reason": relation.reason,
        "organisation": relation.holder.organisation,
        "worker": relation.holder.worker,
        "subject_id": relation.subject_id,
        "since": relation.since,
        "until": relation.until,
        "vital": relation.vital,
        "ended": False,
        "told_at": at,
    }


def _told(columns: Any) -> tuple[Any, ...]:
    """What decides which of two facts counts: the later one, and of one moment an end."""
    return columns.told_at, columns.ended
