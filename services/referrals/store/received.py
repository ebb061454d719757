"""FHIR resources as their sender sent them, and the sender's own identifiers of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlmodel import Field, col, select

from services.referrals.store.referrals import ReferralRow
from services.referrals.store.table import Table
from shared.encryption import EncryptedJson
from shared.store import Collection

Resources = tuple[dict[str, Any], ...]


class ReceivedRow(Table, table=True):
    """The resources that came with a referral: our ids and references, otherwise as they came."""

    __tablename__ = "received_resource"

    referral_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("referral.id", ondelete="CASCADE")])
    resources: Resources = Field(sa_type=EncryptedJson(Resources))


class ReceivedIdentifierRow(Table, table=True):
    """A sender's identifier of a resource, and what it was first used for."""

    __tablename__ = "received_identifier"
    __table_args__ = (Index("ix_received_identifier_referral_id", "referral_id"),)

    sender: str = Field(primary_key=True)
    resource_type: str = Field(primary_key=True)
    system: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    digest: str
    resource_id: str
    version: int
    at: datetime
    referral_id: UUID = Field(sa_column_args=[ForeignKey("referral.id", ondelete="CASCADE")])


class Received(Collection):
    """What came by FHIR, as it came."""

    async def of(self, referral_id: UUID) -> Resources:
        """The resources of a referral; none where it came by another door."""
        row = await self.session.get(ReceivedRow, referral_id)
        return row.resources if row else ()

    async def keep(self, referral_id: UUID, resources: Sequence[dict[str, Any]]) -> None:
        """Keep these as the referral's resources."""
        await self.session.merge(ReceivedRow(referral_id=referral_id, resources=tuple(resources)))
        await self.session.flush()

    async def claim(self, row: ReceivedIdentifierRow) -> ReceivedIdentifierRow | None:
        """Take an identifier; the row of its first use where it is taken. Waits for a concurrent first use."""
        if await self.transaction.insert_once(ReceivedIdentifierRow, **row.model_dump()):
            return None
        key = (row.sender, row.resource_type, row.system, row.value)
        return await self.session.get(ReceivedIdentifierRow, key)

    async def named(self, sender: str, kind: str, system: str | None, value: str) -> list[ReceivedIdentifierRow]:
        """What a sender has named so; at most two, for more than one is too many."""
        query = select(ReceivedIdentifierRow).where(
            ReceivedIdentifierRow.sender == sender,
            ReceivedIdentifierRow.resource_type == kind,
            ReceivedIdentifierRow.value == value,
        )
        if system is not None:
            query = query.where(ReceivedIdentifierRow.system == system)
        return list((await self.session.exec(query.limit(2))).all())

    async def requests(self, sender: str, system: str | None, value: str) -> list[ReferralRow]:
        """A sender's referrals by their identifier, by whatever door they came; at most two."""
        query = select(ReferralRow).where(ReferralRow.sender == sender, ReferralRow.identifier_value == value)
        if system is not None:
            query = query.where(ReferralRow.identifier_system == system)
        return list((await self.session.exec(query.order_by(col(ReferralRow.id)).limit(2))).all())
