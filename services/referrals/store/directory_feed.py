"""The directory in the order of its changes, for those who keep a copy of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, literal, tuple_
from sqlmodel import col, select

from services.referrals.store.care_services import CareServiceRow, overlaps
from services.referrals.store.organisations import OrganisationRow
from shared.store import Collection

Span = tuple[datetime | None, datetime | None]
Spot = tuple[datetime, UUID]


@dataclass(frozen=True)
class Sought:
    """What the database can tell of a search; None leaves a filter out. A span is from (included) to (left out)."""

    codes: Sequence[str] | None = None
    ids: Sequence[UUID] | None = None
    organisations: Sequence[str] | None = None
    domains: Sequence[str] | None = None
    communes: Sequence[str] | None = None
    capacities: Sequence[str] | None = None
    begins: str | None = None
    """How a service's searched words begin, which they do with its name."""
    spans: Sequence[Span] = ()

    def within(self, moment: Any) -> Iterator[Any]:
        """The spans, on a column."""
        for since, until in self.spans:
            if since:
                yield moment >= since
            if until:
                yield moment < until


class DirectoryFeed(Collection):
    """Organisations and services by the time of their last change."""

    async def organisations(
        self, sought: Sought, after: Spot | None, limit: int, newest_first: bool
    ) -> list[OrganisationRow]:
        """At most `limit` organisations."""
        query: Any = select(OrganisationRow).where(*sought.within(col(OrganisationRow.updated_at)))
        if sought.codes is not None:
            query = query.where(col(OrganisationRow.code).in_(sought.codes))
        return await self._page(query, OrganisationRow, (after, limit, newest_first))

    async def services(
        self, sought: Sought, after: Spot | None, limit: int, newest_first: bool
    ) -> list[CareServiceRow]:
        """At most `limit` services."""
        query: Any = select(CareServiceRow).where(*sought.within(col(CareServiceRow.updated_at)))
        if sought.ids is not None:
            query = query.where(col(CareServiceRow.id).in_(sought.ids))
        among = (("code", sought.codes), ("organisation", sought.organisations), ("capacity", sought.capacities))
        for name, values in among:
            if values is not None:
                query = query.where(cast(getattr(CareServiceRow, name), Text).in_(values))
        for name, values in (("domains", sought.domains), ("communes", sought.communes)):
            if values is not None:
                query = query.where(overlaps(getattr(CareServiceRow, name), values))
        if sought.begins:
            query = query.where(col(CareServiceRow.words).startswith(sought.begins, autoescape=True))
        return await self._page(query, CareServiceRow, (after, limit, newest_first))

    async def _page(self, query: Any, kind: Any, page: tuple[Spot | None, int, bool]) -> list[Any]:
        after, limit, newest_first = page
        keys = (col(kind.updated_at), col(kind.id))
        if after:
            spot = tuple_(*map(literal, after))
            query = query.where(tuple_(*keys) < spot if newest_first else tuple_(*keys) > spot)
        order = [key.desc() for key in keys] if newest_first else keys
        return list((await self.session.exec(query.order_by(*order).limit(limit))).all())
