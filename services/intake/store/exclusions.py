"""The exclusions that people have named: recorded here, told to all."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Integer
from sqlmodel import Field, col, select

from services.intake.domain.exclusion import NamedExclusion
from services.intake.events import ExclusionChanged, ExclusionReason
from services.intake.store.table import Table
from shared.errors import NotFound
from shared.ids import new_id
from shared.relationships.exclusions import Exclusions
from shared.relationships.links import Holder
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_version = Column("version", Integer, nullable=False)


class ExclusionRow(Table, NamedExclusion, table=True):
    """An exclusion, in force or ended."""

    __tablename__ = "named_exclusion"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(index=True, sa_column_args=[ForeignKey("person.id")])
    reason: ExclusionReason = Field(sa_type=text_enum(ExclusionReason))
    version: int = Field(default=0, sa_column=_version)


class NamedExclusions(Collection):
    """The exclusions of people."""

    async def keep(self, row: ExclusionRow, fact: ExclusionChanged) -> None:
        """Record an exclusion or its end: it holds here at once, elsewhere as soon as the fact is there."""
        await self.record(row, fact)
        lasts, whom = (row.said_at, row.ended_at), Holder(row.organisation, row.worker)
        known = Exclusions(self.transaction)
        await known.learn(row.id, row.person_id, whom, lasts, self.transaction.clock.now())

    async def get(self, person_id: UUID, exclusion_id: UUID) -> ExclusionRow:
        """One exclusion of a person; NotFound."""
        row = await self.session.get(ExclusionRow, exclusion_id)
        if row is None or row.person_id != person_id:
            raise NotFound
        return row

    async def of(self, person_id: UUID) -> list[ExclusionRow]:
        """All that a person has said, past ones too, the latest first."""
        query = select(ExclusionRow).where(ExclusionRow.person_id == person_id)
        return list((await self.session.exec(query.order_by(col(ExclusionRow.id).desc()))).all())
