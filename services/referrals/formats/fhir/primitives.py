"""FHIR R4 primitive types: their formats, and the elements that we refuse because they change all the rest."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StrictInt
from pydantic_core import PydanticCustomError

DAY = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
ZONE = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
MOMENT = re.compile(rf"[0-9]{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T{CLOCK}{ZONE}")


def written_date(value: str) -> str:
    """A FHIR date: a year, a month or a day that exists."""
    if not DAY.fullmatch(value):
        raise PydanticCustomError("wrong_format", "not a FHIR date")
    if len(value) == 10:
        _exists(value)
    return value


def written_date_time(value: str) -> str:
    """A FHIR dateTime: a date, or a moment with seconds and time zone."""
    return written_instant(value) if "T" in value else written_date(value)


def written_instant(value: str) -> str:
    """A FHIR instant: to the second at least, with its time zone."""
    if not MOMENT.fullmatch(value):
        raise PydanticCustomError("wrong_format", "not a FHIR instant")
    _exists(value[:10])
    return value


def _exists(day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise PydanticCustomError("wrong_format", "no such day") from None


def moment_of(value: str) -> datetime:
    """The point in time of an instant; a leap second counts as the second before."""
    return datetime.fromisoformat(re.sub(r":60(?=[.Z+-])", ":59", value))


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise PydanticCustomError("wrong_type", "not a number")
    return value


def written_narrative(value: str) -> str:
    if not value.lstrip().startswith("<div") or "<script" in value.lower():
        raise PydanticCustomError("wrong_format", "not a narrative div")
    return value


def _modifier(value: Any) -> None:
    raise PydanticCustomError("modifier_not_understood", "it could change the meaning of all the rest")


def _contained(value: Any) -> None:
    raise PydanticCustomError("contained_not_taken", "send it as an entry of its own")


Str = Annotated[str, Field(min_length=1, max_length=1_000_000)]
Markdown = Str
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,64}$")]
Uri = Annotated[str, Field(pattern=r"^\S+$", max_length=2000)]
Code = Annotated[str, Field(pattern=r"^\S+(\s\S+)*$", max_length=200)]
Date = Annotated[str, AfterValidator(written_date)]
DateTime = Annotated[str, AfterValidator(written_date_time)]
Instant = Annotated[str, AfterValidator(written_instant)]
Time = Annotated[str, Field(pattern=rf"^{CLOCK}$")]
Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/=\s]*$", min_length=1)]
Decimal = Annotated[float | int, BeforeValidator(_number)]
PositiveInt = Annotated[StrictInt, Field(ge=1, le=2_147_483_647)]
UnsignedInt = Annotated[StrictInt, Field(ge=0, le=2_147_483_647)]
Integer = Annotated[StrictInt, Field(ge=-2_147_483_648, le=2_147_483_647)]
Refused = Annotated[None, BeforeValidator(_modifier)]
NoContained = Annotated[None, BeforeValidator(_contained)]
