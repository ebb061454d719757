"""The unmet demands, of our own contacts and of referrals."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Index, delete, func, insert, select, text
from sqlmodel import Field, col

from services.intake.domain.contact import Contact
from services.intake.domain.gap import UnmetDemand, unmet
from services.intake.domain.suppression import Record
from services.intake.events import Outcome
from services.intake.store.persons import PersonRow
from services.intake.store.table import Table
from shared.store import Collection


class UnmetDemandRow(Table, UnmetDemand, table=True):
    """One need that met no help; counted once however often it is told."""

    __tablename__ = "unmet_demand"
    __table_args__ = (Index("ix_unmet_demand_programme_month", "programme", "month"),)

    origin_id: UUID = Field(primary_key=True)
    topic: str = Field(primary_key=True)


class Gaps(Collection):
    """What demands met no help."""

    async def note_contact(self, contact: Contact, commune: str | None) -> None:
        """Count what a contact says now of unmet demand, in place of what it said before."""
        if contact.outcome is not Outcome.NO_ONE_COULD_HELP:
            return
        await self.session.exec(delete(UnmetDemandRow).where(col(UnmetDemandRow.origin_id) == contact.id))
        await self._add(contact.id, unmet(contact, commune))

    async def note_past(self, contacts: Sequence[Contact]) -> None:
        """Count what contacts of another list say of unmet demand; the commune is where the person lives now."""
        unhelped = [contact for contact in contacts if contact.outcome is Outcome.NO_ONE_COULD_HELP]
        about = {contact.person_id for contact in unhelped if contact.person_id}
        columns: list[Any] = [PersonRow.id, PersonRow.address]
        people: Any = select(*columns).where(col(PersonRow.id).in_(about))
        found = (await self.session.exec(people)).all() if about else []
        communes: dict[UUID | None, str | None] = {known: lives.nis_code for known, lives in found if lives}
        rows = [
            {"origin_id": contact.id, **demand.model_dump()}
            for contact in unhelped
            for demand in unmet(contact, communes.get(contact.person_id))
        ]
        if rows:
            await (await self.session.connection()).execute(insert(UnmetDemandRow), rows)

    async def note_gap(self, gap_id: UUID, demand: UnmetDemand) -> None:
        """Count a gap that referrals told, once."""
        await self.transaction.insert_once(UnmetDemandRow, origin_id=gap_id, **demand.model_dump())

    async def knows_contact(self, contact_id: UUID) -> bool:
        """Whether there is a contact by this id."""
        query: Any = text("SELECT EXISTS (SELECT FROM contact WHERE id = :contact)")
        return bool((await self.session.exec(query, params={"contact": contact_id})).scalar())

    async def counts(self, programme: str, before: str) -> dict[Record, int]:
        """How many there are per topic, commune, reason and month, of the months before one that is not over."""
        names = ("topic", "commune", "reason", "month")
        columns: list[Any] = [getattr(UnmetDemandRow, name) for name in names]
        query: Any = select(*columns, func.count()).where(
            col(UnmetDemandRow.programme) == programme, col(UnmetDemandRow.month) < before
        )
        rows = (await self.session.exec(query.group_by(*columns))).all()
        return {(topic, commune, reason, month): number for topic, commune, reason, month, number in rows}

    async def _add(self, origin_id: UUID, demands: Iterable[UnmetDemand]) -> None:
        rows = [{"origin_id": origin_id, **demand.model_dump()} for demand in demands]
        if rows:
            await self.session.exec(insert(UnmetDemandRow).values(rows))
