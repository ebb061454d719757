"""The call-backs that the line owes, and all SQL about them."""

from collections.abc import Sequence
from datetime import datetime, time
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, TextClause, func, text, tuple_
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Field, col, select

from services.intake.domain import (
    CallBack,
    CallBackState,
    CallBackWish,
    Contact,
    ImpossibleContact,
    Pace,
    Why,
)
from services.intake.events import CallBackCancellation, CallBackResult, Urgency
from services.intake.settings import Settings
from services.intake.store.table import Table, visible
from services.intake.store.ties import Ties, open_to
from shared.access import Scope
from shared.auth import Caller
from shared.clock import BRUSSELS, local_date
from shared.encryption import EncryptedText
from shared.erasure.ended import is_restricted
from shared.errors import Fault, NotFound
from shared.events import Event
from shared.ids import new_id
from shared.relationships.links import Relationships
from shared.requests import SeenVersion
from shared.store import Aggregate, Collection, text_enum

CLAIM = 100
_OPEN = text("state IN ('planned', 'due', 'escalated')")
_PLANNED = text("state = 'planned'")
_DUE = text("state = 'due'")

_version = Column("version", Integer, nullable=False)


class CallBackRow(Table, CallBack, table=True):
    """A call-back; its phone is gone once it is over."""

    __tablename__ = "call_back"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        Index("ix_call_back_programme_due_at_id", "programme", "due_at", "id"),
        Index("ix_call_back_open", "programme", "due_at", "id", postgresql_where=_OPEN),
        Index("ix_call_back_planned", "due_at", postgresql_where=_PLANNED),
        Index("ix_call_back_due", "escalates_at", postgresql_where=_DUE),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    contact_id: UUID = Field(index=True, sa_column_args=[ForeignKey("contact.id")])
    person_id: UUID | None = Field(default=None, index=True, sa_column_args=[ForeignKey("person.id")])
    urgency: Urgency = Field(sa_type=text_enum(Urgency))
    state: CallBackState = Field(sa_type=text_enum(CallBackState))
    result: CallBackResult | None = Field(default=None, sa_type=text_enum(CallBackResult), nullable=True)
    cancellation: CallBackCancellation | None = Field(
        default=None, sa_type=text_enum(CallBackCancellation), nullable=True
    )
    phone: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_version)


class CallBackPart(StrEnum):
    """A part of the call-backs: still owed; their time has come; due before today; gone to another role; over."""

    OPEN = "open"
    DUE = "due"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    OVER = "over"


class CallBacks(Collection):
    """The call-backs, as far as the caller may see them."""

    @property
    def pace(self) -> Pace:
        """The programme's own times."""
        settings = self.transaction.settings
        return (settings if isinstance(settings, Settings) else Settings.model_construct()).pace

    async def record(self, aggregate: Aggregate, *events: Event) -> None:
        """Write a call-back's change; as long as it is owed, the line has to do with whom it is owed to."""
        await super().record(aggregate, *events)
        if isinstance(aggregate, CallBackRow):
            await Ties(self.transaction).owes(aggregate)

    async def plan(self, contact: Contact, wish: CallBackWish) -> None:
        """Owe a call after a contact."""
        await self.record(*CallBackRow.plan(contact, wish, self.pace))

    async def get(self, call_back_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> CallBackRow:
        """One call-back; NotFound when there is none that this caller may see, StaleVersion by `seen`."""
        row = await self.session.get(CallBackRow, call_back_id)
        if row is None or not visible(row, caller):
            raise NotFound
        await Relationships(self.transaction).demand(row.person_id, caller)
        if seen:
            seen.check(row)
        return row

    async def answer(self, contact: Contact) -> None:
        """End the call-back that a contact answers; raises ImpossibleContact where it cannot."""
        query = select(CallBackRow).where(CallBackRow.id == contact.answers_callback_id).with_for_update()
        row = (await self.session.exec(query)).first()
        if row is None or row.programme != contact.programme:
            raise ImpossibleContact(faults=[Fault("/answers_callback_id", "unknown")])
        if not row.is_open:
            raise ImpossibleContact(faults=[Fault("/answers_callback_id", "over")])
        if row.person_id and contact.person_id and row.person_id != contact.person_id:
            raise ImpossibleContact(faults=[Fault("/answers_callback_id", "other-person")])
        result = CallBackResult.NOT_REACHED if contact.reason is Why.NOT_REACHED else CallBackResult.REACHED
        await self.record(row, row.complete(result, contact.agent, contact.recorded_at, contact.id))

    async def open_of(self, person_id: UUID, programme: str) -> list[CallBackRow]:
        """What is owed to a person, the first due first."""
        query = select(CallBackRow).where(CallBackRow.person_id == person_id, _OPEN, CallBackRow.programme == programme)
        return list((await self.session.exec(query.order_by(col(CallBackRow.due_at), col(CallBackRow.id)))).all())

    async def claim_due(self) -> Sequence[CallBackRow]:
        """Planned ones whose time has come by the database's clock, locked; those locked by others are skipped."""
        return await self._claim(_PLANNED, col(CallBackRow.due_at))

    async def claim_late(self) -> Sequence[CallBackRow]:
        """Due ones that are too late by the database's clock, locked; those locked by others are skipped."""
        return await self._claim(_DUE, col(CallBackRow.escalates_at))

    async def _claim(self, state: TextClause, at: Any) -> Sequence[CallBackRow]:
        query = (
            select(CallBackRow)
            .where(state, at <= func.relais_now(), ~is_restricted(col(CallBackRow.person_id)))
            .order_by(at)
        )
        return (await self.session.exec(query.limit(CLAIM).with_for_update(skip_locked=True))).all()

    async def page(
        self, caller: Caller, wanted: Sequence[ColumnElement[bool]], limit: int, after: Sequence[str] | None
    ) -> list[CallBackRow]:
        """At most `limit` + 1 call-backs, the first due first."""
        place = (col(CallBackRow.due_at), col(CallBackRow.id))
        query = select(CallBackRow).where(*wanted)
        if caller.scope != Scope.ALL:
            query = query.where(CallBackRow.programme == caller.organisation)
        query = query.where(open_to(col(CallBackRow.person_id), caller, self.transaction.clock.now()))
        if after:
            query = query.where(tuple_(*place) > (datetime.fromisoformat(after[0]), UUID(after[1])))
        return list((await self.session.exec(query.order_by(*place).limit(limit + 1))).all())

    def wanted(self, part: CallBackPart, person_id: UUID | None, claimed_by: str | None) -> list[ColumnElement[bool]]:
        """The conditions of a list."""
        state = col(CallBackRow.state)
        today = datetime.combine(local_date(self.transaction.clock), time(), BRUSSELS)
        parts: dict[CallBackPart, list[Any]] = {
            CallBackPart.OPEN: [_OPEN],
            CallBackPart.DUE: [_OPEN, col(CallBackRow.due_at) <= self.transaction.clock.now()],
            CallBackPart.OVERDUE: [_OPEN, col(CallBackRow.due_at) < today],
            CallBackPart.ESCALATED: [_OPEN, state == CallBackState.ESCALATED],
            CallBackPart.OVER: [state.in_([CallBackState.COMPLETED, CallBackState.CANCELLED])],
        }
        found = parts[part]
        if person_id:
            found.append(col(CallBackRow.person_id) == person_id)
        if claimed_by:
            found.append(col(CallBackRow.claimed_by) == claimed_by)
        return found
