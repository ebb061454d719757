"""The facts of the other services that belong on timelines: each once, filed under the record that it is about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col

from services.cases.store.table import Table
from shared.store import Collection, Json

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class HeardRow(Table, table=True):
    """One fact of another service. `id` is the event's own, `at` its own time; `place` is there to sort with ours."""

    __tablename__ = "heard"
    __table_args__ = (Index("ix_heard_about_at_place_id", "about", "at", "place", "id"),)

    id: UUID = Field(primary_key=True)
    about: UUID
    at: datetime
    place: int = 0
    service: str
    kind: str
    facts: dict[str, Any] = Field(sa_type=Json(dict[str, Any]))


class TieRow(Table, table=True):
    """A record belongs to another: a contact to a person, an outgoing referral to a case. `at` is when that was told.

    `role` names what the other one is to it; a record has one of each, the one told last.
    """

    __tablename__ = "tie"
    __table_args__ = (Index("ix_tie_subject_id_record_id", "subject_id", "record_id"),)

    record_id: UUID = Field(primary_key=True)
    role: str = Field(primary_key=True)
    subject_id: UUID
    at: datetime


class Heard(Collection):
    """What was heard of the other services."""

    async def file(self, event_id: UUID, about: UUID, at: datetime, kind: str, facts: Mapping[str, Any]) -> bool:
        """Keep one fact, whose `kind` is `service.name`; once per event, says whether it is new."""
        service, name = kind.split(".")
        values = {"id": event_id, "about": about, "at": at, "place": 0, "service": service, "kind": name}
        return await self.transaction.insert_once(HeardRow, **values, facts=dict(facts))

    async def tie(self, record_id: UUID, role: str, subject_id: UUID, at: datetime) -> None:
        """Note to what a record belongs; what was told later goes before, in whatever order it comes."""
        told = {"record_id": record_id, "role": role, "subject_id": subject_id, "at": at}
        row = insert(TieRow).values(told)
        newer = row.on_conflict_do_update(
            index_elements=["record_id", "role"],
            set_={"subject_id": row.excluded.subject_id, "at": row.excluded.at},
            where=col(TieRow.at) <= row.excluded.at,
        )
        await self.session.exec(newer)
