"""What an organisation offers: which needs it covers, where, in which language, at what cost, with how much room."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from services.referrals.domain.document import Code, Line
from services.referrals.domain.municipality import folded
from services.referrals.domain.upkeep import is_stale
from services.referrals.events import CapacityChanged, CapacityState, DirectoryStale, ServiceChanged
from shared.errors import DomainError


class Channel(StrEnum):
    """By which road an organisation wants to be asked."""

    FHIR_REST_HOOK = "fhir-rest-hook"
    EMAIL_NOTICE = "email-notice"
    EHEALTHBOX = "ehealthbox"
    MANUAL = "manual"


class CostKind(StrEnum):
    """What the person pays."""

    FREE = "free"
    CO_PAYMENT = "co-payment"
    PAID = "paid"


class NotYourOrganisation(DomainError):
    """Only the organisation itself, a coordinator or an operator may change this."""


class AlreadyRegistered(DomainError):
    """The organisation has a service by this code already; change that one instead."""


class DirectoryFaults(DomainError):
    """What was said of an entry of the directory does not fit together, or names something unknown."""


def available(channel: Channel) -> Channel:
    """A channel that we can use; eHealthBox needs a certificate and an agreement that nobody has yet."""
    if channel is Channel.EHEALTHBOX:
        raise PydanticCustomError("not_available_yet", "eHealthBox is not available yet")
    return channel


def each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values in order, each once: the order they were written in means nothing."""
    return tuple(sorted(set(values)))


OpenChannel = Annotated[Channel, AfterValidator(available)]
Words = Annotated[str, Field(max_length=2000)]
Codes = Annotated[tuple[Code, ...], Field(max_length=100), AfterValidator(each_once)]
NisCode = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
PostalCode = Annotated[str, Field(pattern=r"^[1-9][0-9]{3}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
NisCodes = Annotated[tuple[NisCode, ...], Field(max_length=600), AfterValidator(each_once)]
PostalCodes = Annotated[tuple[PostalCode, ...], Field(max_length=1200), AfterValidator(each_once)]
Languages = Annotated[tuple[Language, ...], Field(max_length=20), AfterValidator(each_once)]
Places = Annotated[StrictInt, Field(ge=0, le=10_000)]


class Told(BaseModel):
    """A frozen piece of what is told about an entry; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Cost(Told):
    """What the person pays, with whatever has to be said about it."""

    kind: CostKind
    note: Words | None = None


class ServiceDescription(Told):
    """What a service says of itself.

    Coverage is said, never guessed: `whole_region`, or municipalities (NIS codes) and postal codes. A service that
    says neither covers nothing, and is refused. `channel` null means the organisation's own.
    """

    name: Line
    mission: Words = ""
    domains: Annotated[Codes, Field(min_length=1)]
    programme: Code | None = None
    whole_region: StrictBool = False
    communes: NisCodes = ()
    postal_codes: PostalCodes = ()
    languages: Languages = ()
    cost: Cost | None = None
    channel: OpenChannel | None = None
    active: StrictBool = True

    @property
    def covers_something(self) -> bool:
        """Whether there is a place it covers."""
        return self.whole_region or bool(self.communes or self.postal_codes)


class CareService(BaseModel):
    """A service of the directory. `capacity` null: nobody has said. `verified_on` null: nobody ever checked."""

    id: UUID
    organisation: str
    code: str
    name: str = ""
    mission: str = ""
    domains: tuple[str, ...] = ()
    programme: str | None = None
    whole_region: bool = False
    communes: tuple[str, ...] = ()
    postal_codes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    cost: Cost | None = None
    channel: Channel | None = None
    active: bool = True
    capacity: CapacityState | None = None
    places: int | None = None
    capacity_on: date | None = None
    verified_on: date | None = None
    stale_told: bool = False
    words: str = ""
    updated_at: datetime

    @property
    def description(self) -> ServiceDescription:
        """What it says of itself, as it would be sent."""
        fields = {name: getattr(self, name) for name in ServiceDescription.model_fields}
        return ServiceDescription.model_construct(**fields)

    def describe(self, description: ServiceDescription) -> ServiceChanged:
        """Set what it says of itself."""
        for name in ServiceDescription.model_fields:
            setattr(self, name, getattr(description, name))
        self.words = folded(f"{self.name} {self.code} {self.organisation} {self.mission}")
        return ServiceChanged(
            service_id=self.id,
            organisation=self.organisation,
            code=self.code,
            domains=list(self.domains),
            active=self.active,
            verified_on=self.verified_on,
        )

    def has_room(self, capacity: CapacityState, places: int | None, on: date) -> CapacityChanged:
        """Say how much room there is, as of a day."""
        self.capacity, self.places, self.capacity_on = capacity, places, on
        return CapacityChanged(
            service_id=self.id, organisation=self.organisation, capacity=capacity, places=places, on=on
        )

    def verify(self, on: date) -> ServiceChanged:
        """Somebody checked on this day that all of it is still true: the next alert is six months away."""
        self.verified_on, self.stale_told = on, False
        return self.describe(self.description)

    def tell_stale(self) -> DirectoryStale:
        """Ask for a check, once until somebody has verified it."""
        self.stale_told = True
        return DirectoryStale(service_id=self.id, organisation=self.organisation, verified_on=self.verified_on)

    def is_stale(self, today: date) -> bool:
        """Whether what it says has to be checked again."""
        return is_stale(self.verified_on, today)
