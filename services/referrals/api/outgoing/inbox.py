"""The inbox of an organisation of the network: what is addressed to it, and its answers. Anything else is 404."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.referrals.api.outgoing.doors import (
    MayAnswerInbox,
    MayReadInbox,
    OutgoingsDep,
    OutgoingStep,
    OutgoingStepDep,
    router,
)
from services.referrals.api.outgoing.views import InboxSummary, InboxView
from services.referrals.domain.answers import (
    Acceptance,
    Acknowledgement,
    CancellationGrant,
    PartnerMessage,
    PartnerQuestion,
    PartnerRefusal,
    Progress,
    SomeAnswer,
    Waiting,
)
from services.referrals.domain.exchange import FULFILLER
from services.referrals.domain.states import State
from services.referrals.store import Wanted
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.requests import Tag


async def take(step: OutgoingStep, caller: Caller, answer: SomeAnswer) -> InboxView:
    """Take an organisation's own step."""
    return InboxView.of(await step.take(caller, lambda referral, at: answer.act(referral, FULFILLER, at)))


@router.get("/inbox")
async def list_inbox(
    outgoings: OutgoingsDep,
    paging: PagingDep,
    caller: MayReadInbox,
    state: Annotated[State | None, Query(description="`received` is what nobody has looked at yet")] = None,
) -> Page[InboxSummary]:
    """What the programme asks of your organisation, newest first."""
    rows = await outgoings.page(caller, Wanted(state), paging.limit, paging.after)
    keys = [(row.prepared_at.isoformat(), row.id) for row in rows]
    return paging.page([InboxSummary.of(row) for row in rows], keys)


@router.get("/inbox/{outgoing_id:uuid}")
async def read_inbox(outgoing_id: UUID, outgoings: OutgoingsDep, caller: MayReadInbox, tag: Tag) -> InboxView:
    """One referral to your organisation."""
    return InboxView.of(tag(await outgoings.get(outgoing_id, caller)))


@router.post("/inbox/{outgoing_id:uuid}/acknowledgement", status_code=201)
async def acknowledge(body: Acknowledgement, step: OutgoingStepDep, caller: MayAnswerInbox) -> InboxView:
    """Say that you have it and look at it."""
    return await take(step, caller, body)


@router.post("/inbox/{outgoing_id:uuid}/acceptance", status_code=201)
async def accept_from_inbox(body: Acceptance, step: OutgoingStepDep, caller: MayAnswerInbox) -> InboxView:
    """Take the person on."""
    return await take(step, caller, body)


@router.post("/inbox/{outgoing_id:uuid}/waiting-list", status_code=201)
async def wait_list_from_inbox(body: Waiting, step: OutgoingStepDep, caller: MayAnswerInbox) -> InboxView:
    """Keep it for a free place."""
    return await take(step, caller, body)


@router.post("/inbox/{outgoing_id:uuid}/refusal", status_code=201)
async def refuse_from_inbox(body: PartnerRefusal, step: OutgoingStepDep, caller: MayAnswerInbox) -> InboxView:
    """Say no, why, and where the person could turn instead."""
    return await take(step, caller, body)


@router.post("/inbox/{outgoing_id:uuid}/question", status_code=201)
async def ask_programme(body: PartnerQuestion, step: OutgoingStepDep, caller: MayAnswerInbox) -> InboxView:
    """Ask the programme something before you decide."""
    return await take(step, caller, body)


@router.post("/inbox/{outgoing_id:uuid}/progress", status_code=201)
async def report_progress(body: Progress, step: OutgoingStepDep, caller: MayAnswerInbox) -> InboxView:
    """Report what has begun, how far it is, or how it ended."""
    return await take(step, caller, body)


@router.post("/inbox/{outgoing_id:uuid}/cancellation-grant", status_code=201)
async def grant_programme(body: CancellationGrant, step: OutgoingStepDep, caller: MayAnswerInbox) -> InboxView:
    """End what you had begun, as the programme asked."""
    return await take(step, caller, body)


@router.post("/inbox/{outgoing_id:uuid}/messages", status_code=201)
async def write_to_programme(body: PartnerMessage, step: OutgoingStepDep, caller: MayAnswerInbox) -> InboxView:
    """Tell the programme something; it moves nothing."""
    return await take(step, caller, body)
