"""The route by which all cases of a worker who leaves get another owner."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlmodel import col

from services.cases.api.doors import AgendaDep, CaseloadDep, CasesDep, MayReassign, WorkersDep, router
from services.cases.domain import NextStep, Reason
from services.cases.domain.reassignment import (
    Handed,
    Obstacle,
    ReassignmentOrder,
    Room,
    reassign_all,
    refuse_obstacles,
)
from services.cases.domain.transfer import release_second
from services.cases.events import Discipline
from services.cases.store import Caseload, CaseRow, Workers
from shared.auth import Caller
from shared.clock import local_date
from shared.ids import new_id
from shared.requests import ClockDep


class ReassignedCase(BaseModel):
    """What became of one case, or would become of it."""

    case_id: UUID
    worker: str = Field(description="The new owner's subject")
    discipline: Discipline
    next_step: NextStep | None
    load_before: Decimal = Field(description="What the new owner carries before this case, in points")
    cap: int
    is_over_cap: bool
    obstacle: Obstacle | None = Field(description="Why it cannot go there; with one, nothing is changed at all")

    @classmethod
    def of(cls, handed: Handed) -> "ReassignedCase":
        case, load = handed.case, handed.load
        step = NextStep(kind=case.next_step, due_on=case.next_step_on) if case.next_step and case.next_step_on else None
        return cls(
            case_id=case.id,
            worker=handed.receiver.worker,
            discipline=handed.receiver.discipline,
            next_step=step,
            load_before=load.carried,
            cap=load.cap,
            is_over_cap=load.is_over,
            obstacle=handed.obstacle,
        )


class Reassigned(BaseModel):
    """The whole of it: every case that the worker owned, the urgent ones and then the oldest first."""

    from_worker: str
    begins_on: date = Field(description="First day of the new owners")
    is_done: bool = Field(description="False for a dry run")
    items: list[ReassignedCase]
    second_worker_released: list[UUID] = Field(description="Cases that the worker helped with as the second one")


@router.post("/reassignments")
async def reassign_cases(
    body: ReassignmentOrder,
    cases: CasesDep,
    workers: WorkersDep,
    caseload: CaseloadDep,
    agenda: AgendaDep,
    clock: ClockDep,
    caller: MayReassign,
) -> Reassigned:
    """Give every case of a worker who leaves another owner: all of them, or none where one cannot go.

    A caseload that gets over its cap needs a reason and comes before the meeting.
    """
    today = local_date(clock)
    await refuse_receivers(body, workers, caller, today)
    await caseload.lock([body.from_worker, *(each.worker for each in body.to)])
    held = await cases.hold_of(body.from_worker, caller)
    owned = [case for case in held if case.worker == body.from_worker]
    helped = [case for case in held if case.worker != body.from_worker]
    weighed = await caseload.weighed(col(CaseRow.worker) == body.from_worker)
    weights = {case.id: effort.of(False).weight(caseload.weights) for case, effort in weighed}
    handed = reassign_all(owned, body, await rooms_of(body, owned, caseload), weights, today)
    released = [case.id for case in helped]
    answer = Reassigned(
        from_worker=body.from_worker,
        begins_on=body.first_day(today),
        is_done=not body.dry_run,
        items=[ReassignedCase.of(each) for each in handed],
        second_worker_released=released,
    )
    if body.dry_run:
        cases.forget(held)
        return answer
    refuse_obstacles(handed)
    words = {"reason": body.reason.value, **({"note": body.note} if body.note else {})}
    by_id = {case.id: case for case in held}
    for each in handed:
        await cases.keep(by_id[each.case.id], caller.subject, *each.facts, words=words)
        if each.load.is_over:
            await agenda.raise_line(each.case.id, Reason.CASELOAD_OVER_CAP, each.case.id, new_id())
    for case in helped:
        await cases.keep(case, caller.subject, release_second(case), words=words)
    return answer


async def refuse_receivers(body: ReassignmentOrder, workers: Workers, caller: Caller, today: date) -> None:
    """Raise what speaks against a receiver: away on the first day, another organisation's, another discipline."""
    known = await workers.among([each.worker for each in body.to])
    for place, each in enumerate(body.to):
        worker = known.get(each.worker)
        if worker:
            worker.refuse_other(each.discipline, caller.organisation, f"/to/{place}")
            worker.refuse_away(body.first_day(today))


async def rooms_of(body: ReassignmentOrder, owned: list[CaseRow], caseload: Caseload) -> list[Room]:
    """What each receiver carries besides these cases."""
    if not owned:
        return []
    return [Room(each, await caseload.room_for(each.worker, owned[0])) for each in body.to]
