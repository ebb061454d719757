"""What can be asked of the lists: of cases, of tasks, of a timeline."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.cases.domain.states import Phase, State
from services.cases.domain.task import UNFINISHED, TaskStatus
from services.cases.domain.words import Code, Day, Line, Subject
from services.cases.events import Assignee, Discipline, OriginKind, Urgency, WantedDiscipline

FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,63}$")]


class Order(StrEnum):
    """Which end of a timeline comes first."""

    NEWEST = "newest"
    OLDEST = "oldest"


class Sort(StrEnum):
    """The order of a list of cases."""

    OPENED = "opened"
    NEXT = "next"
    WAITING = "waiting"


class Service(StrEnum):
    """Who told a fact."""

    CASES = "cases"
    INTAKE = "intake"
    REFERRALS = "referrals"
    ASSESSMENT = "assessment"
    SCHEDULER = "scheduler"


class Terms(BaseModel):
    """What a list is asked for in an address; the kernel refuses what none of a route's parameters knows."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class TimelineTerms(Terms):
    """Which facts of a timeline are wanted. Days are days in Belgium, both ends included."""

    service: list[Service] = Field([], description="Only what these services told")
    kind: Annotated[list[FactName], Field(max_length=20)] = Field([], description="Only facts of these names")
    since: Day | None = Field(None, alias="from", description="First day")
    until: Day | None = Field(None, alias="to", description="Last day")
    order: Order = Field(Order.NEWEST, description="`oldest` begins with the first day")


class CaseTerms(Terms):
    """Which cases are wanted: all that is said must hold. Days are days in Belgium, both ends included."""

    mine: bool = Field(False, description="Cases of the caller; goes before `worker`")
    team: bool = Field(False, description="Cases that the caller's organisation leads, without those shared with it")
    worker: Subject | None = Field(None, description="Cases of this owner")
    state: list[State] = Field([], description="In one of these states")
    phase: Phase | None = None
    on_hold: bool | None = Field(None, description="Whether it rests")
    overdue: bool = Field(False, description="Its next step was due before today")
    next_after: Day | None = Field(None, description="Next step on this day or later")
    next_before: Day | None = Field(None, description="Next step on this day or earlier")
    urgency: Urgency | None = None
    wanted_discipline: WantedDiscipline | None = None
    discipline: Discipline | None = Field(None, description="The owner's profile")
    person_id: UUID | None = None
    origin_kind: OriginKind | None = None
    origin_id: UUID | None = None
    opened_from: Day | None = None
    opened_until: Day | None = None
    closed_from: Day | None = None
    closed_until: Day | None = None
    protocol_version: Line | None = None
    sort: Sort = Field(
        Sort.OPENED,
        description="`opened`: newest first; `next`: those with a next step, the next due first; "
        "`waiting`: those without an owner, the longest waiting first",
    )


class CaseSearch(CaseTerms):
    """A search whose terms stay out of addresses and logs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_ids: Annotated[tuple[UUID, ...], Field(max_length=200)] = ()


class WorkTerms(Terms):
    """Which tasks are wanted: all that is said must hold."""

    status: list[TaskStatus] = Field(sorted(UNFINISHED), description="In one of these; by default what is to be done")
    assignee: Assignee | None = None
    organisation: Code | None = Field(None, description="Which organisation answers for it")
    mine: bool = Field(False, description="Tasks of the cases that the caller owns")
    case_id: UUID | None = Field(None, description="Tasks of this case, ended or not")
    due_before: Day | None = Field(None, description="Due on this day or earlier")
    urgent: bool | None = None
