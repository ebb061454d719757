"""Every error of the FHIR door is one OperationOutcome, in the client's language, and holds nobody's data."""

import json
from pathlib import Path

from services.referrals.formats.fhir.outcome import TEXTS
from services.referrals.formats.fhir.resources.exchange import IssueType
from shared.testing.harness import UnderTest
from tests.referrals.fhir.bundles import BASE, FHIR_JSON, good, issues, put, small
from tests.referrals.pushes import count

BAD_REQUESTS: tuple[tuple[int, str, str, bytes, dict[str, str]], ...] = (
    (400, "POST", BASE, b"{", FHIR_JSON),
    (400, "POST", BASE, b"<Bundle/>", FHIR_JSON),
    (400, "POST", BASE, b'{"resourceType":"Bundle","resourceType":"Bundle"}', FHIR_JSON),
    (400, "POST", f"{BASE}?_foo=1", b"{}", FHIR_JSON),
    (404, "GET", f"{BASE}/Nothing", b"", {}),
    (405, "DELETE", BASE, b"", {}),
    (406, "POST", BASE, b"{}", {**FHIR_JSON, "accept": "application/fhir+xml"}),
    (406, "POST", f"{BASE}?_format=xml", b"{}", FHIR_JSON),
    (413, "POST", BASE, b" " * (5 * 1024 * 1024), FHIR_JSON),
    (415, "POST", BASE, b"<Bundle/>", {"content-type": "application/fhir+xml"}),
    (415, "POST", BASE, b"a,b", {"content-type": "text/csv"}),
    (422, "POST", BASE, b'{"resourceType":"Bundle","type":"\\u0000"}', FHIR_JSON),
)


async def test_whatever_is_wrong_the_answer_is_one_outcome(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu") as client:
        for status, method, path, body, headers in BAD_REQUESTS:
            answer = await client.request(method, path, content=body, headers=headers)
            assert answer.status_code == status, (path, body[:50], answer.text)
            assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
            assert issues(answer.json())
    assert await count(referrals) == 0


async def test_without_a_token_or_the_right_role_too(referrals: UnderTest) -> None:
    for persona, status in ((None, 401), ("analyst", 403), ("case-manager-nurse", 403)):
        async with referrals.client(persona) as client:
            answer = await client.post(BASE, json=small(), headers=FHIR_JSON)
        assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
        assert answer.json()["issue"][0]["code"] in ("login", "forbidden")


async def test_an_organisation_that_the_directory_does_not_know_is_refused(referrals: UnderTest) -> None:
    async with referrals.client("hospital-chu", org_id="clinic") as client:
        answer = await client.post(BASE, json=small(), headers=FHIR_JSON)
    assert (answer.status_code, {code for code, _ in issues(answer.json())}) == (422, {"unknown-organisation"})


WORDS = {
    "fr-BE": "Cet élément est obligatoire.",
    "nl": "Dit element is verplicht.",
    "de-BE,fr;q=0.5": "Dieses Element ist Pflicht.",
    "en": "This element is required.",
}


async def test_words_come_in_the_language_of_the_client(referrals: UnderTest) -> None:
    bundle = small()
    del bundle["entry"][1]["resource"]["subject"]
    async with referrals.client("hospital-chu") as client:
        for accepted, text in WORDS.items():
            answer = await client.post(BASE, json=bundle, headers={**FHIR_JSON, "accept-language": accepted})
            [issue] = answer.json()["issue"]
            assert (issue["severity"], issue["code"], issue["details"]["text"]) == ("error", "required", text)
            assert issue["expression"] == ["Bundle.entry[1].resource.subject"]


async def test_all_faults_are_told_together(referrals: UnderTest) -> None:
    bundle = good()
    put(bundle, "entry[0].resource.identifier[0].value", "50020300104")
    put(bundle, "entry[1].resource.status", "draft")
    put(bundle, "entry[5].resource.item[0].item[0].answer[0].valueCoding.code", "9")
    async with referrals.client("hospital-chu") as client:
        answer = await client.post(BASE, json=bundle, headers=FHIR_JSON)
    assert issues(answer.json()) >= {
        ("niss-check-digits", "Bundle.entry[0].resource.identifier[0].value"),
        ("wrong-status", "Bundle.entry[1].resource.status"),
    }


async def test_an_unknown_field_that_could_be_somebody_s_name_is_not_repeated(referrals: UnderTest) -> None:
    bundle = small()
    bundle["entry"][0]["resource"]["Odette Lambert"] = True
    async with referrals.client("hospital-chu") as client:
        answer = await client.post(BASE, json=bundle, headers=FHIR_JSON)
    assert "Odette" not in answer.text
    assert issues(answer.json()) == {("unknown-field", "Bundle.entry[0].resource")}


def test_every_code_has_a_type_of_fhir_and_words_in_four_languages() -> None:
    table = json.loads((Path(__file__).parents[3] / "services/referrals/formats/fhir/issues.json").read_text())
    for code, row in table.items():
        assert IssueType(row["type"])
        assert all(row[language].strip() for language in ("fr", "nl", "de", "en")), code
    assert len(TEXTS) == len(table)
