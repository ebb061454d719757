"""A worker leaves: every case gets another owner at once, or none does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from services.cases.domain.assignment import Assignment, DisciplineMismatch
from services.cases.domain.case import Case
from services.cases.domain.caseload import CaseloadFull, Load
from services.cases.domain.steps import NextStep, StepKind
from services.cases.domain.transfer import TransferReason, change_owner, second_beside
from services.cases.domain.words import Day, Part, Prose, Subject
from services.cases.events import Discipline
from shared.errors import DomainError
from shared.events import Event

ONE_DAY = timedelta(days=1)


class Obstacle(StrEnum):
    """Why a case cannot go to whom it is given."""

    CASELOAD_FULL = "caseload-full"
    DISCIPLINE_MISMATCH = "discipline-mismatch"


class ReassignmentRefused(DomainError):
    """Some cases cannot be taken over like this, so none is; the facts name them with the obstacle."""


class Receiver(Part):
    """Somebody who takes cases over."""

    worker: Subject
    discipline: Discipline


class Placement(Part):
    """A case that goes to one of the receivers by choice."""

    case_id: UUID
    worker: Subject


class ReassignmentOrder(Part):
    """Who leaves when, and who takes the cases over."""

    from_worker: Subject
    leaves_on: Day = Field(description="The last day; cases begin with their new owner on the day after")
    reason: TransferReason
    note: Prose | None = None
    to: Annotated[tuple[Receiver, ...], Field(min_length=1, max_length=50)]
    placements: Annotated[tuple[Placement, ...], Field(max_length=1000)] = Field(
        (), description="Cases whose owner is chosen; the others go by profile, room and order of `to`"
    )
    over_cap_reason: Prose | None = Field(None, description="Why more, where a caseload is full")
    discipline_reason: Prose | None = Field(None, description="Why this profile, where a person needs another one")
    dry_run: StrictBool = Field(False, description="Only say what would become of each case")

    @model_validator(mode="after")
    def others(self) -> Self:
        """Who leaves takes none over; each receiver is named once; cases go to receivers only, once each."""
        named = [each.worker for each in self.to]
        placed = [each.case_id for each in self.placements]
        if self.from_worker in named or len(set(named)) < len(named):
            raise PydanticCustomError("receivers", "receivers are other workers, each named once")
        if len(set(placed)) < len(placed) or not {each.worker for each in self.placements} <= set(named):
            raise PydanticCustomError("placements", "each case is placed once, with one of the receivers")
        return self

    def first_day(self, today: date) -> date:
        """The day on which cases begin with their new owner."""
        return max(today, self.leaves_on + ONE_DAY)


@dataclass
class Room:
    """What a receiver carries as the cases are given out."""

    receiver: Receiver
    load: Load
    given: list[Decimal] = field(default_factory=list)

    @property
    def carried(self) -> Decimal:
        """The weight of what the receiver has and was given."""
        return self.load.carried + sum(self.given, Decimal(0))

    def with_one_more(self, weight: Decimal) -> Load:
        """The load as one more case would find it."""
        return Load(open=self.load.open + len(self.given), cap=self.load.cap, weighted=self.carried, added=weight)


@dataclass(frozen=True)
class Handed:
    """What became, or would become, of one case."""

    case: Case
    receiver: Receiver
    load: Load
    facts: list[Event]
    obstacle: Obstacle | None = None


def reassign_all(
    cases: Sequence[Case], order: ReassignmentOrder, rooms: Sequence[Room], weights: Mapping[UUID, Decimal], today: date
) -> list[Handed]:
    """Give each case its new owner; a case with an obstacle stays as it is, and the caller changes none at all.

    The same cases, receivers and loads always go the same way: urgent ones first, then the oldest.
    """
    urgent_first = sorted(cases, key=lambda case: (case.urgency != "urgent", case.opened_at, case.id))
    return [hand_one(case, order, rooms, weights[case.id], today) for case in urgent_first]


def hand_one(case: Case, order: ReassignmentOrder, rooms: Sequence[Room], weight: Decimal, today: date) -> Handed:
    """Give one case to whom it was placed with, else to who fits best."""
    placed = next((each.worker for each in order.placements if each.case_id == case.id), None)
    able = [room for room in rooms if placed in (None, room.receiver.worker)]
    room = min(able, key=lambda each: fitness(each, case, weight))
    load = room.with_one_more(weight)
    try:
        facts = change_owner(case, taken(case, order, room.receiver, today), load, today)
    except CaseloadFull:
        return Handed(case, room.receiver, load, [], Obstacle.CASELOAD_FULL)
    except DisciplineMismatch:
        return Handed(case, room.receiver, load, [], Obstacle.DISCIPLINE_MISMATCH)
    room.given.append(weight)
    return Handed(case, room.receiver, load, facts)


def fitness(room: Room, case: Case, weight: Decimal) -> tuple[bool, bool, Decimal]:
    """How well a receiver fits, best first: with room, with the profile of the owner so far, the least full."""
    load = room.with_one_more(weight)
    full = load.carried / load.cap if load.cap else Decimal(1)
    return load.is_over, room.receiver.discipline is not case.discipline, full


def taken(case: Case, order: ReassignmentOrder, receiver: Receiver, today: date) -> Assignment:
    """The assignment of a case to a receiver: its next step stays, and is not due before it begins with them."""
    begins = order.first_day(today)
    step = NextStep(kind=case.next_step or StepKind.PHONE_CALL, due_on=max(begins, case.next_step_on or begins))
    return Assignment(
        worker=receiver.worker,
        discipline=receiver.discipline,
        second=second_beside(case, receiver.worker),
        starts_on=begins,
        next_step=step,
        over_cap_reason=order.over_cap_reason,
        discipline_reason=order.discipline_reason,
    )


def refuse_obstacles(handed: Sequence[Handed]) -> None:
    """Raise ReassignmentRefused where some case has an obstacle."""
    wrong: dict[str, str] = {str(each.case.id): each.obstacle.value for each in handed if each.obstacle}
    if wrong:
        raise ReassignmentRefused(facts={"cases": [f"{case_id}: {obstacle}" for case_id, obstacle in wrong.items()]})
