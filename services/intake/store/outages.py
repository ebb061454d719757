"""The outages of the line, and the links that lapsed in them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ColumnElement, ForeignKey, Index, Integer, exists, func, insert, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Field, col, select

from services.intake.domain import Cause, Link, LinkState, Outage, OutageOverlaps, Restored
from services.intake.domain.outcome import Why
from services.intake.events import LinkReason
from services.intake.store.contacts import ContactRow
from services.intake.store.persons import PersonRow, records_of, standing_id
from services.intake.store.table import Table, visible
from services.intake.store.ties import Ties
from shared.access import Scope
from shared.auth import Caller
from shared.clock import BRUSSELS
from shared.encryption import EncryptedText
from shared.errors import NotFound
from shared.events import Event
from shared.ids import new_id
from shared.relationships.asked import related
from shared.relinks import Relinks
from shared.store import Collection, Json, text_enum

AT_ONCE = 500
"""Facts written in one statement: PostgreSQL takes 32,767 values in one."""

_version = Column("version", Integer, nullable=False)


class OutageRow(Table, Outage, table=True):
    """An outage; it also tells, in one order, of every link that lapsed in it and of its restoring."""

    __tablename__ = "outage"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (Index("ix_outage_programme_began_at_id", "programme", "began_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    began_at: datetime
    ended_at: datetime
    cause: Cause = Field(sa_type=text_enum(Cause))
    note: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_version)


class LinkRow(Table, Link, table=True):
    """One person's link."""

    __tablename__ = "lapsed_link"
    __table_args__ = (
        Index("ix_lapsed_link_programme_rank", "programme", "rank", "outage_id"),
        Index("ix_lapsed_link_lapsed", "person_id", postgresql_where="state = 'lapsed'"),
    )

    outage_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("outage.id")])
    person_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("person.id")])
    programme: str
    reasons: tuple[LinkReason, ...] = Field(default=(), sa_type=Json(tuple[LinkReason, ...]))
    state: LinkState = Field(default=LinkState.LAPSED, sa_type=text_enum(LinkState))
    restored_by: Restored | None = Field(default=None, sa_type=text_enum(Restored), nullable=True)


class Outages(Collection):
    """The outages."""

    async def get(self, outage_id: UUID, caller: Caller) -> OutageRow:
        """One outage; NotFound when there is none that this caller may see."""
        outage = await self.session.get(OutageRow, outage_id)
        if outage is None or not visible(outage, caller):
            raise NotFound
        return outage

    async def hold(self, programme: str) -> None:
        """Let nobody else record an outage of this programme until the transaction ends."""
        await self.serialise(f"outage {programme}")

    async def refuse_overlap(self, programme: str, began_at: datetime, ended_at: datetime) -> None:
        """Raise OutageOverlaps when an outage of this programme shares an instant with this time."""
        query = select(OutageRow.id).where(
            OutageRow.programme == programme, OutageRow.began_at < ended_at, OutageRow.ended_at > began_at
        )
        known = (await self.session.exec(query.limit(1))).first()
        if known:
            raise OutageOverlaps(facts={"outage_id": str(known)})

    async def keep(self, outage: OutageRow, links: Sequence[Link], facts: Sequence[Event]) -> None:
        """Write an outage with its links, and tell of both in the order of the facts."""
        for start in range(0, len(facts), AT_ONCE):
            await self.record(outage, *facts[start : start + AT_ONCE])
        rows = [{**link.model_dump(), "programme": outage.programme} for link in links]
        if rows:
            await (await self.session.connection()).execute(insert(LinkRow), rows)
            await Ties(self.transaction).lapsed(outage.id, [link.person_id for link in links], outage.programme)

    async def page(self, caller: Caller, limit: int, after: Sequence[str] | None) -> list[OutageRow]:
        """At most `limit` + 1 outages, the latest first."""
        query = select(OutageRow)
        if caller.scope != Scope.ALL:
            query = query.where(OutageRow.programme == caller.organisation)
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(OutageRow.began_at), col(OutageRow.id)) < place)
        query = query.order_by(col(OutageRow.began_at).desc(), col(OutageRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())


class Links(Collection):
    """The lapsed links."""

    async def page(
        self,
        caller: Caller,
        outage_id: UUID | None,
        state: LinkState | None,
        limit: int,
        after: Sequence[str] | None,
    ) -> list[tuple[LinkRow, UUID]]:
        """At most `limit` + 1 links with whom they are of today, the greatest risk first.

        Of two links of one person, by records that were merged since, the first; none of people who have died.
        """
        query: Any = select(LinkRow, standing_id()).join(PersonRow, col(PersonRow.id) == LinkRow.person_id)
        dead = aliased(PersonRow)
        query = query.where(
            ~preceded(), ~exists().where(col(dead.id) == standing_id(), col(dead.deceased_on).is_not(None))
        )
        if caller.scope != Scope.ALL:
            query = query.where(LinkRow.programme == caller.organisation)
        query = query.where(related(standing_id(), caller, self.transaction.clock.now()))
        if outage_id:
            query = query.where(LinkRow.outage_id == outage_id)
        if state:
            query = query.where(LinkRow.state == state)
        if after:
            place = (int(after[0]), UUID(after[1]), UUID(after[2]))
            query = query.where(tuple_(col(LinkRow.rank), col(LinkRow.outage_id), col(LinkRow.person_id)) > place)
        query = query.order_by(col(LinkRow.rank), col(LinkRow.outage_id), col(LinkRow.person_id))
        return [(link, person_id) for link, person_id in (await self.session.exec(query.limit(limit + 1))).all()]

    async def in_touch_again(self, limit: int) -> list[tuple[LinkRow, date]]:
        """Lapsed links whose person was reached since the outage began, with the day of it; locked, skipping others'.

        By whichever way and whoever began it: a try that did not reach the person restores nothing.
        """
        reached = (
            select(ContactRow.started_at)
            .where(
                ContactRow.person_id == standing_id(),
                ContactRow.started_at >= OutageRow.began_at,
                ContactRow.reason != Why.NOT_REACHED,
            )
            .order_by(col(ContactRow.started_at))
            .limit(1)
            .correlate(OutageRow, PersonRow)
            .scalar_subquery()
        )
        query = (
            select(LinkRow, reached)
            .join(OutageRow)
            .join(PersonRow, col(PersonRow.id) == LinkRow.person_id)
            .where(LinkRow.state == LinkState.LAPSED, reached.is_not(None))
            .limit(limit)
            .with_for_update(of=LinkRow, skip_locked=True)
        )
        found = (await self.session.exec(query)).all()
        return [(link, at.astimezone(BRUSSELS).date()) for link, at in found]

    async def lapsed_of(self, person_id: UUID) -> list[LinkRow]:
        """The lapsed links of whom this id stands for, held until the transaction ends."""
        mine = records_of(await Relinks(self.transaction).current(person_id))
        query = select(LinkRow).where(col(LinkRow.person_id).in_(mine), LinkRow.state == LinkState.LAPSED)
        return list((await self.session.exec(query.with_for_update())).all())

    async def restore(self, link: LinkRow, by: Restored, on: date) -> None:
        """Say that a link holds again, after everything that was told of its outage."""
        outage = await self.session.get_one(OutageRow, link.outage_id)
        self.session.add(link)
        await self.record(outage, link.restore(by, on))
        await Ties(self.transaction).found_again(link.outage_id, link.person_id, outage.programme)


def preceded() -> ColumnElement[bool]:
    """Whether a link of the same person, outage and state stands before this one."""
    twin, record = aliased(LinkRow), aliased(PersonRow)
    same = (
        col(twin.outage_id) == col(LinkRow.outage_id),
        col(twin.state) == col(LinkRow.state),
        func.coalesce(record.merged_into, record.id) == standing_id(),
    )
    before = tuple_(col(twin.rank), col(twin.person_id)) < tuple_(col(LinkRow.rank), col(LinkRow.person_id))
    pairs = select(twin.person_id).join(record, col(record.id) == twin.person_id)
    return pairs.where(*same, before).correlate(LinkRow, PersonRow).exists()
