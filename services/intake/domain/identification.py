"""Whom a referral is about: known for certain, new, or for a person to decide. Nothing is guessed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.intake.domain.identity import Identity
from services.intake.domain.person import AlreadyRegistered, Person, UnknownPerson
from services.intake.domain.resemblance import Grade, Reason, compare
from services.intake.events import (
    Certainty,
    Decision,
    IdentityReviewDecided,
    IdentityReviewNeeded,
    PersonIdentified,
)
from shared.errors import DomainError, Fault
from shared.ids import new_id

ORDER = list(Grade)

Apart = Collection[frozenset[UUID]]
"""Pairs of people of whom somebody has said that they are two."""
NOBODY: Apart = frozenset()


class AlreadyDecided(DomainError):
    """This review is decided; a decision is made once."""


class Candidate(BaseModel):
    """Somebody it could be, how surely and why."""

    model_config = ConfigDict(frozen=True)

    person_id: UUID
    grade: Grade
    reasons: tuple[Reason, ...]


class Verdict(BaseModel):
    """What the rule says: `known` for certain, else `candidates` to look at, else somebody new."""

    model_config = ConfigDict(frozen=True)

    known: Candidate | None
    candidates: tuple[Candidate, ...]


def surest(candidate: Candidate) -> tuple[int, int, UUID]:
    """The order of candidates."""
    return ORDER.index(candidate.grade), -len(candidate.reasons), candidate.person_id


def candidates_of(incoming: Identity, people: Iterable[Person]) -> list[Candidate]:
    """All who resemble, the surest first; by a merged record, the person it stands for."""
    found: dict[UUID, Candidate] = {}
    for person in people:
        resemblance = compare(incoming, person)
        if resemblance:
            each = Candidate(person_id=person.current_id, grade=resemblance.grade, reasons=resemblance.reasons)
            found[each.person_id] = min(each, found.get(each.person_id, each), key=surest)
    return sorted(found.values(), key=surest)


def identify(
    incoming: Identity, people: Iterable[Person], apart: Apart = NOBODY, before: UUID | None = None
) -> Verdict:
    """Whom an incoming identity is about; `before` is who it was about until the sender corrected it.

    A NISS decides alone. Otherwise one candidate is certain only where no other is certain too and no other
    bears the same hospital number. Who is known to be somebody else than the one person with that hospital number,
    or than who it was about before and certainly still is, is no candidate.
    """
    candidates = without_others(candidates_of(incoming, people), apart, before)
    by_niss = [each for each in candidates if Reason.NISS_SAME in each.reasons]
    certain = by_niss or [each for each in candidates if each.grade is Grade.CERTAIN]
    others = [] if by_niss else [each for each in candidates if Reason.NUMBER_SAME in each.reasons]
    alone = len(certain) == 1 and all(each == certain[0] for each in others)
    return Verdict(known=certain[0] if alone else None, candidates=tuple(candidates))


def without_others(candidates: list[Candidate], apart: Apart, before: UUID | None = None) -> list[Candidate]:
    """The candidates but for those who are known to be others than the one who is meant for another reason."""
    certain = [each for each in candidates if each.grade is Grade.CERTAIN]
    meant = [each for each in certain if Reason.NUMBER_SAME in each.reasons]
    meant = meant or [each for each in certain if each.person_id == before]
    if len(meant) != 1:
        return candidates
    return [
        each
        for each in candidates
        if Reason.NISS_SAME in each.reasons or frozenset((each.person_id, meant[0].person_id)) not in apart
    ]


def refuse_known(incoming: Identity, people: Iterable[Person], seen: Iterable[UUID] = ()) -> None:
    """Raise AlreadyRegistered for a certain match, but for those that a reviewer has seen and judged to be others."""
    looked_at = set(seen)
    for candidate in candidates_of(incoming, people):
        judged = candidate.person_id in looked_at and Reason.NISS_SAME not in candidate.reasons
        if candidate.grade is Grade.CERTAIN and not judged:
            raise AlreadyRegistered(facts={"person_id": str(candidate.person_id)})


def refuse_half_choice(decision: Decision, person_id: UUID | None) -> None:
    """Raise UnknownPerson unless `same` comes with a person, and `new` without one."""
    if decision is Decision.SAME and person_id is None:
        raise UnknownPerson(faults=[Fault("/person_id", "required")])
    if decision is Decision.NEW and person_id is not None:
        raise UnknownPerson(faults=[Fault("/person_id", "not-with-this-decision")])


class Identification(BaseModel):
    """The answer for one referral; its id is the referral's."""

    id: UUID
    programme: str
    person_id: UUID
    certainty: Certainty
    reasons: tuple[Reason, ...] = ()
    identified_at: datetime

    @classmethod
    def settle(
        cls, referral_id: UUID, person: Person, certainty: Certainty, reasons: Iterable[Reason], at: datetime
    ) -> tuple[Self, PersonIdentified]:
        """The answer: this person, for these reasons."""
        identification = cls(
            id=referral_id,
            programme=person.programme,
            person_id=person.id,
            certainty=certainty,
            reasons=tuple(reasons),
            identified_at=at,
        )
        fact = PersonIdentified(referral_id=referral_id, person_id=person.id, certainty=certainty)
        return identification, fact

    def settle_anew(
        self, person: Person, certainty: Certainty, reasons: Iterable[Reason], at: datetime
    ) -> PersonIdentified:
        """The answer after the sender corrected who it is about."""
        self.person_id, self.certainty, self.reasons, self.identified_at = person.id, certainty, tuple(reasons), at
        return PersonIdentified(referral_id=self.id, person_id=person.id, certainty=certainty)


class IdentityReview(BaseModel):
    """A referral whose person somebody must recognise. `incoming` is kept until then, and no longer."""

    id: UUID = Field(default_factory=new_id)
    referral_id: UUID
    programme: str
    incoming: Identity | None
    candidates: tuple[Candidate, ...]
    decided: bool = False
    decision: Decision | None = None
    person_id: UUID | None = None
    decided_by: str | None = None
    opened_at: datetime
    decided_at: datetime | None = None

    @classmethod
    def open(
        cls, referral_id: UUID, programme: str, incoming: Identity, candidates: Sequence[Candidate], at: datetime
    ) -> tuple[Self, IdentityReviewNeeded]:
        """Put the question."""
        review = cls(
            id=new_id(),
            referral_id=referral_id,
            programme=programme,
            incoming=incoming,
            candidates=tuple(candidates),
            opened_at=at,
        )
        fact = IdentityReviewNeeded(review_id=review.id, referral_id=referral_id, candidates=len(candidates))
        return review, fact

    def put_anew(self, incoming: Identity, candidates: Sequence[Candidate], at: datetime) -> IdentityReviewNeeded:
        """Put the question again after the sender corrected who it is about; an earlier decision no longer holds."""
        self.incoming, self.candidates, self.opened_at = incoming, tuple(candidates), at
        self.decided, self.decision, self.person_id, self.decided_by, self.decided_at = False, None, None, None, None
        return IdentityReviewNeeded(review_id=self.id, referral_id=self.referral_id, candidates=len(self.candidates))

    def people(self) -> list[UUID]:
        """The candidates that the reviewer has before the eyes."""
        return [candidate.person_id for candidate in self.candidates]

    def question(self) -> Identity:
        """Who is to be recognised; raises AlreadyDecided."""
        if self.incoming is None:
            raise AlreadyDecided(facts={"state": "decided", "allowed": []})
        return self.incoming

    def decide(self, decision: Decision, person_id: UUID, by: str, at: datetime) -> IdentityReviewDecided:
        """Answer it once, and forget what was only kept for it; raises AlreadyDecided."""
        self.question()
        self.decided, self.decision, self.person_id = True, decision, person_id
        self.decided_by, self.decided_at = by, at
        self.incoming = None
        return IdentityReviewDecided(review_id=self.id, referral_id=self.referral_id, decision=decision)
