"""What cases tells: who is followed, since when, and by which plan. One handler per fact, for all who need it here."""

from typing import ClassVar
from uuid import UUID

from services.intake.handlers.registry import handlers
from services.intake.store import Figures, Relays, Standings
from shared.events import Reading


class CaseOpened(Reading):
    """A case exists."""

    type: ClassVar[str] = "cases.case-opened.v1"
    case_id: UUID
    person_id: UUID | None
    urgency: str
    origin_kind: str | None = None
    origin_id: UUID | None = None


class PersonLinked(Reading):
    """Whom the case is about."""

    type: ClassVar[str] = "cases.person-linked.v1"
    case_id: UUID
    person_id: UUID


class CaseAssigned(Reading):
    """The case has an owner."""

    type: ClassVar[str] = "cases.case-assigned.v1"
    case_id: UUID
    worker: str
    organisation: str


class PlanAgreed(Reading):
    """The person agreed to a plan."""

    type: ClassVar[str] = "cases.plan-agreed.v1"
    case_id: UUID


class CaseClosed(Reading):
    """The case is closed."""

    type: ClassVar[str] = "cases.case-closed.v1"
    case_id: UUID


class CaseDeclined(Reading):
    """The request is not taken."""

    type: ClassVar[str] = "cases.case-declined.v1"
    case_id: UUID
    reason: str = "other"


class CaseReopened(Reading):
    """The case goes on."""

    type: ClassVar[str] = "cases.case-reopened.v1"
    case_id: UUID


@handlers.on(CaseOpened)
async def know_case(event: CaseOpened, standings: Standings, relays: Relays) -> None:
    """Somebody is followed; a relay has its case."""
    if event.origin_id and event.origin_kind == "contact":
        await relays.note_case(event.origin_id, event.case_id)
    now = standings.transaction.clock.now()
    await standings.case_opened(event.case_id, event.person_id, now, event.urgency == "urgent")


@handlers.on(PersonLinked)
async def know_person_of_case(event: PersonLinked, standings: Standings) -> None:
    """It is known, or corrected, who is followed."""
    await standings.case_changed(event.case_id, person_id=event.person_id)


@handlers.on(CaseAssigned)
async def know_owner(event: CaseAssigned, standings: Standings, figures: Figures) -> None:
    """A nurse can say at once who answers for a case; it is taken on."""
    await figures.decide(event.case_id, "accepted", once=True)
    await standings.case_changed(event.case_id, owner=event.worker, organisation=event.organisation)


@handlers.on(PlanAgreed)
async def know_plan(event: PlanAgreed, standings: Standings) -> None:
    """What is agreed with somebody is at stake when the line fails."""
    await standings.case_changed(event.case_id, planned=True)


@handlers.on(CaseClosed)
async def know_closing(event: CaseClosed, standings: Standings, relays: Relays) -> None:
    """Somebody is no longer followed; the next relay is a new request."""
    await relays.end(event.case_id)
    await standings.case_changed(event.case_id, closed_at=standings.transaction.clock.now())


@handlers.on(CaseReopened)
async def know_reopening(event: CaseReopened, standings: Standings) -> None:
    """Somebody is followed again."""
    await standings.case_changed(event.case_id, closed_at=None)


@handlers.on(CaseDeclined)
async def know_refusal(event: CaseDeclined, standings: Standings, relays: Relays, figures: Figures) -> None:
    """Somebody is not followed after all; the next relay is a new request."""
    await figures.decide(event.case_id, f"refused.{event.reason}")
    await relays.end(event.case_id)
    await standings.case_changed(event.case_id, closed_at=standings.transaction.clock.now(), declined=True)
