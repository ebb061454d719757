"""The kinds of values that the domain of cases is made of."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from shared.errors import DomainError, Fault

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
DAY_LENGTH = len("2026-11-20")


def written_day(value: Any) -> Any:
    """A day as `2026-11-20`: numbers and instants are refused, which pydantic would turn into days."""
    if isinstance(value, str) and len(value) != DAY_LENGTH:
        raise PydanticCustomError("date_parsing", "a day is written YYYY-MM-DD")
    return written(value)


def written(value: Any) -> Any:
    """A day or an instant is text: a number is refused, which pydantic would take for seconds."""
    if not isinstance(value, (str, date, datetime)):
        raise PydanticCustomError("date_type", "text is expected")
    return value


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Subject = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
Day = Annotated[date, BeforeValidator(written_day), Field(ge=EARLIEST, le=LATEST)]
Instant = Annotated[AwareDatetime, BeforeValidator(written)]


class Part(BaseModel):
    """A frozen value; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Unfit(DomainError):
    """Some values cannot be right."""


def refuse(faults: Sequence[Fault]) -> None:
    """Raise Unfit where there are faults."""
    if faults:
        raise Unfit(faults=faults)
