"""The decision log of cases."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, tuple_
from sqlmodel import Field, col, select

from services.cases.domain import Act, Answer, Decision
from services.cases.events import DecisionKind, DecisionStatus, DecisionSubject
from services.cases.store.table import Table
from shared.encryption import EncryptedJson, EncryptedText
from shared.errors import NotFound
from shared.ids import new_id
from shared.store import Collection, Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class DecisionRow(Table, Decision, table=True):
    """An entry of the decision log."""

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_case_id_on_id", "case_id", "on", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    kind: DecisionKind = Field(sa_type=text_enum(DecisionKind))
    subject: DecisionSubject = Field(sa_type=text_enum(DecisionSubject))
    organisations: tuple[str, ...] = Field(sa_type=Json(tuple[str, ...]))
    needed: tuple[str, ...] = Field(sa_type=Json(tuple[str, ...]))
    acts: tuple[Act, ...] = Field(sa_type=EncryptedJson(tuple[Act, ...]))
    answers: tuple[Answer, ...] = Field(sa_type=EncryptedJson(tuple[Answer, ...]))
    status: DecisionStatus = Field(sa_type=text_enum(DecisionStatus))
    text: str = Field(sa_type=EncryptedText)
    amendment_reason: str | None = Field(default=None, sa_type=EncryptedText)


class Decisions(Collection):
    """The decision log of a case."""

    def add(self, decision: Decision) -> None:
        """Store an entry whose case is recorded already."""
        self.session.add(DecisionRow(**dict(decision)))

    async def find(self, case_id: UUID, decision_id: UUID | None) -> DecisionRow | None:
        """One entry of this case, or None."""
        row = await self.session.get(DecisionRow, decision_id) if decision_id else None
        return row if row is not None and row.case_id == case_id else None

    async def get(self, case_id: UUID, decision_id: UUID) -> DecisionRow:
        """One entry of this case; raises NotFound."""
        row = await self.find(case_id, decision_id)
        if row is None:
            raise NotFound
        return row

    async def page(self, case_id: UUID, limit: int, after: Sequence[str] | None) -> list[DecisionRow]:
        """At most `limit` + 1 entries, the latest day first."""
        query = select(DecisionRow).where(DecisionRow.case_id == case_id)
        if after:
            place = (date.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(DecisionRow.on), col(DecisionRow.id)) < place)
        query = query.order_by(col(DecisionRow.on).desc(), col(DecisionRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())
