"""The contacts of the line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, tuple_
from sqlmodel import Field, col, select

from services.intake.domain import Contact
from services.intake.domain.contact import Channel, Speaker, Why
from services.intake.events import Direction, Outcome, Urgency
from services.intake.store.table import Table, visible
from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.ids import new_id
from shared.store import Collection, Json, text_enum

_version = Column("version", Integer, nullable=False)


class ContactRow(Table, Contact, table=True):
    """A contact; its note never leaves this table but to those who may read it."""

    __tablename__ = "contact"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        Index("ix_contact_programme_started_at_id", "programme", "started_at", "id"),
        Index("ix_contact_person_id_started_at", "person_id", "started_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    direction: Direction = Field(sa_type=text_enum(Direction))
    channel: Channel = Field(sa_type=text_enum(Channel))
    caller: Speaker = Field(sa_type=Json(Speaker))
    person_id: UUID | None = Field(default=None, sa_column_args=[ForeignKey("person.id")])
    started_at: datetime
    ended_at: datetime
    language: str | None = None
    topics: tuple[str, ...] = Field(default=(), sa_type=Json(tuple[str, ...]))
    note: str | None = None
    outcome: Outcome = Field(sa_type=text_enum(Outcome))
    reason: Why = Field(sa_type=text_enum(Why))
    urgency: Urgency | None = Field(default=None, sa_type=text_enum(Urgency), nullable=True)
    organisation: str | None = None
    version: int = Field(default=0, sa_column=_version)


class Contacts(Collection):
    """The contacts of this service, inside the caller's transaction."""

    async def get(self, contact_id: UUID, caller: Caller) -> ContactRow:
        """One contact; NotFound when there is none that this caller may see."""
        contact = await self.session.get(ContactRow, contact_id)
        if contact is None or not visible(contact, caller):
            raise NotFound
        return contact

    async def page(
        self,
        caller: Caller,
        person_id: UUID | None,
        outcome: Outcome | None,
        limit: int,
        after: Sequence[str] | None,
    ) -> list[ContactRow]:
        """At most `limit` + 1 contacts, the latest first."""
        query = select(ContactRow)
        if caller.scope != Scope.ALL:
            query = query.where(ContactRow.programme == caller.organisation)
        if person_id:
            query = query.where(ContactRow.person_id == person_id)
        if outcome:
            query = query.where(ContactRow.outcome == outcome)
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(ContactRow.started_at), col(ContactRow.id)) < place)
        query = query.order_by(col(ContactRow.started_at).desc(), col(ContactRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())
