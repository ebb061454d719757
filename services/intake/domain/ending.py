"""The life of a person's data: active, restricted, a pseudonym, erased. And what stops it: a legal hold."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.intake.events import (
    Decided,
    ErasureAnswered,
    ErasureAsked,
    ErasureRefused,
    Ground,
    LegalHoldEnded,
    LegalHoldPlaced,
    PersonErased,
    PersonPseudonymised,
    PersonRestricted,
    RestrictionLifted,
    Then,
)
from shared.erasure.ended import EndState
from shared.erasure.ending import RecordEnded
from shared.errors import DomainError, Fault
from shared.ids import new_id

ON_THE_BUS = timedelta(days=30)
"""How long the log of facts can still hold an id after its last fact."""
LONGEST_REVIEW = timedelta(days=732)
SERVICES = ("assessment", "cases", "intake", "referrals", "scheduler")

Reason = Annotated[str, Field(min_length=3, max_length=500)]


class HeldByLaw(DomainError):
    """A legal hold keeps these data as they are; see `hold_id`."""


class SamePerson(DomainError):
    """Who asked for an erasure does not confirm it."""


class EndingOver(DomainError):
    """This is settled already; see `state`."""


class ImpossibleReview(DomainError):
    """A hold is reviewed in the future, and within two years."""


class RestrictionReason(StrEnum):
    """Why data are restricted (GDPR art. 18 (1))."""

    ACCURACY_CONTESTED = "accuracy-contested"
    UNLAWFUL = "unlawful"
    NEEDED_FOR_CLAIMS = "needed-for-claims"
    OBJECTION = "objection"
    RETENTION = "retention"


class ErasureState(StrEnum):
    """How far an erasure has come: asked by one, confirmed by another, answered by all services; or refused."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DONE = "done"
    REFUSED = "refused"


class Restriction(BaseModel):
    """A person's data are kept and nothing else, until somebody lifts that."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    person_id: UUID
    reason: RestrictionReason
    restricted_by: str
    restricted_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None

    def tell(self, subjects: Sequence[UUID]) -> PersonRestricted:
        """What is told of it."""
        return PersonRestricted(restriction_id=self.id, person_id=self.person_id, subjects=tuple(subjects))

    def lift(self, by: str, at: datetime) -> RestrictionLifted:
        """End it, once; raises EndingOver."""
        if self.lifted_at:
            raise EndingOver(facts={"state": "lifted"})
        self.lifted_by, self.lifted_at = by, at
        return RestrictionLifted(restriction_id=self.id, person_id=self.person_id)


class LegalHold(BaseModel):
    """That a person's data must be kept as they are: a claim, an inquiry. Stops each erasure and pseudonymisation."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    person_id: UUID
    reason: str
    placed_by: str
    placed_at: datetime
    review_on: date
    ended_by: str | None = None
    ended_at: datetime | None = None

    def place(self, today: date) -> LegalHoldPlaced:
        """What is told of it; raises ImpossibleReview."""
        if not today < self.review_on <= today + LONGEST_REVIEW:
            raise ImpossibleReview(faults=[Fault("/review_on", "out-of-range")])
        return LegalHoldPlaced(hold_id=self.id, person_id=self.person_id, review_on=self.review_on)

    def end(self, by: str, at: datetime) -> LegalHoldEnded:
        """End it, once; raises EndingOver."""
        if self.ended_at:
            raise EndingOver(facts={"state": "ended"})
        self.ended_by, self.ended_at = by, at
        return LegalHoldEnded(hold_id=self.id, person_id=self.person_id)


class Answered(Protocol):
    """What a service tells of its part."""

    @property
    def state(self) -> EndState:
        """What became of the data."""

    @property
    def records(self) -> tuple[RecordEnded, ...]:
        """By kind of record."""

    @property
    def ended(self) -> tuple[UUID, ...]:
        """Under which ids."""


class Answer(BaseModel):
    """What a service answered."""

    model_config = ConfigDict(frozen=True)

    service: str
    at: datetime
    records: tuple[RecordEnded, ...]


class Erasure(BaseModel):
    """The end of one person's data: why, what, who asked, who confirmed, and what each service answered.

    It outlives the person's records, with ids only.
    """

    id: UUID = Field(default_factory=new_id)
    programme: str
    person_id: UUID
    subjects: tuple[UUID, ...] = ()
    ground: Ground
    then: Then
    state: ErasureState = ErasureState.ASKED
    asked_by: str
    asked_at: datetime
    settled_by: str | None = None
    settled_at: datetime | None = None
    decisions: tuple[Decided, ...] = ()
    answers: tuple[Answer, ...] = ()

    @property
    def end_state(self) -> EndState:
        """What becomes of the data."""
        return EndState.ERASED if self.then is Then.ERASE else EndState.PSEUDONYMISED

    @property
    def missing(self) -> list[str]:
        """The services that have not answered yet."""
        return sorted(set(SERVICES) - {answer.service for answer in self.answers}) if self.settled else []

    @property
    def settled(self) -> bool:
        """Whether it is carried out, as far as it is in one's own hands."""
        return self.state in (ErasureState.CONFIRMED, ErasureState.DONE)

    @property
    def on_the_bus_until(self) -> date | None:
        """The last day on which the log of facts can still hold the person's id."""
        return (self.settled_at + ON_THE_BUS).date() if self.settled and self.settled_at else None

    def ask(self) -> ErasureAsked:
        """What is told of the request."""
        return ErasureAsked(erasure_id=self.id, person_id=self.person_id, ground=self.ground)

    def refuse(self, by: str, at: datetime) -> ErasureRefused:
        """Not carried out after all; raises EndingOver."""
        self.refuse_settled()
        self.state, self.settled_by, self.settled_at = ErasureState.REFUSED, by, at
        return ErasureRefused(erasure_id=self.id, person_id=self.person_id)

    def confirm(
        self, subjects: Sequence[UUID], decided: Sequence[Decided], by: str, at: datetime
    ) -> PersonErased | PersonPseudonymised:
        """Carry it out: by another than who asked (two-person rule). Raises EndingOver, SamePerson."""
        self.refuse_settled()
        if by == self.asked_by:
            raise SamePerson
        return self.carry_out(subjects, decided, by, at)

    def carry_out(
        self, subjects: Sequence[UUID], decided: Sequence[Decided], by: str, at: datetime
    ) -> PersonErased | PersonPseudonymised:
        """Settle it; what every service is told."""
        self.state, self.settled_by, self.settled_at = ErasureState.CONFIRMED, by, at
        self.subjects, self.decisions = tuple(subjects), tuple(decided)
        kind = PersonErased if self.then is Then.ERASE else PersonPseudonymised
        return kind(
            erasure_id=self.id,
            person_id=self.person_id,
            subjects=self.subjects,
            ground=self.ground,
            decisions=self.decisions,
        )

    def answer(self, service: str, told: Answered, at: datetime) -> list[ErasureAnswered]:
        """Note a service's answer; nothing to tell where it has answered before."""
        if service in {answer.service for answer in self.answers}:
            return []
        self.answers = (*self.answers, Answer(service=service, at=at, records=told.records))
        if not self.missing:
            self.state = ErasureState.DONE
        return [
            ErasureAnswered(
                erasure_id=self.id, service=service, answered=len(self.answers), state=told.state, ended=told.ended
            )
        ]

    def refuse_settled(self) -> None:
        """Raise EndingOver where it waits for nobody."""
        if self.state is not ErasureState.ASKED:
            raise EndingOver(facts={"state": str(self.state)})
