"""The routes of referrals: the JSON push, the shared state, the directory."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from services.referrals.domain import (
    Actor,
    Document,
    Move,
    OrganisationKind,
    Rejection,
    Sheet,
    SheetFaults,
    State,
    check_sheet,
)
from services.referrals.domain.document import Code, Day, Line, Person, Prose
from services.referrals.events import RefusalReason, Urgency
from services.referrals.store import Instruments, OrganisationRow, Organisations, ReferralRow, Referrals
from shared.access import May
from shared.auth import Caller
from shared.clock import Clock, local_date
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, IfMatch, Tag, opened
from shared.service import router as service_router

router = service_router("referrals", tags=["referrals"])

ReferralsDep = Annotated[Referrals, Depends(opened(Referrals))]
OrganisationsDep = Annotated[Organisations, Depends(opened(Organisations))]
InstrumentsDep = Annotated[Instruments, Depends(opened(Instruments))]

MayPush = Annotated[Caller, Depends(May("referral:push"))]
MayRead = Annotated[Caller, Depends(May("referral:read"))]
MayTriage = Annotated[Caller, Depends(May("referral:triage"))]
MayDecide = Annotated[Caller, Depends(May("referral:decide"))]
MayAsk = Annotated[Caller, Depends(May("referral:ask"))]
MayAnswer = Annotated[Caller, Depends(May("referral:answer"))]
MayCancel = Annotated[Caller, Depends(May("referral:cancel"))]
MayPullDemographics = Annotated[Caller, Depends(May("referral:pull-demographics"))]
MayPullSheets = Annotated[Caller, Depends(May("referral:pull-sheets"))]
MayReadOrganisations = Annotated[Caller, Depends(May("organisation:read"))]
MayRegisterOrganisations = Annotated[Caller, Depends(May("organisation:register"))]


class Body(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Receipt(BaseModel):
    """The proof that a referral is in our hands; the same push gets the same receipt."""

    id: UUID
    state: State
    received_at: datetime


class Summary(BaseModel):
    """A referral in a list: no personal data."""

    id: UUID
    sender: str
    identifier_system: str
    identifier_value: str
    state: State
    urgency: Urgency
    received_at: datetime

    @classmethod
    def of(cls, referral: ReferralRow) -> "Summary":
        return cls.model_validate(referral, from_attributes=True)


class ReferralView(Summary):
    """A referral as its sender and the programme's staff see it."""

    consent_given: bool
    sheets_checked: bool = Field(description="False when no copy of the instrument was at hand at the door")
    person_id: UUID | None
    case_id: UUID | None
    cancellation_requested: bool
    totals: list[dict[str, Any]] = Field(description="Computed scores per sheet, once assessed")
    rejections: list[Rejection] = Field(description="Sheets that could not be scored, with codes and places")
    moves: list[Move]
    allowed: list[State] = Field(description="The states it can move to from here")
    document: Document

    @classmethod
    def of(cls, referral: ReferralRow) -> "ReferralView":
        return cls.model_validate({**referral.model_dump(), "allowed": referral.allowed()}, from_attributes=True)


class Acceptance(Body):
    """Why, where the consent could not be had in an emergency."""

    emergency_reason: Prose | None = None


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


class Redirection(Body):
    """Which organisation is asked instead."""

    organisation: Code
    note: Prose | None = None


class Cancellation(Body):
    """Why the sender takes it back."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class Demographics(BaseModel):
    """What intake needs to know whom a referral is about."""

    person: Person
    sender: str


class Sheets(BaseModel):
    """What assessment needs of a referral."""

    sheets: list[Sheet]
    factors: list[str]
    discharge_on: Day | None


class OrganisationView(BaseModel):
    """An organisation of the directory."""

    code: str
    name: str
    kind: OrganisationKind
    active: bool


class OrganisationDescription(Body):
    """What is known of an organisation."""

    name: Line
    kind: OrganisationKind
    active: StrictBool = True


def actor_of(caller: Caller) -> Actor:
    """The part that a caller plays in a referral's life."""
    if "coordinator" in caller.roles:
        return Actor.COORDINATOR
    return Actor.LINE_NURSE if "line-nurse" in caller.roles else Actor.SENDER


@router.post("", status_code=201)
async def push_referral(
    document: Document,
    referrals: ReferralsDep,
    instruments: InstrumentsDep,
    clock: ClockDep,
    caller: MayPush,
    response: Response,
) -> Receipt:
    """Push a referral. The same push again gets the same receipt; other content under its identifier is 409."""
    checked = await check_at_door(document, instruments, clock)
    referral_id, received_at = await referrals.receive(document, caller.organisation, checked)
    response.headers["location"] = f"/referrals/{referral_id}"
    response.headers["etag"] = '"1"'
    return Receipt(id=referral_id, state=State.RECEIVED, received_at=received_at)


async def check_at_door(document: Document, instruments: Instruments, clock: Clock) -> bool:
    """Refuse what is wrong on its face; says whether every sheet could be checked against its instrument."""
    faults = list(document.faults_on(local_date(clock)))
    checked = True
    for number, sheet in enumerate(document.sheets):
        known = await instruments.find(sheet.instrument, sheet.edition)
        checked = checked and known is not None
        if known:
            faults += check_sheet(known, sheet, ("sheets", number))
    if faults:
        raise SheetFaults("Some values cannot be right.", faults=faults)
    return checked


@router.get("")
async def list_referrals(
    referrals: ReferralsDep, paging: PagingDep, caller: MayRead, state: State | None = None
) -> Page[Summary]:
    """Referrals, newest first: a hospital sees its own, the programme all."""
    rows = await referrals.page(caller, state, paging.limit, paging.after)
    keys = [(row.received_at.isoformat(), row.id) for row in rows]
    return paging.page([Summary.of(row) for row in rows], keys)


@router.get("/{referral_id:uuid}")
async def read_referral(referral_id: UUID, referrals: ReferralsDep, caller: MayRead, tag: Tag) -> ReferralView:
    """One referral with its state, its history and the computed totals."""
    return ReferralView.of(tag(await referrals.get(referral_id, caller)))


@router.post("/{referral_id:uuid}/triage", status_code=201)
async def triage_referral(
    referral_id: UUID, referrals: ReferralsDep, seen: IfMatch, clock: ClockDep, caller: MayTriage, tag: Tag
) -> ReferralView:
    """Begin to look at it."""
    referral = await referrals.get(referral_id, caller, seen)
    await referrals.record(referral, referral.triage(actor_of(caller), clock.now()))
    return ReferralView.of(tag(referral))


@router.post("/{referral_id:uuid}/acceptance", status_code=201)
async def accept_referral(
    referral_id: UUID,
    body: Acceptance,
    referrals: ReferralsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayDecide,
    tag: Tag,
) -> ReferralView:
    """Accept: a case will be opened. Needs the person's consent, or an emergency reason."""
    referral = await referrals.get(referral_id, caller, seen)
    await referrals.record(referral, referral.accept(actor_of(caller), clock.now(), body.emergency_reason))
    return ReferralView.of(tag(referral))


@router.post("/{referral_id:uuid}/refusal", status_code=201)
async def refuse_referral(
    referral_id: UUID,
    body: Refusal,
    referrals: ReferralsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayDecide,
    tag: Tag,
) -> ReferralView:
    """Refuse with a coded reason and an onward path."""
    referral = await referrals.get(referral_id, caller, seen)
    await referrals.record(referral, referral.refuse(actor_of(caller), clock.now(), body.reason, body.onward_path))
    return ReferralView.of(tag(referral))


@router.post("/{referral_id:uuid}/information-request", status_code=201)
async def ask_sender(
    referral_id: UUID,
    body: Question,
    referrals: ReferralsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayAsk,
    tag: Tag,
) -> ReferralView:
    """Ask the sender a question."""
    referral = await referrals.get(referral_id, caller, seen)
    await referrals.record(referral, referral.ask(actor_of(caller), clock.now(), body.question))
    return ReferralView.of(tag(referral))


@router.post("/{referral_id:uuid}/information", status_code=201)
async def answer_question(
    referral_id: UUID,
    body: Information,
    referrals: ReferralsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayAnswer,
    tag: Tag,
) -> ReferralView:
    """Answer the programme's question."""
    referral = await referrals.get(referral_id, caller, seen)
    await referrals.record(referral, referral.inform(actor_of(caller), clock.now(), body.answer, body.consent_given))
    return ReferralView.of(tag(referral))


@router.post("/{referral_id:uuid}/waiting-list", status_code=201)
async def put_on_waiting_list(
    referral_id: UUID,
    body: Note,
    referrals: ReferralsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayDecide,
    tag: Tag,
) -> ReferralView:
    """Keep it for a free place."""
    referral = await referrals.get(referral_id, caller, seen)
    await referrals.record(referral, referral.wait_list(actor_of(caller), clock.now(), body.note))
    return ReferralView.of(tag(referral))


@router.post("/{referral_id:uuid}/redirection", status_code=201)
async def redirect_referral(
    referral_id: UUID,
    body: Redirection,
    referrals: ReferralsDep,
    organisations: OrganisationsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayDecide,
    tag: Tag,
) -> ReferralView:
    """Ask another organisation of the directory instead."""
    referral = await referrals.get(referral_id, caller, seen)
    target = await organisations.known(body.organisation)
    await referrals.record(referral, referral.redirect(actor_of(caller), clock.now(), target.code, body.note))
    return ReferralView.of(tag(referral))


@router.post("/{referral_id:uuid}/cancellation", status_code=201)
async def cancel_referral(
    referral_id: UUID,
    body: Cancellation,
    referrals: ReferralsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayCancel,
    tag: Tag,
) -> ReferralView:
    """Take it back; once its case is open this only asks."""
    referral = await referrals.get(referral_id, caller, seen)
    await referrals.record(referral, referral.cancel(actor_of(caller), clock.now(), body.reason))
    return ReferralView.of(tag(referral))


@router.get("/{referral_id:uuid}/demographics")
async def pull_demographics(referral_id: UUID, referrals: ReferralsDep, caller: MayPullDemographics) -> Demographics:
    """For intake alone: whom the referral is about."""
    referral = await referrals.get(referral_id, caller)
    return Demographics(person=referral.document.person, sender=referral.sender)


@router.get("/{referral_id:uuid}/sheets")
async def pull_sheets(referral_id: UUID, referrals: ReferralsDep, caller: MayPullSheets) -> Sheets:
    """For assessment alone: the filled sheets and the named factors."""
    document = (await referrals.get(referral_id, caller)).document
    discharge = document.stay.discharge_on if document.stay else None
    return Sheets(sheets=document.sheets, factors=document.reason.factors, discharge_on=discharge)


@router.get("/directory/organisations")
async def list_organisations(organisations: OrganisationsDep, caller: MayReadOrganisations) -> Page[OrganisationView]:
    """The organisations of the network."""
    rows = await organisations.all()
    return Page(items=[OrganisationView.model_validate(row, from_attributes=True) for row in rows], next=None)


@router.put("/directory/organisations/{code}")
async def register_organisation(
    code: Code, body: OrganisationDescription, organisations: OrganisationsDep, caller: MayRegisterOrganisations
) -> OrganisationView:
    """Register an organisation under the code that its tokens carry as `org_id`, or correct what is known of it."""
    known = await organisations.find(code)
    row = known or OrganisationRow(code=code, name=body.name, kind=body.kind)
    if known is None or (row.name, row.kind, row.active) != (body.name, body.kind, body.active):
        await organisations.record(row, row.describe(body.name, body.kind, body.active))
    return OrganisationView.model_validate(row, from_attributes=True)
