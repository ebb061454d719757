"""A person of the index: registered once, corrected by people, completed by what referrals bring."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field

from services.intake.domain.identity import FIELDS, MOST, Gender, Identity, each_once
from services.intake.domain.profile import PROFILE, Known
from services.intake.events import DeathWithdrawn, PersonDied, PersonRegistered, PersonUpdated
from shared.errors import DomainError, Fault
from shared.ids import new_id

TOLD = (*FIELDS, *PROFILE, "deceased_on", "death_source")
"""What the history of a person keeps."""

ONLY_WHEN_MISSING = ("birth_date", "niss", "email", "address", "language")


class ImpossibleIdentity(DomainError):
    """Some of these facts cannot be true today."""


class AlreadyRegistered(DomainError):
    """This person is in the index already; see `person_id`."""


class UnknownPerson(DomainError):
    """No person by that id in your programme's index."""


class DeathSource(StrEnum):
    """From whom a death is known."""

    RELATIVE = "relative"
    PROFESSIONAL = "professional"
    HOSPITAL = "hospital"
    REGISTER = "register"
    OTHER = "other"


class ImpossibleDeath(DomainError):
    """Nobody can have died on this day."""


class Person(Known):
    """Somebody the programme knows. `programme` is the organisation whose index holds the person.

    A record that stands for another one of the same person says so in `merged_into`.
    """

    id: UUID = Field(default_factory=new_id)
    programme: str
    registered_at: datetime
    deceased_on: date | None = None
    death_source: DeathSource | None = None
    merged_into: UUID | None = None

    @property
    def current_id(self) -> UUID:
        """Whom this record stands for: itself, or the one that it is merged into."""
        return self.merged_into or self.id

    @classmethod
    def register(cls, identity: Identity, programme: str, at: datetime) -> tuple[Self, PersonRegistered]:
        """Somebody new."""
        person = cls(**told(identity), id=new_id(), programme=programme, registered_at=at)
        return person, PersonRegistered(person_id=person.id, language=person.language)

    def correct(self, identity: Identity, today: date) -> list[PersonUpdated]:
        """Take over what somebody looked at and wrote down; nothing to tell where nothing changes.

        Raises ImpossibleIdentity.
        """
        refuse_impossible(identity, today)
        return self._take(told(identity))

    def die(self, on: date, source: DeathSource, today: date) -> list[PersonDied]:
        """Note a death, or correct its day; nothing to tell when it is known so. Raises ImpossibleDeath."""
        if on > today:
            raise ImpossibleDeath(faults=[Fault("/on", "in-future")])
        if self.birth_date and on < self.birth_date:
            raise ImpossibleDeath(faults=[Fault("/on", "before-birth")])
        if (self.deceased_on, self.death_source) == (on, source):
            return []
        self.deceased_on, self.death_source = on, source
        return [PersonDied(person_id=self.id, on=on)]

    def live(self) -> list[DeathWithdrawn]:
        """Take back a death told by mistake; nothing to tell of the living."""
        if self.deceased_on is None:
            return []
        self.deceased_on = self.death_source = None
        return [DeathWithdrawn(person_id=self.id)]

    def complete(self, incoming: Identity) -> list[PersonUpdated]:
        """Add the facts that are missing here; a contradicting one never overwrites what is known."""
        facts = {name: getattr(incoming, name) for name in ONLY_WHEN_MISSING if getattr(self, name) is None}
        if self.gender in (None, Gender.UNKNOWN) and incoming.gender:
            facts["gender"] = incoming.gender
        facts["phones"] = joined(self.phones, incoming.phones)
        facts["hospital_numbers"] = joined(self.hospital_numbers, incoming.hospital_numbers)
        return self._take(facts)

    def _take(self, facts: dict[str, object]) -> list[PersonUpdated]:
        changed = {name: value for name, value in facts.items() if value != getattr(self, name)}
        for name, value in changed.items():
            setattr(self, name, value)
        return [PersonUpdated(person_id=self.id, language=self.language)] if changed else []


def told(identity: Identity) -> dict[str, object]:
    """The facts of an identity, and where people told it those of the profile."""
    whole = identity.agreed() if isinstance(identity, Known) else identity
    return {name: getattr(whole, name) for name in (*FIELDS, *PROFILE) if hasattr(whole, name)}


def joined(known: Iterable[object], more: Iterable[object]) -> tuple[object, ...]:
    """The known values and then the new ones, each once, as many as are kept."""
    kept = tuple(known)
    return each_once((*kept, *more))[: max(MOST, len(kept))]


def refuse_impossible(identity: Identity, today: date) -> None:
    """Raise ImpossibleIdentity for what cannot be on this day."""
    faults = list(identity.faults_on(today))
    if faults:
        raise ImpossibleIdentity(faults=faults)
