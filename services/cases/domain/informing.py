"""Telling the general practitioner and the other providers at key steps, and what is still to be told."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.domain.case import Case
from services.cases.domain.circle import MOVES_CIRCLE, Circle
from services.cases.domain.membership import Member, Note
from services.cases.domain.states import OWNED, State
from services.cases.domain.words import Day, Part, Unfit, refuse
from services.cases.events import (
    CircleMemberChanged,
    CircleMemberEnded,
    GpIdentified,
    GpStatus,
    InformedBy,
    KeyStep,
    MemberKind,
    PlanAgreed,
    ProviderInformed,
)
from shared.errors import DomainError, Fault
from shared.events import Event
from shared.ids import new_id


class ConsentRefused(DomainError):
    """The person does not let us share with this member of the circle."""


class InformConsent(StrEnum):
    """On what ground a member of the circle is told."""

    ORAL = "oral"
    WRITTEN = "written"
    CARE_RELATIONSHIP = "care-relationship"


class Missing(StrEnum):
    """What is missing between the case and the general practitioner."""

    NOT_IDENTIFIED = "gp-not-identified"
    OPENING = "gp-not-told-opening"
    PLAN = "gp-not-told-plan"
    CLOSING = "gp-not-told-closing"


NOT_TOLD = {KeyStep.OPENING: Missing.OPENING, KeyStep.PLAN: Missing.PLAN, KeyStep.CLOSING: Missing.CLOSING}

MOVES_MISSING: tuple[type[Event], ...] = (
    *MOVES_CIRCLE,
    PlanAgreed,
    GpIdentified,
    ProviderInformed,
    CircleMemberChanged,
    CircleMemberEnded,
)
"""The facts that change what is missing."""

Turn = tuple[KeyStep, int]
"""A key step with the number of its interval, or of its plan: each is told of."""


class InformationGiven(Part):
    """Whom somebody told, of what, how, and on what ground."""

    member_id: UUID | None = Field(None, description="A member of the circle; the general practitioner where left out")
    step: KeyStep
    channel: InformedBy
    on: Day
    consent: InformConsent
    note: Annotated[Note | None, Field(description="Stays with the case")] = None


class Information(BaseModel):
    """One telling. `number` is that of the case's interval; for the plan that of the agreed version."""

    id: UUID = Field(default_factory=new_id)
    case_id: UUID
    member_id: UUID
    step: KeyStep
    number: int
    channel: InformedBy
    on: date
    consent: InformConsent
    note: str | None
    by: str
    at: datetime

    @property
    def turn(self) -> Turn:
        """What was told of."""
        return self.step, self.number


def inform(circle: Circle, given: InformationGiven, by: str, at: datetime) -> tuple[Information, ProviderInformed]:
    """Note that a member was told. Raises Unfit, and ConsentRefused where the person does not want it."""
    case = circle.case
    member = told_member(circle, given.member_id)
    number = number_of(case, given.step, given.on)
    refuse(faults(case, member, given, number, circle.today))
    if member.terms.consent_to_share is False:
        raise ConsentRefused
    known = given.model_dump(exclude={"member_id"})
    information = Information(case_id=case.id, member_id=member.id, number=number or 0, by=by, at=at, **known)
    fact = ProviderInformed(
        case_id=case.id,
        information_id=information.id,
        member_id=member.id,
        role=member.role,
        step=given.step,
        channel=given.channel,
        on=given.on,
    )
    return information, fact


def told_member(circle: Circle, member_id: UUID | None) -> Member:
    """The member who was told. Raises Unfit where there is none such."""
    if member_id is None:
        found = circle.gp()
    else:
        found = next((member for member in circle.members if member.id == member_id), None)
    if found is None:
        raise Unfit(faults=[Fault("/member_id", "unknown" if member_id else "gp-unknown")])
    return found


def faults(case: Case, member: Member, given: InformationGiven, number: int | None, today: date) -> list[Fault]:
    """What cannot be right: a day to come or before the case, a step not reached, somebody not of the circle then."""
    if given.on > today:
        return [Fault("/on", "in-future")]
    if given.on < min(case.opened_on, case.closed_on or case.opened_on):
        return [Fault("/on", "before-opening")]
    if number is None:
        return [Fault("/step", "not-reached")]
    if not (member.belonged(given.on) or member.goes_on):
        return [Fault("/on", "not-a-member-then")]
    return []


def number_of(case: Case, step: KeyStep, on: date) -> int | None:
    """The number of the interval or plan that a telling on a day is about; None where the case has not come so far."""
    if step is KeyStep.PLAN:
        return case.agreed_version
    if step is KeyStep.OTHER:
        return len(case.intervals)
    if step is KeyStep.OPENING:
        begun = [each.number for each in case.intervals if each.begun_on <= on]
        return max(begun) if begun else (1 if case.intervals else None)
    over = [each.number for each in case.intervals if each.ended_on and each.ended_on <= on]
    return max(over) if over else None


def turns_of(case: Case) -> list[Turn]:
    """What there is to tell of now: the running interval, the plan in force, the closing."""
    if not case.intervals or case.state not in {*OWNED, State.CLOSED}:
        return []
    number = len(case.intervals)
    plan: list[Turn] = [(KeyStep.PLAN, case.agreed_version)] if case.agreed_version else []
    closing: list[Turn] = [(KeyStep.CLOSING, number)] if case.state is State.CLOSED else []
    return [(KeyStep.OPENING, number), *plan, *closing]


def untold(case: Case, member: Member, given: Iterable[Information]) -> list[KeyStep]:
    """The key steps that a member was not told of; none for somebody with whom the person will not have us share."""
    if member.terms.consent_to_share is False:
        return []
    told = {each.turn for each in given if each.member_id == member.id}
    return [step for step, number in turns_of(case) if (step, number) not in told]


def missing(circle: Circle, status: GpStatus | None, given: Sequence[Information]) -> tuple[Missing, ...]:
    """What is missing between an opened case and the general practitioner, in the order of the steps."""
    if not turns_of(circle.case):
        return ()
    gp = circle.gp()
    if gp is None:
        return () if status in {GpStatus.NONE, GpStatus.REFUSES_TO_TELL} else (Missing.NOT_IDENTIFIED,)
    return tuple(NOT_TOLD[step] for step in untold(circle.case, gp, given))


def to_be_told(circle: Circle, given: Sequence[Information]) -> dict[UUID, list[KeyStep]]:
    """The other professionals who are still to be told, with the steps; the programme's own workers know."""
    others = [
        member
        for member in circle.members
        if member.kind is MemberKind.PROFESSIONAL
        and not member.worker
        and not member.is_gp
        and (member.current or (member.goes_on and circle.case.state is State.CLOSED))
    ]
    found = {member.id: untold(circle.case, member, given) for member in others}
    return {member_id: steps for member_id, steps in found.items() if steps}
