"""Reminders: which are due by the database's clock, and which were given already."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, UniqueConstraint, cast, exists, func
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Field, col, select

from services.scheduler.domain import AHEAD_OF, Appointment, FollowUp, Reminder
from services.scheduler.events import ReminderKind, ReminderOf
from services.scheduler.store.appointments import AppointmentRow
from services.scheduler.store.follow_up_rows import FollowUpRow
from services.scheduler.store.table import Table
from services.scheduler.store.worklists import TO_DO
from shared.erasure.ended import is_restricted
from shared.ids import new_id
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

BATCH = 100


class ReminderRow(Table, Reminder, table=True):
    """A reminder that was given."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("subject_id", "kind", "due_on"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    of: ReminderOf = Field(sa_type=text_enum(ReminderOf))
    kind: ReminderKind = Field(sa_type=text_enum(ReminderKind))
    version: int = 0


class Reminders(Collection):
    """The reminders."""

    async def today(self) -> date:
        """The day in Belgium by the clock that timers go by."""
        local = func.timezone("Europe/Brussels", func.relais_now())
        return (await self.session.exec(select(cast(local, Date)))).one()

    async def give(self, reminder: Reminder) -> bool:
        """Give a reminder unless it was given; of any number of replicas at once one does."""
        return await self.transaction.record_new(ReminderRow, dict(reminder), reminder.told())

    async def follow_ups(self, kind: ReminderKind, first: date, last: date, today: date) -> Sequence[FollowUpRow]:
        """Follow-ups due between two days, both included, that were not reminded of, urgent first; what rests waits.

        They are locked against changes, so that nobody is reminded of what is being done.
        """
        due = col(FollowUpRow.due_on)
        wanted = select(FollowUpRow).where(
            TO_DO,
            due.between(first, last),
            func.coalesce(col(FollowUpRow.held_until) <= today, True),
            ~_given(kind, col(FollowUpRow.id), due),
            ~is_restricted(col(FollowUpRow.person_id), col(FollowUpRow.case_id)),
        )
        ordered = wanted.order_by(col(FollowUpRow.risk), due, col(FollowUpRow.id)).limit(BATCH)
        return (await self.session.exec(ordered.with_for_update(read=True, skip_locked=True))).all()

    async def appointments(self, first: date, last: date) -> Sequence[AppointmentRow]:
        """A worker's appointments between two days, both included, that are to come and were not reminded of."""
        on = col(AppointmentRow.on)
        wanted = select(AppointmentRow).where(
            col(AppointmentRow.status).in_(AHEAD_OF),
            col(AppointmentRow.worker).is_not(None),
            on.between(first, last),
            ~_given(ReminderKind.BEFORE, col(AppointmentRow.id), on),
            ~is_restricted(col(AppointmentRow.person_id), col(AppointmentRow.case_id)),
        )
        ordered = wanted.order_by(on, col(AppointmentRow.id)).limit(BATCH)
        return (await self.session.exec(ordered.with_for_update(read=True, skip_locked=True))).all()


def _given(kind: ReminderKind, subject: Any, due_on: Any) -> ColumnElement[bool]:
    same = (col(ReminderRow.subject_id) == subject) & (col(ReminderRow.due_on) == due_on)
    return exists().where(same & (col(ReminderRow.kind) == kind))


def of_follow_up(row: FollowUp, kind: ReminderKind) -> Reminder:
    """The reminder of a follow-up."""
    return Reminder(
        of=ReminderOf.FOLLOW_UP,
        subject_id=row.id,
        case_id=row.case_id,
        kind=kind,
        owner=row.owner,
        worker=row.worker,
        due_on=row.due_on,
    )


def of_appointment(row: Appointment) -> Reminder:
    """The reminder of an appointment; its worker is a case manager or goes along with one."""
    return Reminder(
        of=ReminderOf.APPOINTMENT,
        subject_id=row.id,
        case_id=row.case_id,
        kind=ReminderKind.BEFORE,
        owner="case-manager",
        worker=row.worker,
        due_on=row.on,
    )
