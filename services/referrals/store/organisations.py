"""The organisations of the network."""

import time
from collections.abc import Collection as Several
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Integer, func, text
from sqlmodel import Field, col, select

from services.referrals.domain import Organisation, OrganisationKind
from services.referrals.domain.organisation import About, KnowHow
from services.referrals.store.table import Table
from shared.errors import DomainError, Fault, NotFound
from shared.events import Event
from shared.ids import new_id
from shared.requests import SeenVersion
from shared.store import Aggregate, Collection, Json, text_enum


class UnknownOrganisation(DomainError):
    """This organisation is not registered in the directory, or no longer active."""


_version = Column("version", Integer, nullable=False)


class OrganisationRow(Table, Organisation, table=True):
    """An organisation of the directory."""

    __tablename__ = "organisation"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (Index("ix_organisation_updated_at_id", "updated_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True)
    name: str
    kind: OrganisationKind = Field(sa_type=text_enum(OrganisationKind))
    active: bool = True
    about: About = Field(default=About(), sa_type=Json(About), sa_column_kwargs={"server_default": text("'{}'")})
    notes: tuple[KnowHow, ...] = Field(
        default=(), sa_type=Json(tuple[KnowHow, ...]), sa_column_kwargs={"server_default": text("'[]'")}
    )
    verified_on: date | None = None
    updated_at: datetime = Field(sa_column_kwargs={"server_default": func.now()})
    version: int = Field(default=0, sa_column=_version)


class Organisations(Collection):
    """The directory's organisations."""

    async def find(self, code: str) -> OrganisationRow | None:
        """One by its code."""
        return (await self.session.exec(select(OrganisationRow).where(OrganisationRow.code == code))).first()

    kept_for: ClassVar[float] = 30.0
    _active: ClassVar[dict[str, float]] = {}

    async def check_sender(self, code: str) -> None:
        """Raise UnknownOrganisation unless this organisation may send. A yes is remembered for half a minute."""
        if time.monotonic() - self._active.get(code, -self.kept_for) < self.kept_for:
            return
        await self.known(code)
        self._active[code] = time.monotonic()

    async def known(self, code: str) -> OrganisationRow:
        """One by its code, active; raises UnknownOrganisation, which points to `/organisation` of the request."""
        organisation = await self.find(code)
        if organisation is None or not organisation.active:
            raise UnknownOrganisation(faults=[Fault("/organisation", "unknown-organisation")])
        return organisation

    async def get(self, code: str, seen: SeenVersion | None = None) -> OrganisationRow:
        """One by its code; raises NotFound, and StaleVersion by `seen`."""
        organisation = await self.find(code)
        if organisation is None:
            raise NotFound
        if seen:
            seen.check(organisation)
        return organisation

    def set_apart(self, row: OrganisationRow) -> None:
        """From now on nothing that is done to this row is written."""
        self.session.expunge(row)

    async def record(self, aggregate: Aggregate, *events: Event) -> None:
        """Write a change with its facts, and when it was made."""
        if isinstance(aggregate, OrganisationRow):
            aggregate.updated_at = self.transaction.clock.now()
        await super().record(aggregate, *events)

    async def codes(self, wanted: Several[str]) -> set[str]:
        """Those of the codes that are registered, active or not."""
        query = select(OrganisationRow.code).where(col(OrganisationRow.code).in_(wanted))
        return set((await self.session.exec(query)).all())

    async def all(self) -> list[OrganisationRow]:
        """All of them, by code."""
        return list((await self.session.exec(select(OrganisationRow).order_by(OrganisationRow.code))).all())

    async def page(self, limit: int, after: Sequence[str] | None) -> list[OrganisationRow]:
        """At most `limit` + 1 of them, by code."""
        query = select(OrganisationRow).order_by(OrganisationRow.code).limit(limit + 1)
        if after:
            query = query.where(OrganisationRow.code > after[0])
        return list((await self.session.exec(query)).all())
