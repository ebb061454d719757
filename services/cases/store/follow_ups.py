"""What the follow-up calls found, one row per call."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlmodel import Field, col, select

from services.cases.domain.durability import FollowUpResult
from services.cases.events import CheckedItem, FollowUpChoice
from services.cases.store.table import Table
from shared.encryption import EncryptedJson, EncryptedText
from shared.errors import NotFound
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class FollowUpResultRow(Table, FollowUpResult, table=True):
    """What one call found."""

    __tablename__ = "follow_up_result"
    __table_args__ = (Index("ix_follow_up_result_case_id_told_at", "case_id", "told_at"),)

    follow_up_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    items: tuple[CheckedItem, ...] = Field(sa_type=EncryptedJson(tuple[CheckedItem, ...]))
    choice: FollowUpChoice | None = Field(default=None, sa_type=text_enum(FollowUpChoice))
    reason: str | None = Field(default=None, sa_type=EncryptedText)


class FollowUpResults(Collection):
    """What the follow-up calls found."""

    async def learn(self, result: FollowUpResult) -> bool:
        """Keep what a call found, once; says whether it is new."""
        return await self.transaction.insert_once(FollowUpResultRow, **dict(result))

    async def of(self, case_id: UUID) -> list[FollowUpResultRow]:
        """The results of a case, in the order of the calls."""
        query = select(FollowUpResultRow).where(FollowUpResultRow.case_id == case_id)
        query = query.order_by(col(FollowUpResultRow.told_at), col(FollowUpResultRow.follow_up_id))
        return list((await self.session.exec(query)).all())

    async def get(self, case_id: UUID, follow_up_id: UUID) -> FollowUpResultRow:
        """The result of one call of this case; raises NotFound."""
        result = await self.session.get(FollowUpResultRow, follow_up_id)
        if result is None or result.case_id != case_id:
            raise NotFound
        return result
