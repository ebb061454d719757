"""What is known of who somebody is, each fact in its one normal form."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError
from stdnum.be import ssn
from stdnum.exceptions import ValidationError as NumberError

from services.intake.domain.name import Name, plain
from shared.errors import Fault

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def valid_niss(value: str) -> str:
    """A NISS or BIS number as eleven digits (Belgian national register: modulo 97, 2 in front from 2000 on)."""
    digits = value.replace(".", "").replace("-", "").replace(" ", "")
    try:
        return str(ssn.validate(digits))
    except NumberError:
        raise PydanticCustomError("niss_check_digits", "not a valid NISS or BIS number") from None


def written_day(value: Any) -> Any:
    """A day as it is written in JSON, `YYYY-MM-DD`: a number is no day, whatever instant it could stand for."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise PydanticCustomError("wrong_format", "not a day as YYYY-MM-DD")
    if not isinstance(value, (str, date)):
        raise PydanticCustomError("wrong_type", "not a day as YYYY-MM-DD")
    return value


def valid_phone(value: str) -> str:
    """A telephone number as E.164; one without a country is Belgian (ITU-T E.164, by `phonenumbers`)."""
    try:
        number = phonenumbers.parse(value, "BE")
    except phonenumbers.NumberParseException:
        raise PydanticCustomError("phone_number", "not a telephone number") from None
    if not phonenumbers.is_possible_number(number):
        raise PydanticCustomError("phone_number", "not a telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def named(value: str) -> str:
    """A name that holds something to compare."""
    if not plain(value):
        raise PydanticCustomError("no_letters", "a name needs a letter")
    return value.strip()


def each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values in their order, repeats left out."""
    return tuple(dict.fromkeys(values))


MOST = 10
"""How many telephone numbers, and how many hospital numbers, are kept of a person."""

Niss = Annotated[str, Field(max_length=20), AfterValidator(valid_niss)]
Phone = Annotated[str, Field(min_length=3, max_length=40), AfterValidator(valid_phone)]
Line = Annotated[str, Field(min_length=1, max_length=200)]
PersonName = Annotated[Line, AfterValidator(named)]
OrganisationCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
PostalCode = Annotated[str, Field(pattern=r"^[1-9][0-9]{3}$")]
NisCode = Annotated[str, Field(pattern=r"^[0-9]{5}$", description="Municipality")]
Day = Annotated[date, BeforeValidator(written_day), Field(ge=EARLIEST, le=LATEST)]


class Part(BaseModel):
    """A frozen piece of an identity; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Gender(StrEnum):
    """Administrative gender (FHIR)."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class HospitalNumber(Part):
    """The number that an organisation knows a person by."""

    organisation: OrganisationCode
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Address(Part):
    """Where the person lives."""

    street: Line | None = None
    house_number: Annotated[str, Field(max_length=20)] | None = None
    box: Annotated[str, Field(max_length=20)] | None = None
    postal_code: PostalCode | None = None
    city: Line | None = None
    nis_code: NisCode | None = None


Phones = Annotated[tuple[Phone, ...], Field(max_length=MOST), AfterValidator(each_once)]
Numbers = Annotated[tuple[HospitalNumber, ...], Field(max_length=MOST), AfterValidator(each_once)]


class Identity(BaseModel):
    """What is known of who somebody is. Only the name is always there; a NISS is never required."""

    family_name: Line
    given_names: Line
    birth_date: Day | None = None
    niss: Niss | None = None
    hospital_numbers: Numbers = ()
    phones: Phones = Field(default=(), description="E.164; a number without a country code is taken as Belgian")
    email: Email | None = None
    address: Address | None = None
    gender: Gender | None = None
    language: Language | None = None

    @property
    def name(self) -> Name:
        """The name as it is compared."""
        return Name.of(self.family_name, self.given_names)

    def faults_on(self, today: date) -> Iterator[Fault]:
        """What cannot be on this day: a birth in the future, told or hidden in the NISS."""
        if self.birth_date and self.birth_date > today:
            yield Fault("/birth_date", "in-future")
        if self.niss:
            born = ssn.get_birth_date(self.niss)
            if born and born > today:
                yield Fault("/niss", "in-future")


FIELDS = tuple(Identity.model_fields)
