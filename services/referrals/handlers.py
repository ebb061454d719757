"""What referrals does on others' facts: it keeps the sender's view of the case true."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel

from services.referrals.domain import KnownInstrument, Rejection, State
from services.referrals.store import Instruments, ReferralRow, Referrals
from shared.errors import Fault
from shared.events import Reading
from shared.handlers import Handlers
from shared.http import Http

handlers = Handlers()

NOT_ACHIEVED = {"deceased", "moved", "patient-withdrew", "unreachable"}


class PersonIdentified(Reading):
    """intake knows whom a referral is about."""

    type: ClassVar[str] = "intake.person-identified.v1"
    referral_id: UUID
    person_id: UUID


class SheetCompleted(Reading):
    """assessment has scored a sheet."""

    type: ClassVar[str] = "assessment.sheet-completed.v1"
    sheet_id: UUID
    referral_id: UUID | None


class SheetRejected(Reading):
    """assessment could not take a sheet."""

    type: ClassVar[str] = "assessment.sheet-rejected.v1"
    referral_id: UUID
    sheet_number: int
    faults: tuple[Fault, ...]


class InstrumentPublished(Reading):
    """assessment has published an instrument."""

    type: ClassVar[str] = "assessment.instrument-published.v1"
    code: str
    spec_version: str


class CaseOpened(Reading):
    """cases has opened a case; the origin of some is a referral."""

    type: ClassVar[str] = "cases.case-opened.v1"
    case_id: UUID
    origin_kind: str
    origin_id: UUID


class HomeVisitDone(Reading):
    """The first visit has been made."""

    type: ClassVar[str] = "cases.care-started.v1"
    case_id: UUID


class PlanAgreed(Reading):
    """The plan is agreed with the person."""

    type: ClassVar[str] = "cases.plan-agreed.v1"
    case_id: UUID


class CaseClosed(Reading):
    """The case is closed."""

    type: ClassVar[str] = "cases.case-closed.v1"
    case_id: UUID
    closed_on: date
    reason: str


class Totals(BaseModel):
    """What the sender may read of a scored sheet."""

    sheet_id: UUID
    identifier: str | None
    instrument: str
    state: str
    scales: dict[str, Any]


async def pull_totals(event: SheetCompleted, http: Http) -> Totals | None:
    """The totals, from assessment."""
    if event.referral_id is None:
        return None
    return await http.get("assessment", f"/assessment/sheets/{event.sheet_id}/totals", Totals)


async def pull_instrument(event: InstrumentPublished, http: Http) -> KnownInstrument:
    """The definition, from assessment."""
    return await http.get(
        "assessment", f"/assessment/instruments/{event.code}/{event.spec_version}/cards", KnownInstrument
    )


@handlers.on(PersonIdentified)
async def name_person(event: PersonIdentified, referrals: Referrals) -> None:
    """Note whom the referral is about."""
    referral = await referrals.get(event.referral_id)
    await referrals.record(referral, referral.link(event.person_id))


@handlers.on(SheetCompleted, pull=pull_totals)
async def show_totals(event: SheetCompleted, referrals: Referrals, pulled: Totals | None) -> None:
    """Let the sender read the computed totals; a sheet that came with no referral is none of ours."""
    if event.referral_id is None or pulled is None:
        return
    referral = await referrals.get(event.referral_id)
    await referrals.record(referral, referral.show_totals(pulled.model_dump(mode="json")))


@handlers.on(SheetRejected)
async def show_rejection(event: SheetRejected, referrals: Referrals) -> None:
    """Let the sender read what was wrong with the sheet."""
    referral = await referrals.get(event.referral_id)
    rejection = Rejection(sheet_number=event.sheet_number, faults=event.faults)
    await referrals.record(referral, referral.reject_sheet(rejection))


@handlers.on(InstrumentPublished, pull=pull_instrument)
async def learn_instrument(event: InstrumentPublished, instruments: Instruments, pulled: KnownInstrument) -> None:
    """Keep our own copy, so that the door needs nobody."""
    await instruments.keep(pulled)


@handlers.on(CaseOpened)
async def case_opened(event: CaseOpened, referrals: Referrals) -> None:
    """Show the sender that a case is open."""
    if event.origin_kind == "referral":
        await follow(referrals, await referrals.get(event.origin_id), event.case_id, State.CASE_OPENED)


@handlers.on(HomeVisitDone)
async def home_visit_done(event: HomeVisitDone, referrals: Referrals) -> None:
    """Show the sender that the first visit was made."""
    await follow(referrals, await referrals.of_case(event.case_id), event.case_id, State.HOME_VISIT_DONE)


@handlers.on(PlanAgreed)
async def plan_agreed(event: PlanAgreed, referrals: Referrals) -> None:
    """Show the sender that a plan is agreed."""
    await follow(referrals, await referrals.of_case(event.case_id), event.case_id, State.CARE_PLAN_SHARED)


@handlers.on(CaseClosed)
async def case_closed(event: CaseClosed, referrals: Referrals) -> None:
    """Close the loop with the sender."""
    state = State.NOT_ACHIEVED if event.reason in NOT_ACHIEVED else State.CLOSED
    await follow(referrals, await referrals.of_case(event.case_id), event.case_id, state, event.reason)


async def follow(
    referrals: Referrals, referral: ReferralRow | None, case_id: UUID, state: State, reason: str | None = None
) -> None:
    """Carry a case's step over to the referral that led to it; a case from the line has none."""
    if referral is None:
        return
    fact = referral.follow_case(state, case_id, referrals.transaction.clock.now(), reason)
    if fact:
        await referrals.record(referral, fact)
