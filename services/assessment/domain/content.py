"""The content packs in use: the instruments this service knows, and the dated policy of admission."""

from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.assessment.domain.complexity import ADMISSION_POLICY, AdmissionPolicies, load_policies
from services.assessment.domain.instrument import SHIPPED, Frozen, Instrument, load_instrument
from services.assessment.events import InstrumentPublished
from shared.errors import DomainError, Fault
from shared.ids import new_id


class RefusedSheet(DomainError):
    """The sheet does not fit its instrument."""


class Content(Frozen):
    """Every instrument that is known, in each of its spec versions, newest first, and the policy."""

    instruments: tuple[Instrument, ...] = Field(min_length=1)
    policies: AdmissionPolicies

    def edition(self, code: str, edition: str) -> Instrument:
        """The newest definition of an edition.

        Raises RefusedSheet: `card_import_refused` for an edition whose cards are not known (instruments page,
        section 2.3), `unknown_instrument`, `unknown_edition`.
        """
        totals_only = {name for instrument in self.instruments for name in instrument.totals_only_editions}
        for place, name in (("/instrument", code), ("/edition", edition)):
            if name in totals_only:
                raise RefusedSheet(faults=[Fault(place, "card_import_refused")])
        editions = [instrument for instrument in self.instruments if instrument.code == code]
        if not editions:
            raise RefusedSheet(faults=[Fault("/instrument", "unknown_instrument")])
        for instrument in editions:
            if instrument.edition == edition:
                return instrument
        raise RefusedSheet(faults=[Fault("/edition", "unknown_edition")])

    def version(self, code: str, spec_version: str) -> Instrument | None:
        """One definition by its spec version, or None."""
        wanted = (code, spec_version)
        return next((each for each in self.instruments if (each.code, each.spec_version) == wanted), None)

    @property
    def default(self) -> Instrument:
        """The instrument whose cards stand for the dimensions where no sheet was filled."""
        return self.instruments[0]

    @property
    def sensitive_cards(self) -> frozenset[str]:
        """The cards that no event may name, of all instruments together."""
        return frozenset(card.code for each in self.instruments for card in each.cards if card.sensitive)

    @property
    def open_cards(self) -> frozenset[str]:
        """The cards that an event may name."""
        known = frozenset(card.code for each in self.instruments for card in each.cards)
        return known - self.sensitive_cards


class Publication(BaseModel):
    """The one announcement of a spec version."""

    id: UUID
    code: str
    edition: str
    spec_version: str
    published_at: datetime

    @classmethod
    def of(cls, instrument: Instrument, at: datetime) -> tuple[Self, InstrumentPublished]:
        """Announce an instrument."""
        named = {"code": instrument.code, "edition": instrument.edition, "spec_version": instrument.spec_version}
        return cls(id=new_id(), published_at=at, **named), InstrumentPublished(**named)


def load_content(folder: Path = SHIPPED) -> Content:
    """Read and check all packs of a folder; raises InvalidInstrument, InvalidPolicy, OSError."""
    packs = sorted(path for path in folder.glob("*.json") if path.name != ADMISSION_POLICY.name)
    instruments = sorted((load_instrument(path) for path in packs), key=_age, reverse=True)
    return Content(instruments=tuple(instruments), policies=load_policies(folder / ADMISSION_POLICY.name))


def _age(instrument: Instrument) -> tuple[int, ...]:
    return tuple(int(part) for part in instrument.spec_version.split("."))
