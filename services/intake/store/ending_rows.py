"""The tables of the end of people's data, and the policy in force: ids only, they outlive the person's records."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Integer, text
from sqlmodel import Field

from services.intake.domain.ending import Answer, Erasure, ErasureState, LegalHold, Restriction, RestrictionReason
from services.intake.domain.retention import DEFAULT, Policy
from services.intake.events import Decided, Ground, RetentionPolicySet, Then
from services.intake.store.table import Table
from shared.ids import new_id
from shared.store import Collection, Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for what it takes here.

POLICY_ID = UUID("0194a000-0000-7000-8000-000000000009")
"""The one policy of an installation."""

_policy, _restriction, _hold, _erasure = (Column("version", Integer, nullable=False) for _ in range(4))


def _mapped(version: Column[int]) -> dict[str, Any]:
    return {"version_id_col": version, "version_id_generator": False}


class PolicyRow(Table, table=True):
    """The retention policy in force."""

    __tablename__ = "retention_policy"
    __mapper_args__: ClassVar[dict[str, Any]] = _mapped(_policy)

    id: UUID = Field(primary_key=True)
    content: Policy = Field(sa_type=Json(Policy))
    changed_by: str
    changed_at: datetime
    version: int = Field(default=0, sa_column=_policy)


class RestrictionRow(Table, Restriction, table=True):
    """A restriction."""

    __tablename__ = "restriction"
    __mapper_args__: ClassVar[dict[str, Any]] = _mapped(_restriction)
    __table_args__ = (
        Index("uq_restriction_person_id", "person_id", unique=True, postgresql_where=text("lifted_at IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    reason: RestrictionReason = Field(sa_type=text_enum(RestrictionReason))
    version: int = Field(default=0, sa_column=_restriction)


class HoldRow(Table, LegalHold, table=True):
    """A legal hold."""

    __tablename__ = "legal_hold"
    __mapper_args__: ClassVar[dict[str, Any]] = _mapped(_hold)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(index=True)
    version: int = Field(default=0, sa_column=_hold)


class ErasureRow(Table, Erasure, table=True):
    """An erasure with its answers."""

    __tablename__ = "erasure"
    __mapper_args__: ClassVar[dict[str, Any]] = _mapped(_erasure)
    __table_args__ = (
        Index("uq_erasure_person_id", "person_id", unique=True, postgresql_where=text("state = 'asked'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    subjects: tuple[UUID, ...] = Field(default=(), sa_type=Json(tuple[UUID, ...]))
    ground: Ground = Field(sa_type=text_enum(Ground))
    then: Then = Field(sa_type=text_enum(Then))
    state: ErasureState = Field(default=ErasureState.ASKED, sa_type=text_enum(ErasureState))
    decisions: tuple[Decided, ...] = Field(default=(), sa_type=Json(tuple[Decided, ...]))
    answers: tuple[Answer, ...] = Field(default=(), sa_type=Json(tuple[Answer, ...]))
    version: int = Field(default=0, sa_column=_erasure)


class Policies(Collection):
    """The retention policy of the installation."""

    async def row(self) -> PolicyRow | None:
        """The policy that somebody set; None while the shipped one holds."""
        return await self.session.get(PolicyRow, POLICY_ID)

    async def current(self) -> Policy:
        """The policy in force."""
        row = await self.row()
        return row.content if row else DEFAULT

    async def put(self, row: PolicyRow | None, policy: Policy, by: str) -> PolicyRow:
        """Let another policy be in force; raises ImpossiblePolicy."""
        now = self.transaction.clock.now()
        row = row or PolicyRow(id=POLICY_ID, content=policy, changed_by=by, changed_at=now)
        row.content, row.changed_by, row.changed_at = policy.checked(), by, now
        await self.record(row, RetentionPolicySet(policy_id=POLICY_ID))
        return row
