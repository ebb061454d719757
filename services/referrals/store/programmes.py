"""The register of programmes."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Boolean, Column, ColumnElement, ForeignKey, Index, Integer, Text, literal, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, col, select

from services.referrals.domain.municipality import folded
from services.referrals.domain.programme import Programme, ProgrammeCapacity
from services.referrals.store.table import Table
from shared.errors import DomainError, Fault, NotFound
from shared.events import Event
from shared.ids import new_id
from shared.store import Aggregate, Collection, Json

_version = Column("version", Integer, nullable=False)


class ProgrammeRow(Table, Programme, table=True):
    """A programme of the register."""

    __tablename__ = "programme"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (Index("ix_programme_communes", "communes", postgresql_using="gin"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True)
    run_by: str = Field(sa_column_args=[ForeignKey("organisation.code")])
    communes: tuple[str, ...] = Field(default=(), sa_type=ARRAY(Text, as_tuple=True))
    capacity: ProgrammeCapacity | None = Field(default=None, sa_type=Json(ProgrammeCapacity | None))
    updated_at: datetime
    version: int = Field(default=0, sa_column=_version)


class UnknownProgramme(DomainError):
    """No programme of the register has this code."""


@dataclass(frozen=True)
class ProgrammeSearch:
    """What is looked for; None leaves a filter out. `running_on` leaves out what has not begun or has ended."""

    commune: str | None = None
    organisation: str | None = None
    category_limited: bool | None = None
    running_on: date | None = None
    words: str | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What a found programme fulfils."""
        row = ProgrammeRow
        if self.commune:
            here = col(row.communes).op("&&", return_type=Boolean())(literal([self.commune], ARRAY(Text)))
            yield or_(col(row.whole_region), here)
        if self.organisation:
            yield col(row.run_by) == self.organisation
        if self.category_limited is not None:
            yield col(row.category_limited) == self.category_limited
        if self.running_on:
            yield or_(col(row.starts_on).is_(None), col(row.starts_on) <= self.running_on)
            yield or_(col(row.ends_on).is_(None), col(row.ends_on) >= self.running_on)
        yield from (col(row.words).contains(term, autoescape=True) for term in folded(self.words or "").split())


class Programmes(Collection):
    """The programmes of the register."""

    async def find(self, code: str) -> ProgrammeRow | None:
        """One by its code."""
        return (await self.session.exec(select(ProgrammeRow).where(ProgrammeRow.code == code))).first()

    async def get(self, code: str) -> ProgrammeRow:
        """One by its code; raises NotFound."""
        programme = await self.find(code)
        if programme is None:
            raise NotFound
        return programme

    async def named(self, code: str) -> ProgrammeRow:
        """One that an input names; raises UnknownProgramme pointing at `programme`."""
        programme = await self.find(code)
        if programme is None:
            raise UnknownProgramme(faults=[Fault("/programme", "unknown-programme")])
        return programme

    def new(self, code: str, run_by: str) -> ProgrammeRow:
        """A new programme, still to be described and recorded."""
        return ProgrammeRow(code=code, run_by=run_by, updated_at=self.transaction.clock.now())

    async def record(self, aggregate: Aggregate, *events: Event) -> None:
        """Write a change with its facts, and when it was made."""
        if isinstance(aggregate, ProgrammeRow):
            aggregate.updated_at = self.transaction.clock.now()
        await super().record(aggregate, *events)

    async def by_code(self, codes: AbstractSet[str]) -> dict[str, ProgrammeRow]:
        """Those of these codes that exist."""
        if not codes:
            return {}
        query = select(ProgrammeRow).where(col(ProgrammeRow.code).in_(codes))
        return {row.code: row for row in (await self.session.exec(query)).all()}

    async def page(self, search: ProgrammeSearch, limit: int, after: Sequence[str] | None) -> list[ProgrammeRow]:
        """At most `limit` + 1 programmes, by code."""
        query = select(ProgrammeRow).where(*search.conditions()).order_by(ProgrammeRow.code)
        if after:
            query = query.where(ProgrammeRow.code > after[0])
        return list((await self.session.exec(query.limit(limit + 1))).all())
