"""A person of the index: registered once, corrected by people, completed by what referrals bring."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from services.intake.domain.identity import FIELDS, MOST, Gender, Identity, each_once
from services.intake.events import PersonRegistered, PersonUpdated
from shared.errors import DomainError
from shared.ids import new_id

ONLY_WHEN_MISSING = ("birth_date", "niss", "email", "address", "language")


class ImpossibleIdentity(DomainError):
    """Some of these facts cannot be true today."""


class AlreadyRegistered(DomainError):
    """This person is in the index already; see `person_id`."""


class UnknownPerson(DomainError):
    """No person by that id in your programme's index."""


class Person(Identity):
    """Somebody the programme knows. `programme` is the organisation whose index holds the person."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    registered_at: datetime

    @classmethod
    def register(cls, identity: Identity, programme: str, at: datetime) -> tuple[Self, PersonRegistered]:
        """Somebody new."""
        person = cls(
            **{name: getattr(identity, name) for name in FIELDS}, id=new_id(), programme=programme, registered_at=at
        )
        return person, PersonRegistered(person_id=person.id)

    def correct(self, identity: Identity, today: date) -> list[PersonUpdated]:
        """Take over what somebody looked at and wrote down; nothing to tell where nothing changes.

        Raises ImpossibleIdentity.
        """
        refuse_impossible(identity, today)
        return self._take({name: getattr(identity, name) for name in FIELDS})

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
        return [PersonUpdated(person_id=self.id)] if changed else []


def joined(known: Iterable[object], more: Iterable[object]) -> tuple[object, ...]:
    """The known values and then the new ones, each once, as many as are kept."""
    kept = tuple(known)
    return each_once((*kept, *more))[: max(MOST, len(kept))]


def refuse_impossible(identity: Identity, today: date) -> None:
    """Raise ImpossibleIdentity for what cannot be on this day."""
    faults = list(identity.faults_on(today))
    if faults:
        raise ImpossibleIdentity(faults=faults)
