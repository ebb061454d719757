"""The tables of the weekly meeting: its series, its meetings, and their frozen lines."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlmodel import Field

from services.cases.domain import Reason, State
from services.cases.domain.meeting import Meeting
from services.cases.domain.meeting_codes import MeetingState
from services.cases.domain.meeting_line import MeetingLine, TaskOrder
from services.cases.domain.meeting_series import MeetingSeries, Member
from services.cases.events import Urgency
from services.cases.events.meeting import LineOutcome
from services.cases.store.table import Table
from shared.encryption import EncryptedJson, EncryptedText
from shared.ids import new_id
from shared.store import Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_series_version = Column("version", Integer, nullable=False)
_meeting_version = Column("version", Integer, nullable=False)


class SeriesRow(Table, MeetingSeries, table=True):
    """The weekly meeting of an organisation."""

    __tablename__ = "meeting_series"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _series_version, "version_id_generator": False}

    id: UUID = Field(default_factory=new_id, primary_key=True)
    organisation: str = Field(unique=True)
    members: tuple[Member, ...] = Field(sa_type=Json(tuple[Member, ...]))
    version: int = Field(default=0, sa_column=_series_version)


class MeetingRow(Table, Meeting, table=True):
    """The meeting of one week."""

    __tablename__ = "meeting"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _meeting_version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("series_id", "week"),
        Index("ix_meeting_organisation_on_id", "organisation", "on", "id"),
        Index("uq_meeting_open", "organisation", unique=True, postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    series_id: UUID = Field(sa_column_args=[ForeignKey("meeting_series.id")])
    state: MeetingState = Field(default=MeetingState.PLANNED, sa_type=text_enum(MeetingState))
    attendees: tuple[str, ...] = Field(default=(), sa_type=Json(tuple[str, ...]))
    reason: str | None = Field(default=None, sa_type=EncryptedText)
    summary: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_meeting_version)


class MeetingLineRow(Table, MeetingLine, table=True):
    """A line of a meeting's frozen agenda."""

    __tablename__ = "meeting_line"
    __table_args__ = (UniqueConstraint("meeting_id", "position"), UniqueConstraint("meeting_id", "line_id"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    meeting_id: UUID = Field(sa_column_args=[ForeignKey("meeting.id")])
    line_id: UUID = Field(sa_column_args=[ForeignKey("agenda_line.id")])
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    reason: Reason = Field(sa_type=text_enum(Reason))
    urgency: Urgency = Field(sa_type=text_enum(Urgency))
    state: State = Field(sa_type=text_enum(State))
    outcome: LineOutcome | None = Field(default=None, sa_type=text_enum(LineOutcome))
    tasks: tuple[UUID, ...] = Field(default=(), sa_type=Json(tuple[UUID, ...]))
    orders: tuple[TaskOrder, ...] = Field(default=(), sa_type=EncryptedJson(tuple[TaskOrder, ...]))
    text: str | None = Field(default=None, sa_type=EncryptedText)
    summary: str | None = Field(default=None, sa_type=EncryptedText)
