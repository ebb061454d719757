"""How somebody wants to be reached and lives: told by people, never by a referral."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from services.intake.domain.identity import MOST, Identity, Part, Phone, each_once


class PhoneKind(StrEnum):
    """Where a telephone rings."""

    MOBILE = "mobile"
    HOME = "home"
    WORK = "work"
    RELATIVE = "relative"
    OTHER = "other"


class PreferredChannel(StrEnum):
    """How somebody wants to be reached."""

    CALL = "call"
    TEXT_MESSAGE = "text-message"
    EMAIL = "email"
    LETTER = "letter"
    VISIT = "visit"


class ContactPoint(Part):
    """A telephone number with what is known of it."""

    phone: Phone
    kind: PhoneKind = PhoneKind.OTHER
    preferred: bool = False


def one_preferred(points: tuple[ContactPoint, ...]) -> tuple[ContactPoint, ...]:
    """Each number once, and one at most to be tried first."""
    if len({point.phone for point in points}) < len(points):
        raise PydanticCustomError("repeated", "a number stands here twice")
    if sum(point.preferred for point in points) > 1:
        raise PydanticCustomError("more_than_one_preferred", "only one is tried first")
    return points


ContactPoints = Annotated[tuple[ContactPoint, ...], Field(max_length=MOST), AfterValidator(one_preferred)]


class Profile(BaseModel):
    """What people add to an identity."""

    contact_points: ContactPoints = Field(default=(), description="Numbers with their kind; each is one of `phones`")
    preferred_channel: PreferredChannel | None = None
    lives_alone: bool | None = None


class Known(Identity, Profile):
    """All that people tell of a person."""

    def agreed(self) -> "Known":
        """The same with every contact point among the phones."""
        phones = each_once((*(point.phone for point in self.contact_points), *self.phones))
        return self.model_copy(update={"phones": phones[: max(MOST, len(self.contact_points))]})


PROFILE = tuple(Profile.model_fields)
