"""What became of the orientations, as referrals tells it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col, select

from services.intake.store.table import Table
from shared.store import Collection


class OrientationRow(Table, table=True):
    """The outgoing referral that a contact led to."""

    __tablename__ = "orientation"

    outgoing_id: UUID = Field(primary_key=True)
    contact_id: UUID = Field(index=True)
    organisation: str
    state: str
    service_status: str | None = None
    changed_at: datetime


class Orientations(Collection):
    """The outgoing referrals of the contacts."""

    async def begin(self, outgoing_id: UUID, contact_id: UUID, organisation: str, state: str) -> None:
        """Note that a contact's referral is prepared or sent."""
        values: dict[str, Any] = {"state": state, "changed_at": self.transaction.clock.now()}
        keys = {"outgoing_id": outgoing_id, "contact_id": contact_id, "organisation": organisation}
        statement = insert(OrientationRow).values(**keys, **values)
        await self.session.exec(statement.on_conflict_do_update(index_elements=["outgoing_id"], set_=values))

    async def change(self, outgoing_id: UUID, **values: Any) -> None:
        """Note what became of a referral; one that no contact led to is none of ours."""
        mine = col(OrientationRow.outgoing_id) == outgoing_id
        values["changed_at"] = self.transaction.clock.now()
        await self.session.exec(update(OrientationRow).where(mine).values(**values))

    async def of(self, contact_id: UUID) -> OrientationRow | None:
        """The referral of a contact, once referrals has told of it."""
        query = select(OrientationRow).where(OrientationRow.contact_id == contact_id)
        return (await self.session.exec(query.order_by(col(OrientationRow.outgoing_id)))).first()
