"""What is overdue or new, found in the tables of cases and put on the agenda: the same days give the same lines."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, case, cast, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col
from sqlmodel import select as among

from services.cases.domain import ENDED, OWNED, Reason, State
from services.cases.domain.agenda import Signal
from services.cases.domain.task import UNFINISHED, TaskOrigin
from services.cases.events import OriginKind, Urgency
from services.cases.store.agenda import OPEN, Agenda, LineRow
from services.cases.store.case_row import CaseRow
from services.cases.store.heard import HeardRow, TieRow
from services.cases.store.plans import TaskRow
from services.cases.store.ties import Ties
from shared.clock import BRUSSELS, local_date
from shared.relinks import Relinks
from shared.store import Collection

ANSWERED, EXPIRED = "outgoing-answered", "outgoing-expired"
NAMES = ("id", "case_id", "reason", "subject_id", "source_id", "since", "urgency", "raised_at", "rolled_over")


def source(*parts: Any) -> ColumnElement[Any]:
    """The id of what raised a line, made of the thing and its day: another day is another source."""
    return cast(func.md5(func.concat_ws(":", *parts)), Uuid)


def line_of(reason: Reason, subject: Any, since: Any, urgency: ColumnElement[Any]) -> Select[Any]:
    """The columns of a line about a case, apart from when it is raised."""
    return select(
        func.gen_random_uuid().label("id"),
        col(CaseRow.id).label("case_id"),
        literal(reason.value).label("reason"),
        subject.label("subject_id"),
        source(subject, since).label("source_id"),
        since.label("since"),
        urgency.label("urgency"),
    )


def late_steps() -> Select[Any]:
    """The next step of every case that has an owner."""
    step = line_of(Reason.STEP_OVERDUE, col(CaseRow.id), col(CaseRow.next_step_on), literal(Urgency.ROUTINE.value))
    return step.where(col(CaseRow.state).in_(OWNED), col(CaseRow.next_step_on).is_not(None))


def late_tasks() -> Select[Any]:
    """Every unfinished task of a case that goes on, and every unfinished task of the meeting."""
    urgency = case((col(TaskRow.urgent), Urgency.URGENT.value), else_=Urgency.ROUTINE.value)
    task = line_of(Reason.TASK_OVERDUE, col(TaskRow.id), col(TaskRow.due_on), urgency)
    goes_on = or_(col(CaseRow.state).not_in(ENDED), col(TaskRow.origin) == TaskOrigin.MEETING)
    return task.join(TaskRow, col(TaskRow.case_id) == col(CaseRow.id)).where(
        col(TaskRow.status).in_(UNFINISHED), goes_on
    )


def new_requests() -> Select[Any]:
    """Every request that has neither an owner nor a place on the waiting list."""
    request = line_of(Reason.REQUEST_NEW, col(CaseRow.id), col(CaseRow.opened_on), literal(Urgency.ROUTINE.value))
    return request.where(col(CaseRow.state) == State.REQUESTED)


class Signals(Collection):
    """What the tables say by themselves: steps and tasks that are late, and requests that nobody owns."""

    async def sweep(self, on: date) -> None:
        """Take off what is no longer so, and put what is overdue or new on this day on the agenda.

        Nothing depends on how often or when it runs: a line tells since when it stands, and a source raises it once.
        """
        await self._settle(Reason.STEP_OVERDUE, late_steps())
        await self._settle(Reason.TASK_OVERDUE, late_tasks())
        await self._settle(Reason.REQUEST_NEW, new_requests())
        for found, since, is_late in (
            (late_steps(), col(CaseRow.next_step_on), True),
            (late_tasks(), col(TaskRow.due_on), True),
            (new_requests(), col(CaseRow.opened_on), False),
        ):
            await self._raise(found.where(since < on if is_late else since <= on))
        await Ties(self.transaction).keep_to_agenda()

    async def _raise(self, found: Select[Any]) -> None:
        rows = found.add_columns(literal(self.transaction.clock.now()), literal(0)).order_by(None)
        await self.session.exec(upsert(LineRow).from_select(list(NAMES), rows).on_conflict_do_nothing())

    async def _settle(self, reason: Reason, found: Select[Any]) -> None:
        still = found.subquery()
        stands = select(literal(1)).where(
            still.c.subject_id == col(LineRow.subject_id), still.c.since == col(LineRow.since)
        )
        gone = update(LineRow).where(OPEN, col(LineRow.reason) == reason, ~stands.exists())
        await self.session.exec(
            gone.values(settled_at=self.transaction.clock.now()).execution_options(synchronize_session=False)
        )

    async def referral_refused(self, outgoing_id: UUID, on: date, person_id: UUID | None = None) -> None:
        """Put a refused referral before the meeting, for each case that it belongs to."""
        agenda = Agenda(self.transaction)
        for case_id in await self.cases_of(outgoing_id, person_id):
            await agenda.raise_signal(Signal(case_id, Reason.REFERRAL_REFUSED, outgoing_id, outgoing_id, on))

    async def refused_before(self, outgoing_id: UUID, person_id: UUID) -> None:
        """Put a referral before the meeting whose refusal came before it was known whose it is."""
        last = await self.last_answer(outgoing_id)
        if last is not None and (last.kind == EXPIRED or last.facts.get("state") == "refused"):
            on = min(last.at.astimezone(BRUSSELS).date(), local_date(self.transaction.clock))
            await self.referral_refused(outgoing_id, on, person_id)

    async def last_answer(self, outgoing_id: UUID) -> HeardRow | None:
        """The last that was heard of an organisation's answer."""
        answers = among(HeardRow).where(HeardRow.about == outgoing_id, col(HeardRow.kind).in_([ANSWERED, EXPIRED]))
        newest = answers.order_by(col(HeardRow.at).desc(), col(HeardRow.id).desc())
        return (await self.session.exec(newest.limit(1))).first()

    async def cases_of(self, outgoing_id: UUID, person_id: UUID | None = None) -> list[UUID]:
        """The cases that a referral to an organisation belongs to: by itself, by the referral behind it, or the person.

        A person's cases are those that have not ended.
        """
        known = await self.session.exec(among(TieRow).where(TieRow.record_id == outgoing_id))
        ties = {tie.role: tie.subject_id for tie in known.all()}
        query = among(CaseRow.id).order_by(col(CaseRow.id))
        of_case = col(CaseRow.id) == ties.get("case")
        of_referral = (col(CaseRow.origin_kind) == OriginKind.REFERRAL) & (
            col(CaseRow.origin_id) == ties.get("referral")
        )
        whose = person_id or ties.get("person")
        today = whose and await Relinks(self.transaction).current(whose)
        of_person = (col(CaseRow.person_id) == today) & col(CaseRow.state).not_in(ENDED)
        for which in (of_case, of_referral, of_person):
            found = list((await self.session.exec(query.where(which))).all())
            if found:
                return found
        return []
