"""The instruments, as anybody who fills or shows a sheet needs them."""

from typing import Annotated

from fastapi import Body, Depends, Response
from pydantic import BaseModel, Field, JsonValue

from services.assessment.api.doors import ContentDep, RegistryDep
from services.assessment.domain import Content, Form, Instrument, Threshold, load_definition
from shared.access import May
from shared.auth import Caller
from shared.cursors import Page
from shared.errors import NotFound
from shared.service import router as service_router

router = service_router("assessment", tags=["instruments"])

MayPublish = Annotated[Caller, Depends(May("instrument:publish"))]
MayReadInstruments = Annotated[Caller, Depends(May("instrument:read"))]


class InstrumentSummary(BaseModel):
    """An instrument in the list."""

    code: str
    edition: str
    method: str = Field(description="`cards` or `items`: how its answers are shaped")
    spec_version: str = Field(description="The version of our definition; part of its URL")
    scoring_version: str
    name: str
    status: str
    languages: list[str] = Field(description="Languages of the labels")
    attribution: str = Field(description="To be shown wherever the instrument is")

    @classmethod
    def of(cls, instrument: Instrument | Form) -> "InstrumentSummary":
        return cls(
            code=instrument.code,
            edition=instrument.edition,
            method=instrument.method,
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
    spec_version: str
    cards: list[str] = Field(description="Card codes, in card order")
    groups: dict[str, str] = Field(description="The group of each card")
    max_level: int = Field(description="The highest level on any scale")
    sources: list[str] = Field(description="Codes of those from whom help can be wished")

    @classmethod
    def of(cls, instrument: Instrument) -> "Cards":
        return cls(
            code=instrument.code,
            edition=instrument.edition,
            spec_version=instrument.spec_version,
            groups={card.code: card.group for card in instrument.cards},
            cards=[card.code for card in instrument.cards],
            max_level=max(scale.top_level for scale in instrument.scales),
            sources=[source.code for scale in instrument.scales for source in scale.help_sources],
        )


def known(content: Content, code: str, version: str) -> Instrument | Form:
    """An instrument by code and spec version; raises NotFound."""
    definition = content.definition(code, version)
    if definition is None:
        raise NotFound
    return definition


@router.get("/instruments")
async def list_instruments(content: ContentDep, caller: MayReadInstruments) -> Page[InstrumentSummary]:
    """The instruments that sheets can be filled with."""
    return Page(items=[InstrumentSummary.of(definition) for definition in content.definitions], next=None)


@router.post("/instruments", status_code=201)
async def publish_instrument(
    definition: Annotated[dict[str, JsonValue], Body()], registry: RegistryDep, caller: MayPublish, response: Response
) -> InstrumentSummary:
    """Load an instrument or a content pack without code. A published version is frozen: the same again is a repeat."""
    pack = load_definition(definition)
    await registry.load(pack, caller.subject)
    response.headers["location"] = f"/assessment/instruments/{pack.code}/{pack.spec_version}"
    return InstrumentSummary.of(pack)


@router.get("/instruments/{code}/{version}")
async def read_instrument(
    code: str, version: str, content: ContentDep, caller: MayReadInstruments
) -> Instrument | Form:
    """One spec version in full: cards or items, scales, labels, rights and attribution."""
    return known(content, code, version)


@router.get("/instruments/{code}/{version}/cards")
async def read_cards(code: str, version: str, content: ContentDep, caller: MayReadInstruments) -> Cards:
    """Codes and levels of one spec version with cards, for a check at another door."""
    definition = known(content, code, version)
    if not isinstance(definition, Instrument):
        raise NotFound
    return Cards.of(definition)


@router.get("/thresholds")
async def list_thresholds(content: ContentDep, caller: MayReadInstruments) -> Page[Threshold]:
    """Every version of every cut-off, with the days on which it is in force."""
    return Page(items=list(content.thresholds.versions), next=None)


@router.post("/thresholds", status_code=201)
async def publish_threshold(body: Threshold, registry: RegistryDep, caller: MayPublish) -> Threshold:
    """Load a version of a cut-off without code. It is frozen from then on, and never overlaps another of its kind."""
    await registry.load_threshold(body, caller.subject)
    return body
