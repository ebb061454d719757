"""The instruments, as anybody who fills or shows a sheet needs them."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, Field

from services.assessment.domain import Instrument
from services.assessment.store import CONTENT
from shared.access import May
from shared.auth import Caller
from shared.cursors import Page
from shared.errors import NotFound
from shared.service import router as service_router

router = service_router("assessment", tags=["instruments"])

MayReadInstruments = Annotated[Caller, Depends(May("instrument:read"))]


class InstrumentSummary(BaseModel):
    """An instrument in the list."""

    code: str
    edition: str
    spec_version: str = Field(description="The version of our definition; part of its URL")
    scoring_version: str
    name: str
    status: str
    languages: list[str] = Field(description="Languages of the labels")
    attribution: str = Field(description="To be shown wherever the instrument is")

    @classmethod
    def of(cls, instrument: Instrument) -> "InstrumentSummary":
        return cls(
            code=instrument.code,
            edition=instrument.edition,
            spec_version=instrument.spec_version,
            scoring_version=instrument.scoring_version,
            name=instrument.name,
            status=instrument.status,
            languages=[language.code for language in instrument.languages],
            attribution=instrument.rights.attribution,
        )


class Cards(BaseModel):
    """What a check at a door needs to know of an instrument."""

    code: str
    edition: str
    cards: list[str] = Field(description="Card codes, in card order")
    max_level: int = Field(description="The highest level on any scale")
    sources: list[str] = Field(description="Codes of those from whom help can be wished")

    @classmethod
    def of(cls, instrument: Instrument) -> "Cards":
        return cls(
            code=instrument.code,
            edition=instrument.edition,
            cards=[card.code for card in instrument.cards],
            max_level=max(scale.top_level for scale in instrument.scales),
            sources=[source.code for scale in instrument.scales for source in scale.help_sources],
        )


def known(code: str, version: str) -> Instrument:
    """An instrument by code and spec version; raises NotFound."""
    instrument = CONTENT.version(code, version)
    if instrument is None:
        raise NotFound
    return instrument


@router.get("/instruments")
async def list_instruments(caller: MayReadInstruments) -> Page[InstrumentSummary]:
    """The instruments that sheets can be filled with."""
    return Page(items=[InstrumentSummary.of(instrument) for instrument in CONTENT.instruments], next=None)


@router.get("/instruments/{code}/{version}")
async def read_instrument(code: str, version: str, caller: MayReadInstruments) -> Instrument:
    """One spec version in full: cards, scales, labels in four languages, rights and attribution."""
    return known(code, version)


@router.get("/instruments/{code}/{version}/cards")
async def read_cards(code: str, version: str, caller: MayReadInstruments) -> Cards:
    """Codes and levels of one spec version, for a check at another door."""
    return Cards.of(known(code, version))
