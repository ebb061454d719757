"""What the routes of the directory share: the collections, the municipality list, and the check of codes against it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import Depends

from services.referrals.api.doors import InstrumentsDep, ProgrammesDep
from services.referrals.domain import DirectoryFaults, NotYourOrganisation
from services.referrals.domain.care_service import ServiceDescription
from services.referrals.domain.municipality import Municipalities
from services.referrals.domain.organisation import OrganisationDescription
from services.referrals.settings import Settings
from services.referrals.store import CareServices, Instruments, Programmes, municipalities
from shared.access import Scope
from shared.auth import Caller
from shared.clock import local_date
from shared.errors import Fault
from shared.requests import ClockDep, configured, opened

CareServicesDep = Annotated[CareServices, Depends(opened(CareServices))]


async def known_municipalities(settings: Annotated[Settings, Depends(configured(Settings))]) -> Municipalities:
    """The municipality list in use."""
    return municipalities(settings.municipalities)


async def belgian_day(clock: ClockDep) -> date:
    """Today in Belgium."""
    return local_date(clock)


MunicipalitiesDep = Annotated[Municipalities, Depends(known_municipalities)]
Today = Annotated[date, Depends(belgian_day)]


@dataclass(frozen=True)
class Checks:
    """The codes that an entry of the directory may name."""

    instruments: Instruments
    programmes: Programmes
    municipalities: Municipalities
    _cards: set[str] = field(default_factory=set)

    async def cards(self) -> set[str]:
        """The need domains, asked for once."""
        if not self._cards:
            self._cards.update(await self.instruments.cards())
        return self._cards

    async def of_service(self, description: ServiceDescription) -> list[Fault]:
        """What a description names that does not exist, and a coverage that was left out."""
        cards = await self.cards()
        found = [*unknown(description.domains, cards, "/domains", "unknown_domain")]
        found += self.of_communes(description.communes)
        if description.programme:
            known = await self.programmes.by_code({description.programme})
            found += [] if known else [Fault("/programme", "unknown-programme")]
        if not description.covers_something:
            found.append(Fault("/communes", "coverage-missing"))
        return found

    async def of_organisation(self, description: OrganisationDescription) -> list[Fault]:
        """Programmes that do not exist, and a channel that has no address."""
        known = await self.programmes.by_code(set(description.programmes))
        found = [*unknown(description.programmes, known, "/programmes", "unknown-programme")]
        if not description.has_reachable_channel:
            found.append(Fault("/email", "required"))
        return found

    def of_communes(self, communes: Iterable[str], pointer: str = "/communes") -> list[Fault]:
        """NIS codes that the municipality list does not hold."""
        return [*unknown(communes, self.municipalities.by_code, pointer, "unknown-commune")]

    async def of_query(self, domain: str | None, commune: str | None) -> None:
        """Refuse a search for what does not exist: no answer would look like no offer."""
        found = [] if commune is None or commune in self.municipalities.by_code else ["commune"]
        faults = [Fault(f"/query/{name}", "unknown-commune") for name in found]
        if domain is not None and domain not in await self.cards():
            faults.append(Fault("/query/domain", "unknown_domain"))
        refuse(faults)


async def current_checks(instruments: InstrumentsDep, programmes: ProgrammesDep, listed: MunicipalitiesDep) -> Checks:
    """The checks in this request's transaction."""
    return Checks(instruments, programmes, listed)


ChecksDep = Annotated[Checks, Depends(current_checks)]


def unknown(values: Iterable[str], known: Iterable[str], pointer: str, code: str) -> Iterator[Fault]:
    """A fault for each value that is not known, at its place in the list."""
    return (Fault(f"{pointer}/{place}", code) for place, value in enumerate(values) if value not in known)


def refuse(faults: list[Fault]) -> None:
    """Raise DirectoryFaults when there are any."""
    if faults:
        raise DirectoryFaults(faults=faults)


def refuse_other_organisations(caller: Caller, organisation: str) -> None:
    """Raise NotYourOrganisation when the caller may write for its own organisation only and this is another."""
    if caller.scope != Scope.ALL and caller.organisation != organisation:
        raise NotYourOrganisation


def day_not_ahead(day: date | None, today: date) -> date:
    """A day that was said, today when none was; raises DirectoryFaults for a day to come."""
    if day and day > today:
        refuse([Fault("/on", "in-future")])
    return day or today
