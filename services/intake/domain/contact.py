"""A contact of the line: who spoke, about whom, about what, and what came of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from services.intake.domain.identity import Language, Line, OrganisationCode, Phone, each_once
from services.intake.domain.outcome import OWNERS, REASONS, Why
from services.intake.domain.repeated_topic import unsolved
from services.intake.domain.topics import TOPICS, told
from services.intake.events import (
    CaseManagementRequested,
    ContactRecorded,
    DemandUnmet,
    Direction,
    NextOwner,
    OrientationRequested,
    Outcome,
    RelayRepeated,
    TopicRepeated,
    Urgency,
)
from shared.errors import DomainError, Fault
from shared.events import Event
from shared.ids import new_id

AHEAD = timedelta(seconds=30)
"""How far the clock of a workstation may run before ours."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST = timedelta(hours=24)
FARTHEST = timedelta(days=366)
"""How far ahead a call-back may be promised."""
NOTE = 20_000
"""How many characters a note may have."""


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


class HeardFrom(StrEnum):
    """What brought somebody to the line: the source of the demand, outreach among others."""

    OUTREACH = "outreach"
    HOSPITAL = "hospital"
    GENERAL_PRACTITIONER = "general-practitioner"
    PARTNER = "partner"
    PATIENT_ASSOCIATION = "patient-association"
    MUNICIPALITY = "municipality"
    LEAFLET = "leaflet"
    PRESS = "press"
    INTERNET = "internet"
    ACQUAINTANCE = "acquaintance"
    CALLED_BEFORE = "called-before"
    OTHER = "other"


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
    person_id: UUID | None = Field(default=None, description="The caller's own entry in the index, where there is one")
    organisation: OrganisationCode | None = Field(default=None, description="A professional's organisation")


class CallBackWish(BaseModel):
    """That the line is to call back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    due_at: AwareDatetime | None = Field(default=None, description="By default by the programme's own times")
    phone: Phone | None = Field(default=None, description="Stays in intake, and is gone once the call-back is over")


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
    note: Annotated[str, Field(max_length=NOTE)] | None = Field(default=None, description="Stays in intake")
    outcome: Outcome
    reason: Why = Field(description="Which ones go with which outcome: see the service's README")
    urgency: Urgency | None = Field(default=None, description="Required when relayed; else routine where none is said")
    next_owner: NextOwner | None = Field(
        default=None, description="Who acts next; where none is said, the usual one of the outcome"
    )
    organisation: OrganisationCode | None = Field(
        default=None, description="To whom somebody is oriented: required when oriented, and only then"
    )
    declined_by: OrganisationCode | None = Field(
        default=None, description="Who said no, where no one could help, and only then"
    )
    heard_from: HeardFrom | None = Field(default=None, description="What brought the caller to the line")
    answers_callback_id: UUID | None = Field(default=None, description="The call-back that this contact answers")

    def faults_at(self, now: datetime) -> Iterator[Fault]:
        """What cannot be at this instant, and what does not go with the outcome."""
        yield from self._times(now)
        if self.reason not in REASONS[self.outcome]:
            yield Fault("/reason", "not-one-of")
        if self.next_owner and self.next_owner not in OWNERS[self.outcome]:
            yield Fault("/next_owner", "not-with-this-outcome")
        if self.caller.organisation and self.caller.kind is not CallerKind.PROFESSIONAL:
            yield Fault("/caller/organisation", "not-with-this-caller")
        yield from self._needed()

    def _needed(self) -> Iterator[Fault]:
        if self.outcome is Outcome.RELAYED and self.person_id is None:
            yield Fault("/person_id", "required")
        if self.outcome is Outcome.RELAYED and self.urgency is None:
            yield Fault("/urgency", "required")
        if self.outcome is Outcome.ORIENTED and self.organisation is None:
            yield Fault("/organisation", "required")
        if self.organisation and self.outcome is not Outcome.ORIENTED:
            yield Fault("/organisation", "not-with-this-outcome")
        if self.declined_by and self.outcome is not Outcome.NO_ONE_COULD_HELP:
            yield Fault("/declined_by", "not-with-this-outcome")

    def _times(self, now: datetime) -> Iterator[Fault]:
        for name, at in (("started_at", self.started_at), ("ended_at", self.ended_at)):
            if at > now + AHEAD:
                yield Fault(f"/{name}", "in-future")
        if self.started_at < EARLIEST:
            yield Fault("/started_at", "out-of-range")
        if self.ended_at < self.started_at:
            yield Fault("/ended_at", "before-start")
        if self.ended_at - self.started_at > LONGEST:
            yield Fault("/ended_at", "too-long")


class Told(Account):
    """A contact as it is told, with the wish to be called back that may come with it."""

    call_back: CallBackWish | None = Field(default=None, description="Where the outcome is a call-back, one is planned")

    def faults_at(self, now: datetime) -> Iterator[Fault]:
        """What cannot be at this instant, and what does not go with the outcome."""
        yield from super().faults_at(now)
        due_at = self.call_back.due_at if self.call_back else None
        if due_at and due_at < now - AHEAD:
            yield Fault("/call_back/due_at", "in-past")
        if due_at and due_at > now + FARTHEST:
            yield Fault("/call_back/due_at", "out-of-range")

    def wish(self) -> CallBackWish | None:
        """What is to be planned: the wish, or a call-back because that is the outcome."""
        return self.call_back or (CallBackWish() if self.outcome is Outcome.CALL_BACK else None)


@dataclass(frozen=True)
class Agent:
    """Who had the contact for the programme."""

    subject: str
    discipline: str
    programme: str


class Contact(Account):
    """A recorded contact; only amendments correct it. `programme` is the organisation whose line it was.

    `caller_kind` and `caller_person_id` repeat the caller's, to be found by.
    """

    id: UUID = Field(default_factory=new_id)
    programme: str
    agent: str
    discipline: str
    recorded_at: datetime
    caller_kind: CallerKind
    caller_person_id: UUID | None = None
    request_id: UUID | None = Field(default=None, description="The request to the case managers that a relay led to")
    amendments: int = 0

    @classmethod
    def record(cls, account: Account, agent: Agent, at: datetime, contact_id: UUID | None = None) -> Self:
        """Put a contact on record; raises ImpossibleContact with everything that is wrong at this instant."""
        faults = list(account.faults_at(at))
        if faults:
            raise ImpossibleContact(faults=faults)
        told = {name: getattr(account, name) for name in Account.model_fields}
        told["urgency"] = account.urgency or Urgency.ROUTINE
        told["next_owner"] = account.next_owner or OWNERS[account.outcome][0]
        return cls(
            **told,
            id=contact_id or new_id(),
            programme=agent.programme,
            agent=agent.subject,
            discipline=agent.discipline,
            recorded_at=at,
            caller_kind=account.caller.kind,
            caller_person_id=account.caller.person_id,
        )

    def facts(self, commune: str | None = None) -> list[Event]:
        """What it means for others: the contact itself, then what follows from it.

        A relay asks with `request_id`: its own for a new request, another where the person waits already. `commune`
        is the NIS code of where the person lives.
        """
        topics = told(self.topics)
        recorded = ContactRecorded(
            contact_id=self.id,
            person_id=self.person_id,
            direction=self.direction,
            outcome=self.outcome,
            topics=topics,
        )
        return [recorded, *self.relay_facts(), *self._onward(topics, commune)]

    def relay_facts(self) -> list[Event]:
        """The one request to the case managers, or that a waiting one was repeated."""
        if self.outcome is not Outcome.RELAYED or not self.person_id or not self.urgency:
            return []
        request_id = self.request_id or self.id
        if request_id == self.id:
            return [CaseManagementRequested(request_id=self.id, person_id=self.person_id, urgency=self.urgency)]
        return [
            RelayRepeated(request_id=request_id, contact_id=self.id, person_id=self.person_id, urgency=self.urgency)
        ]

    def topic_facts(self, earlier: Iterable[tuple[Sequence[str], Outcome]]) -> list[Event]:
        """The topics that came back unsolved for this person; `earlier` are the contacts before, oldest first."""
        if self.person_id is None or self.outcome is Outcome.ANSWERED:
            return []
        return [
            TopicRepeated(contact_id=self.id, person_id=self.person_id, topic=told([topic])[0], count=count)
            for topic, count in unsolved(self.topics, earlier).items()
        ]

    def _onward(self, topics: list[str], commune: str | None) -> list[Event]:
        found: list[Event] = []
        if self.organisation:
            found.append(
                OrientationRequested(
                    contact_id=self.id,
                    person_id=self.person_id,
                    organisation=self.organisation,
                    topics=topics,
                    urgency=self.urgency or Urgency.ROUTINE,
                )
            )
        if self.outcome is Outcome.NO_ONE_COULD_HELP:
            found.append(
                DemandUnmet(
                    contact_id=self.id,
                    topics=topics,
                    commune=commune,
                    reason=self.reason,
                    declined_by=self.declined_by,
                )
            )
        return found
