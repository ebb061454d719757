"""The routes of help requests: asked, answered, withdrawn; and of what was given to the line."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.cases.api.doors import (
    CasesDep,
    DelegationsDep,
    HelpRequestsDep,
    MayAnswerHelp,
    MayAskHelp,
    MayReadMeeting,
    router,
)
from services.cases.api.meeting_views import DelegatedWeek, Delegation, HelpRequestView
from services.cases.domain import refuse
from services.cases.domain.help_request import HelpAnswer, HelpAsked, HelpRequest, HelpState
from services.cases.domain.words import Day
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.requests import ClockDep, IfMatch, Tag

LONGEST = timedelta(days=3 * 366)


@router.post("/{case_id:uuid}/help-requests", status_code=201)
async def ask_help(
    case_id: UUID,
    body: HelpAsked,
    cases: CasesDep,
    helps: HelpRequestsDep,
    clock: ClockDep,
    caller: MayAskHelp,
    tag: Tag,
) -> HelpRequestView:
    """Ask for help with a case; it stays on the agenda of the weekly meeting until it is answered."""
    case = await cases.get(case_id, caller)
    request, fact = HelpRequest.ask(case, body, caller.subject, clock.now())
    return HelpRequestView.of(tag(await helps.ask(request, fact)))


@router.get("/help-requests")
async def list_help_requests(
    helps: HelpRequestsDep,
    paging: PagingDep,
    caller: MayReadMeeting,
    state: HelpState | None = None,
    case_id: UUID | None = None,
) -> Page[HelpRequestView]:
    """Requests for help, the oldest first."""
    rows = await helps.page(caller, (state, case_id), paging.limit, paging.after)
    keys = [(row.asked_at.isoformat(), row.id) for row in rows]
    return paging.page([HelpRequestView.of(row) for row in rows], keys)


@router.get("/help-requests/{help_id:uuid}")
async def read_help_request(help_id: UUID, helps: HelpRequestsDep, caller: MayReadMeeting, tag: Tag) -> HelpRequestView:
    """One request for help."""
    return HelpRequestView.of(tag(await helps.get(help_id, caller)))


@router.post("/help-requests/{help_id:uuid}/answer", status_code=201)
async def answer_help(
    help_id: UUID,
    body: HelpAnswer,
    helps: HelpRequestsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayAnswerHelp,
    tag: Tag,
) -> HelpRequestView:
    """Answer a request for help: it leaves the agenda. The meeting answers by its decision on the line."""
    request = await helps.get(help_id, caller, seen)
    await helps.end(request, caller.subject, request.give_answer(body.text, caller.subject, clock.now()), body.text)
    return HelpRequestView.of(tag(request))


@router.post("/help-requests/{help_id:uuid}/withdrawal", status_code=201)
async def withdraw_help(
    help_id: UUID,
    body: HelpAnswer,
    helps: HelpRequestsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayAskHelp,
    tag: Tag,
) -> HelpRequestView:
    """Take a request for help back, with the reason."""
    request = await helps.get(help_id, caller, seen)
    await helps.end(request, caller.subject, request.withdraw(body.text, caller.subject, clock.now()), body.text)
    return HelpRequestView.of(tag(request))


@router.get("/reports/delegation")
async def read_delegation(
    delegations: DelegationsDep,
    caller: MayReadMeeting,
    start: Annotated[Day, Query(alias="from", description="First day")],
    end: Annotated[Day, Query(alias="to", description="Last day, included")],
) -> Delegation:
    """What was given to the line, week by week: tasks given, tasks done, and their minutes where these were told."""
    refuse([Fault("/query/to", "before-start")] if end < start else [])
    refuse([Fault("/query/to", "out-of-range")] if end - start > LONGEST else [])
    weeks = [
        DelegatedWeek.model_validate(week, from_attributes=True) for week in await delegations.weeks(caller, start, end)
    ]
    return Delegation(
        weeks=weeks,
        delegated=sum(week.delegated for week in weeks),
        done=sum(week.done for week in weeks),
        minutes=sum(week.minutes for week in weeks),
    )
