"""The questions whether an organisation has room."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Integer, tuple_
from sqlmodel import Field, col, select

from services.referrals.domain.capacity import CapacityQuestion, RoomAnswer
from services.referrals.domain.exchange import Recorded
from services.referrals.store.care_services import CareServices
from services.referrals.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.clock import local_date
from shared.encryption import EncryptedJson
from shared.errors import NotFound
from shared.ids import new_id
from shared.requests import SeenVersion
from shared.store import Collection, Json

_version = Column("version", Integer, nullable=False)


class CapacityQuestionRow(Table, CapacityQuestion, table=True):
    """A question whether an organisation has room."""

    __tablename__ = "capacity_question"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (Index("ix_capacity_question_organisation", "organisation", "asked_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    needs: tuple[str, ...] = Field(default=(), sa_type=Json(tuple[str, ...]))
    answer: RoomAnswer | None = Field(default=None, sa_type=EncryptedJson(RoomAnswer))
    recorded: Recorded | None = Field(default=None, sa_type=EncryptedJson(Recorded))
    version: int = Field(default=0, sa_column=_version)


class CapacityQuestions(Collection):
    """The questions, as far as the caller may see them: an organisation those put to it."""

    async def get(self, question_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> CapacityQuestionRow:
        """One; NotFound when there is none, or none that this caller may see; StaleVersion by `seen`."""
        question = await self.session.get(CapacityQuestionRow, question_id)
        if question is None or (caller.scope != Scope.ALL and question.organisation != caller.organisation):
            raise NotFound
        if seen:
            seen.check(question)
        return question

    async def page(
        self, caller: Caller, open_only: bool, limit: int, after: Sequence[str] | None
    ) -> list[CapacityQuestionRow]:
        """At most `limit` + 1, newest first."""
        query = select(CapacityQuestionRow)
        if caller.scope != Scope.ALL:
            query = query.where(CapacityQuestionRow.organisation == caller.organisation)
        if open_only:
            query = query.where(col(CapacityQuestionRow.answered_at).is_(None))
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(CapacityQuestionRow.asked_at), col(CapacityQuestionRow.id)) < place)
        query = query.order_by(col(CapacityQuestionRow.asked_at).desc(), col(CapacityQuestionRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def tell_directory(self, question: CapacityQuestionRow) -> None:
        """Let the directory know what was answered about one of its services."""
        if question.service_id is None or question.answer is None:
            return
        services = CareServices(self.transaction)
        service = await services.get(question.service_id)
        answer, today = question.answer, local_date(self.transaction.clock)
        await services.record(service, service.has_room(answer.capacity, answer.places, today))
