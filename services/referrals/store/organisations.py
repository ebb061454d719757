"""The organisations of the network."""

import time
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer
from sqlmodel import Field, select

from services.referrals.domain import Organisation, OrganisationKind
from services.referrals.store.table import Table
from shared.errors import DomainError, Fault
from shared.ids import new_id
from shared.store import Collection, text_enum


class UnknownOrganisation(DomainError):
    """This organisation is not registered in the directory, or no longer active."""


_version = Column("version", Integer, nullable=False)


class OrganisationRow(Table, Organisation, table=True):
    """An organisation of the directory."""

    __tablename__ = "organisation"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True)
    name: str
    kind: OrganisationKind = Field(sa_type=text_enum(OrganisationKind))
    active: bool = True
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

    async def all(self) -> list[OrganisationRow]:
        """All of them, by code."""
        return list((await self.session.exec(select(OrganisationRow).order_by(OrganisationRow.code))).all())
