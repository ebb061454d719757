"""What a search of the directory asks for, and why a service answers it: the order is explained, never magic."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.referrals.domain.care_service import CareService
from services.referrals.domain.municipality import Municipalities, folded
from services.referrals.events import CapacityState

CAPACITY_ORDER: tuple[CapacityState | None, ...] = (
    CapacityState.AVAILABLE,
    CapacityState.ASSESSMENT_NEEDED,
    CapacityState.WAITING_LIST,
    None,
    CapacityState.FULL,
)
"""Whom to ask first: whoever has room, then whoever decides after a look, then a list; who says nothing before full."""


class Reach(StrEnum):
    """How surely a service covers a place, from sure to possible."""

    NAMED = "named"
    REGION = "region"
    POSSIBLE = "possible"


class Because(StrEnum):
    """A reason why a service stands where it stands in the answer."""

    HAS_ROOM = "has-room"
    ASSESSES_FIRST = "assesses-first"
    HAS_WAITING_LIST = "has-waiting-list"
    CAPACITY_UNKNOWN = "capacity-unknown"
    FULL = "full"
    COVERS_PLACE = "covers-place"
    COVERS_REGION = "covers-region"
    MAY_COVER_PLACE = "may-cover-place"
    SPEAKS_LANGUAGE = "speaks-language"
    VERIFIED = "verified-recently"
    STALE = "to-be-verified"


_CAPACITY: dict[CapacityState | None, Because] = {
    CapacityState.AVAILABLE: Because.HAS_ROOM,
    CapacityState.ASSESSMENT_NEEDED: Because.ASSESSES_FIRST,
    CapacityState.WAITING_LIST: Because.HAS_WAITING_LIST,
    CapacityState.FULL: Because.FULL,
    None: Because.CAPACITY_UNKNOWN,
}
_REACH = {
    Reach.NAMED: Because.COVERS_PLACE,
    Reach.REGION: Because.COVERS_REGION,
    Reach.POSSIBLE: Because.MAY_COVER_PLACE,
}


@dataclass(frozen=True)
class Place:
    """Where help is wanted: the codes that say it, and those of the other kind that could mean the same place.

    A municipality has several postal codes and a postal code several municipalities. Who knows both says both, and
    nothing is derived; who knows one is also shown what covers the place only perhaps, marked as such and last.
    """

    commune: str | None
    postal_code: str | None
    possible_communes: tuple[str, ...] = ()
    possible_postal_codes: tuple[str, ...] = ()

    @classmethod
    def of(cls, commune: str | None, postal_code: str | None, known: Municipalities) -> "Place | None":
        """The place that a search names; None when it names none."""
        if commune and not postal_code:
            return cls(commune, None, (), known.postal_codes_of(commune))
        if postal_code and not commune:
            return cls(None, postal_code, known.with_postal_code(postal_code), ())
        return cls(commune, postal_code) if commune else None

    def reach(self, service: CareService) -> Reach | None:
        """How surely a service covers it; None where it does not."""
        if self.commune in service.communes or self.postal_code in service.postal_codes:
            return Reach.NAMED
        if service.whole_region:
            return Reach.REGION
        by_commune = set(self.possible_communes) & set(service.communes)
        by_postal_code = set(self.possible_postal_codes) & set(service.postal_codes)
        return Reach.POSSIBLE if by_commune or by_postal_code else None


@dataclass(frozen=True)
class ServiceSearch:
    """What is looked for; None leaves a filter out. Only active services are found."""

    today: date
    domain: str | None = None
    place: Place | None = None
    language: str | None = None
    capacity: CapacityState | None = None
    organisation: str | None = None
    programme: str | None = None
    stale: bool | None = None
    words: str | None = None

    @property
    def terms(self) -> list[str]:
        """The words to look for, each of which has to be there."""
        return folded(self.words or "").split()

    def because(self, service: CareService) -> Iterator[Because]:
        """Why a found service stands where it does: room first, then the place, then how fresh it is."""
        yield _CAPACITY[service.capacity]
        reach = self.place.reach(service) if self.place else None
        if reach:
            yield _REACH[reach]
        if self.language:
            yield Because.SPEAKS_LANGUAGE
        yield Because.STALE if service.is_stale(self.today) else Because.VERIFIED
