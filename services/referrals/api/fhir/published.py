"""What we publish for everybody's validators: forms, code systems, value sets, profiles."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request, Response

from services.referrals.api.fhir.doors import base_url, fhir_answer, router
from services.referrals.formats.fhir.outbound_codes import ALL_CODES
from services.referrals.formats.fhir.outside import Resource
from services.referrals.formats.fhir.profiles import STRUCTURE_DEFINITIONS, USED_TASK_STATUS
from services.referrals.formats.fhir.questionnaire import questionnaires_of
from services.referrals.formats.fhir.search_parameters import JSON_FORMATS, SearchRefused, safe_name
from services.referrals.formats.fhir.terminology import ISSUE_CODES, card_codes, code_system, value_set
from services.referrals.store import Forms
from shared.access import Anyone, May
from shared.auth import Caller
from shared.errors import Fault, NotFound
from shared.requests import opened

MayReadForms = Annotated[Caller, Depends(May("instrument:read"))]
ForAnyone = Annotated[None, Depends(Anyone())]
FormsDep = Annotated[Forms, Depends(opened(Forms))]

PUBLISHED_PARAMETERS: Mapping[str, str] = {"_id": "token", "url": "uri", "version": "token"}
FREE = frozenset({"_format", "_pretty"})

CODE_SYSTEMS: Mapping[str, Resource] = {
    **{name: code_system(codes) for name, codes in ALL_CODES.items()},
    ISSUE_CODES["id"]: ISSUE_CODES,
}
VALUE_SETS: Mapping[str, Resource] = {
    **{name: value_set(codes) for name, codes in ALL_CODES.items()},
    USED_TASK_STATUS["id"]: USED_TASK_STATUS,
}


def chosen(request: Request, resources: list[Resource]) -> Response:
    """A searchset of those that fit `_id`, `url` (with or without its version) and `version`; others are a 400."""
    asked = request.query_params.multi_items()
    unknown = [name for name, _ in asked if name not in PUBLISHED_PARAMETERS and name not in FREE]
    if unknown:
        raise SearchRefused(faults=[Fault(f"/query/{safe_name(name)}", "unknown-parameter") for name in unknown])
    if any(name == "_format" and value not in JSON_FORMATS for name, value in asked):
        raise SearchRefused(faults=[Fault("/query/_format", "not-supported")])
    fitting = [each for each in resources if all(fits(each, *pair) for pair in asked if pair[0] not in FREE)]
    base = base_url(request)
    entries = [
        {
            "fullUrl": f"{base}/{each['resourceType']}/{each['id']}",
            "resource": each,
            "search": {"mode": "match"},
        }
        for each in fitting
    ]
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(fitting)}
    return fhir_answer(bundle | {"link": [{"relation": "self", "url": str(request.url)}]} | some(entries))


def some(entries: list[Resource]) -> Resource:
    """The entries, if there are any: FHIR knows no empty list."""
    return {"entry": entries} if entries else {}


def fits(resource: Resource, name: str, value: str) -> bool:
    """Whether one parameter means a published resource."""
    if name == "url":
        url, _, version = value.partition("|")
        return bool(resource["url"] == url and version in ("", resource.get("version", "")))
    return bool(resource.get(name.removeprefix("_")) == value)


@router.get("/Questionnaire", name="fhir_search_Questionnaire")
async def search_questionnaires(request: Request, forms: FormsDep, caller: MayReadForms) -> Response:
    """The published forms, by `url` for instance."""
    return chosen(request, [form.wire() for each in await forms.all() for form in questionnaires_of(each)])


@router.get("/Questionnaire/{code}", name="fhir_read_Questionnaire")
async def read_questionnaire(code: str, forms: FormsDep, caller: MayReadForms) -> Response:
    """A form by its id: of an instrument's own code, the form of its latest edition."""
    latest = await forms.latest(code)
    found = [form for each in ([latest] if latest else await forms.all()) for form in questionnaires_of(each)]
    form = next((form for form in found if latest or form.id == code), None)
    if form is None:
        raise NotFound
    return fhir_answer(form)


@router.get("/CodeSystem", name="fhir_search_CodeSystem")
async def search_code_systems(request: Request, forms: FormsDep, everybody: ForAnyone) -> Response:
    """Our code systems."""
    return chosen(request, [*CODE_SYSTEMS.values(), card_codes(await forms.all())])


@router.get("/CodeSystem/{name}", name="fhir_read_CodeSystem")
async def read_code_system(name: str, forms: FormsDep, everybody: ForAnyone) -> Response:
    """One of our code systems."""
    if name == "card":
        return fhir_answer(card_codes(await forms.all()))
    if name not in CODE_SYSTEMS:
        raise NotFound
    return fhir_answer(CODE_SYSTEMS[name])


@router.get("/ValueSet", name="fhir_search_ValueSet")
async def search_value_sets(request: Request, everybody: ForAnyone) -> Response:
    """Our value sets."""
    return chosen(request, list(VALUE_SETS.values()))


@router.get("/ValueSet/{name}", name="fhir_read_ValueSet")
async def read_value_set(name: str, everybody: ForAnyone) -> Response:
    """One of our value sets."""
    if name not in VALUE_SETS:
        raise NotFound
    return fhir_answer(VALUE_SETS[name])


@router.get("/StructureDefinition", name="fhir_search_StructureDefinition")
async def search_profiles(request: Request, everybody: ForAnyone) -> Response:
    """Our profiles and extensions."""
    return chosen(request, list(STRUCTURE_DEFINITIONS.values()))


@router.get("/StructureDefinition/{name}", name="fhir_read_StructureDefinition")
async def read_profile(name: str, everybody: ForAnyone) -> Response:
    """One of our profiles and extensions."""
    if name not in STRUCTURE_DEFINITIONS:
        raise NotFound
    return fhir_answer(STRUCTURE_DEFINITIONS[name])
