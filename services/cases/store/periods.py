"""The months of accounts: open until the coordinator closes them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer, UniqueConstraint, func
from sqlmodel import Field, col, select

from services.cases.domain import PeriodIsClosed
from services.cases.events import PeriodClosed, PeriodReopened
from services.cases.store.table import Table
from shared.encryption import EncryptedText
from shared.errors import NotFound
from shared.ids import new_id
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_period_version = Column("version", Integer, nullable=False)


class PeriodRow(Table, table=True):
    """A month of an organisation that is closed, or was. `reason` says why it was reopened last."""

    __tablename__ = "activity_period"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _period_version, "version_id_generator": False}
    __table_args__ = (UniqueConstraint("organisation", "month"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    organisation: str
    month: str
    closed: bool
    changed_by: str
    changed_at: datetime
    reason: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_period_version)


class Periods(Collection):
    """The months of an organisation."""

    async def find(self, organisation: str, month: str) -> PeriodRow | None:
        """A month that is closed, or was."""
        query = select(PeriodRow).where(PeriodRow.organisation == organisation, PeriodRow.month == month)
        return (await self.session.exec(query)).first()

    async def refuse_closed(self, organisation: str, month: str) -> None:
        """Raise PeriodIsClosed; while this transaction lasts, an open month is not closed by another."""
        await self.session.exec(select(func.pg_advisory_xact_lock_shared(lock_of(organisation))))
        found = await self.find(organisation, month)
        if found and found.closed:
            raise PeriodIsClosed(facts={"month": month})

    async def closed_months(self, organisation: str) -> list[str]:
        """The closed months, in order; while this transaction lasts, no other one is closed."""
        await self.session.exec(select(func.pg_advisory_xact_lock_shared(lock_of(organisation))))
        query = select(PeriodRow.month).where(PeriodRow.organisation == organisation, PeriodRow.closed)
        return list((await self.session.exec(query.order_by(PeriodRow.month))).all())

    async def change(
        self, organisation: str, month: str, by: str, *, closed: bool, reason: str | None = None
    ) -> PeriodRow:
        """Close a month, or reopen it; whoever enters something meanwhile is waited for.

        Nothing is told where it stands so already. Raises NotFound for the reopening of a month never closed.
        """
        await self.session.exec(select(func.pg_advisory_xact_lock(lock_of(organisation))))
        now = self.transaction.clock.now()
        row = await self.find(organisation, month)
        if row is None:
            if not closed:
                raise NotFound
            row = PeriodRow(organisation=organisation, month=month, closed=False, changed_by=by, changed_at=now)
        if row.closed is not closed:
            row.closed, row.changed_by, row.changed_at, row.reason = closed, by, now, reason
            kind = PeriodClosed if closed else PeriodReopened
            await self.record(row, kind(organisation=organisation, month=month))
        return row

    async def all(self, organisation: str) -> list[PeriodRow]:
        """The months that are closed, or were, the latest first."""
        query = select(PeriodRow).where(PeriodRow.organisation == organisation)
        return list((await self.session.exec(query.order_by(col(PeriodRow.month).desc()).limit(240))).all())


def lock_of(organisation: str) -> Any:
    """The lock that entries of an organisation share, and the closing of one of its months has alone."""
    return func.hashtextextended(f"activity-period:{organisation}", 0)
