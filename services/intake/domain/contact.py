"""A contact of the line: who spoke, about whom, about what, and what came of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from services.intake.domain.identity import Language, Line, OrganisationCode, each_once
from services.intake.domain.topics import TOPICS, told
from services.intake.events import (
    CaseManagementRequested,
    ContactRecorded,
    Direction,
    OrientationRequested,
    Outcome,
    Urgency,
)
from shared.errors import DomainError, Fault
from shared.events import Event
from shared.ids import new_id

AHEAD = timedelta(seconds=30)
"""How far the clock of a workstation may run before ours."""


class ImpossibleContact(DomainError):
    """Some of these values do not go together."""


class Channel(StrEnum):
    """How the two spoke."""

    CALL = "call"
    EMAIL = "email"
    DESK = "desk"
    MESSAGE = "message"


class CallerKind(StrEnum):
    """Who spoke; often not the person concerned."""

    PATIENT = "patient"
    RELATIVE = "relative"
    PROFESSIONAL = "professional"
    OTHER = "other"


class Why(StrEnum):
    """The coded reason of an outcome."""

    INFORMATION_GIVEN = "information-given"
    ADVICE_GIVEN = "advice-given"
    SUPPORT_GIVEN = "support-given"
    TASK_DONE = "task-done"
    SERVICE_COVERS_NEED = "service-covers-need"
    ALREADY_FOLLOWED_THERE = "already-followed-there"
    PERSON_PREFERS_IT = "person-prefers-it"
    OUTSIDE_MISSION = "outside-mission"
    MEDICAL_COMPLEXITY = "medical-complexity"
    SOCIAL_COMPLEXITY = "social-complexity"
    MEDICAL_AND_SOCIAL_COMPLEXITY = "medical-and-social-complexity"
    CARER_EXHAUSTED = "carer-exhausted"
    UNSAFE_AT_HOME = "unsafe-at-home"
    HOSPITAL_DISCHARGE = "hospital-discharge"
    INFORMATION_TO_FIND = "information-to-find"
    NOT_REACHED = "not-reached"
    INTERRUPTED = "interrupted"
    CALLER_ASKED = "caller-asked"
    NO_SERVICE = "no-service"
    AT_CAPACITY = "at-capacity"
    OUTSIDE_AREA = "outside-area"
    NOT_ENTITLED = "not-entitled"
    TOO_EXPENSIVE = "too-expensive"
    REFUSED_BY_PERSON = "refused-by-person"


REASONS: Mapping[Outcome, frozenset[Why]] = {
    Outcome.ANSWERED: frozenset({Why.INFORMATION_GIVEN, Why.ADVICE_GIVEN, Why.SUPPORT_GIVEN, Why.TASK_DONE}),
    Outcome.ORIENTED: frozenset(
        {Why.SERVICE_COVERS_NEED, Why.ALREADY_FOLLOWED_THERE, Why.PERSON_PREFERS_IT, Why.OUTSIDE_MISSION}
    ),
    Outcome.RELAYED: frozenset(
        {
            Why.MEDICAL_COMPLEXITY,
            Why.SOCIAL_COMPLEXITY,
            Why.MEDICAL_AND_SOCIAL_COMPLEXITY,
            Why.CARER_EXHAUSTED,
            Why.UNSAFE_AT_HOME,
            Why.HOSPITAL_DISCHARGE,
        }
    ),
    Outcome.CALL_BACK: frozenset({Why.INFORMATION_TO_FIND, Why.NOT_REACHED, Why.INTERRUPTED, Why.CALLER_ASKED}),
    Outcome.NO_ONE_COULD_HELP: frozenset(
        {
            Why.NO_SERVICE,
            Why.AT_CAPACITY,
            Why.OUTSIDE_AREA,
            Why.OUTSIDE_MISSION,
            Why.NOT_ENTITLED,
            Why.TOO_EXPENSIVE,
            Why.REFUSED_BY_PERSON,
        }
    ),
}
"""Which reasons go with which outcome."""


def known_topic(value: str) -> str:
    """A code of the topic tree."""
    if value not in TOPICS:
        raise PydanticCustomError("not_one_of", "not a topic of the tree")
    return value


Topic = Annotated[str, Field(max_length=60), AfterValidator(known_topic)]
Topics = Annotated[tuple[Topic, ...], Field(max_length=20), AfterValidator(each_once)]


class Speaker(BaseModel):
    """Who spoke with the line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: CallerKind
    relation: Line | None = Field(default=None, description="What they are to the person, such as daughter or GP")


class Account(BaseModel):
    """A contact as the one who had it tells it."""

    direction: Direction
    channel: Channel
    caller: Speaker
    person_id: UUID | None = Field(default=None, description="Whom it was about; null for an anonymous question")
    started_at: AwareDatetime
    ended_at: AwareDatetime
    language: Language | None = None
    topics: Topics = ()
    note: Annotated[str, Field(max_length=20_000)] | None = Field(default=None, description="Stays in intake")
    outcome: Outcome
    reason: Why = Field(description="Which ones go with which outcome: see the service's README")
    urgency: Urgency | None = Field(default=None, description="Required when relayed, and only then")
    organisation: OrganisationCode | None = Field(
        default=None, description="To whom somebody is oriented: required when oriented, and only then"
    )

    def faults_at(self, now: datetime) -> Iterator[Fault]:
        """What cannot be at this instant, and what does not go with the outcome."""
        yield from self._times(now)
        if self.reason not in REASONS[self.outcome]:
            yield Fault("/reason", "not-one-of")
        if self.outcome is Outcome.RELAYED and self.person_id is None:
            yield Fault("/person_id", "required")
        yield from belongs("/urgency", self.urgency, self.outcome is Outcome.RELAYED)
        yield from belongs("/organisation", self.organisation, self.outcome is Outcome.ORIENTED)

    def _times(self, now: datetime) -> Iterator[Fault]:
        for name, at in (("started_at", self.started_at), ("ended_at", self.ended_at)):
            if at > now + AHEAD:
                yield Fault(f"/{name}", "in-future")
        if self.ended_at < self.started_at:
            yield Fault("/ended_at", "before-start")


def belongs(pointer: str, value: object, wanted: bool) -> Iterator[Fault]:
    """A value that must be there when it is wanted, and only then."""
    if wanted and value is None:
        yield Fault(pointer, "required")
    if not wanted and value is not None:
        yield Fault(pointer, "not-with-this-outcome")


@dataclass(frozen=True)
class Agent:
    """Who had the contact for the programme."""

    subject: str
    discipline: str
    programme: str


class Contact(Account):
    """A recorded contact: it never changes. `programme` is the organisation whose line it was."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    agent: str
    discipline: str
    recorded_at: datetime

    @classmethod
    def record(cls, account: Account, agent: Agent, at: datetime) -> tuple[Self, list[Event]]:
        """Put a contact on record; raises ImpossibleContact with everything that is wrong at this instant."""
        faults = list(account.faults_at(at))
        if faults:
            raise ImpossibleContact(faults=faults)
        told = {name: getattr(account, name) for name in Account.model_fields}
        contact = cls(
            **told,
            id=new_id(),
            programme=agent.programme,
            agent=agent.subject,
            discipline=agent.discipline,
            recorded_at=at,
        )
        return contact, contact.facts()

    def facts(self) -> list[Event]:
        """What it means for others: the contact itself, then the one request that follows from it."""
        topics = told(self.topics)
        found: list[Event] = [
            ContactRecorded(
                contact_id=self.id,
                person_id=self.person_id,
                direction=self.direction,
                outcome=self.outcome,
                topics=topics,
            )
        ]
        if self.person_id and self.urgency:
            found.append(CaseManagementRequested(request_id=self.id, person_id=self.person_id, urgency=self.urgency))
        if self.organisation:
            found.append(
                OrientationRequested(
                    contact_id=self.id, person_id=self.person_id, organisation=self.organisation, topics=topics
                )
            )
        return found
