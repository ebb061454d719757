"""What the routes of the circle of care answer with."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.domain.circle import Circle
from services.cases.domain.informing import Information, InformConsent, Missing, to_be_told
from services.cases.domain.life_domain import LifeDomain
from services.cases.domain.membership import Earlier, Member, MemberTerms, Period
from services.cases.domain.states import State
from services.cases.events import GpStatus, InformedBy, KeyStep, MemberKind, Relation, Role
from services.cases.store import AskedRow, CaseRow, GpRow, OtherCase


class MemberView(MemberTerms):
    """Somebody of the circle of care, now or once."""

    id: UUID
    kind: MemberKind
    role: Role | None = Field(description="For a professional")
    relation: Relation | None = Field(description="For somebody who helps outside a profession")
    worker: str | None = Field(description="Subject of a worker of the programme")
    person_id: UUID | None = Field(description="Person of intake")
    organisation: str | None = Field(description="Directory code")
    current: bool = Field(description="Whether the membership has not ended")
    periods: tuple[Period, ...] = Field(description="The latest last; a reopening begins a new one")

    @classmethod
    def of(cls, member: Member) -> "MemberView":
        return cls.model_validate(shown(member))


class MemberWithHistory(MemberView):
    """Somebody of the circle of care, with the terms of before."""

    history: tuple[Earlier, ...] = Field(description="The terms before each change, the oldest first")

    @classmethod
    def of(cls, member: Member) -> "MemberWithHistory":
        return cls.model_validate({**shown(member), "history": member.history})


def shown(member: Member) -> dict[str, object]:
    """A membership with its terms, side by side."""
    names = ("id", "kind", "role", "relation", "worker", "person_id", "organisation", "current", "periods")
    return {**dict(member.terms), **{name: getattr(member, name) for name in names}}


class ToTell(BaseModel):
    """A provider who is still to be told."""

    member_id: UUID
    steps: list[KeyStep]


class GpView(BaseModel):
    """What is known of the general practitioner."""

    status: GpStatus | None = Field(description="Null while nobody asked")
    member_id: UUID | None = Field(description="The membership of a known one")
    missing: tuple[Missing, ...] = Field(description="What is still to be done, in the order of the steps")


class CircleView(BaseModel):
    """The circle of care of a case."""

    case_id: UUID
    person_id: UUID | None = Field(description="In the middle of it; null while the person is not identified yet")
    on: date | None = Field(description="The day that was asked for; null for everybody, past members included")
    general_practitioner: GpView
    to_tell: list[ToTell] = Field(description="Other providers who were not told of a key step")
    members: list[MemberView] = Field(description="In the order they came; at most 200")

    @classmethod
    def whole(cls, circle: Circle, on: date | None, gp: GpRow, given: Sequence[Information]) -> "CircleView":
        known = circle.gp()
        return cls(
            case_id=circle.case.id,
            person_id=circle.case.person_id,
            on=on,
            general_practitioner=GpView(status=gp.status, member_id=known.id if known else None, missing=gp.missing),
            to_tell=[
                ToTell(member_id=member_id, steps=steps) for member_id, steps in to_be_told(circle, given).items()
            ],
            members=[MemberView.of(member) for member in circle.members if on is None or member.belonged(on)],
        )


class InformationView(BaseModel):
    """One telling."""

    id: UUID
    case_id: UUID
    member_id: UUID
    step: KeyStep
    number: int = Field(description="Of the case's interval; for the plan its version")
    channel: InformedBy
    on: date
    consent: InformConsent
    note: str | None
    by: str
    at: datetime

    @classmethod
    def of(cls, information: Information) -> "InformationView":
        return cls.model_validate(information, from_attributes=True)


class CaseToInform(BaseModel):
    """A case that misses something between it and the general practitioner."""

    case_id: UUID
    state: State
    worker: str | None
    opened_on: date
    closed_on: date | None
    status: GpStatus | None
    missing: tuple[Missing, ...]

    @classmethod
    def of(cls, case: CaseRow, gp: GpRow) -> "CaseToInform":
        return cls(
            case_id=case.id,
            state=case.state,
            worker=case.worker,
            opened_on=case.opened_on,
            closed_on=case.closed_on,
            status=gp.status,
            missing=gp.missing,
        )


class OtherCaseView(BaseModel):
    """Another case of the same person; of a case that is not the caller's business only who leads it."""

    organisation: str
    case_id: UUID | None = None
    state: State | None = None
    worker: str | None = None

    @classmethod
    def of(cls, other: OtherCase) -> "OtherCaseView":
        if other.case is None:
            return cls(organisation=other.organisation)
        case = other.case
        return cls(organisation=other.organisation, case_id=case.id, state=case.state, worker=case.worker)


class AskedView(BaseModel):
    """An organisation that helps the person, or is asked to."""

    outgoing_id: UUID
    organisation: str
    state: str = Field(description="As referrals tells it", examples=["accepted"])
    in_use: bool = Field(description="Whether it is confirmed that the person was received, or uses the service")

    @classmethod
    def of(cls, asked: AskedRow) -> "AskedView":
        return cls.model_validate(asked, from_attributes=True)


class ProviderView(BaseModel):
    """A provider in place already, with the mission."""

    member_id: UUID
    role: Role | None
    organisation: str | None
    provides: tuple[LifeDomain, ...]
    provides_since: date | None
    mission: str | None

    @classmethod
    def of(cls, member: Member) -> "ProviderView":
        terms = member.terms
        return cls(
            member_id=member.id,
            role=member.role,
            organisation=member.organisation,
            provides=terms.provides,
            provides_since=terms.provides_since,
            mission=terms.mission,
        )


class OverlapView(BaseModel):
    """Who follows the person already. It blocks nothing."""

    case_id: UUID
    overlap: bool = Field(description="Whether another case runs, or another organisation helps or is asked to")
    cases: list[OtherCaseView]
    asked: list[AskedView]
    providers: list[ProviderView] = Field(description="Professionals of the circle from outside the programme")


class OverlapLine(BaseModel):
    """A case whose person is followed elsewhere too."""

    case_id: UUID
    state: State
    worker: str | None
    opened_on: date
    other_cases: int

    @classmethod
    def of(cls, case: CaseRow, others: int) -> "OverlapLine":
        return cls(case_id=case.id, state=case.state, worker=case.worker, opened_on=case.opened_on, other_cases=others)
