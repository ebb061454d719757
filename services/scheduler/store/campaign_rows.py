"""The tables of campaigns, and what a pause stops."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ColumnElement, ForeignKey, Index, Integer, UniqueConstraint, and_, func, or_, text
from sqlalchemy.orm import aliased
from sqlmodel import Field, col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.scheduler.domain import CallOrder, Campaign, CampaignStatus, LeftReason, Member
from services.scheduler.store.table import Table
from shared.ids import new_id
from shared.store import Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_version = Column("version", Integer, nullable=False)


class CampaignRow(Table, Campaign, table=True):
    """A campaign; one per outage. Its version counts its own steps, not what becomes of its members."""

    __tablename__ = "campaign"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("outage_id"),
        Index("ix_campaign_live", "status", postgresql_where=text("status IN ('draft', 'running', 'paused')")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    status: CampaignStatus = Field(default=CampaignStatus.DRAFT, sa_type=text_enum(CampaignStatus))
    order: CallOrder = Field(default=CallOrder.RISK, sa_type=text_enum(CallOrder))
    version: int = Field(default=0, sa_column=_version)


class MemberRow(Table, Member, table=True):
    """One person of a campaign, by the record that was put on it; `current_id` is whom that stands for today.

    Of several records of one person only one is shown, counted and called; all of them leave together. `current_id` is
    null in a row that the version before wrote, which then stands for itself.
    """

    __tablename__ = "campaign_member"
    __table_args__ = (
        Index("ix_campaign_member_person_id", "person_id"),
        Index("ix_campaign_member_follow_up_id", "follow_up_id"),
    )

    campaign_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("campaign.id")])
    person_id: UUID = Field(primary_key=True)
    current_id: UUID | None = Field(default=None, index=True)
    reasons: tuple[str, ...] = Field(default=(), sa_type=Json(tuple[str, ...]))
    left: LeftReason | None = Field(default=None, sa_type=text_enum(LeftReason), nullable=True)
    left_on: date | None = None

    @property
    def whom(self) -> UUID:
        """The person whom it is about today."""
        return self.current_id or self.person_id


def is_shown() -> ColumnElement[bool]:
    """Whether a member is the one of its person: by the record that is kept, else by the first that was merged."""
    other = aliased(MemberRow)
    better = or_(
        col(other.person_id) == MemberRow.current_id,
        and_(col(other.current_id) == MemberRow.current_id, col(other.person_id) < MemberRow.person_id),
    )
    twin = select(other.person_id).where(other.campaign_id == MemberRow.campaign_id, better).correlate(MemberRow)
    stands_alone = func.coalesce(col(MemberRow.current_id), col(MemberRow.person_id)) == col(MemberRow.person_id)
    return or_(stands_alone, ~twin.exists())


def paused_campaigns() -> SelectOfScalar[UUID]:
    """The campaigns whose planned follow-ups do not fall due: `origin_id NOT IN` these is what a clock asks."""
    return select(CampaignRow.id).where(col(CampaignRow.status) == CampaignStatus.PAUSED)
