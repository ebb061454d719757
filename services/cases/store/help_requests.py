"""The help that workers ask for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, tuple_
from sqlalchemy import text as sql
from sqlmodel import Field, col, select

from services.cases.domain import Reason
from services.cases.domain.help_request import HelpRequest, HelpState
from services.cases.events import Urgency
from services.cases.events.meeting import HelpKind, HelpRequested
from services.cases.store.agenda import Agenda
from services.cases.store.case_row import CaseRow
from services.cases.store.table import Table
from services.cases.store.timeline import Timeline
from services.cases.store.visibility import seen_by
from shared.auth import Caller
from shared.encryption import EncryptedText
from shared.errors import NotFound
from shared.events import Event
from shared.ids import new_id
from shared.requests import SeenVersion
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_help_version = Column("version", Integer, nullable=False)


class HelpRequestRow(Table, HelpRequest, table=True):
    """A request for help."""

    __tablename__ = "help_request"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _help_version, "version_id_generator": False}
    __table_args__ = (
        Index("ix_help_request_case_id", "case_id"),
        Index("ix_help_request_open", "asked_at", "id", postgresql_where=sql("state = 'open'")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    kind: HelpKind = Field(sa_type=text_enum(HelpKind))
    urgency: Urgency = Field(sa_type=text_enum(Urgency))
    state: HelpState = Field(default=HelpState.OPEN, sa_type=text_enum(HelpState))
    text: str = Field(sa_type=EncryptedText)
    answer: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_help_version)


class HelpRequests(Collection):
    """The help that workers ask for, on the agenda until it is answered."""

    async def get(self, help_id: UUID, caller: Caller | None = None, seen: SeenVersion | None = None) -> HelpRequestRow:
        """One request; NotFound when there is none that this caller may see; StaleVersion by `seen`."""
        query = (
            select(HelpRequestRow)
            .join(CaseRow, col(CaseRow.id) == col(HelpRequestRow.case_id))
            .where(HelpRequestRow.id == help_id, seen_by(caller, self.transaction.clock.now()))
        )
        found = (await self.session.exec(query)).first()
        if found is None:
            raise NotFound
        if seen:
            seen.check(found)
        return found

    async def ask(self, request: HelpRequest, fact: HelpRequested) -> HelpRequestRow:
        """Store a new request and put it on the agenda."""
        row = HelpRequestRow(**dict(request))
        await self.keep(row, request.asked_by, fact, request.text)
        await Agenda(self.transaction).raise_signal(row.signal)
        return row

    async def end(self, row: HelpRequestRow, by: str, fact: Event, words: str) -> None:
        """Record an answer or a withdrawal, and take the line off the agenda."""
        await self.keep(row, by, fact, words)
        await Agenda(self.transaction).settle_subject(row.id, [Reason.HELP_REQUESTED])

    async def answer_at(self, meeting_id: UUID, help_id: UUID, answer: tuple[str, str]) -> None:
        """Take a meeting's decision, (by whom, text), for the answer; nothing happens where there was one already."""
        by, text = answer
        request = await self.get(help_id)
        if request.state is HelpState.OPEN:
            fact = request.give_answer(text, by, self.transaction.clock.now(), meeting_id)
            await self.end(request, by, fact, text)

    async def keep(self, row: HelpRequestRow, by: str, fact: Event, words: str) -> None:
        """Record a step on a request; what was written stays on the case's timeline."""
        await self.record(row, fact)
        Timeline(self.transaction).tell(row.case_id, [fact], by, {"text": words})

    async def page(
        self, caller: Caller, wanted: tuple[HelpState | None, UUID | None], limit: int, after: Sequence[str] | None
    ) -> list[HelpRequestRow]:
        """At most `limit` + 1 requests in this state or of this case, the oldest first."""
        state, case_id = wanted
        query = select(HelpRequestRow).join(CaseRow, col(CaseRow.id) == col(HelpRequestRow.case_id))
        query = query.where(seen_by(caller, self.transaction.clock.now()))
        if state:
            query = query.where(HelpRequestRow.state == state)
        if case_id:
            query = query.where(HelpRequestRow.case_id == case_id)
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(HelpRequestRow.asked_at), col(HelpRequestRow.id)) > place)
        query = query.order_by(col(HelpRequestRow.asked_at), col(HelpRequestRow.id))
        return list((await self.session.exec(query.limit(limit + 1))).all())
