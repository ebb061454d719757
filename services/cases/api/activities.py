"""The routes of activities: lines of work, entered once, corrected by other lines, never changed."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.cases.api.doors import (
    ActivitiesDep,
    CasesDep,
    MayReadActivity,
    MayReadRecord,
    MayRecordActivity,
    router,
)
from services.cases.api.entering import discipline_of, enter_line, entered, refuse_others
from services.cases.domain import (
    Activity,
    ActivityCorrection,
    ActivityEntry,
    ActivityStatus,
    ActivityWithdrawal,
    refuse,
)
from services.cases.domain.share import Right
from services.cases.domain.words import Day, Subject
from services.cases.events import AccompanimentResult, ActivityKind, DemandSource, Discipline
from services.cases.store import Activities, ActivityRow, CaseRow, Cases, Wanted
from services.cases.store.shares import Shares
from shared.auth import Caller
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.requests import ClockDep, IfMatch, Tag

First = Annotated[Day | None, Query(alias="from", description="First day, in Belgium")]
Last = Annotated[Day | None, Query(alias="to", description="Last day, in Belgium")]


class ActivityView(BaseModel):
    """A line of work."""

    id: UUID
    status: ActivityStatus = Field(description="Only current lines count")
    replaces: UUID | None = Field(description="The line that this one corrects")
    replaced_by: UUID | None = Field(description="The line that stands for this one")
    organisation: str
    case_id: UUID | None
    visit_id: UUID | None = Field(description="The visit that it was entered with")
    kind: ActivityKind
    on: Annotated[Day, Field(description="Day in Belgium")]
    worker: str
    discipline: Discipline | None
    direct_minutes: int
    travel_minutes: int
    km: Decimal = Field(description="Kilometres, as a decimal string")
    participants: int | None
    result: AccompanimentResult | None
    nis_code: str | None
    source: DemandSource | None
    note: str | None
    reason: str | None = Field(description="Why it corrects another line, or was withdrawn")
    entered_by: str
    entered_at: datetime

    @classmethod
    def of(cls, activity: ActivityRow) -> "ActivityView":
        return cls.model_validate(activity, from_attributes=True)


class ActivityChain(ActivityView):
    """A line of work with its trail."""

    chain: list[ActivityView] = Field(description="All lines of its chain of corrections, the first one first")


def listed(rows: list[ActivityRow], paging: PagingDep) -> Page[ActivityView]:
    """A page of lines."""
    return paging.page([ActivityView.of(row) for row in rows], [(row.on.isoformat(), row.id) for row in rows])


async def enter(body: ActivityEntry, case: CaseRow | None, caller: Caller, activities: Activities) -> ActivityRow:
    """Enter a line, for a case or for none. Raises Unfit, NotYourOwn, PeriodIsClosed."""
    refuse(body.faults(case.opened_on if case else None, local_date(activities.transaction.clock)))
    known = body.discipline or await discipline_of(body.worker or caller.subject, case, caller, activities)
    line = Activity.of(body, case.id if case else None, entered(caller, activities), known)
    return await enter_line(line, caller, activities)


@router.post("/activities", status_code=201)
async def record_activity(
    body: ActivityEntry, activities: ActivitiesDep, caller: MayRecordActivity, tag: Tag
) -> ActivityView:
    """Enter work on no case: training, outreach (with municipality and source), network meeting, administration."""
    return ActivityView.of(tag(await enter(body, None, caller, activities)))


@router.post("/{case_id:uuid}/activities", status_code=201)
async def record_activity_of_case(
    case_id: UUID,
    body: ActivityEntry,
    cases: CasesDep,
    activities: ActivitiesDep,
    caller: MayRecordActivity,
    tag: Tag,
) -> ActivityView:
    """Enter work on a case, in whatever state it is. A visit with its minutes enters its line by itself."""
    case = await cases.get(case_id, caller)
    await Shares(cases.transaction).allow(case, caller, Right.RECORD_ACTIVITIES)
    return ActivityView.of(tag(await enter(body, case, caller, activities)))


@router.get("/{case_id:uuid}/activities")
async def list_activities_of_case(
    case_id: UUID, cases: CasesDep, activities: ActivitiesDep, paging: PagingDep, caller: MayReadRecord
) -> Page[ActivityView]:
    """The lines of a case that count, whoever did the work, the latest day first."""
    case = await cases.get(case_id, caller)
    return listed(await activities.of_case(case.id, paging.limit, paging.after), paging)


@router.get("/activities")
async def list_activities(
    activities: ActivitiesDep,
    paging: PagingDep,
    caller: MayReadActivity,
    worker: Subject | None = None,
    first: First = None,
    last: Last = None,
    kind: ActivityKind | None = None,
    all_versions: Annotated[bool, Query(description="Corrected and withdrawn lines too")] = False,
) -> Page[ActivityView]:
    """The lines that count, the latest day first: one's own, for a coordinator those of the organisation."""
    wanted = Wanted(worker, first, last, kind, all_versions)
    return listed(await activities.page(caller, wanted, paging.limit, paging.after), paging)


@router.get("/activities/{activity_id:uuid}")
async def read_activity(
    activity_id: UUID, activities: ActivitiesDep, caller: MayReadActivity, tag: Tag
) -> ActivityChain:
    """One line with its whole trail of corrections."""
    found = tag(await activities.get(activity_id, caller))
    chain = [ActivityView.of(row) for row in await activities.chain(found.root_id)]
    return ActivityChain.model_validate({**dict(ActivityView.of(found)), "chain": chain})


@router.post("/activities/{activity_id:uuid}/correction", status_code=201)
async def correct_activity(
    activity_id: UUID,
    body: ActivityCorrection,
    cases: CasesDep,
    activities: ActivitiesDep,
    caller: MayRecordActivity,
    seen: IfMatch,
    clock: ClockDep,
    tag: Tag,
) -> ActivityView:
    """Put another line in the place of this one, with a reason; both stay readable, only the newest counts."""
    old = await activities.get(activity_id, caller, seen)
    new, fact = old.correct(body, entered(caller, activities))
    opened_on = await opening_of(old.case_id, cases)
    faults = body.values.faults(opened_on, local_date(clock))
    refuse([Fault(f"/values{fault.pointer}", fault.code) for fault in faults])
    await refuse_others(new, caller, activities)
    return ActivityView.of(tag(await activities.replace(old, new, fact)))


@router.post("/activities/{activity_id:uuid}/withdrawal", status_code=201)
async def withdraw_activity(
    activity_id: UUID,
    body: ActivityWithdrawal,
    activities: ActivitiesDep,
    caller: MayRecordActivity,
    seen: IfMatch,
    tag: Tag,
) -> ActivityView:
    """Take a line back, with a reason; it stays readable and counts no more."""
    found = await activities.get(activity_id, caller, seen)
    fact = found.withdraw(body)
    await activities.take_back(found, fact, caller.subject)
    return ActivityView.of(tag(found))


async def opening_of(case_id: UUID | None, cases: Cases) -> Day | None:
    """The day on which the case of a line was opened; None for work on no case."""
    return (await cases.get(case_id)).opened_on if case_id else None
