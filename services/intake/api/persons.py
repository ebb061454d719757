"""Routes of the person index."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.intake.api.doors import (
    Body,
    MayPullCard,
    MayRead,
    MayRegister,
    MaySearch,
    MayUpdate,
    PersonsDep,
    PersonSearchDep,
    TiesDep,
    router,
)
from services.intake.domain import (
    Address,
    ContactPoint,
    Gender,
    Grade,
    HospitalNumber,
    Known,
    PreferredChannel,
    Reason,
    Resemblance,
    Terms,
    refuse_impossible,
    refuse_known,
)
from services.intake.domain.identity import (
    FIELDS,
    Day,
    Email,
    Language,
    Line,
    NisCode,
    Niss,
    Numbers,
    PersonName,
    Phone,
    Phones,
    PostalCode,
)
from services.intake.domain.profile import PROFILE, ContactPoints
from services.intake.domain.resemblance import Commune
from services.intake.store import PersonRow
from shared.clock import local_date
from shared.cursors import Page
from shared.requests import ClockDep, IfMatch, Tag

SHOWN = 50


class NewPerson(Known):
    """Somebody to register."""

    model_config = ConfigDict(extra="forbid")

    family_name: PersonName
    given_names: PersonName


class Correction(Body):
    """A merge patch (RFC 7396): what is there replaces, null removes, what is left out stays."""

    family_name: PersonName = Field(default="")
    given_names: PersonName = Field(default="")
    birth_date: Day | None = None
    niss: Niss | None = None
    hospital_numbers: Numbers | None = None
    phones: Phones | None = None
    email: Email | None = None
    address: Address | None = None
    gender: Gender | None = None
    language: Language | None = None
    contact_points: ContactPoints | None = None
    preferred_channel: PreferredChannel | None = None
    lives_alone: bool | None = None

    def on(self, person: PersonRow) -> Known:
        """What is known of a person with this correction; a number that goes takes its kind along."""
        facts: dict[str, Any] = {name: getattr(person, name) for name in (*FIELDS, *PROFILE)}
        facts |= {name: getattr(self, name) for name in self.model_fields_set}
        facts |= {name: () for name in ("hospital_numbers", "phones", "contact_points") if facts[name] is None}
        if "contact_points" not in self.model_fields_set:
            facts["contact_points"] = tuple(each for each in facts["contact_points"] if each.phone in facts["phones"])
        if self.address and person.address:
            facts["address"] = person.address.model_copy(
                update={name: getattr(self.address, name) for name in self.address.model_fields_set}
            )
        return Known.model_construct(**facts)


class Search(Body):
    """Search terms, at least one; they stay out of URLs and logs."""

    name: Line | None = Field(default=None, description="Names in any order, with or without accents")
    birth_date: Day | None = None
    phone: Phone | None = None
    niss: Niss | None = None
    postal_code: PostalCode | None = Field(default=None, description="Narrows the others; finds nobody alone")
    nis_code: NisCode | None = Field(default=None, description="Municipality; narrows the others")

    @model_validator(mode="after")
    def one_at_least(self) -> "Search":
        """Nobody is found by nothing, nor by a commune alone."""
        if not (self.name or self.birth_date or self.phone or self.niss):
            raise PydanticCustomError("required", "at least one term")
        return self

    def terms(self) -> Terms:
        """The terms for the index."""
        where = Commune(self.postal_code, self.nis_code) if self.postal_code or self.nis_code else None
        return Terms(self.name, self.birth_date, self.phone, self.niss, where)


class Lookup(Body):
    """The people whose cards are wanted."""

    ids: Annotated[list[UUID], Field(max_length=200)]


class Card(BaseModel):
    """A person in short, for lists."""

    id: UUID
    family_name: str
    given_names: str
    birth_date: date | None
    gender: Gender | None
    language: str | None
    merged_into: UUID | None = Field(description="The person that this record stands for since a merge; else null")

    @classmethod
    def of(cls, person: PersonRow) -> "Card":
        return cls.model_validate(person, from_attributes=True)


class OrientationCard(Card):
    """What an organisation needs to expect a person whom the line sends there: no NISS, no hospital number."""

    phones: list[str]
    address: Address | None

    @classmethod
    def of(cls, person: PersonRow) -> "OrientationCard":
        return cls.model_validate(person, from_attributes=True)


class PersonView(Card):
    """A person with everything the index knows."""

    niss: str | None
    hospital_numbers: list[HospitalNumber]
    phones: list[str]
    email: str | None
    address: Address | None
    contact_points: list[ContactPoint]
    preferred_channel: PreferredChannel | None
    lives_alone: bool | None
    deceased_on: date | None
    registered_at: datetime

    @classmethod
    def of(cls, person: PersonRow) -> "PersonView":
        return cls.model_validate(person, from_attributes=True)


class Found(BaseModel):
    """Somebody who fits the search."""

    person: Card
    grade: Grade
    reasons: list[Reason]

    @classmethod
    def of(cls, person: PersonRow, fit: Resemblance) -> "Found":
        return cls(person=Card.of(person), grade=fit.grade, reasons=list(fit.reasons))


@router.post("/persons", status_code=201)
async def register_person(
    body: NewPerson,
    persons: PersonsDep,
    ties: TiesDep,
    clock: ClockDep,
    caller: MayRegister,
    tag: Tag,
    response: Response,
) -> PersonView:
    """Register somebody new; 409 with `person_id` when the index certainly has this person already."""
    refuse_impossible(body, local_date(clock))
    await persons.hold(body, caller.organisation)
    refuse_known(body, await persons.resembling(body, caller.organisation))
    person, registered = PersonRow.register(body, caller.organisation, clock.now())
    await persons.keep(person, [registered])
    await ties.on_duty(person.id, [person.id], person.programme)
    response.headers["location"] = f"/intake/persons/{person.id}"
    return PersonView.of(tag(person))


@router.get("/persons/{person_id:uuid}")
async def read_person(person_id: UUID, persons: PersonsDep, caller: MayRead, tag: Tag) -> PersonView:
    """One person. A merged record is answered as it is, with `merged_into`: the person that it stands for."""
    return PersonView.of(tag(await persons.get(person_id, caller)))


@router.get("/persons/{person_id:uuid}/card")
async def pull_card(person_id: UUID, persons: PersonsDep, caller: MayPullCard) -> OrientationCard:
    """For referrals alone: what it may disclose of a person who is oriented to an organisation."""
    return OrientationCard.of(await persons.current(person_id, caller))


@router.patch("/persons/{person_id:uuid}")
async def correct_person(
    person_id: UUID,
    body: Correction,
    persons: PersonsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayUpdate,
    tag: Tag,
) -> PersonView:
    """Correct what is known of a person (merge patch, RFC 7396); 409 when the NISS is somebody else's."""
    person = await persons.changeable(person_id, caller)
    seen.check(person)
    corrected = body.on(person)
    await persons.hold(corrected, person.programme)
    updated = person.correct(corrected, local_date(clock))
    if updated:
        await persons.keep(person, updated, caller.subject)
    return PersonView.of(tag(person))


@router.post("/persons/search")
async def search_persons(body: Search, persons: PersonSearchDep, caller: MaySearch) -> Page[Found]:
    """The people who fit, best first, with a grade and its reasons; at most 50."""
    found = await persons.search(body.terms(), caller, SHOWN)
    return Page(items=[Found.of(person, fit) for person, fit in found], next=None)


@router.post("/persons/lookup")
async def look_up_persons(body: Lookup, persons: PersonsDep, caller: MayRead) -> Page[Card]:
    """Short cards of people whose ids a screen holds; unknown ids are left out, merged ones say `merged_into`."""
    return Page(items=[Card.of(person) for person in await persons.among(body.ids, caller)], next=None)
