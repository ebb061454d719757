"""Two records of one person: merged so that nothing is lost, and taken apart so that both are what they were."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.intake.domain.identity import MOST, Address, Gender, HospitalNumber
from services.intake.domain.person import DeathSource, Person
from services.intake.domain.profile import ContactPoint, PreferredChannel
from services.intake.domain.resemblance import Reason, birth_reason, name_reasons
from services.intake.events import (
    DeathWithdrawn,
    MergeReason,
    MergeUndone,
    PersonDied,
    PersonsMerged,
    PersonUpdated,
    UndoReason,
)
from shared.errors import DomainError, Fault
from shared.ids import new_id

SINGLE = (
    "birth_date",
    "niss",
    "email",
    "address",
    "gender",
    "language",
    "preferred_channel",
    "lives_alone",
    "deceased_on",
    "death_source",
)
"""What a person has once: taken from the merged one where the kept one has nothing. The death is last, as a pair."""

SEVERAL = ("phones", "hospital_numbers", "contact_points")
"""What a person may have several of: those of the merged one come after those of the kept one."""


class ImpossibleMerge(DomainError):
    """One is the other."""


class PersonMerged(DomainError):
    """This record stands for another one; see `merged_into`."""


class MergeContradicted(DomainError):
    """The two contradict each other; look again, and confirm each of `contradictions` if it is one person."""


class KnownApart(DomainError):
    """Somebody has said that these are two people; take that back first."""


class MergeOver(DomainError):
    """This merge is undone already."""


class MergeCovered(DomainError):
    """A later merge rests on this one; undo that one first, see `merge_id`."""


class Contradiction(StrEnum):
    """What speaks against two records being of one person, and is to be confirmed by who merges them."""

    NAME = "name-differs"
    BIRTH_DATE = "birth-date-differs"
    GENDER = "gender-differs"
    NISS = "niss-differs"
    DEATH = "death-differs"


def contradictions(kept: Person, merged: Person) -> Iterator[Contradiction]:
    """What two records say against each other; what only one of them says is no contradiction, but for a death."""
    if Reason.NAME_DIFFERS in name_reasons(kept.name, merged.name):
        yield Contradiction.NAME
    if birth_reason(kept.birth_date, merged.birth_date) not in (Reason.BIRTH_SAME, Reason.BIRTH_UNKNOWN):
        yield Contradiction.BIRTH_DATE
    genders = {kept.gender, merged.gender} - {None, Gender.UNKNOWN}
    if len(genders) > 1:
        yield Contradiction.GENDER
    if kept.niss and merged.niss and kept.niss != merged.niss:
        yield Contradiction.NISS
    if kept.deceased_on != merged.deceased_on:
        yield Contradiction.DEATH


class Taken(BaseModel):
    """What the kept person got from the merged one, to be given back: nothing where it had its own."""

    model_config = ConfigDict(frozen=True)

    birth_date: date | None = None
    niss: str | None = None
    email: str | None = None
    address: Address | None = None
    gender: Gender | None = None
    language: str | None = None
    preferred_channel: PreferredChannel | None = None
    lives_alone: bool | None = None
    deceased_on: date | None = None
    death_source: DeathSource | None = None
    phones: tuple[str, ...] = ()
    hospital_numbers: tuple[HospitalNumber, ...] = ()
    contact_points: tuple[ContactPoint, ...] = ()
    gender_before: Gender | None = Field(default=None, description="`unknown` is no gender, and comes back on undo")

    @classmethod
    def missing_in(cls, kept: Person, merged: Person) -> Self:
        """What the merged person has and the kept one lacks; a list is filled up to what may be kept."""
        found: dict[str, Any] = {name: getattr(merged, name) for name in SINGLE if getattr(kept, name) is None}
        if kept.gender is Gender.UNKNOWN and merged.gender not in (None, Gender.UNKNOWN):
            found |= {"gender": merged.gender, "gender_before": kept.gender}
        if kept.deceased_on or merged.deceased_on is None:
            found.pop("death_source", None)
        for name in ("phones", "hospital_numbers"):
            found[name] = fresh(getattr(kept, name), getattr(merged, name))
        found["contact_points"] = points(kept, merged, (*kept.phones, *found["phones"]))
        return cls(**found)

    def put_on(self, person: Person) -> None:
        """Complete the kept person."""
        for name in SINGLE:
            if getattr(self, name) is not None:
                setattr(person, name, getattr(self, name))
        for name in SEVERAL:
            if more := getattr(self, name):
                setattr(person, name, (*getattr(person, name), *more))

    def take_off(self, person: Person) -> None:
        """Take from a person what was put on; what somebody has changed since stays as it was changed."""
        same_death = (person.deceased_on, person.death_source) == (self.deceased_on, self.death_source)
        for name in SINGLE if same_death else SINGLE[:-2]:
            value = getattr(self, name)
            if value is not None and getattr(person, name) == value:
                setattr(person, name, self.gender_before if name == "gender" else None)
        for name in SEVERAL:
            if more := getattr(self, name):
                setattr(person, name, tuple(each for each in getattr(person, name) if each not in more))
        rings = tuple(point for point in person.contact_points if point.phone in person.phones)
        if rings != person.contact_points:
            person.contact_points = rings


def fresh(known: tuple[Any, ...], more: tuple[Any, ...]) -> tuple[Any, ...]:
    """Those that are not known yet, as many as there is room for; the others stay on the merged record."""
    return tuple(each for each in more if each not in known)[: max(0, MOST - len(known))]


def points(kept: Person, merged: Person, phones: tuple[str, ...]) -> tuple[ContactPoint, ...]:
    """The merged person's kinds of numbers that the kept one has no kind for; one number at most is tried first."""
    known = {point.phone for point in kept.contact_points}
    has_first = any(point.preferred for point in kept.contact_points)
    return tuple(
        point.model_copy(update={"preferred": point.preferred and not has_first})
        for point in merged.contact_points
        if point.phone not in known and point.phone in phones
    )


@dataclass(frozen=True)
class Ground:
    """Why two records are merged, and which contradictions were looked at."""

    reason: MergeReason
    confirmed: tuple[Contradiction, ...] = ()


Told = PersonUpdated | PersonDied | DeathWithdrawn


class Merge(BaseModel):
    """That `merged_id` stands for `kept_id`, until it is undone. `taken` is what the kept person got by it."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    kept_id: UUID
    merged_id: UUID
    reason: MergeReason
    confirmed: tuple[Contradiction, ...] = ()
    merged_by: str
    merged_at: datetime
    place: int = Field(description="The kept person's version: which of two merges came later")
    taken: Taken
    undo_reason: UndoReason | None = None
    undone_by: str | None = None
    undone_at: datetime | None = None

    @classmethod
    def of(cls, kept: Person, merged: Person, ground: Ground, by: str, at: datetime) -> tuple[Self, PersonsMerged]:
        """Merge two records; raises ImpossibleMerge, PersonMerged, MergeContradicted."""
        refuse_unmergeable(kept, merged, ground)
        merge = cls(
            id=new_id(),
            programme=kept.programme,
            kept_id=kept.id,
            merged_id=merged.id,
            reason=ground.reason,
            confirmed=tuple(sorted(set(contradictions(kept, merged)))),
            merged_by=by,
            merged_at=at,
            place=0,
            taken=Taken.missing_in(kept, merged),
        )
        return merge, PersonsMerged(merge_id=merge.id, kept_id=kept.id, merged_id=merged.id)

    def step_back(self, merged: Person) -> list[Told]:
        """Let the merged record stand for the kept one, which gets its NISS: nobody has one that another bears."""
        merged.merged_into = self.kept_id
        if self.taken.niss:
            merged.niss = None
        return [updated(merged)]

    def complete(self, kept: Person) -> list[Told]:
        """Complete the kept person; what is to be told of it."""
        self.taken.put_on(kept)
        if self.taken.deceased_on:
            return [updated(kept), PersonDied(person_id=kept.id, on=self.taken.deceased_on)]
        return [updated(kept)]

    def undo(self, reason: UndoReason, by: str, at: datetime) -> MergeUndone:
        """Take the merge back, once; raises MergeOver."""
        if self.undone_at:
            raise MergeOver(facts={"state": "undone", "allowed": []})
        self.undo_reason, self.undone_by, self.undone_at = reason, by, at
        return MergeUndone(merge_id=self.id, kept_id=self.kept_id, merged_id=self.merged_id)

    def give_back(self, kept: Person) -> list[Told]:
        """Take from the kept person what came from the merged record; what is to be told of it."""
        was_dead = kept.deceased_on is not None
        self.taken.take_off(kept)
        if was_dead and kept.deceased_on is None:
            return [updated(kept), DeathWithdrawn(person_id=kept.id)]
        return [updated(kept)]

    def come_forward(self, merged: Person) -> list[Told]:
        """Let the merged record stand for itself again, with what it gave away."""
        merged.merged_into = None
        if self.taken.niss:
            merged.niss = self.taken.niss
        return [updated(merged)]


def refuse_unmergeable(kept: Person, merged: Person, ground: Ground) -> None:
    """Raise ImpossibleMerge for one record, PersonMerged for one that stands for another, MergeContradicted."""
    refuse_oneself(kept.id, merged.id, "/merged_id")
    for each in (kept, merged):
        refuse_merged(each)
    left = sorted(set(contradictions(kept, merged)) - set(ground.confirmed))
    if left:
        raise MergeContradicted(facts={"contradictions": [str(each) for each in left]})


def refuse_oneself(person_id: UUID, other_id: UUID, pointer: str) -> None:
    """Raise ImpossibleMerge where the other is the person."""
    if person_id == other_id:
        raise ImpossibleMerge(faults=[Fault(pointer, "oneself")])


def refuse_merged(person: Person) -> None:
    """Raise PersonMerged for a record that stands for another."""
    if person.merged_into:
        raise PersonMerged(facts={"merged_into": str(person.merged_into)})


def updated(person: Person) -> PersonUpdated:
    """That something of a person is otherwise now."""
    return PersonUpdated(person_id=person.id, language=person.language)
