"""What came by FHIR is read back as it was sent; what came by JSON reads the same; the doors do not contradict."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from services.referrals.formats.fhir.outbound import SHOWN
from shared.testing.harness import UnderTest
from tests.referrals.fhir.bundles import EXPRESSIBLE, FHIR_JSON, entry, rich, twin, urn
from tests.referrals.fhir_out.talk import (
    FHIR,
    check,
    checked,
    get,
    merge,
    open_case,
    patch,
    put,
    referred,
    staff_patch,
    task,
)
from tests.referrals.pushes import changed, id_of, push, read

PROVENANCE = {
    "resourceType": "Provenance",
    "target": [{"reference": urn(2)}],
    "recorded": "2026-11-19T09:00:00Z",
    "agent": [{"who": {"reference": "Organization/chu"}}],
}
WARD = {
    "resourceType": "Organization",
    "identifier": [{"system": "urn:chu:units", "value": "g3"}],
    "name": "Gériatrie 3",
}


async def sent(referrals: UnderTest, *more: Mapping[str, Any]) -> str:
    """A transaction of the first hospital; the referral's id."""
    bundle = twin(changed(EXPRESSIBLE, "/identifier/value", "by-fhir"))
    bundle["entry"] += [entry(urn(90 + number), dict(each)) for number, each in enumerate(more)]
    bundle["entry"][2]["resource"]["description"] = "Retour à domicile"
    if more:
        bundle["entry"][1]["resource"]["requester"] = {"reference": urn(91)}
    async with referrals.client("hospital-chu") as client:
        answer = await client.post(FHIR, json=bundle, headers=FHIR_JSON)
        assert answer.status_code == 200, answer.text
    location = answer.json()["entry"][1]["response"]["location"]
    return str(location.partition("ServiceRequest/")[2].partition("/")[0])


async def everything(referrals: UnderTest) -> dict[str, dict[str, Any]]:
    """All that can be found, by type and id."""
    found: dict[str, dict[str, Any]] = {}
    for kind in SHOWN:
        bundle = checked(await get(referrals, f"{kind}?_count=200"))
        for each in bundle.get("entry", []):
            found[f"{kind}/{each['resource']['id']}"] = each["resource"]
    return found


async def test_what_was_sent_is_what_is_read(referrals: UnderTest) -> None:
    one = await sent(referrals, PROVENANCE, WARD)
    found = await everything(referrals)
    shared = found[f"Task/{one}"]
    assert (shared["description"], shared["authoredOn"]) == ("Retour à domicile", "2026-11-19T09:00:00+01:00")
    assert shared["focus"] == {"reference": f"ServiceRequest/{one}"}
    patient = found[f"Patient/{one}"]
    assert {"system": "urn:chu:patients", "value": "H-77"} in patient["identifier"]
    assert found[f"Provenance/{one}.1"]["target"] == [{"reference": f"ServiceRequest/{one}"}]
    requester = found[f"ServiceRequest/{one}"]["requester"]
    assert requester == {"type": "Organization", "identifier": WARD["identifier"][0], "display": "Gériatrie 3"}
    for resource in found.values():
        check(resource)
        for literal in references(resource):
            assert literal in found or literal.startswith("Organization/"), literal


def references(value: Any) -> list[str]:
    """Every literal reference in a resource."""
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [each for part in value.values() for each in references(part)]
    return [each for part in value for each in references(part)] if isinstance(value, list) else []


async def test_one_of_every_type_leaves_no_reference_that_leads_nowhere(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        answer = await client.post(FHIR, json=rich(), headers=FHIR_JSON)
        assert answer.status_code == 200, answer.text
    found = await everything(referrals)
    assert {name.partition("/")[0] for name in found} >= {
        "Practitioner",
        "RelatedPerson",
        "Communication",
        "Provenance",
    }
    for resource in found.values():
        check(resource)
        for literal in references(resource):
            assert literal in found or literal in ("Organization/chu", "Organization/relais"), literal


async def test_the_sender_goes_on_with_its_own_task(referrals: UnderTest) -> None:
    one = await sent(referrals)
    await staff_patch(referrals, "coordinator", one, merge("accepted", "waiting-list", text="in May"))
    found = await task(referrals, one)
    assert (found["status"], found["description"]) == ("accepted", "Retour à domicile")
    answer = await put(referrals, "hospital-chu", {**found, "status": "cancelled", "statusReason": {"text": "home"}})
    assert checked(answer)["status"] == "cancelled"
    assert (await read(referrals, f"/referrals/{one}"))["state"] == "cancelled"


async def test_a_correction_by_fhir_is_kept_as_it_was_written(referrals: UnderTest) -> None:
    one = await sent(referrals)
    request = checked(await get(referrals, f"ServiceRequest/{one}"))
    wanted = {**request, "priority": "routine", "patientInstruction": "sonner deux fois"}
    answer = await put(referrals, "hospital-chu", wanted)
    assert answer.status_code == 200, answer.text
    assert checked(answer)["patientInstruction"] == "sonner deux fois"
    kept = await read(referrals, f"/referrals/{one}")
    assert kept["urgency"] == "routine"
    assert kept["document"]["reason"] == (await before(referrals))["document"]["reason"]


async def before(referrals: UnderTest) -> dict[str, Any]:
    """The same content by the JSON door, for comparison."""
    path = await push(referrals, changed(EXPRESSIBLE, "/identifier/value", "by-json"))
    return await read(referrals, path)


async def test_a_correction_by_json_shows_over_fhir_too(referrals: UnderTest) -> None:
    one = await sent(referrals)
    document = changed((await read(referrals, f"/referrals/{one}"))["document"], "/person/family_name", "Renard")
    async with referrals.client("hospital-chu") as client:
        answer = await client.put(f"/referrals/{one}", json=document, headers={"if-match": '"1"'})
        assert answer.status_code == 200, answer.text
    assert checked(await get(referrals, f"Patient/{one}"))["name"][0]["family"] == "Renard"


async def test_a_message_of_the_sender_answers_the_question(referrals: UnderTest) -> None:
    one = await referred(referrals)
    await staff_patch(referrals, "line-nurse", one, merge("requested", "information-requested", text="Since when?"))
    message = {
        "resourceType": "Communication",
        "status": "completed",
        "about": [{"reference": f"Task/{one}"}],
        "inResponseTo": [{"reference": f"Communication/{one}.1"}],
        "payload": [{"contentString": "since May"}],
    }
    async with referrals.client("hospital-chu") as client:
        answer = await client.post(f"{FHIR}/Communication", json=message, headers=FHIR_JSON)
        assert answer.status_code == 201, answer.text
    assert (await task(referrals, f"{one}.q1"))["status"] == "completed"
    found = checked(await get(referrals, f"Communication?part-of=Task/{one}&_sort=_lastUpdated"))
    assert len(found["entry"]) == 2


async def test_the_loop_is_closed_with_scores_and_the_reason_of_the_ending(referrals: UnderTest) -> None:
    one = str(id_of(await push(referrals, EXPRESSIBLE)))
    await patch(referrals, "hospital-chu", one, {"status": "requested"})
    await staff_patch(referrals, "coordinator", one, merge("accepted"))
    case = await open_case(referrals, one)
    await scored(referrals, one)
    await referrals.deliver(
        "cases.case-closed.v1", case, {"case_id": case, "closed_on": "2026-11-20", "reason": "moved"}
    )
    found = await task(referrals, one)
    assert (found["status"], found["businessStatus"]["coding"][0]["code"]) == ("failed", "moved")
    assert found["statusReason"]["text"]
    kinds = [each["type"]["coding"][0]["code"] for each in found["output"]]
    assert kinds == ["score", "score", "episode-of-care", "closing-reason", "closed-on"]
    episode = checked(await get(referrals, f"EpisodeOfCare/{one}"))
    assert (episode["status"], episode["period"]["end"]) == ("finished", "2026-11-20")
    total = checked(await get(referrals, f"Observation/{one}.100"))
    assert "valueInteger" not in total
    assert (total["dataAbsentReason"]["coding"][0]["code"], len(total["hasMember"])) == ("unknown", 1)
    need = checked(await get(referrals, f"Observation/{one}.150"))
    assert "valueInteger" not in need
    assert need["dataAbsentReason"]["coding"][0]["code"] == "not-performed"


async def scored(referrals: UnderTest, one: str) -> None:
    """Let assessment score the sheet: a difficulty, and a need scale that was not given."""
    sheet = uuid4()
    nothing: dict[str, Any] = {
        "state": "not_administered",
        "sum": None,
        "max": 60,
        "answered_n": 0,
        "expected_n": 20,
        "groups": {},
    }
    group = {"sum": 2, "max": 15, "flagged_n": 1, "answered_n": 1, "expected_n": 5}
    scale = {
        **nothing,
        "state": "partial",
        "sum": 2,
        "flagged_n": 1,
        "answered_n": 1,
        "groups": {"daily_pragmatics": group},
    }
    referrals.neighbours.answers[f"/assessment/sheets/{sheet}/totals"] = {
        "sheet_id": str(sheet),
        "identifier": EXPRESSIBLE["sheets"][0]["identifier"],
        "instrument": "eladeb-r",
        "state": "stopped",
        "scales": {"difficulty": scale, "need": nothing},
    }
    await referrals.deliver("assessment.sheet-completed.v1", sheet, {"sheet_id": sheet, "referral_id": one})
