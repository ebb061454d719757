"""Routes of the call-backs that the line owes."""

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.intake.api.doors import (
    Body,
    CallBacksDep,
    ContactsDep,
    MayReadCallBack,
    MayWorkCallBack,
    PersonsDep,
    router,
)
from services.intake.domain import CallBackState, ImpossibleCallBack
from services.intake.events import CallBackCancellation, CallBackResult, Postponement, Urgency
from services.intake.store import CallBackPart, CallBackRow
from shared.cursors import Page, PagingDep
from shared.errors import Fault, NotFound
from shared.requests import ClockDep, IfMatch, Tag


class Completion(Body):
    """How a call-back came to its end."""

    result: CallBackResult
    contact_id: UUID | None = Field(default=None, description="The contact in which it came about, where there is one")


class Later(Body):
    """When to call instead, and why."""

    due_at: AwareDatetime
    reason: Postponement


class CallingOff(Body):
    """Why nobody needs to call."""

    reason: CallBackCancellation


class CallBackView(BaseModel):
    """A call-back."""

    id: UUID
    contact_id: UUID
    person_id: UUID | None
    phone: str | None = Field(description="Where to call, if one was named; null once it is over")
    urgency: Urgency
    state: CallBackState
    due_at: datetime
    escalates_at: datetime
    escalated_at: datetime | None
    claimed_by: str | None = Field(description="Subject of the one who calls")
    claimed_at: datetime | None
    postponed: int = Field(description="How many times")
    result: CallBackResult | None
    cancellation: CallBackCancellation | None
    answered_by: UUID | None = Field(description="The contact in which it came about")
    planned_at: datetime
    ended_at: datetime | None
    ended_by: str | None

    @classmethod
    def of(cls, call_back: CallBackRow) -> "CallBackView":
        return cls.model_validate(call_back, from_attributes=True)


@router.get("/callbacks")
async def list_call_backs(
    call_backs: CallBacksDep,
    persons: PersonsDep,
    paging: PagingDep,
    caller: MayReadCallBack,
    part: CallBackPart = CallBackPart.OPEN,
    person_id: UUID | None = None,
    mine: bool = False,
) -> Page[CallBackView]:
    """Call-backs, the first due first: open, due, due before today, escalated, or over; `mine` are those claimed."""
    wanted = call_backs.wanted(part, await persons.stands_for(person_id), caller.subject if mine else None)
    rows = await call_backs.page(caller, wanted, paging.limit, paging.after)
    return paging.page([CallBackView.of(row) for row in rows], [(row.due_at.isoformat(), row.id) for row in rows])


@router.get("/callbacks/{call_back_id:uuid}")
async def read_call_back(
    call_back_id: UUID, call_backs: CallBacksDep, caller: MayReadCallBack, tag: Tag
) -> CallBackView:
    """One call-back."""
    return CallBackView.of(tag(await call_backs.get(call_back_id, caller)))


@router.post("/callbacks/{call_back_id:uuid}/claim")
async def claim_call_back(
    call_back_id: UUID, call_backs: CallBacksDep, clock: ClockDep, seen: IfMatch, caller: MayWorkCallBack, tag: Tag
) -> CallBackView:
    """Take a call-back on; 409 with `claimed_by` when somebody else has. Of two at once one wins."""
    row = await call_backs.get(call_back_id, caller, seen)
    claimed = row.claim(caller.subject, clock.now())
    if claimed:
        await call_backs.record(row, *claimed)
    return CallBackView.of(tag(row))


@router.delete("/callbacks/{call_back_id:uuid}/claim")
async def give_call_back_back(
    call_back_id: UUID, call_backs: CallBacksDep, seen: IfMatch, caller: MayWorkCallBack, tag: Tag
) -> CallBackView:
    """Let others take a call-back on."""
    row = await call_backs.get(call_back_id, caller, seen)
    given = row.give_back(caller.subject)
    if given:
        await call_backs.record(row, *given)
    return CallBackView.of(tag(row))


@router.post("/callbacks/{call_back_id:uuid}/completion")
async def complete_call_back(
    call_back_id: UUID,
    body: Completion,
    call_backs: CallBacksDep,
    contacts: ContactsDep,
    clock: ClockDep,
    seen: IfMatch,
    caller: MayWorkCallBack,
    tag: Tag,
) -> CallBackView:
    """Say that a call-back was made, or came about otherwise."""
    row = await call_backs.get(call_back_id, caller, seen)
    row.refuse_other(caller.subject)
    if body.contact_id:
        try:
            await contacts.get(body.contact_id, caller)
        except NotFound:
            raise ImpossibleCallBack(faults=[Fault("/contact_id", "unknown")]) from None
    await call_backs.record(row, row.complete(body.result, caller.subject, clock.now(), body.contact_id))
    return CallBackView.of(tag(row))


@router.post("/callbacks/{call_back_id:uuid}/postponement")
async def postpone_call_back(
    call_back_id: UUID,
    body: Later,
    call_backs: CallBacksDep,
    clock: ClockDep,
    seen: IfMatch,
    caller: MayWorkCallBack,
    tag: Tag,
) -> CallBackView:
    """Call later."""
    row = await call_backs.get(call_back_id, caller, seen)
    row.refuse_other(caller.subject)
    await call_backs.record(row, row.postpone(body.due_at, body.reason, clock.now(), call_backs.pace))
    return CallBackView.of(tag(row))


@router.post("/callbacks/{call_back_id:uuid}/cancellation")
async def cancel_call_back(
    call_back_id: UUID,
    body: CallingOff,
    call_backs: CallBacksDep,
    clock: ClockDep,
    seen: IfMatch,
    caller: MayWorkCallBack,
    tag: Tag,
) -> CallBackView:
    """Say that nobody needs to call."""
    row = await call_backs.get(call_back_id, caller, seen)
    row.refuse_other(caller.subject)
    await call_backs.record(row, row.cancel(body.reason, caller.subject, clock.now()))
    return CallBackView.of(tag(row))
