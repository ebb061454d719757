"""The JSON push: what a hospital may send of a person, a stay and a need, kept as it was received."""

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError

from services.referrals.domain.identifiers import (
    NIHDI_CHECK_DIGITS,
    Nihdi,
    Niss,
    nihdi_is_odd,
    niss_is_of_the_future,
)
from services.referrals.events import ConsentBrought, Urgency
from shared.errors import Fault

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def written_day(value: Any) -> Any:
    """A day as it is written in JSON, `YYYY-MM-DD`: a number is no day, whatever instant it could stand for."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise PydanticCustomError("wrong_format", "not a day as YYYY-MM-DD")
    if not isinstance(value, (str, date)):
        raise PydanticCustomError("wrong_type", "not a day as YYYY-MM-DD")
    return value


Line = Annotated[str, Field(min_length=1, max_length=200)]
Prose = Annotated[str, Field(max_length=10_000)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Day = Annotated[date, BeforeValidator(written_day), Field(ge=EARLIEST, le=LATEST)]


class Part(BaseModel):
    """A frozen piece of the document; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Gender(StrEnum):
    """Administrative gender (FHIR)."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Identifier(Part):
    """The sender's own identifier of the referral: the key of repeat-safety."""

    system: Annotated[str, Field(min_length=1, max_length=200)]
    value: Annotated[str, Field(min_length=1, max_length=200)]


class Address(Part):
    """Where the person lives."""

    street: Line | None = None
    house_number: Annotated[str, Field(max_length=20)] | None = None
    box: Annotated[str, Field(max_length=20)] | None = None
    postal_code: Annotated[str, Field(pattern=r"^[1-9][0-9]{3}$")] | None = None
    city: Line | None = None
    nis_code: Annotated[str, Field(pattern=r"^[0-9]{5}$")] | None = None


class Relative(Part):
    """Somebody close to the person."""

    name: Line
    relation: Line | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None


class Practitioner(Part):
    """The general practitioner."""

    name: Line
    nihdi: Nihdi | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None


class Person(Part):
    """Whom the referral is about. A NISS is never required."""

    niss: Niss | None = None
    hospital_number: Line | None = None
    family_name: Line
    given_names: Line
    birth_date: Day | None = None
    gender: Gender | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None
    phones: Annotated[list[Annotated[str, Field(min_length=3, max_length=40)]], Field(max_length=10)] = []
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    address: Address | None = None
    relatives: Annotated[list[Relative], Field(max_length=20)] = []
    general_practitioner: Practitioner | None = None

    @property
    def numbers(self) -> list[str]:
        """The numbers that she or he is known by: the national one and the hospital's own."""
        return [number for number in (self.niss, self.hospital_number) if number]


class Diagnosis(Part):
    """A diagnosis as the sender coded it; admission never reads it."""

    system: Line
    code: Line
    text: Line | None = None


class Reason(Part):
    """Why the person is referred."""

    text: Prose | None = None
    factors: Annotated[list[Code], Field(max_length=20)] = []
    diagnoses: Annotated[list[Diagnosis], Field(max_length=50)] = []


class Stay(Part):
    """The hospital stay."""

    admitted_on: Day | None = None
    discharge_on: Day | None = None
    unplanned: StrictBool | None = None
    ward: Line | None = None
    unit_contact: Line | None = None


class Consent(Part):
    """What the person agreed to. Receipt never depends on it, acceptance does."""

    given: StrictBool
    kind: Line | None = None
    by: Line | None = None
    on: Day | None = None
    evidence: Line | None = None

    def brought(
        self, whose: tuple[UUID, UUID], purpose: str, since: date, recipient: str | None = None
    ) -> ConsentBrought:
        """The fact of it, of a referral and its person; `since` is the day that counts where it names none."""
        how = "written" if self.kind == "written" else "oral"
        on = self.on or since
        return ConsentBrought(
            source_id=whose[0], person_id=whose[1], purpose=purpose, recipient=recipient, how=how, on=on
        )


class Rater(StrEnum):
    """Who judged: never merged with another's sheet."""

    SELF = "self"
    PROFESSIONAL = "professional"
    RELATIVE = "relative"


def in_order(value: Any) -> Any:
    """The same JSON with its keys sorted, as far down as it goes: their order means nothing."""
    if isinstance(value, dict):
        return {name: in_order(value[name]) for name in sorted(value)}
    return [in_order(part) for part in value] if isinstance(value, list) else value


class Sheet(Part):
    """A filled assessment sheet: `answers` is the compact map per card, or the long list."""

    identifier: Line
    instrument: Code
    edition: Line
    filled_on: Day
    rater: Rater
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None
    answers: Annotated[dict[str, dict[str, Any]] | list[dict[str, Any]], AfterValidator(in_order)]


class Attachment(Part):
    """A letter or report, base64."""

    title: Line
    content_type: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]
    data: Annotated[str, Field(max_length=900_000, pattern=r"^[A-Za-z0-9+/=]*$")]


class Document(Part):
    """A referral as pushed."""

    identifier: Identifier
    person: Person
    reason: Reason = Reason()
    urgency: Urgency = Urgency.ROUTINE
    stay: Stay | None = None
    consent: Consent
    sheets: Annotated[list[Sheet], Field(max_length=10)] = []
    attachments: Annotated[list[Attachment], Field(max_length=10)] = []

    def content(self) -> str:
        """The canonical JSON of what was meant: white space, key order and left-out defaults do not count."""
        return self.model_dump_json()

    @property
    def identity_unverified(self) -> bool:
        """Whether nothing but the sender's word says who it is: newborn, undocumented, or no number shown."""
        return self.person.niss is None

    def warnings(self) -> Iterator[Fault]:
        """What looks odd and is taken all the same; it follows from the document alone."""
        doctor = self.person.general_practitioner
        if doctor and doctor.nihdi and nihdi_is_odd(doctor.nihdi):
            yield Fault("/person/general_practitioner/nihdi", NIHDI_CHECK_DIGITS)

    def faults_on(self, today: date) -> Iterator[Fault]:
        """What is wrong with the document on this day: dates of the future, stays that end before they begin."""
        past = {
            "/person/birth_date": self.person.birth_date,
            "/consent/on": self.consent.on,
            "/stay/admitted_on": self.stay.admitted_on if self.stay else None,
        }
        yield from (Fault(place, "in-future") for place, day in past.items() if day and day > today)
        if self.person.niss and niss_is_of_the_future(self.person.niss, today):
            yield Fault("/person/niss", "in-future")
        stay = self.stay
        if stay and stay.admitted_on and stay.discharge_on and stay.discharge_on < stay.admitted_on:
            yield Fault("/stay/discharge_on", "before-admission")
        for number, sheet in enumerate(self.sheets):
            if sheet.filled_on > today:
                yield Fault(f"/sheets/{number}/filled_on", "in-future")
            if any(other.identifier == sheet.identifier for other in self.sheets[:number]):
                yield Fault(f"/sheets/{number}/identifier", "repeated")


def fingerprint(content: str) -> str:
    """A short proof of a document's content."""
    return hashlib.sha256(content.encode()).hexdigest()
