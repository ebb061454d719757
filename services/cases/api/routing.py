"""The routes of routing: which organisation answers for a new request, as rules that are data."""

from typing import Annotated

from pydantic import BaseModel, Field

from services.cases.api.doors import (
    MayConfigureRouting,
    MayReadRouting,
    OrganisationsDep,
    RoutesDep,
    SettingsDep,
    router,
)
from services.cases.domain import refuse_unknown
from services.cases.domain.routing import Routing, RoutingRule
from services.cases.events import RoutingChanged
from services.cases.store import RoutingRow
from shared.requests import IfMatch, Tag


class RoutingView(BaseModel):
    """The rules in force; the first that fits a request wins."""

    rules: tuple[RoutingRule, ...]
    default: Annotated[str, Field(description="Where no rule fits")]

    @classmethod
    def of(cls, row: RoutingRow, programme_owner: str) -> "RoutingView":
        return cls(rules=row.rules, default=row.default or programme_owner)


@router.get("/routing")
async def read_routing(routes: RoutesDep, settings: SettingsDep, tag: Tag, caller: MayReadRouting) -> RoutingView:
    """The routing rules in force."""
    return RoutingView.of(tag(await routes.current()), settings.organisation)


@router.put("/routing")
async def write_routing(
    body: Routing,
    routes: RoutesDep,
    organisations: OrganisationsDep,
    settings: SettingsDep,
    seen: IfMatch,
    tag: Tag,
    caller: MayConfigureRouting,
) -> RoutingView:
    """Replace the routing rules; they hold for requests from now on."""
    row = await routes.current()
    seen.check(row)
    named = body.named()
    refuse_unknown(named, await organisations.active_among(named.values()) | {settings.organisation})
    row.rules, row.default = body.rules, body.default
    await routes.record(row, RoutingChanged(routing_id=row.id, rules=len(row.rules)))
    return RoutingView.of(tag(row), settings.organisation)
