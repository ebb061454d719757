"""Organisations of the network: who they are, how they are reached, and what is known of working with them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from services.referrals.domain.care_service import Channel, Codes, Languages, OpenChannel, Told, Words
from services.referrals.domain.document import Address, Line
from services.referrals.domain.identifiers import NIHDI_CHECK_DIGITS, Cbe, Nihdi, nihdi_is_odd
from services.referrals.domain.upkeep import is_stale
from services.referrals.events import OrganisationChanged
from shared.errors import DomainError, NotFound

MAX_NOTES = 200


class OrganisationKind(StrEnum):
    """What kind of organisation it is (our own code system; see the glossary of the README)."""

    HOSPITAL = "hospital"
    CASE_MANAGEMENT = "case-management"
    COORDINATION_CENTRE = "coordination-centre"
    PATIENT_ASSOCIATION = "patient-association"
    HEALTH_CENTRE = "health-centre"
    GENERAL_PRACTICE = "general-practice"
    HEALTH_INSURANCE_FUND = "health-insurance-fund"
    HOME_CARE = "home-care"
    SOCIAL_SERVICE = "social-service"
    LOCAL_INITIATIVE = "local-initiative"
    OTHER = "other"


class TooManyNotes(DomainError):
    """There are as many notes about this organisation as can be kept; retire some that no longer hold."""


class About(BaseModel):
    """What is known of an organisation beside its name and kind.

    `email` and `phone` are of its service desk and belong to no person. `endpoint` is the base of its FHIR server.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cbe: Cbe | None = None
    nihdi: Nihdi | None = None
    languages: Languages = ()
    channel: OpenChannel = Channel.MANUAL
    email: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    phone: Annotated[str, Field(min_length=3, max_length=40)] | None = None
    website: Annotated[str, Field(max_length=300, pattern=r"^https?://[^\s]+$")] | None = None
    endpoint: Annotated[str, Field(max_length=300, pattern=r"^https://[^\s]+$")] | None = None
    address: Address | None = None
    mission: Words = ""
    programmes: Codes = ()

    def oddities(self) -> list[str]:
        """What looks wrong and is no reason to refuse."""
        return [NIHDI_CHECK_DIGITS] if self.nihdi and nihdi_is_odd(self.nihdi) else []

    @property
    def has_reachable_channel(self) -> bool:
        """Whether the road it wants to be asked by can be used: a notice by e-mail needs an address."""
        return self.channel is not Channel.EMAIL_NOTICE or self.email is not None


class OrganisationDescription(About):
    """What is known of an organisation, as it is sent."""

    name: Line
    kind: OrganisationKind
    active: StrictBool = True

    @property
    def about(self) -> About:
        """The part beside its name and kind."""
        return About.model_construct(**{name: getattr(self, name) for name in About.model_fields})


class KnowHow(Told):
    """What an organisation has learnt about working with another: it belongs to the author, never to a worker."""

    number: int
    text: Annotated[str, Field(min_length=1, max_length=2000)]
    author: str
    written_on: date
    retired_on: date | None = None


class Organisation(BaseModel):
    """An organisation that sends, receives or follows people. `code` is the `org_id` of its tokens."""

    id: UUID
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    kind: OrganisationKind
    active: bool = True
    about: About = About()
    notes: tuple[KnowHow, ...] = ()
    verified_on: date | None = None
    updated_at: datetime

    @property
    def description(self) -> OrganisationDescription:
        """What is known of it, as it would be sent."""
        known = {name: getattr(self.about, name) for name in About.model_fields}
        return OrganisationDescription.model_construct(**known, name=self.name, kind=self.kind, active=self.active)

    def describe(self, description: OrganisationDescription) -> OrganisationChanged:
        """Set what is known of it."""
        self.name, self.kind, self.active = description.name, description.kind, description.active
        self.about = description.about
        return self._changed()

    def verify(self, on: date) -> OrganisationChanged:
        """Somebody checked on this day that what is known of it still holds."""
        self.verified_on = on
        return self._changed()

    def learn(self, text: str, author: str, on: date) -> OrganisationChanged:
        """Keep what an organisation has learnt about working with this one. Raises TooManyNotes."""
        if len(self.notes) >= MAX_NOTES:
            raise TooManyNotes
        number = max((note.number for note in self.notes), default=0) + 1
        self.notes = (*self.notes, KnowHow(number=number, text=text, author=author, written_on=on))
        return self._changed()

    def retire(self, number: int, on: date) -> OrganisationChanged:
        """A note no longer holds; it stays readable. Raises NotFound."""
        self.note(number)
        self.notes = tuple(
            note.model_copy(update={"retired_on": note.retired_on or on}) if note.number == number else note
            for note in self.notes
        )
        return self._changed()

    def note(self, number: int) -> KnowHow:
        """A note by its number; raises NotFound."""
        for note in self.notes:
            if note.number == number:
                return note
        raise NotFound

    def is_stale(self, today: date) -> bool:
        """Whether what is known of it has to be checked again."""
        return is_stale(self.verified_on, today)

    def _changed(self) -> OrganisationChanged:
        return OrganisationChanged(organisation=self.code, kind=self.kind, active=self.active)
