"""Reading the audit: pages of records, one record, and who looked at what belongs to a subject."""

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Select, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from shared.audit.record import Outcome
from shared.errors import NotFound
from shared.store import Collection
from shared.tables import audit_record, audit_seal

Row = Mapping[str, Any]


class Wanted(BaseModel):
    """Which records: of a period (from inclusive, to exclusive), of one agent, of one action, with one outcome."""

    model_config = ConfigDict(populate_by_name=True)

    since: AwareDatetime | None = Field(None, alias="from")
    until: AwareDatetime | None = Field(None, alias="to")
    agent: str | None = Field(None, max_length=200, description="The subject or the client of a token")
    action: str | None = Field(None, max_length=80)
    outcome: Outcome | None = None

    def narrow(self, query: Select[Any]) -> Select[Any]:
        """A query for these only."""
        record = audit_record.c
        if self.since:
            query = query.where(record.at >= self.since)
        if self.until:
            query = query.where(record.at < self.until)
        if self.agent:
            query = query.where((record.subject == self.agent) | (record.client == self.agent))
        if self.action:
            query = query.where(record.action == self.action)
        return query.where(record.outcome == str(self.outcome)) if self.outcome else query


class Narrowing(Protocol):
    """What says which records are wanted."""

    def narrow(self, query: Select[Any]) -> Select[Any]:
        """A query for these only."""


class Records(Collection):
    """The audit records. They are read here and nowhere changed."""

    async def page(
        self, wanted: Narrowing, limit: int, after: Sequence[str] | None, entities: Some[UUID] | None = None
    ) -> list[Row]:
        """At most `limit` + 1 records, the latest first; with `entities`, those about any of them."""
        query = wanted.narrow(_WITH_PLACE).order_by(audit_record.c.id.desc()).limit(limit + 1)
        if after:
            query = query.where(audit_record.c.id < UUID(after[0]))
        if entities is not None:
            among = bindparam("among", sorted(entities), ARRAY(Uuid))
            query = query.where(audit_record.c.entities.bool_op("&&")(among))
        return [dict(row._mapping) for row in await (await self.session.connection()).execute(query)]

    async def get(self, record_id: UUID) -> Row:
        """One record; NotFound where there is none."""
        query = _WITH_PLACE.where(audit_record.c.id == record_id)
        row = (await (await self.session.connection()).execute(query)).one_or_none()
        if row is None:
            raise NotFound
        return dict(row._mapping)


_WITH_PLACE = select(audit_record, audit_seal.c.sequence).outerjoin(
    audit_seal, audit_seal.c.record == audit_record.c.id
)


class RecordView(BaseModel):
    """One record of the audit: codes and ids. `sequence` is its place in the chain, null until it is sealed."""

    id: UUID
    at: datetime
    subject: str = Field(description="The caller: `sub` of the token, empty where nobody was believed")
    client: str
    organisation: str
    roles: list[str] = Field(description="The caller's roles that allowed it")
    action: str
    scope: str
    purpose: str
    reason: str
    method: str
    route: str = Field(description="The template of the path, never the path itself")
    outcome: Outcome
    status: int
    request_id: str
    trace: str
    break_glass: UUID | None
    sequence: int | None

    @classmethod
    def of(cls, row: Row) -> "RecordView":
        """The view of a row."""
        return cls(**{name: row[name] for name in RecordView.model_fields})


class WholeRecordView(RecordView):
    """One record with what it disclosed or changed: ids of records, and of those whom they are about."""

    entities: list[UUID]
    about: list[UUID]
    terms: str | None = Field(description="Keyed fingerprint of what was searched for")


class AccessView(BaseModel):
    """One look at somebody's file, as they may know of it. `agent` is null unless names are lawful to show."""

    at: datetime
    purpose: str
    roles: list[str]
    organisation: str
    action: str
    break_glass: bool
    agent: str | None

    @classmethod
    def of(cls, row: Row, is_named: bool) -> "AccessView":
        """The view of a row."""
        same = {name: row[name] for name in ("at", "purpose", "roles", "organisation", "action")}
        return cls(**same, break_glass=row["break_glass"] is not None, agent=row["subject"] if is_named else None)
