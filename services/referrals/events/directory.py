"""Facts about the organisations, services and programmes of the network."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from services.referrals.events.codes import CapacityState
from shared.events import Event


class OrganisationChanged(Event):
    """An organisation of the network was registered or changed."""

    type: ClassVar[str] = "referrals.organisation-changed.v1"
    organisation: str = Field(examples=["centre"])
    kind: str = Field(examples=["coordination-centre"])
    active: bool


class ServiceChanged(Event):
    """A service of the directory was registered, changed or verified."""

    type: ClassVar[str] = "referrals.service-changed.v1"
    service_id: UUID
    organisation: str = Field(examples=["centre"])
    code: str = Field(examples=["home-help"])
    domains: list[str] = Field(description="Codes of the need domains it covers", examples=[["housework"]])
    active: bool
    verified_on: date | None = Field(description="When somebody last checked it")


class CapacityChanged(Event):
    """A service said how much room it has."""

    type: ClassVar[str] = "referrals.capacity-changed.v1"
    service_id: UUID
    organisation: str = Field(examples=["centre"])
    capacity: CapacityState
    places: int | None
    on: date


class DirectoryStale(Event):
    """Nobody has verified a service for six months: somebody should."""

    type: ClassVar[str] = "referrals.directory-stale.v1"
    service_id: UUID
    organisation: str = Field(examples=["centre"])
    verified_on: date | None = Field(description="When it was last verified; null if never")


class ProgrammeChanged(Event):
    """A programme was registered or changed."""

    type: ClassVar[str] = "referrals.programme-changed.v1"
    programme: str = Field(examples=["relais-liege"])
    organisation: str = Field(description="Who runs it", examples=["relais"])
    category_limited: bool
    capacity: CapacityState | None
