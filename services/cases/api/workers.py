"""The routes of the register of workers: who they are, and when they are away."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, Field

from services.cases.api.doors import CaseloadDep, MayReadWorkers, MayRegisterWorkers, WorkersDep, router
from services.cases.domain.words import Subject
from services.cases.domain.worker import Absence, AbsencePeriod, Away, Worker, WorkerDescription
from services.cases.events import Discipline
from services.cases.store import WorkerRow, Workers
from services.cases.store.workers import may_see
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import NotFound
from shared.requests import ClockDep, IfMatch, IfMatchSaid, MaybeSeen, Tag

SubjectPath = Annotated[Subject, Path(description="The worker's subject, as in the tokens")]


class AwayView(BaseModel):
    """That a worker takes no case on a day."""

    until: date | None = Field(description="The last day; null for good")
    substitute: str | None = Field(description="Who stands in")

    @classmethod
    def of(cls, away: Away | None) -> "AwayView | None":
        return cls(until=away.until, substitute=away.substitute) if away else None


class WorkerView(BaseModel):
    """A worker. Employer, programme and responsible organisation are separate facts."""

    id: UUID
    subject: str
    discipline: Discipline
    employer: str
    programme: str
    organisation: str = Field(description="The organisation that answers for the worker's cases")
    municipalities: list[str]
    cap: int | None = Field(description="Points; null for the programme's cap")
    employed_from: date
    employed_until: date | None
    absences: list[Absence]
    away: AwayView | None = Field(description="Null when the worker can take a case today")

    @classmethod
    def of(cls, worker: WorkerRow, today: date) -> "WorkerView":
        return cls.model_validate({**dict(worker), "away": AwayView.of(worker.away(today))})


@router.get("/workers")
async def list_workers(
    workers: WorkersDep, paging: PagingDep, clock: ClockDep, caller: MayReadWorkers
) -> Page[WorkerView]:
    """The registered workers within the caller's reach, by subject: a case manager sees the programme's."""
    rows = await workers.page(caller, paging.limit, paging.after)
    today = local_date(clock)
    return paging.page([WorkerView.of(row, today) for row in rows], [(row.subject,) for row in rows])


@router.get("/workers/{subject}")
async def read_worker(
    subject: SubjectPath, workers: WorkersDep, clock: ClockDep, caller: MayReadWorkers, tag: Tag
) -> WorkerView:
    """One worker, with all absences."""
    return WorkerView.of(tag(await workers.get(subject, caller)), local_date(clock))


@router.put("/workers/{subject}")
async def register_worker(
    subject: SubjectPath,
    body: WorkerDescription,
    workers: WorkersDep,
    caseload: CaseloadDep,
    clock: ClockDep,
    seen: IfMatchSaid,
    caller: MayRegisterWorkers,
    tag: Tag,
) -> WorkerView:
    """Register a worker, or change one (then with If-Match). What is left out is taken away; absences stay.

    409 for somebody who has open cases at another organisation.
    """
    known = await workers.find(subject)
    if not may_see(caller, body.organisation):
        raise NotFound
    if known is None:
        await caseload.refuse_elsewhere(subject, body.organisation)
    row = await changed(known, body, seen, workers, caller) if known else await added(subject, body, workers)
    return WorkerView.of(tag(row), local_date(clock))


async def added(subject: str, body: WorkerDescription, workers: Workers) -> WorkerRow:
    """A new worker, recorded."""
    worker, fact = Worker.register(subject, body)
    row = WorkerRow(**dict(worker))
    await workers.record(row, fact)
    return row


async def changed(
    row: WorkerRow, body: WorkerDescription, seen: MaybeSeen, workers: Workers, caller: Caller
) -> WorkerRow:
    """A changed worker, recorded where anything is new."""
    if not may_see(caller, row.organisation):
        raise NotFound
    seen.check(row)
    if row.description != body:
        await workers.record(row, row.describe(body))
    return row


@router.post("/workers/{subject}/absences", status_code=201)
async def note_absence(
    subject: SubjectPath,
    body: AbsencePeriod,
    workers: WorkersDep,
    clock: ClockDep,
    seen: IfMatch,
    caller: MayRegisterWorkers,
    tag: Tag,
) -> WorkerView:
    """Note from when to when a worker is away, and who stands in. Never why."""
    row = await workers.get(subject, caller, seen)
    await workers.record(row, row.be_absent(body))
    return WorkerView.of(tag(row), local_date(clock))


@router.put("/workers/{subject}/absences/{absence_id:uuid}")
async def change_absence(
    subject: SubjectPath,
    absence_id: UUID,
    body: AbsencePeriod,
    workers: WorkersDep,
    clock: ClockDep,
    seen: IfMatch,
    caller: MayRegisterWorkers,
    tag: Tag,
) -> WorkerView:
    """Change the days of an absence, or who stands in."""
    row = await workers.get(subject, caller, seen)
    await workers.record(row, row.be_absent(body, absence_id))
    return WorkerView.of(tag(row), local_date(clock))


@router.delete("/workers/{subject}/absences/{absence_id:uuid}")
async def withdraw_absence(
    subject: SubjectPath,
    absence_id: UUID,
    workers: WorkersDep,
    clock: ClockDep,
    seen: IfMatch,
    caller: MayRegisterWorkers,
    tag: Tag,
) -> WorkerView:
    """Take an absence back."""
    row = await workers.get(subject, caller, seen)
    await workers.record(row, row.withdraw_absence(absence_id))
    return WorkerView.of(tag(row), local_date(clock))
