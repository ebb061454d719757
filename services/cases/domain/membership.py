"""A membership in a case's circle of care: who, as what, for whom, with which mission, and from when to when."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from services.cases.domain.life_domain import LifeDomain
from services.cases.domain.words import Code, Day, Part, Prose, Subject
from services.cases.events import Discipline, Leaving, MemberKind, Relation, Role
from shared.errors import Fault
from shared.ids import new_id

TEAM = frozenset({Role.CASE_MANAGER, Role.SECOND_WORKER})
"""Who the case is assigned to: these memberships follow the assignments."""

OWN_ROUTE = TEAM | {Role.GENERAL_PRACTITIONER}
"""Roles given by steps of their own: the assignments, and the general practitioner's identification."""

BY_OTHER_STEPS = frozenset({Leaving.REPLACED, Leaving.REASSIGNED, Leaving.CLOSING})

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class Period(Part):
    """One stretch of a membership, both days inside, in the case's interval of that number (0 before the opening)."""

    interval: int
    since: date
    until: date | None = None
    reason: Leaving | None = None

    def holds(self, on: date) -> bool:
        """Whether the membership held on a day."""
        return self.since <= on and (self.until is None or on <= self.until)


class MemberTerms(Part):
    """What can change in a membership.

    `employer`, `programme`, `responsible_organisation` and `discipline` are facts of their own: none follows from
    another, nor from what a worker may open in the system.
    """

    mission: Prose | None = Field(None, description="What this one is there for, in the service's own words")
    provides: tuple[LifeDomain, ...] = Field((), max_length=22, description="Life domains in which help is in place")
    provides_since: Day | None = Field(None, description="Since when this help is in place")
    employer: Code | None = Field(None, description="Directory code of the employer")
    programme: Code | None = Field(None, description="Code of the programme that the work is part of")
    responsible_organisation: Code | None = Field(None, description="Directory code of who answers for the work")
    discipline: Discipline | None = None
    consent_to_share: StrictBool | None = Field(
        None, description="Whether the person lets us share with this one; null while not asked"
    )
    note: Note | None = None

    def organisations(self) -> dict[str, str]:
        """The directory codes that are named here, by pointer."""
        named = {"/employer": self.employer, "/responsible_organisation": self.responsible_organisation}
        return {pointer: code for pointer, code in named.items() if code}

    def faults(self, today: date) -> list[Fault]:
        """What cannot be right: help that begins in the future, one life domain twice."""
        found = []
        if self.provides_since and self.provides_since > today:
            found.append(Fault("/provides_since", "in-future"))
        if len(set(self.provides)) != len(self.provides):
            found.append(Fault("/provides", "repeated"))
        return found


class NewMember(MemberTerms):
    """Somebody to be added. Who that is stays in intake: here there is a person id, a worker or an organisation."""

    kind: MemberKind
    role: Role | None = Field(None, description="For a professional")
    relation: Relation | None = Field(None, description="For somebody who helps outside a profession")
    worker: Subject | None = Field(None, description="Subject of a worker of the programme, as in the tokens")
    person_id: UUID | None = Field(None, description="Person of intake; never a name")
    organisation: Code | None = Field(None, description="Directory code")
    since: Day | None = Field(None, description="First day; today where left out")
    until: Day | None = Field(None, description="Last day of a membership that is over")

    def faults(self, today: date) -> list[Fault]:
        """What cannot be right about who it is, or about the days."""
        return [*super().faults(today), *self._identity(), *self._days(today)]

    def organisations(self) -> dict[str, str]:
        """The directory codes that are named here, by pointer."""
        own = {"/organisation": self.organisation} if self.organisation else {}
        return {**own, **super().organisations()}

    def _identity(self) -> list[Fault]:
        if self.kind is MemberKind.INFORMAL:
            wrong = {"role": self.role, "worker": self.worker, "organisation": self.organisation}
            found = [Fault(f"/{field}", "not-for-this-kind") for field, value in wrong.items() if value]
            return found if self.relation else [*found, Fault("/relation", "missing")]
        found = [Fault("/relation", "not-for-this-kind")] if self.relation else []
        if self.role is None:
            return [*found, Fault("/role", "missing")]
        if self.role in OWN_ROUTE:
            found.append(Fault("/role", "own-route"))
        if self.role is Role.LINE_NURSE and not self.worker:
            found.append(Fault("/worker", "missing"))
        if not (self.worker or self.person_id or self.organisation):
            found.append(Fault("/organisation", "missing"))
        return found

    def _days(self, today: date) -> list[Fault]:
        days = {"since": self.since, "until": self.until}
        found = [Fault(f"/{field}", "in-future") for field, day in days.items() if day and day > today]
        if self.until and self.until < (self.since or today):
            found.append(Fault("/until", "before-start"))
        return found


class Leave(Part):
    """The end of a membership."""

    until: Day = Field(description="The last day")
    reason: Leaving = Field(description="`replaced`, `reassigned` and `closing` follow from other steps")
    note: Note | None = None


class Earlier(Part):
    """The terms of a membership before a change."""

    terms: MemberTerms
    changed_at: datetime
    changed_by: str


class Member(BaseModel):
    """Somebody of a case's circle of care, now or once. `periods` is never empty, the latest last."""

    id: UUID = Field(default_factory=new_id)
    case_id: UUID
    kind: MemberKind
    role: Role | None = None
    relation: Relation | None = None
    worker: str | None = None
    person_id: UUID | None = None
    organisation: str | None = None
    terms: MemberTerms = MemberTerms()
    periods: tuple[Period, ...]
    history: tuple[Earlier, ...] = ()

    def known_to(self) -> list[str]:
        """The organisations that learn what this member is told: its own, its employer, who answers for its work."""
        own = {self.organisation} if self.organisation else set()
        return sorted(own | set(self.terms.organisations().values()))

    @property
    def last(self) -> Period:
        """The latest period."""
        return self.periods[-1]

    @property
    def current(self) -> bool:
        """Whether it has not ended."""
        return self.last.until is None

    @property
    def goes_on(self) -> bool:
        """Whether a reopening brings it back: nothing but the closing ended it."""
        return self.last.reason is Leaving.CLOSING

    @property
    def is_gp(self) -> bool:
        """Whether this is the general practitioner."""
        return self.role is Role.GENERAL_PRACTITIONER

    @property
    def is_team(self) -> bool:
        """Whether the membership follows an assignment of the case."""
        return self.role in TEAM

    def belonged(self, on: date) -> bool:
        """Whether the membership held on a day."""
        return any(period.holds(on) for period in self.periods)

    def same_as(self, other: Self) -> bool:
        """Whether two memberships are of the same one in the same capacity.

        A worker counts once, whatever the role. Two relatives without a person id may well be two people.
        """
        if self.worker or other.worker:
            return self.worker == other.worker
        if self.person_id or other.person_id:
            return (self.person_id, self.role, self.relation) == (other.person_id, other.role, other.relation)
        return self.kind is MemberKind.PROFESSIONAL and (self.role, self.organisation) == (
            other.role,
            other.organisation,
        )

    def end(self, until: date, reason: Leaving) -> None:
        """End the latest period; one that began later than that day ends on the day it began."""
        ended = self.last.model_copy(update={"until": max(until, self.last.since), "reason": reason})
        self.periods = (*self.periods[:-1], ended)

    def resume(self, interval: int, since: date) -> None:
        """Begin another period."""
        self.periods = (*self.periods, Period(interval=interval, since=since))
