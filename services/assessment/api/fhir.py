"""The instruments, the sheets and their scores in FHIR R4, read only. Errors are problems (RFC 9457) here too."""

import json
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from services.assessment.api.doors import ContentDep, SheetsDep
from services.assessment.api.instruments import MayReadInstruments
from services.assessment.api.sheets import MayReadSheets
from services.assessment.domain import Content, Form, Instrument
from services.assessment.formats.fhir.codes import Resource, code_systems
from services.assessment.formats.fhir.observation import observations_of
from services.assessment.formats.fhir.questionnaire import canonical_of, questionnaire_of
from services.assessment.formats.fhir.response import response_of
from shared.errors import NotFound
from shared.service import router as service_router

FHIR_JSON = "application/fhir+json; charset=utf-8"

router = service_router("assessment/fhir", tags=["fhir"])

Canonical = Annotated[
    str | None, Query(max_length=300, examples=["https://relais.example/fhir/Questionnaire/eladeb-r|0.1.0"])
]
Version = Annotated[str | None, Query(max_length=40, description="The spec version; null: the newest")]
DerivedFrom = Annotated[
    str, Query(alias="derived-from", pattern=r"^QuestionnaireResponse/[0-9a-f-]{36}$", description="The sheet")
]


def answer(resource: Resource) -> Response:
    """A resource in FHIR JSON."""
    return Response(json.dumps(resource, ensure_ascii=False).encode(), media_type=FHIR_JSON)


def searchset(request: Request, resources: Sequence[Resource]) -> Response:
    """The resources that a search found."""
    base = str(request.base_url).rstrip("/") + "/assessment/fhir"
    entries = [
        {"fullUrl": f"{base}/{each['resourceType']}/{each['id']}", "resource": each, "search": {"mode": "match"}}
        for each in resources
    ]
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    bundle["link"] = [{"relation": "self", "url": str(request.url)}]
    return answer({**bundle, **({"entry": entries} if entries else {})})


def newest(content: Content, code: str, version: str | None) -> Instrument | Form | None:
    """An instrument in that spec version, or in its newest one."""
    fitting = (each for each in content.definitions if each.code == code)
    return next((each for each in fitting if version in (None, "", each.spec_version)), None)


@router.get("/Questionnaire")
async def search_questionnaires(
    content: ContentDep,
    caller: MayReadInstruments,
    request: Request,
    url: Canonical = None,
    version: Version = None,
) -> Response:
    """The forms of the instruments in their newest version, or the one that a canonical url names."""
    given, _, named = (url or "").partition("|")
    codes = dict.fromkeys(each.code for each in content.definitions if url is None or canonical_of(each.code) == given)
    found = [newest(content, code, version or named) for code in codes]
    return searchset(request, [questionnaire_of(each) for each in found if each])


@router.get("/Questionnaire/{code}")
async def read_questionnaire(
    code: str, content: ContentDep, caller: MayReadInstruments, version: Version = None
) -> Response:
    """The form of one instrument: titles only where its rights allow them."""
    definition = newest(content, code, version)
    if definition is None:
        raise NotFound
    return answer(questionnaire_of(definition))


@router.get("/CodeSystem/{name}")
async def read_code_system(name: str, content: ContentDep, caller: MayReadInstruments) -> Response:
    """One of the code systems that the forms, sheets and scores use."""
    found = code_systems(content.definitions).get(name)
    if found is None:
        raise NotFound
    return answer(found)


@router.get("/CodeSystem")
async def search_code_systems(content: ContentDep, caller: MayReadInstruments, request: Request) -> Response:
    """All code systems that the forms, sheets and scores use."""
    return searchset(request, list(code_systems(content.definitions).values()))


@router.get("/QuestionnaireResponse/{sheet_id:uuid}")
async def read_response(sheet_id: UUID, sheets: SheetsDep, content: ContentDep, caller: MayReadSheets) -> Response:
    """One sheet, by the version of its instrument that it was answered under."""
    sheet = await sheets.get(sheet_id, caller)
    definition = content.definition(sheet.instrument, sheet.spec_version)
    if definition is None:
        raise NotFound
    return answer(response_of(sheet, definition))


@router.get("/Observation")
async def search_observations(
    derived_from: DerivedFrom, sheets: SheetsDep, caller: MayReadSheets, request: Request
) -> Response:
    """The scores of one sheet: a scale each, and its groups."""
    sheet = await sheets.get(UUID(derived_from.partition("/")[2]), caller)
    return searchset(request, observations_of(sheet))
