"""The visits of a case."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, tuple_
from sqlmodel import Field, col, select

from services.cases.domain import Visit
from services.cases.events import MissedBy, MissedReason, Place, VisitKind, VisitStatus
from services.cases.store.table import Table
from shared.encryption import EncryptedText
from shared.errors import NotFound
from shared.ids import new_id
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class VisitRow(Table, Visit, table=True):
    """A visit."""

    __tablename__ = "visit"
    __table_args__ = (Index("ix_visit_case_id_on_id", "case_id", "on", "id"), Index("ix_visit_on", "on"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    kind: VisitKind = Field(sa_type=text_enum(VisitKind))
    status: VisitStatus = Field(sa_type=text_enum(VisitStatus))
    place: Place = Field(default=Place.HOME, sa_type=text_enum(Place))
    missed_by: MissedBy | None = Field(default=None, sa_type=text_enum(MissedBy))
    missed_reason: MissedReason | None = Field(default=None, sa_type=text_enum(MissedReason))
    km: Decimal | None = Field(sa_type=Numeric(6, 2))
    note: str | None = Field(default=None, sa_type=EncryptedText)
    nursing_note: str | None = Field(default=None, sa_type=EncryptedText)
    social_note: str | None = Field(default=None, sa_type=EncryptedText)
    address_note: str | None = Field(default=None, sa_type=EncryptedText)
    safety_note: str | None = Field(default=None, sa_type=EncryptedText)


class Visits(Collection):
    """The visits of a case."""

    def add(self, visit: Visit) -> None:
        """Store a visit whose case is recorded already."""
        self.session.add(VisitRow(**dict(visit)))

    async def get(self, case_id: UUID, visit_id: UUID) -> VisitRow:
        """A visit of a case, locked by its case's version; NotFound where the case has none by that id."""
        query = select(VisitRow).where(VisitRow.case_id == case_id, VisitRow.id == visit_id)
        visit = (await self.session.exec(query)).first()
        if visit is None:
            raise NotFound
        return visit

    async def page(self, case_id: UUID, limit: int, after: Sequence[str] | None) -> list[VisitRow]:
        """At most `limit` + 1 visits, the latest day first."""
        query = select(VisitRow).where(VisitRow.case_id == case_id)
        if after:
            place = (date.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(VisitRow.on), col(VisitRow.id)) < place)
        query = query.order_by(col(VisitRow.on).desc(), col(VisitRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def to_beware_of(self, case_id: UUID, limit: int = 10) -> list[VisitRow]:
        """The latest visits of a case that have a safety note."""
        query = select(VisitRow).where(VisitRow.case_id == case_id, col(VisitRow.safety_note).is_not(None))
        query = query.order_by(col(VisitRow.on).desc(), col(VisitRow.id).desc())
        return list((await self.session.exec(query.limit(limit))).all())
