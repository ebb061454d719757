"""Who enters a line of work, and for whom: one's own, or, for whoever may, that of the organisation's workers."""

from services.cases.domain import Activity, Entered, NotYourOwn
from services.cases.events import Discipline
from services.cases.store import Activities, ActivityRow, CaseRow, Workers
from shared.access import Scope, widest
from shared.auth import Caller


def enters_own_only(caller: Caller) -> bool:
    """Whether the caller may enter nobody else's work, by the matrix."""
    return widest(caller, "activity:record") not in (Scope.ORGANISATION, Scope.ALL)


async def refuse_others(activity: Activity, caller: Caller, activities: Activities) -> None:
    """Raise NotYourOwn where the line is another's and the caller may enter only their own organisation's, or own."""
    if activity.worker == caller.subject:
        return
    known = await Workers(activities.transaction).find(activity.worker)
    elsewhere = known is not None and known.organisation != caller.organisation and caller.scope != Scope.ALL
    if enters_own_only(caller) or elsewhere:
        raise NotYourOwn


def entered(caller: Caller, activities: Activities) -> Entered:
    """Who enters something now."""
    return Entered(caller.subject, caller.organisation, activities.transaction.clock.now())


async def discipline_of(worker: str, case: CaseRow | None, caller: Caller, activities: Activities) -> Discipline | None:
    """A worker's discipline: from the register, their token, or as owner of the case."""
    found = await activities.discipline_of(worker, caller)
    return found or (case.discipline if case and case.worker == worker else None)


async def enter_line(line: Activity, caller: Caller, activities: Activities, *, told: bool = True) -> ActivityRow:
    """Store a line that the caller may enter. Raises NotYourOwn, PeriodIsClosed, Unfit."""
    await refuse_others(line, caller, activities)
    return await activities.enter(line, line.note, told=told)
