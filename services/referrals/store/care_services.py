"""The services of the directory, found by need and place."""

from collections.abc import Collection as Several
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    case,
    func,
    literal,
    or_,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.referrals.domain.care_service import CareService, Channel, Cost
from services.referrals.domain.service_search import CAPACITY_ORDER, Place, ServiceSearch
from services.referrals.domain.upkeep import oldest_fresh
from services.referrals.events import CapacityState
from services.referrals.store.table import Table
from shared.errors import NotFound
from shared.events import Event
from shared.ids import new_id
from shared.requests import SeenVersion
from shared.store import Aggregate, Collection, Json, text_enum

_version = Column("version", Integer, nullable=False)
Codes = ARRAY(Text, as_tuple=True)
NEVER = date(1900, 1, 1)


class CareServiceRow(Table, CareService, table=True):
    """A service of the directory."""

    __tablename__ = "care_service"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("organisation", "code"),
        Index("ix_care_service_domains", "domains", postgresql_using="gin"),
        Index("ix_care_service_communes", "communes", postgresql_using="gin"),
        Index("ix_care_service_postal_codes", "postal_codes", postgresql_using="gin"),
        Index("ix_care_service_whole_region", "id", postgresql_where=text("whole_region")),
        Index("ix_care_service_unverified", "verified_on", postgresql_where=text("active AND NOT stale_told")),
        Index("ix_care_service_updated_at_id", "updated_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    organisation: str = Field(sa_column_args=[ForeignKey("organisation.code")])
    code: str
    domains: tuple[str, ...] = Field(default=(), sa_type=Codes)
    communes: tuple[str, ...] = Field(default=(), sa_type=Codes)
    postal_codes: tuple[str, ...] = Field(default=(), sa_type=Codes)
    languages: tuple[str, ...] = Field(default=(), sa_type=Codes)
    cost: Cost | None = Field(default=None, sa_type=Json(Cost | None))
    channel: Channel | None = Field(default=None, sa_type=text_enum(Channel))
    capacity: CapacityState | None = Field(default=None, sa_type=text_enum(CapacityState))
    updated_at: datetime
    version: int = Field(default=0, sa_column=_version)


@dataclass(frozen=True)
class Supply:
    """How many services cover a need domain at a place, by what they say of their room (None: nothing)."""

    domain: str
    capacity: CapacityState | None
    services: int
    stale: int


def overlaps(column: Any, codes: Sequence[str]) -> ColumnElement[bool]:
    """Whether a column of codes holds any of these."""
    found: ColumnElement[bool] = col(column).op("&&", return_type=Boolean())(literal(list(codes), ARRAY(Text)))
    return found


def named(place: Place) -> ColumnElement[bool]:
    """Services that name the place."""
    either = []
    if place.commune:
        either.append(overlaps(CareServiceRow.communes, [place.commune]))
    if place.postal_code:
        either.append(overlaps(CareServiceRow.postal_codes, [place.postal_code]))
    return or_(*either)


def covering(place: Place) -> ColumnElement[bool]:
    """Services that cover the place, surely or perhaps (see `Place`)."""
    either = [named(place), col(CareServiceRow.whole_region)]
    if place.possible_communes:
        either.append(overlaps(CareServiceRow.communes, place.possible_communes))
    if place.possible_postal_codes:
        either.append(overlaps(CareServiceRow.postal_codes, place.possible_postal_codes))
    return or_(*either)


def sort_key(search: ServiceSearch) -> tuple[Any, ...]:
    """Room first, then how surely it covers the place, then the freshest verification, then the id."""
    ranks = {state: rank for rank, state in enumerate(CAPACITY_ORDER)}
    known = {state: rank for state, rank in ranks.items() if state is not None}
    room = case(known, value=col(CareServiceRow.capacity), else_=ranks[None])
    whole = col(CareServiceRow.whole_region)
    reach = case((named(search.place), 0), (whole, 1), else_=2) if search.place else literal(0)
    age = literal(date(2200, 1, 1), Date) - func.coalesce(col(CareServiceRow.verified_on), NEVER)
    return room, reach, age, col(CareServiceRow.id)


def conditions(search: ServiceSearch) -> Iterator[Any]:
    """What a found service fulfils."""
    row = CareServiceRow
    yield col(row.active)
    for name in ("capacity", "organisation", "programme"):
        wanted = getattr(search, name)
        if wanted is not None:
            yield col(getattr(row, name)) == wanted
    if search.domain:
        yield overlaps(row.domains, [search.domain])
    if search.language:
        yield overlaps(row.languages, [search.language])
    if search.place:
        yield covering(search.place)
    if search.stale is not None:
        fresh = func.coalesce(col(row.verified_on), NEVER) >= oldest_fresh(search.today)
        yield ~fresh if search.stale else fresh
    yield from (col(row.words).contains(term, autoescape=True) for term in search.terms)


class CareServices(Collection):
    """The directory's services."""

    async def get(self, service_id: UUID, seen: SeenVersion | None = None) -> CareServiceRow:
        """One; raises NotFound, and StaleVersion by `seen`."""
        service = await self.session.get(CareServiceRow, service_id)
        if service is None:
            raise NotFound
        if seen:
            seen.check(service)
        return service

    async def find(self, organisation: str, code: str) -> CareServiceRow | None:
        """An organisation's service by its code."""
        query = select(CareServiceRow).where(CareServiceRow.organisation == organisation, CareServiceRow.code == code)
        return (await self.session.exec(query)).first()

    async def of_organisations(self, organisations: Several[str]) -> dict[tuple[str, str], CareServiceRow]:
        """Every service of these organisations, by organisation and code."""
        query = select(CareServiceRow).where(col(CareServiceRow.organisation).in_(organisations))
        return {(row.organisation, row.code): row for row in (await self.session.exec(query)).all()}

    def new(self, organisation: str, code: str) -> CareServiceRow:
        """An organisation's new service, still to be described and recorded."""
        return CareServiceRow(organisation=organisation, code=code, updated_at=self.transaction.clock.now())

    def set_apart(self, row: CareServiceRow) -> None:
        """From now on nothing that is done to this row is written."""
        self.session.expunge(row)

    async def record(self, aggregate: Aggregate, *events: Event) -> None:
        """Write a change with its facts, and when it was made."""
        if isinstance(aggregate, CareServiceRow):
            aggregate.updated_at = self.transaction.clock.now()
        await super().record(aggregate, *events)

    async def search(
        self, search: ServiceSearch, limit: int, after: Sequence[str] | None
    ) -> list[tuple[CareServiceRow, tuple[int, int, int, UUID]]]:
        """At most `limit` + 1 services with their sort keys, the best answer first."""
        keys = sort_key(search)
        query = self._select_with(keys).where(*conditions(search))
        if after:
            room, reach, age = (int(part) for part in after[:3])
            query = query.where(tuple_(*keys) > tuple_(*map(literal, (room, reach, age, UUID(after[3])))))
        rows = (await self.session.exec(query.order_by(*keys).limit(limit + 1))).all()
        return [(row[0], (row[1], row[2], row[3], row[0].id)) for row in rows]

    @staticmethod
    def _select_with(keys: tuple[Any, ...]) -> Any:
        return select(CareServiceRow, *keys[:3])

    async def listed(self, limit: int, after: Sequence[str] | None) -> list[CareServiceRow]:
        """At most `limit` + 1 services, active or not, by id."""
        query: SelectOfScalar[CareServiceRow] = select(CareServiceRow).order_by(col(CareServiceRow.id))
        if after:
            query = query.where(col(CareServiceRow.id) > UUID(after[0]))
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def unverified(self, today: date, limit: int) -> list[CareServiceRow]:
        """Active services that have gone stale and nobody was told of; locked, so that one replica tells."""
        query = (
            select(CareServiceRow)
            .where(
                col(CareServiceRow.active),
                ~col(CareServiceRow.stale_told),
                or_(
                    col(CareServiceRow.verified_on).is_(None),
                    col(CareServiceRow.verified_on) < oldest_fresh(today),
                ),
            )
            .order_by(col(CareServiceRow.id))
        )
        return list((await self.session.exec(query.limit(limit).with_for_update(skip_locked=True))).all())

    async def supply(self, place: Place, today: date) -> list[Supply]:
        """What covers a place surely, per need domain and room."""
        domain = func.unnest(col(CareServiceRow.domains)).label("domain")
        stale = func.coalesce(col(CareServiceRow.verified_on), NEVER) < oldest_fresh(today)
        query: Any = (
            select(domain, CareServiceRow.capacity, func.count(), func.count().filter(stale))
            .where(col(CareServiceRow.active), or_(named(place), col(CareServiceRow.whole_region)))
            .group_by(domain, col(CareServiceRow.capacity))
        )
        return [Supply(*row) for row in (await self.session.exec(query)).all()]

    async def by_commune(self, domain: str | None) -> tuple[dict[str, int], int]:
        """How many active services name each municipality, and how many cover the whole region."""
        wanted = [col(CareServiceRow.active), *([overlaps(CareServiceRow.domains, [domain])] if domain else [])]
        commune = func.unnest(col(CareServiceRow.communes)).label("commune")
        naming: Any = select(commune, func.count()).where(*wanted, ~col(CareServiceRow.whole_region)).group_by(commune)
        whole: Any = select(func.count()).select_from(CareServiceRow).where(*wanted, col(CareServiceRow.whole_region))
        counted = {row[0]: row[1] for row in (await self.session.exec(naming)).all()}
        return counted, int((await self.session.exec(whole)).one())
