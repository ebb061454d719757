"""The steps that move a referral: the programme's, and the sender's own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import Field, StrictBool

from services.referrals.api.doors import Body, InstrumentsDep, OrganisationsDep, ProgrammesDep, ReferralsDep, router
from services.referrals.api.push import check_at_door
from services.referrals.api.views import ReferralView
from services.referrals.domain import Actor, Document, Referral
from services.referrals.domain.document import Code, Prose
from services.referrals.events import RefusalReason
from services.referrals.store import Overlaps, Referrals
from shared.access import May
from shared.auth import Caller
from shared.events import Event
from shared.requests import ClockDep, IfMatch, SeenVersion, Tag, Tagged

MayTriage = Annotated[Caller, Depends(May("referral:triage"))]
MayDecide = Annotated[Caller, Depends(May("referral:decide"))]
MayAsk = Annotated[Caller, Depends(May("referral:ask"))]
MayAnswer = Annotated[Caller, Depends(May("referral:answer"))]
MayCorrect = Annotated[Caller, Depends(May("referral:correct"))]
MayWrite = Annotated[Caller, Depends(May("referral:write"))]
MayCancel = Annotated[Caller, Depends(May("referral:cancel"))]

Act = Callable[[Referral, Actor, datetime], Event]


class Acceptance(Body):
    """Why, where the consent could not be had in an emergency."""

    emergency_reason: Prose | None = None
    programme: Code | None = Field(None, description="The programme of the register that takes the person")


class Refusal(Body):
    """The coded reason, and where the person can turn instead."""

    reason: RefusalReason
    onward_path: Annotated[str, Field(min_length=1, max_length=2000)]


class Question(Body):
    """A question to the sender."""

    question: Annotated[str, Field(min_length=1, max_length=320)]


class Information(Body):
    """The sender's answer; it may report the consent that was missing."""

    answer: Prose
    consent_given: StrictBool | None = None


class Note(Body):
    """A remark that stays on the referral."""

    note: Prose | None = None


class Text(Body):
    """A message to the other side (at most 320 characters, as in the Belgian Communication profile)."""

    text: Annotated[str, Field(min_length=1, max_length=320)]


class Redirection(Body):
    """Which organisation is asked instead."""

    organisation: Code
    note: Prose | None = None


class Cancellation(Body):
    """Why the sender takes it back."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


def actor_of(caller: Caller) -> Actor:
    """The part that a caller plays in a referral's life."""
    if "coordinator" in caller.roles:
        return Actor.COORDINATOR
    return Actor.LINE_NURSE if "line-nurse" in caller.roles else Actor.SENDER


@dataclass(frozen=True)
class Step:
    """One step on one referral, in the version that the caller has seen."""

    referral_id: UUID
    referrals: Referrals
    seen: SeenVersion
    at: datetime
    tag: Tagged

    async def take(self, caller: Caller, act: Act) -> ReferralView:
        """Load, act, record; the referral as it stands afterwards."""
        referral = await self.referrals.get(self.referral_id, caller, self.seen)
        await self.referrals.record(referral, act(referral, actor_of(caller), self.at))
        overlap = await Overlaps(self.referrals.transaction).flag(referral, caller)
        return ReferralView.of(self.tag(referral), overlap)


async def current_step(referral_id: UUID, referrals: ReferralsDep, seen: IfMatch, clock: ClockDep, tag: Tag) -> Step:
    """The step that this request asks for."""
    return Step(referral_id, referrals, seen, clock.now(), tag)


StepDep = Annotated[Step, Depends(current_step)]


@router.post("/{referral_id:uuid}/triage", status_code=201)
async def triage_referral(step: StepDep, caller: MayTriage) -> ReferralView:
    """Begin to look at it."""
    return await step.take(caller, lambda referral, by, at: referral.triage(by, at))


@router.post("/{referral_id:uuid}/acceptance", status_code=201)
async def accept_referral(
    body: Acceptance, step: StepDep, programmes: ProgrammesDep, caller: MayDecide
) -> ReferralView:
    """Accept: a case will be opened, at the programme named. Needs the person's consent, or an emergency reason."""
    programme = await programmes.named(body.programme) if body.programme else None
    return await step.take(caller, lambda referral, by, at: referral.accept(by, at, body.emergency_reason, programme))


@router.post("/{referral_id:uuid}/refusal", status_code=201)
async def refuse_referral(body: Refusal, step: StepDep, caller: MayDecide) -> ReferralView:
    """Refuse with a coded reason and an onward path."""
    return await step.take(caller, lambda referral, by, at: referral.refuse(by, at, body.reason, body.onward_path))


@router.post("/{referral_id:uuid}/information-request", status_code=201)
async def ask_sender(body: Question, step: StepDep, caller: MayAsk) -> ReferralView:
    """Ask the sender a question."""
    return await step.take(caller, lambda referral, by, at: referral.ask(by, at, body.question))


@router.post("/{referral_id:uuid}/information", status_code=201)
async def answer_question(body: Information, step: StepDep, caller: MayAnswer) -> ReferralView:
    """Answer the programme's question."""
    return await step.take(caller, lambda referral, by, at: referral.inform(by, at, body.answer, body.consent_given))


@router.post("/{referral_id:uuid}/waiting-list", status_code=201)
async def put_on_waiting_list(body: Note, step: StepDep, caller: MayDecide) -> ReferralView:
    """Keep it for a free place."""
    return await step.take(caller, lambda referral, by, at: referral.wait_list(by, at, body.note))


@router.post("/{referral_id:uuid}/redirection", status_code=201)
async def redirect_referral(
    body: Redirection, step: StepDep, organisations: OrganisationsDep, caller: MayDecide
) -> ReferralView:
    """Ask another organisation of the directory instead."""
    target = await organisations.known(body.organisation)
    return await step.take(caller, lambda referral, by, at: referral.redirect(by, at, target.code, body.note))


@router.put("/{referral_id:uuid}")
async def correct_referral(
    document: Document, step: StepDep, instruments: InstrumentsDep, clock: ClockDep, caller: MayCorrect
) -> ReferralView:
    """Correct what was sent, before anything is decided. The identifier stays."""
    checked = await check_at_door(document, instruments, clock)
    return await step.take(caller, lambda referral, by, at: referral.correct(by, document, checked))


@router.post("/{referral_id:uuid}/voiding", status_code=201)
async def void_referral(body: Cancellation, step: StepDep, caller: MayCancel) -> ReferralView:
    """Declare that it should never have been sent; only while nothing is decided."""
    return await step.take(caller, lambda referral, by, at: referral.void(by, at, body.reason))


@router.post("/{referral_id:uuid}/cancellation-grant", status_code=201)
async def grant_cancellation(body: Note, step: StepDep, caller: MayDecide) -> ReferralView:
    """End it as its sender asked after the case was open."""
    return await step.take(caller, lambda referral, by, at: referral.grant_cancellation(by, at, body.note))


@router.post("/{referral_id:uuid}/messages", status_code=201)
async def write_message(body: Text, step: StepDep, caller: MayWrite) -> ReferralView:
    """Tell the other side something; it moves nothing."""
    return await step.take(caller, lambda referral, by, at: referral.write(by, at, body.text))


@router.post("/{referral_id:uuid}/cancellation", status_code=201)
async def cancel_referral(body: Cancellation, step: StepDep, caller: MayCancel) -> ReferralView:
    """Take it back; once its case is open this only asks."""
    return await step.take(caller, lambda referral, by, at: referral.cancel(by, at, body.reason))
