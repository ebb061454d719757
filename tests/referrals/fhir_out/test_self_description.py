"""What the server says of itself is what it does, no more and no less."""

import re
from typing import Any
from uuid import uuid4

from services.referrals.api.fhir.capability import BASE, abilities
from services.referrals.formats.fhir.search_filter import PARAMETERS
from shared.testing.harness import UnderTest
from tests.referrals.fhir_out.talk import FHIR, checked, get


async def statement(referrals: UnderTest) -> dict[str, Any]:
    """The CapabilityStatement; nobody needs a token for it."""
    async with referrals.client() as client:
        answer = await client.get(f"{FHIR}/metadata")
        assert answer.status_code == 200
        return checked(answer)


async def test_every_route_is_in_the_statement_and_every_line_of_it_has_a_route(referrals: UnderTest) -> None:
    found = (await statement(referrals))["rest"][0]
    told = {(each["type"], code["code"]) for each in found["resource"] for code in each.get("interaction", ())}
    told |= {(each["type"], f"${op['name']}") for each in found["resource"] for op in each.get("operation", [])}
    told |= {("", each["code"]) for each in found.get("interaction", [])}
    told |= {("", f"${each['name']}") for each in found.get("operation", [])}
    codes = [each["code"] for each in found["interaction"]]
    assert len(codes) == len(set(codes))
    done = {(each.kind, each.operation or each.interaction) for each in abilities(referrals.app)}
    assert told == done
    silent = {"/metadata", "/.well-known/smart-configuration"}
    paths = {path.removeprefix(BASE) for path in referrals.app.openapi()["paths"] if path.startswith(BASE)}
    covered = {path for path in paths if path in silent or path in ("", "/") or re.match(r"/([A-Z]|\$)", path)}
    assert paths == covered


async def test_what_it_says_can_be_read_and_searched_can_be(referrals: UnderTest) -> None:
    for each in (await statement(referrals))["rest"][0]["resource"]:
        codes = {code["code"] for code in each.get("interaction", ())}
        if each["type"] not in PARAMETERS:
            continue
        assert codes >= {"read", "search-type"}
        assert (await get(referrals, f"{each['type']}/{uuid4()}")).status_code == 404
        for parameter in each["searchParam"]:
            value = "2026-01-01" if parameter["type"] == "date" else "x"
            answer = await get(referrals, f"{each['type']}?{parameter['name']}={value}")
            assert answer.status_code == 200, (each["type"], parameter["name"], answer.text)
        for name in [*each.get("searchInclude", []), *each.get("searchRevInclude", [])]:
            key = "_include" if name in each.get("searchInclude", []) else "_revinclude"
            assert (await get(referrals, f"{each['type']}?{key}={name}")).status_code == 200


async def test_smart_configuration_repeats_what_the_issuer_says(referrals: UnderTest) -> None:
    async with referrals.client() as client:
        found = (await client.get(f"{FHIR}/.well-known/smart-configuration")).json()
    assert found["token_endpoint"].startswith(referrals.app.state.settings.issuers[0])
    assert found["grant_types_supported"]
    assert "permission-v2" in found["capabilities"]


async def test_forms_and_codes_are_published(referrals: UnderTest) -> None:
    form = checked(await get(referrals, "Questionnaire/eladeb-r"))
    assert form["version"] == "0.1.0"
    found = checked(await get(referrals, f"Questionnaire?url={form['url']}|0.1.0"))
    assert [each["resource"] for each in found["entry"]] == [form]
    [other] = checked(await get(referrals, f"Questionnaire?url={form['url']}|2011"))["entry"]
    assert checked(await get(referrals, f"Questionnaire/{other['resource']['id']}")) == other["resource"]
    assert checked(await get(referrals, f"Questionnaire?url={form['url']}|1066"))["total"] == 0
    assert (await get(referrals, "Questionnaire/none")).status_code == 404
    async with referrals.client() as client:
        systems = checked(await client.get(f"{FHIR}/CodeSystem"))
        for entry in systems["entry"]:
            system = entry["resource"]
            assert (await client.get(f"{FHIR}/CodeSystem/{system['id']}")).json() == system
            assert system.get("count", len(system["concept"])) == len(system["concept"])
            if "valueSet" not in system:
                continue
            assert all(len(each["designation"]) == 3 for each in system["concept"])
            value_set = checked(await client.get(f"{FHIR}/ValueSet/{system['id']}"))
            assert (value_set["url"], value_set["compose"]["include"]) == (
                system["valueSet"],
                [{"system": system["url"]}],
            )
        assert (await client.get(f"{FHIR}/CodeSystem/none")).status_code == 404


async def test_an_error_is_one_outcome_in_the_caller_s_language(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        for language, word in (("nl", "zoek"), ("fr", "recherche"), ("de", "such")):
            answer = await client.get(f"{FHIR}/Task?colour=red", headers={"accept-language": language})
            outcome = checked(answer)
            assert outcome["resourceType"] == "OperationOutcome"
            assert answer.headers["content-language"] == language
            assert outcome["issue"][0]["details"]["text"], word
    async with referrals.client() as client:
        assert checked(await client.get(f"{FHIR}/Task"))["issue"][0]["code"] == "login"
