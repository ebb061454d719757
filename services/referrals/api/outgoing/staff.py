"""Our side of outgoing referrals: asking, following, recording what an organisation without a system says."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field

from services.referrals.api.doors import Body
from services.referrals.api.outgoing.doors import (
    MayReadOutgoing,
    MaySend,
    MayWorkOutgoing,
    OutgoingsDep,
    OutgoingStepDep,
    RelatedDep,
    RelinksDep,
    router,
)
from services.referrals.api.outgoing.views import OutgoingSummary, OutgoingView
from services.referrals.domain.answers import Answer, Onward, Short
from services.referrals.domain.document import Code, Consent, Prose
from services.referrals.domain.exchange import PLACER, Disclosed, Hand, Hearsay, Recorded, StatusReport
from services.referrals.domain.outgoing_from import Demand, of_demand, of_failed
from services.referrals.domain.states import State
from services.referrals.events import ServiceStatus
from services.referrals.store import Wanted
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, IfMatch, Tag


class Sending(Body):
    """How an organisation without a system was reached."""

    heard: Hearsay


class HeardAnswer(Body):
    """What an organisation without a system said, and how we heard it."""

    answer: Answer
    heard: Hearsay


class Information(Body):
    """Our answer to the organisation's question."""

    answer: Short


class Words(Body):
    """A message to the organisation."""

    text: Short


class Withdrawal(Body):
    """Why we no longer ask."""

    reason: Onward


class Disclosure(Body):
    """The person's consent, and what the organisation may read of them where that is not known here yet."""

    consent: Consent
    disclosed: Disclosed | None = None


class Resending(Body):
    """Whom to ask instead. Where a person was disclosed, their consent to this organisation is needed too."""

    organisation: Code
    service_id: UUID | None = None
    consent: Consent | None = None
    note: Annotated[Prose | None, Field(description="Why, for the referral that is given up")] = None


@router.post("/outgoing", status_code=201)
async def send_outgoing(
    body: Demand,
    outgoings: OutgoingsDep,
    related: RelatedDep,
    relinks: RelinksDep,
    clock: ClockDep,
    caller: MaySend,
    tag: Tag,
    response: Response,
) -> OutgoingView:
    """Ask an organisation for help for somebody. A person is disclosed only with consent: 409 without."""
    body.refuse_wrong(local_date(clock))
    today = await relinks.current(body.person_id) if body.person_id else None
    await related.demand_person(today, body.case_id, caller)
    to = await outgoings.addressee(body.organisation, body.service_id)
    if body.disclosed:
        await outgoings.refuse_unagreed(body.person_id, body.organisation)
    row = await outgoings.open(of_demand(body, to, clock.now()))
    response.headers["location"] = f"/referrals/outgoing/{row.id}"
    return OutgoingView.of(tag(row))


@router.get("/outgoing")
async def list_outgoing(
    outgoings: OutgoingsDep,
    relinks: RelinksDep,
    paging: PagingDep,
    caller: MayReadOutgoing,
    state: State | None = None,
    service_status: ServiceStatus | None = None,
    unused: Annotated[bool, Query(description="Those whose organisation is done, and no use is confirmed")] = False,
    expired: Annotated[bool, Query(description="Those that got no answer in time")] = False,
    contact_id: UUID | None = None,
    person_id: UUID | None = None,
    based_on: UUID | None = None,
    chain_id: UUID | None = None,
) -> Page[OutgoingSummary]:
    """Outgoing referrals, newest first. A person may be named by a record that was merged into another."""
    today = await relinks.current(person_id) if person_id else None
    wanted = Wanted(state, service_status, unused, expired, contact_id, today, based_on, chain_id)
    rows = await outgoings.page(caller, wanted, paging.limit, paging.after)
    keys = [(row.prepared_at.isoformat(), row.id) for row in rows]
    return paging.page([OutgoingSummary.of(row) for row in rows], keys)


@router.get("/outgoing/{outgoing_id:uuid}")
async def read_outgoing(outgoing_id: UUID, outgoings: OutgoingsDep, caller: MayReadOutgoing, tag: Tag) -> OutgoingView:
    """One outgoing referral with its history."""
    return OutgoingView.of(tag(await outgoings.get(outgoing_id, caller)))


@router.post("/outgoing/{outgoing_id:uuid}/sending", status_code=201)
async def record_sending(
    body: Sending, step: OutgoingStepDep, clock: ClockDep, caller: MayWorkOutgoing
) -> OutgoingView:
    """Record that an organisation without a system was reached: the clock runs from now."""
    hand = Hand.heard(body.heard, caller.subject, local_date(clock))
    recorded = hand.recorded or Recorded(by=caller.subject, **dict(body.heard))
    await step.refuse_recalled(caller)
    return OutgoingView.of(await step.take(caller, lambda referral, at: referral.send(at, recorded)))


@router.post("/outgoing/{outgoing_id:uuid}/answers", status_code=201)
async def record_answer(
    body: HeardAnswer, step: OutgoingStepDep, clock: ClockDep, caller: MayWorkOutgoing
) -> OutgoingView:
    """Record what an organisation without a system answered: who heard it, when, how."""
    hand = Hand.heard(body.heard, caller.subject, local_date(clock))
    return OutgoingView.of(await step.take(caller, lambda referral, at: body.answer.act(referral, hand, at)))


@router.post("/outgoing/{outgoing_id:uuid}/information", status_code=201)
async def answer_partner(body: Information, step: OutgoingStepDep, caller: MayWorkOutgoing) -> OutgoingView:
    """Answer the organisation's question."""
    await step.refuse_recalled(caller)
    return OutgoingView.of(await step.take(caller, lambda referral, at: referral.inform(at, body.answer)))


@router.post("/outgoing/{outgoing_id:uuid}/messages", status_code=201)
async def write_to_partner(body: Words, step: OutgoingStepDep, caller: MayWorkOutgoing) -> OutgoingView:
    """Tell the organisation something; it moves nothing."""
    await step.refuse_recalled(caller)
    return OutgoingView.of(await step.take(caller, lambda referral, at: referral.write(PLACER, at, body.text)))


@router.post("/outgoing/{outgoing_id:uuid}/cancellation", status_code=201)
async def cancel_outgoing(body: Withdrawal, step: OutgoingStepDep, caller: MayWorkOutgoing) -> OutgoingView:
    """Take it back; once the organisation has begun this only asks."""
    return OutgoingView.of(await step.take(caller, lambda referral, at: referral.cancel(at, body.reason)))


@router.post("/outgoing/{outgoing_id:uuid}/voiding", status_code=201)
async def void_outgoing(body: Withdrawal, step: OutgoingStepDep, caller: MayWorkOutgoing) -> OutgoingView:
    """Declare that it should never have been sent; only while nothing is decided."""
    return OutgoingView.of(await step.take(caller, lambda referral, at: referral.void(at, body.reason)))


@router.post("/outgoing/{outgoing_id:uuid}/disclosure", status_code=201)
async def disclose_person(body: Disclosure, step: OutgoingStepDep, caller: MayWorkOutgoing) -> OutgoingView:
    """Let the organisation read whom it is about, now that the person agrees."""
    referral = await step.outgoings.get(step.outgoing_id, caller)
    await step.outgoings.refuse_unagreed(referral.person_id, referral.organisation)
    return OutgoingView.of(
        await step.take(caller, lambda referral, at: referral.disclose(body.disclosed, body.consent))
    )


@router.post("/outgoing/{outgoing_id:uuid}/service-status", status_code=201)
async def confirm_service_status(
    body: StatusReport, step: OutgoingStepDep, clock: ClockDep, caller: MayWorkOutgoing
) -> OutgoingView:
    """Note how far the person has come with the service, on their word or by evidence; the state stays."""
    body.refuse_future(local_date(clock))
    return OutgoingView.of(await step.take(caller, lambda referral, at: referral.confirm(body, caller.subject)))


@router.post("/outgoing/{outgoing_id:uuid}/resending", status_code=201)
async def send_elsewhere(
    outgoing_id: UUID,
    body: Resending,
    outgoings: OutgoingsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MaySend,
    tag: Tag,
    response: Response,
) -> OutgoingView:
    """Ask another organisation for the same; what still waits with the first one is withdrawn."""
    failed = await outgoings.get(outgoing_id, caller, seen)
    to = await outgoings.addressee(body.organisation, body.service_id)
    another = of_failed(failed, to, clock.now(), body.consent)
    if another.was_disclosed:
        await outgoings.refuse_unagreed(another.person_id, another.organisation)
    if withdrawn := failed.give_up(clock.now(), body.note):
        await outgoings.record(failed, *withdrawn)
    row = await outgoings.open(another)
    response.headers["location"] = f"/referrals/outgoing/{row.id}"
    return OutgoingView.of(tag(row))
