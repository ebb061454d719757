"""What a party reads of a referral over FHIR, and what nobody else does."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from services.referrals.formats.fhir.outbound import SHOWN
from shared.testing.harness import UnderTest
from tests.referrals.fhir_out.talk import care_for, checked, get, merge, open_case, patch, referred, staff_patch, task
from tests.referrals.pushes import FULL, changed, id_of, push

LETTER = {"title": "Lettre", "content_type": "application/pdf", "data": "JVBERi0="}
DIAGNOSIS = {"system": "http://hl7.org/fhir/sid/icd-10", "code": "I50", "text": "insuffisance cardiaque"}
WHOLE: Mapping[str, Any] = changed(
    changed(changed(FULL, "/attachments", [LETTER]), "/reason/diagnoses", [DIAGNOSIS]), "/person/address/box", "3"
)


async def test_everything_that_came_is_readable_and_refers_to_what_is_readable(referrals: UnderTest) -> None:
    one = str(id_of(await push(referrals, WHOLE)))
    seen: set[str] = set()
    wanted: set[str] = set()
    for kind in SHOWN:
        bundle = checked(await get(referrals, f"{kind}?_count=200"))
        for entry in bundle.get("entry", []):
            resource = checked(await get(referrals, f"{kind}/{entry['resource']['id']}"))
            assert resource == entry["resource"]
            seen.add(f"{kind}/{resource['id']}")
            wanted |= set(references(resource))
    assert {each for each in wanted if one in each} <= seen
    assert {each for each in wanted if one not in each} == {"Organization/chu", "Organization/relais"}
    assert len(seen) == 11


def references(value: Any) -> list[str]:
    """Every literal reference in a resource."""
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [each for part in value.values() for each in references(part)]
    return [each for part in value for each in references(part)] if isinstance(value, list) else []


async def test_the_task_has_the_shape_that_gravity_asks_for(referrals: UnderTest) -> None:
    one = await referred(referrals)
    found = await task(referrals, one)
    assert (found["status"], found["intent"]) == ("requested", "order")
    assert found["code"]["coding"][0]["code"] == "fulfill"
    assert found["businessStatus"]["coding"][0]["code"] == "received"
    assert found["focus"] == {"reference": f"ServiceRequest/{one}"}
    assert found["for"] == {"reference": f"Patient/{one}"}
    assert found["requester"] == {"reference": "Organization/chu"}
    assert found["owner"] == {"reference": "Organization/relais"}
    assert found["identifier"][0]["system"] == "urn:chu:referral"
    assert "statusReason" not in found
    assert "output" not in found


async def test_a_patient_is_told_in_the_belgian_way(referrals: UnderTest) -> None:
    one = str(id_of(await push(referrals, WHOLE)))
    patient = checked(await get(referrals, f"Patient/{one}"))
    ssin = "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin"
    assert {"use": "official", "system": ssin, "value": "50020300103"} in patient["identifier"]
    assert patient["name"][0]["use"] == "official"
    assert patient["communication"][0]["language"]["coding"][0]["code"] == "fr-BE"
    parts = {
        each["url"].rpartition("-")[2]: each["valueString"] for each in patient["address"][0]["_line"][0]["extension"]
    }
    assert parts == {"streetName": "Rue du Canari", "houseNumber": "7", "postBox": "3"}


async def test_unknown_and_not_yours_are_one_answer(referrals: UnderTest) -> None:
    one = await referred(referrals)
    for kind in ("Task", "Patient", "ServiceRequest", "Consent"):
        for persona, place in (("hospital-other", one), ("hospital-chu", str(uuid4())), ("hospital-chu", "x")):
            answer = await get(referrals, f"{kind}/{place}", persona)
            assert answer.status_code == 404
            assert checked(answer)["issue"][0]["code"] == "not-found"
    assert (await get(referrals, f"Task/{one}.q1")).status_code == 404
    assert (await get(referrals, f"Task/{one}", "partner-centre")).status_code == 404


async def test_a_version_that_was_seen_is_not_sent_again(referrals: UnderTest) -> None:
    one = await referred(referrals)
    first = await get(referrals, f"Task/{one}")
    assert first.headers["etag"] == 'W/"1"'
    assert first.headers["last-modified"].endswith("GMT")
    assert (await get(referrals, f"Task/{one}", **{"if-none-match": 'W/"1"'})).status_code == 304
    await staff_patch(referrals, "coordinator", one, merge("requested", "in-triage"))
    assert (await get(referrals, f"Task/{one}", **{"if-none-match": 'W/"1"'})).status_code == 200


async def test_the_case_is_followed_within_consent_only(referrals: UnderTest) -> None:
    for given in (True, False):
        one = await referred(referrals, consent={"given": given})
        answer = await staff_patch(referrals, "coordinator", one, merge("accepted", text="unconscious"))
        assert answer.status_code == 200, answer.text
        case = await open_case(referrals, one)
        await care_for(referrals, case)
        found = await task(referrals, one)
        assert found["businessStatus"]["coding"][0]["code"] == "care-plan-shared"
        for kind in ("EpisodeOfCare", "CarePlan", "CareTeam"):
            answer = await get(referrals, f"{kind}/{one}")
            assert answer.status_code == (200 if given else 404)
            checked(answer)
        outputs = {each["type"]["coding"][0]["code"] for each in found.get("output", [])}
        assert outputs == ({"episode-of-care", "care-plan", "care-team"} if given else set())


async def test_every_state_a_task_was_in_can_be_read_again(referrals: UnderTest) -> None:
    one = await referred(referrals)
    await staff_patch(referrals, "line-nurse", one, merge("requested", "in-triage"))
    referrals.clock.move(minutes=5)
    await staff_patch(referrals, "coordinator", one, merge("accepted"))
    case = await open_case(referrals, one)
    await patch(referrals, "hospital-chu", one, merge("cancelled", text="readmitted"))
    history = checked(await get(referrals, f"Task/{one}/_history"))
    steps = [entry["resource"]["businessStatus"]["coding"][0]["code"] for entry in history["entry"]]
    assert steps == ["cancellation-requested", "case-opened", "accepted", "in-triage", "received"]
    assert case
    for entry in history["entry"]:
        version = entry["resource"]["meta"]["versionId"]
        kept = await get(referrals, f"Task/{one}/_history/{version}")
        assert checked(kept) == entry["resource"]
        assert kept.headers["etag"] == f'W/"{version}"'
    for version in ("0", "99", "x", "1e3"):
        assert (await get(referrals, f"Task/{one}/_history/{version}")).status_code == 404
