"""The copies that people asked for, and what each service gave for them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, exists, tuple_
from sqlmodel import Field, col, select, update

from services.intake.domain.export import (
    SERVICES,
    AskedBy,
    Delivery,
    Export,
    ExportLanguage,
    Extension,
    Part,
    Terms,
)
from services.intake.events.exports import ExportState
from services.intake.store.table import Table, visible
from shared.access import Scope
from shared.auth import Caller
from shared.clock import local_date
from shared.encryption import EncryptedJson
from shared.errors import NotFound
from shared.ids import new_id
from shared.rights.record import SubjectRecord
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

TURN = timedelta(minutes=2)
"""How long whoever asks a service has, before another may ask it."""
AT_ONCE = 50

_version = Column("version", Integer, nullable=False)


class ExportRow(Table, Export, table=True):
    """One request for a copy."""

    __tablename__ = "subject_export"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (Index("ix_subject_export_programme_due_on_id", "programme", "due_on", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(index=True, sa_column_args=[ForeignKey("person.id")])
    asked_by: AskedBy = Field(sa_type=text_enum(AskedBy))
    language: ExportLanguage = Field(sa_type=text_enum(ExportLanguage))
    state: ExportState = Field(default=ExportState.COLLECTING, sa_type=text_enum(ExportState))
    extension: Extension | None = Field(default=None, sa_type=text_enum(Extension), nullable=True)
    delivery: Delivery | None = Field(default=None, sa_type=text_enum(Delivery), nullable=True)
    version: int = Field(default=0, sa_column=_version)


class PartRow(Table, Part, table=True):
    """What one service gave: encrypted, and gone after the copy's time."""

    __tablename__ = "export_part"

    export_id: UUID = Field(primary_key=True, foreign_key="subject_export.id")
    service: str = Field(primary_key=True)
    try_at: datetime | None = Field(default=None, index=True)
    content: SubjectRecord | None = Field(default=None, sa_type=EncryptedJson(SubjectRecord), nullable=True)


class Exports(Collection):
    """The copies, as far as the caller may see them."""

    async def ask(self, export: Export) -> ExportRow:
        """Keep a request; every service is to be asked for its part."""
        row = ExportRow(**export.model_dump())
        await self.record(row, row.told())
        now = self.transaction.clock.now()
        self.session.add_all([PartRow(export_id=row.id, service=each, try_at=now) for each in SERVICES])
        await self.session.flush()
        return row

    async def get(self, export_id: UUID, caller: Caller) -> ExportRow:
        """One request; NotFound when there is none that this caller may see."""
        row = await self.session.get(ExportRow, export_id)
        if row is None or not visible(row, caller):
            raise NotFound
        return row

    async def page(self, caller: Caller, limit: int, after: Sequence[str] | None, *, is_open: bool) -> list[ExportRow]:
        """At most `limit` + 1 requests by due date; those that wait for an answer, or all."""
        query = select(ExportRow).order_by(col(ExportRow.due_on), col(ExportRow.id)).limit(limit + 1)
        if caller.scope != Scope.ALL:
            query = query.where(ExportRow.programme == caller.organisation)
        if is_open:
            query = query.where(col(ExportRow.delivered_at).is_(None))
        if after:
            place = tuple_(col(ExportRow.due_on), col(ExportRow.id))
            query = query.where(place > (date.fromisoformat(after[0]), UUID(after[1])))
        return list((await self.session.exec(query)).all())

    async def parts(self, export_id: UUID) -> list[PartRow]:
        """The parts of a copy, in the order in which they are shown."""
        rows = (await self.session.exec(select(PartRow).where(PartRow.export_id == export_id))).all()
        return sorted(rows, key=lambda row: SERVICES.index(row.service))

    async def claim(self) -> tuple[Part, UUID] | None:
        """The next part to ask for, for the time of a turn, with the person it is about; None when there is none."""
        now = self.transaction.clock.now()
        waits = (col(PartRow.collected_at).is_(None), col(PartRow.try_at) <= now)
        query = select(PartRow, ExportRow.person_id).join(ExportRow).where(*waits)
        query = query.order_by(col(PartRow.try_at)).limit(1).with_for_update(of=PartRow, skip_locked=True)
        found = (await self.session.exec(query)).first()
        if found is None:
            return None
        row, person_id = found
        row.tries, row.try_at = row.tries + 1, now + TURN
        self.session.add(row)
        return Part(**row.model_dump(exclude={"content"})), person_id

    async def put_off(self, part: Part, why: str) -> None:
        """A service gave nothing: it is asked again later."""
        part.fail(why, self.transaction.clock.now())
        values = {"failure": part.failure, "try_at": part.try_at}
        await self.session.exec(self._still(part).values(**values))

    async def keep(self, part: Part, content: SubjectRecord, terms: Terms) -> None:
        """Keep what a service gave, the first time; the copy is complete with the last part."""
        export = (
            await self.session.exec(select(ExportRow).where(ExportRow.id == part.export_id).with_for_update())
        ).one()
        now = self.transaction.clock.now()
        values = {"content": content, "collected_at": now, "failure": None, "try_at": None}
        await self.session.exec(self._still(part).values(**values))
        missing = exists().where(col(PartRow.export_id) == export.id, col(PartRow.collected_at).is_(None))
        if export.state is ExportState.COLLECTING and not (await self.session.exec(select(missing))).one():
            await self.record(export, export.complete(now, local_date(self.transaction.clock), terms))

    async def expire(self) -> bool:
        """Delete what was collected of copies whose time is over; whether more may be waiting."""
        over = (
            col(ExportRow.state) != ExportState.EXPIRED,
            col(ExportRow.keep_until) < local_date(self.transaction.clock),
        )
        query = select(ExportRow).where(*over).limit(AT_ONCE).with_for_update(skip_locked=True)
        rows = (await self.session.exec(query)).all()
        for row in rows:
            gone = update(PartRow).where(col(PartRow.export_id) == row.id).values(content=None)
            await self.session.exec(gone.execution_options(synchronize_session=False))
            await self.record(row, row.expire())
        return len(rows) == AT_ONCE

    def _still(self, part: Part) -> Any:
        mine = (col(PartRow.export_id) == part.export_id, col(PartRow.service) == part.service)
        waits = update(PartRow).where(*mine, col(PartRow.collected_at).is_(None))
        return waits.execution_options(synchronize_session=False)
