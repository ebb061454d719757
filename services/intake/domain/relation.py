"""Who stands by a person, and who may speak or decide for her or him."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from services.intake.domain.identity import Day, PersonName, Phone, each_once
from shared.errors import DomainError, Fault


class ImpossibleRelation(DomainError):
    """This relation cannot be."""


class RelationCode(StrEnum):
    """What the other is to the person."""

    SPOUSE = "spouse"
    PARTNER = "partner"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    GRANDCHILD = "grandchild"
    OTHER_RELATIVE = "other-relative"
    FRIEND = "friend"
    NEIGHBOUR = "neighbour"
    INFORMAL_CARER = "informal-carer"
    PROFESSIONAL = "professional"
    OTHER = "other"


class Mandate(StrEnum):
    """What the other may do (Belgian law on patients' rights, and on protected persons)."""

    EMERGENCY_CONTACT = "emergency-contact"
    TRUSTED_PERSON = "trusted-person"
    PROXY = "proxy"
    LEGAL_REPRESENTATIVE = "legal-representative"
    PROPERTY_ADMINISTRATOR = "property-administrator"


class Relation(BaseModel):
    """A relative or proxy: a person of the index, or somebody with a name and perhaps a telephone."""

    code: RelationCode
    mandates: Annotated[tuple[Mandate, ...], Field(max_length=len(Mandate)), AfterValidator(each_once)] = ()
    other_id: UUID | None = Field(default=None, description="A person of the index; else `name` is required")
    name: PersonName | None = None
    phone: Phone | None = None
    since: Day | None = None
    until: Day | None = Field(default=None, description="The last day")

    def faults(self, person_id: UUID) -> Iterator[Fault]:
        """What cannot be: nobody named, two named, oneself, an end before its beginning."""
        if self.other_id == person_id:
            yield Fault("/other_id", "oneself")
        if self.other_id is None and self.name is None:
            yield Fault("/name", "required")
        if self.other_id and (self.name or self.phone):
            yield Fault("/name" if self.name else "/phone", "not-with-a-person")
        if self.since and self.until and self.until < self.since:
            yield Fault("/until", "before-start")

    def holds_on(self, day: date) -> bool:
        """Whether it holds on this day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def refuse_impossible_relation(relation: Relation, person_id: UUID) -> None:
    """Raise ImpossibleRelation with everything that cannot be."""
    faults = list(relation.faults(person_id))
    if faults:
        raise ImpossibleRelation(faults=faults)
