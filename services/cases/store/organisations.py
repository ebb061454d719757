"""Our own copy of the organisations of the network."""

from collections.abc import Iterable

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col, select

from services.cases.store.table import Table
from shared.store import Collection


class OrganisationRow(Table, table=True):
    """Our own copy of the organisations of the network: the code, and whether it is active."""

    __tablename__ = "organisation"

    code: str = Field(primary_key=True)
    active: bool


class Organisations(Collection):
    """Our copy of the network's organisations."""

    async def learn(self, code: str, active: bool) -> None:
        """Replace our copy of one."""
        values = {"code": code, "active": active}
        copy = insert(OrganisationRow).values(values)
        await self.session.exec(copy.on_conflict_do_update(index_elements=["code"], set_={"active": active}))

    async def active_among(self, codes: Iterable[str]) -> set[str]:
        """Those of the codes that name an active organisation."""
        query = select(OrganisationRow.code).where(col(OrganisationRow.code).in_(set(codes)), OrganisationRow.active)
        return set((await self.session.exec(query)).all())
