"""Which organisation answers for a new request, as rules that are data."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer
from sqlmodel import Field

from services.cases.domain.origin import Terms
from services.cases.domain.routing import Request, Routing, RoutingRule
from services.cases.settings import Settings
from services.cases.store.pathways import Pathways
from services.cases.store.table import Table
from shared.clock import local_date
from shared.store import Collection, Json

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

THE_ONE = UUID("7b1c7d0e-0f2a-4a59-9f0e-5a2d0c6a4b10")
"""An installation has one set of rules."""

_routing_version = Column("version", Integer, nullable=False)


class RoutingRow(Table, table=True):
    """The rules in force."""

    __tablename__ = "routing"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _routing_version, "version_id_generator": False}

    id: UUID = Field(default=THE_ONE, primary_key=True)
    rules: tuple[RoutingRule, ...] = Field(default=(), sa_type=Json(tuple[RoutingRule, ...]))
    default: str | None = None
    version: int = Field(default=0, sa_column=_routing_version)

    @property
    def routing(self) -> Routing:
        """The rules as a value."""
        return Routing(rules=self.rules, default=self.default)


class Routes(Collection):
    """The routing rules."""

    async def current(self) -> RoutingRow:
        """The rules in force; none yet means that all requests are the programme's own."""
        return await self.session.get(RoutingRow, THE_ONE) or RoutingRow()

    async def terms(self, request: Request, settings: Settings) -> Terms:
        """Which organisation answers for a request, and by which version of its pathway."""
        organisation = (await self.current()).routing.responsible(request, settings.organisation)
        today = local_date(self.transaction.clock)
        return await Pathways(self.transaction).terms(organisation, today, settings.protocol_version)
