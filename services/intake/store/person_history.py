"""What changed of a person, when and by whom; and who stands by a person."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import JsonValue
from pydantic_core import to_jsonable_python
from sqlalchemy import ForeignKey, Index, inspect
from sqlmodel import Field, col, select

from services.intake.domain import Mandate, RelationCode
from services.intake.domain.person import TOLD
from services.intake.store.table import Table
from shared.encryption import EncryptedJson, EncryptedText
from shared.errors import NotFound
from shared.ids import new_id
from shared.store import Collection, Json, text_enum


class PersonChangeRow(Table, table=True):
    """One change: each field with the value that it had."""

    __tablename__ = "person_change"
    __table_args__ = (Index("ix_person_change_person_id_id", "person_id", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(sa_column_args=[ForeignKey("person.id")])
    at: datetime
    by: str
    before: dict[str, JsonValue] = Field(sa_type=EncryptedJson(dict[str, JsonValue]))


class RelationRow(Table, table=True):
    """A relative or proxy of a person; changed only together with that person's version."""

    __tablename__ = "person_relation"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(index=True, sa_column_args=[ForeignKey("person.id")])
    code: RelationCode = Field(sa_type=text_enum(RelationCode))
    mandates: tuple[Mandate, ...] = Field(default=(), sa_type=Json(tuple[Mandate, ...]))
    other_id: UUID | None = Field(default=None, index=True, sa_column_args=[ForeignKey("person.id")])
    name: str | None = Field(default=None, sa_type=EncryptedText)
    phone: str | None = Field(default=None, sa_type=EncryptedText)
    since: date | None = None
    until: date | None = None


class PersonHistory(Collection):
    """The changes of people."""

    async def page(self, ids: Sequence[UUID], limit: int, after: Sequence[str] | None) -> list[PersonChangeRow]:
        """At most `limit` + 1 changes of these records, the latest first."""
        query = select(PersonChangeRow).where(col(PersonChangeRow.person_id).in_(ids))
        if after:
            query = query.where(col(PersonChangeRow.id) < UUID(after[0]))
        return list((await self.session.exec(query.order_by(col(PersonChangeRow.id).desc()).limit(limit + 1))).all())


class Relations(Collection):
    """The relatives and proxies of people."""

    async def of(self, person_id: UUID) -> list[RelationRow]:
        """All of one person, in the order they were told; none to oneself, that two merged records had."""
        query = select(RelationRow).where(RelationRow.person_id == person_id).order_by(col(RelationRow.id))
        return [row for row in (await self.session.exec(query)).all() if row.other_id != person_id]

    async def get(self, person_id: UUID, relation_id: UUID) -> RelationRow:
        """One of a person; raises NotFound."""
        row = await self.session.get(RelationRow, relation_id)
        if row is None or row.person_id != person_id:
            raise NotFound
        return row


def change_of(person: Table, person_id: UUID, by: str, at: datetime) -> PersonChangeRow | None:
    """What is about to be written otherwise of a person, None where nothing is."""
    state = inspect(person)
    if not state.persistent:
        return None
    before: dict[str, JsonValue] = {}
    for name in TOLD:
        changed = state.attrs[name].history
        if changed.has_changes():
            before[name] = to_jsonable_python(changed.deleted[0] if changed.deleted else None)
    return PersonChangeRow(person_id=person_id, at=at, by=by, before=before) if before else None
