"""What is known of referrals and contacts before and beside their cases."""

from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, select

from services.cases.domain import Origin, Reason
from services.cases.events import OriginKind, Urgency
from services.cases.store.table import Table
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class OriginRow(Table, Origin, table=True):
    """What is known of a referral or a contact, whether or not it has a case yet."""

    __tablename__ = "origin"
    __table_args__ = (Index("ix_origin_person_id", "person_id"),)

    kind: OriginKind = Field(primary_key=True, sa_type=text_enum(OriginKind))
    id: UUID = Field(primary_key=True)
    cancellation: Reason | None = Field(default=None, sa_type=text_enum(Reason))
    repeated_urgency: Urgency | None = Field(default=None, sa_type=text_enum(Urgency))


class Origins(Collection):
    """What is known of referrals and contacts."""

    async def hold(self, kind: OriginKind, origin_id: UUID) -> OriginRow:
        """The origin, made if need be and locked: whoever learns about it next waits, and sees what is learnt here."""
        await self.transaction.insert_once(OriginRow, kind=kind, id=origin_id)
        return (
            await self.session.exec(
                select(OriginRow).where(OriginRow.kind == kind, OriginRow.id == origin_id).with_for_update()
            )
        ).one()
