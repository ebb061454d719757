"""The table of follow-ups."""

from datetime import time
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Integer, UniqueConstraint, func, text
from sqlmodel import Field

from services.scheduler.domain import (
    WORKABLE,
    Attempt,
    FollowUp,
    Item,
    Noted,
    Owner,
    Result,
    Status,
    Target,
    Trigger,
)
from services.scheduler.events import HoldReason
from services.scheduler.store.table import Table
from shared.encryption import EncryptedJson
from shared.ids import new_id
from shared.store import Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

PLANNED = text("status = 'planned'")
LIVE = WORKABLE | {Status.UNREACHABLE}
"""Not over: somebody owes the person a call, or waits to hear of the person."""

_version = Column("version", Integer, nullable=False)


class FollowUpRow(Table, FollowUp, table=True):
    """A follow-up with its attempts and its result."""

    __tablename__ = "follow_up"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("trigger", "origin_id", "occasion", "kind"),
        CheckConstraint("slot BETWEEN '07:00' AND '20:00'", name="slot_in_hours"),
        Index("ix_follow_up_case_id", "case_id"),
        Index("ix_follow_up_due_on_id", "due_on", "id"),
        Index("ix_follow_up_planned", "risk", "due_at", postgresql_where=PLANNED),
        Index("ix_follow_up_person_id", "person_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    trigger: Trigger = Field(sa_type=text_enum(Trigger))
    owner: Owner = Field(sa_type=text_enum(Owner))
    slot: time
    status: Status = Field(default=Status.PLANNED, sa_type=text_enum(Status))
    items: tuple[Item, ...] = Field(sa_type=Json(tuple[Item, ...]))
    attempts: tuple[Attempt, ...] = Field(default=(), sa_type=Json(tuple[Attempt, ...]))
    result: Result | None = Field(default=None, sa_type=EncryptedJson(Result, open=("on", "by")))
    target: Target = Field(default=Target.PERSON, sa_type=text_enum(Target))
    history: tuple[Noted, ...] = Field(default=(), sa_type=Json(tuple[Noted, ...]))
    hold_reason: HoldReason | None = Field(default=None, sa_type=text_enum(HoldReason))
    version: int = Field(default=0, sa_column=_version)


WHOM = func.coalesce(FollowUpRow.person_id, FollowUpRow.case_id, FollowUpRow.origin_id)
"""Whom a follow-up is about: its person, else the case or referral that called for it."""
