"""A transaction is the FHIR twin of a push: one referral, once, the same content, and nothing sent is lost."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from services.referrals.formats.fhir.elements import parse
from services.referrals.formats.fhir.reading import TAKEN
from services.referrals.store.instruments import SHIPPED
from services.referrals.store.received import Received
from shared.testing.harness import UnderTest
from tests.referrals.fhir.bundles import BASE, EXPRESSIBLE, FHIR_JSON, find, good, issues, put, rich, small, twin, urn
from tests.referrals.pushes import MINIMAL, count, read

EXAMPLE = json.loads((Path(__file__).parents[3] / "services/referrals/examples/referral.json").read_text())

ELADEB = SHIPPED["eladeb-r", "2011"]


async def sent(referrals: UnderTest, bundle: Any, persona: str = "hospital-chu", **headers: str) -> Any:
    """Submit a bundle."""
    async with referrals.client(persona) as client:
        return await client.post(BASE, json=bundle, headers={**FHIR_JSON, **headers})


def referral_of(answer: Any) -> str:
    """The JSON path of the referral that a transaction made."""
    location: str = answer.json()["entry"][1]["response"]["location"]
    return f"/referrals/{location.split('/')[1].split('.')[0]}"


async def received(referrals: UnderTest, path: str) -> list[dict[str, Any]]:
    """The resources as they are kept."""
    async with referrals.app.state.database.transaction() as transaction:
        return list(await Received(transaction).of(UUID(path.rsplit("/", 1)[1])))


async def test_a_transaction_says_where_each_entry_is_in_the_order_of_the_entries(referrals: UnderTest) -> None:
    bundle = rich()
    answer = await sent(referrals, bundle)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/fhir+json; charset=utf-8")
    body = answer.json()
    assert (body["resourceType"], body["type"]) == ("Bundle", "transaction-response")
    kinds = [each["response"]["location"].split("/")[0] for each in body["entry"]]
    assert kinds == [each["resource"]["resourceType"] for each in bundle["entry"]]
    referral = referral_of(answer).rsplit("/", 1)[1]
    ids = {each["response"]["location"].split("/")[1] for each in body["entry"]}
    assert ids == {referral, f"{referral}.1"}
    for each in body["entry"]:
        assert (each["response"]["status"], each["response"]["etag"]) == ("201 Created", 'W/"1"')
        assert each["response"]["lastModified"] == "2026-11-20T09:30:00.000Z"
        assert each["response"]["location"].endswith("/_history/1")


async def test_the_twin_of_a_push_is_the_same_referral(referrals: UnderTest) -> None:
    """Both ways round: the fingerprint of the content is the same by either door."""
    for push in (MINIMAL, EXPRESSIBLE, EXAMPLE):
        async with referrals.client("hospital-chu") as client:
            first = await client.post("/referrals", json=push)
        answer = await sent(referrals, twin(push))
        assert answer.status_code == 200, answer.text
        assert referral_of(answer) == first.headers["location"]
    again = {**MINIMAL, "identifier": {"system": "urn:chu:referral", "value": "other-way"}}
    answer = await sent(referrals, twin(again))
    async with referrals.client("hospital-chu") as client:
        assert (await client.post("/referrals", json=again)).headers["location"] == referral_of(answer)
    assert await count(referrals) == 4
    assert (await read(referrals, referral_of(answer)))["door"] == "fhir"


def in_groups(bundle: Any) -> Any:
    """The same sheets in the form that assessment exports: by spec version, the cards of each scale in their groups."""
    for resource in (entry["resource"] for entry in bundle["entry"]):
        if resource["resourceType"] != "QuestionnaireResponse":
            continue
        resource["questionnaire"] = resource["questionnaire"].replace("|2011", "|0.1.0")
        for scale in resource["item"]:
            name = scale["linkId"]
            if name in ("difficulty", "need"):
                groups: dict[str, list[Any]] = {}
                for item in scale["item"]:
                    group = ELADEB.groups[item["linkId"].partition(".")[2]]
                    groups.setdefault(f"{name}.{group}", []).append(item)
                scale["item"] = [{"linkId": group, "item": items} for group, items in groups.items()]
    return bundle


async def test_a_sheet_by_spec_version_and_in_groups_is_the_same_sheet(referrals: UnderTest) -> None:
    flat = await sent(referrals, twin(EXPRESSIBLE))
    grouped = in_groups(twin(EXPRESSIBLE))
    assert "|0.1.0" in json.dumps(grouped)
    again = await sent(referrals, grouped)
    assert again.status_code == 200, again.text
    assert referral_of(again) == referral_of(flat)
    alone = in_groups(twin({**EXPRESSIBLE, "identifier": {"system": "urn:chu:referral", "value": "grouped"}}))
    for number, entry in enumerate(alone["entry"]):
        if entry["resource"]["resourceType"] == "QuestionnaireResponse":
            entry["resource"]["identifier"]["value"] = f"grouped-{number}"
    found = await read(referrals, referral_of(await sent(referrals, alone)))
    assert found["sheets_checked"] is True


async def test_nothing_that_came_is_lost(referrals: UnderTest) -> None:
    bundle = rich()
    put(bundle, "entry[0].resource.maritalStatus", {"text": "veuve"})
    put(bundle, "entry[0].resource.photo", [{"title": "p"}])
    put(bundle, "entry[3].resource.organization", [{"display": "CHU"}])
    answer = await sent(referrals, bundle)
    kept = {each["resourceType"]: each for each in await received(referrals, referral_of(answer))}
    assert set(kept) == {each["resource"]["resourceType"] for each in bundle["entry"]}
    for each in bundle["entry"]:
        came = each["resource"]
        stands = kept[came["resourceType"]]
        assert without_references(stands) == without_references({**came, "id": stands["id"]})
        parse(TAKEN[came["resourceType"]], stands)
    text = json.dumps(kept)
    assert "urn:uuid" not in text
    assert kept["Task"]["focus"]["reference"] == f"ServiceRequest/{kept['ServiceRequest']['id']}"


def without_references(value: Any) -> Any:
    """A value without its literal references."""
    if isinstance(value, dict):
        return {name: without_references(part) for name, part in value.items() if name != "reference"}
    return [without_references(part) for part in value] if isinstance(value, list) else value


async def test_the_order_of_entries_and_their_names_do_not_make_another_submission(referrals: UnderTest) -> None:
    first = await sent(referrals, rich())
    turned = rich()
    turned["entry"].reverse()
    text = json.dumps(turned, indent=2)
    for number in range(1, 110):
        text = text.replace(urn(number), urn(number + 10_000))
    second = await sent(referrals, json.loads(text))
    assert second.status_code == 200, second.text
    locations = [each["response"]["location"] for each in first.json()["entry"]]
    assert [each["response"]["location"] for each in reversed(second.json()["entry"])] == locations
    assert await count(referrals) == 1


async def test_the_same_bundle_twenty_times_gets_the_same_answer(referrals: UnderTest) -> None:
    for value, identifier in (("r-1", None), ("r-2", {"system": "urn:chu:messages", "value": "m-1"})):
        bundle = rich(value)
        bundle |= {"identifier": identifier} if identifier else {}
        bundle["entry"][5]["resource"]["identifier"]["value"] = f"s-{value}"
        answers = []
        for _ in range(20):
            answers.append(await sent(referrals, bundle))
            referrals.clock.move(days=1)
        assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert await count(referrals) == 2


async def test_a_message_id_stands_for_one_content_for_thirty_days(referrals: UnderTest) -> None:
    named = {"identifier": {"system": "urn:chu:messages", "value": "m-1"}}
    first = await sent(referrals, {**small("a"), **named})
    later = await sent(referrals, {**small("a"), **named, "timestamp": "2026-11-20T10:00:00Z"})
    assert later.content == first.content
    other = await sent(referrals, {**small("b"), **named})
    assert (other.status_code, issues(other.json())) == (409, {("message-id-reused", "Bundle.identifier")})
    async with referrals.client("hospital-other") as client:
        assert (await client.post(BASE, json={**small("b"), **named}, headers=FHIR_JSON)).status_code == 200
    referrals.clock.move(days=31)
    assert (await sent(referrals, {**small("b"), **named})).status_code == 200


async def test_other_content_under_a_known_identifier_is_409_and_says_where(referrals: UnderTest) -> None:
    await sent(referrals, good())
    other = good()
    put(other, "entry[0].resource.name[0].family", "Autre")
    answer = await sent(referrals, other)
    expected = {("identifier-reused", "Bundle.entry[1].resource.identifier[0].value")}
    assert (answer.status_code, issues(answer.json())) == (409, expected)
    assert await count(referrals) == 1


async def test_a_sheet_identifier_stands_for_one_sheet(referrals: UnderTest) -> None:
    await sent(referrals, good("a"))
    other = good("b")
    put(other, "entry[5].resource.item[0].item[0].answer[0].valueCoding.code", "3")
    answer = await sent(referrals, other)
    assert (answer.status_code, issues(answer.json())) == (
        409,
        {("identifier-reused", "Bundle.entry[5].resource.identifier")},
    )
    assert (await sent(referrals, good("c"))).status_code == 200
    assert await count(referrals) == 2


async def test_a_message_that_came_along_stands_on_the_referral_once(referrals: UnderTest) -> None:
    for _ in range(2):
        path = referral_of(await sent(referrals, rich()))
    [message] = (await read(referrals, path))["messages"]
    assert (message["kind"], message["actor"], message["text"]) == (
        "message",
        "sender",
        "Préfère être appelée le matin",
    )
    other = rich()
    put(other, "entry[11].resource.payload[0].contentString", "Préfère le soir")
    answer = await sent(referrals, other)
    assert (answer.status_code, issues(answer.json())) == (
        409,
        {("identifier-reused", "Bundle.entry[11].resource.payload")},
    )


async def test_a_condition_finds_its_own_referral_and_equal_conditions_are_one_resource(referrals: UnderTest) -> None:
    bundle = small("x")
    put(bundle, "entry[1].request.ifNoneExist", "identifier=urn:chu:referral|x")
    bundle["entry"].append({**bundle["entry"][1], "fullUrl": urn(77)})
    put(bundle, "entry[2].resource.focus.reference", urn(77))
    first, second = await sent(referrals, bundle), await sent(referrals, bundle)
    told = [[each["response"]["status"] for each in answer.json()["entry"]] for answer in (first, second)]
    assert told[0] == ["201 Created"] * 5
    assert told[1] == ["201 Created", "200 OK", "201 Created", "201 Created", "200 OK"]
    assert (
        len({answer.json()["entry"][number]["response"]["location"] for answer in (first, second) for number in (1, 4)})
        == 1
    )
    assert await count(referrals) == 1


async def test_a_condition_that_fits_two_referrals_is_412(referrals: UnderTest) -> None:
    for system in ("urn:chu:one", "urn:chu:two"):
        bundle = small("x")
        put(bundle, "entry[1].resource.identifier[0].system", system)
        await sent(referrals, bundle)
    put(bundle, "entry[1].request.ifNoneExist", "identifier=x")
    answer = await sent(referrals, bundle)
    expected = {("several-matches", "Bundle.entry[1].request.ifNoneExist")}
    assert (answer.status_code, issues(answer.json())) == (412, expected)


async def test_the_client_chooses_how_much_it_gets_back(referrals: UnderTest) -> None:
    bundle = rich()
    minimal = (await sent(referrals, bundle, prefer="return=minimal")).json()
    assert all(set(each) == {"response"} for each in minimal["entry"])
    whole = (await sent(referrals, bundle, prefer="return=representation")).json()
    assert find(whole, "Patient")["birthDate"] == "1950-02-03"
    assert find(whole, "Task")["meta"] == {"versionId": "1", "lastUpdated": "2026-11-20T09:30:00.000Z"}
    told = (await sent(referrals, bundle, prefer="return=OperationOutcome")).json()
    assert all(issues(each["response"]["outcome"]) == {("done", "")} for each in told["entry"])


async def test_a_known_patient_can_be_referred_again_without_being_sent_again(referrals: UnderTest) -> None:
    path = referral_of(await sent(referrals, good("a")))
    patient = f"Patient/{path.rsplit('/', 1)[1]}"
    bundle = json.loads(json.dumps(small("b")).replace(urn(1), patient))
    del bundle["entry"][0]
    answer = await sent(referrals, bundle)
    assert answer.status_code == 200, answer.text
    person = await read(referrals, f"/referrals/{answer.json()['entry'][0]['response']['location'].split('/')[1]}")
    assert person["document"]["person"] == (await read(referrals, path))["document"]["person"]
    stranger = await sent(referrals, bundle, "hospital-other")
    assert stranger.status_code == 404
    assert {code for code, _ in issues(stranger.json())} == {"unknown-reference"}
    unknown = json.loads(json.dumps(bundle).replace(patient, "Patient/01a201af-8381-755a-adb9-03aa2f298f5c"))
    same = await sent(referrals, unknown, "hospital-other")
    assert (same.status_code, issues(same.json())) == (stranger.status_code, issues(stranger.json()))


async def test_an_odd_doctor_s_number_is_a_warning_at_its_place(referrals: UnderTest) -> None:
    bundle = rich()
    put(bundle, "entry[8].resource.identifier[0].value", "10000100004")
    answer = await sent(referrals, bundle, prefer="return=OperationOutcome")
    assert answer.status_code == 200
    told = answer.json()["entry"][8]["response"]["outcome"]["issue"]
    assert [(each["severity"], each["details"]["coding"][0]["code"]) for each in told] == [
        ("warning", "nihdi-check-digits"),
        ("information", "done"),
    ]
    assert told[0]["expression"] == ["Bundle.entry[8].resource.identifier[0].value"]


async def test_everything_in_a_bundle_is_about_one_person(referrals: UnderTest) -> None:
    path = referral_of(await sent(referrals, small("first")))
    bundle = small("second")
    put(bundle, "entry[3].resource.patient.reference", f"Patient/{path.rsplit('/', 1)[1]}")
    answer = await sent(referrals, bundle)
    expected = {("other-person", "Bundle.entry[3].resource.patient")}
    assert (answer.status_code, issues(answer.json())) == (422, expected)
    assert await count(referrals) == 1
