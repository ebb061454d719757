"""Organisations: their numbers, how they are reached, and what others have learnt about working with them."""

from typing import Any

from shared.testing.harness import UnderTest
from tests.referrals.directory.entries import ORGANISATIONS, PROGRAMME, send
from tests.referrals.pushes import faults

CENTRE = f"{ORGANISATIONS}/centre"
WHOLE: dict[str, Any] = {
    "name": "Centre de coordination (fictif)",
    "kind": "coordination-centre",
    "cbe": "0403.019.261",
    "nihdi": "71000436000",
    "languages": ["fr", "de"],
    "channel": "email-notice",
    "email": "accueil@centre.example",
    "phone": "+32 4 000 00 00",
    "website": "https://centre.example",
    "endpoint": "https://fhir.centre.example/r4",
    "address": {"street": "Rue du Centre", "house_number": "1", "postal_code": "4000", "nis_code": "62063"},
    "mission": "Coordonne les soins à domicile.",
    "programmes": ["valley"],
}


async def test_an_organisation_says_who_it_is_and_how_it_is_reached(referrals: UnderTest) -> None:
    await send(referrals, "operator", "PUT", "/referrals/programmes/valley", PROGRAMME)
    answer = await send(referrals, "operator", "PUT", CENTRE, WHOLE)
    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert (view["cbe"], view["languages"], view["channel"]) == ("0403019261", ["de", "fr"], "email-notice")
    assert (view["address"]["street"], view["active"], view["stale"]) == ("Rue du Centre", True, False)
    light = await send(referrals, "operator", "PUT", CENTRE, {"name": "Centre", "kind": "coordination-centre"})
    assert (light.json()["name"], light.json()["mission"]) == ("Centre", WHOLE["mission"]), "what is left out stays"
    gone = await send(referrals, "operator", "PUT", CENTRE, {"name": "Centre", "kind": "other", "cbe": None})
    assert (gone.json()["cbe"], gone.json()["nihdi"]) == (None, "71000436000")
    stale = await send(referrals, "operator", "PUT", CENTRE, WHOLE, '"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")


REFUSED: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"cbe": "0403019262"}, ("/cbe", "cbe-check-digits")),
    ({"nihdi": "7100043600"}, ("/nihdi", "wrong-format")),
    ({"channel": "ehealthbox"}, ("/channel", "not-available-yet")),
    ({"email": None}, ("/email", "required")),
    ({"endpoint": "http://fhir.centre.example"}, ("/endpoint", "wrong-format")),
    ({"programmes": ["nowhere"]}, ("/programmes/0", "unknown-programme")),
    ({"doctor": "x"}, ("/doctor", "unknown-field")),
]


async def test_a_number_or_a_channel_that_cannot_be_is_refused(referrals: UnderTest) -> None:
    await send(referrals, "operator", "PUT", "/referrals/programmes/valley", PROGRAMME)
    for wrong, fault in REFUSED:
        answer = await send(referrals, "operator", "PUT", CENTRE, {**WHOLE, **wrong})
        assert (answer.status_code, faults(answer)) == (422, {fault}), wrong


async def test_odd_check_digits_of_a_nihdi_number_warn_and_are_kept(referrals: UnderTest) -> None:
    body = {"name": "C", "kind": "other", "nihdi": "71000400000"}
    answer = await send(referrals, "operator", "PUT", CENTRE, body)
    assert (answer.status_code, answer.json()["warnings"]) == (200, ["nihdi-check-digits"])


async def test_an_organisation_goes_stale_until_somebody_verifies_it(referrals: UnderTest) -> None:
    referrals.clock.move(days=190)
    before = await send(referrals, "line-nurse", "GET", CENTRE)
    assert before.json()["stale"] is True
    missing = await send(referrals, "coordinator", "POST", f"{CENTRE}/verification", {})
    assert missing.status_code == 428
    after = await send(referrals, "coordinator", "POST", f"{CENTRE}/verification", {}, before.headers["etag"])
    assert (after.status_code, after.json()["stale"]) == (201, False)


async def test_know_how_belongs_to_the_organisation_that_learnt_it(referrals: UnderTest) -> None:
    text = {"text": "Le secrétariat répond surtout le matin."}
    note = await send(referrals, "line-nurse", "POST", f"{CENTRE}/notes", text, '"1"')
    assert (note.status_code, note.json()["author"], note.json()["number"]) == (201, "relais", 1)
    theirs = await send(referrals, "hospital-chu", "POST", f"{CENTRE}/notes", {"text": "Joignable par fax."}, '"2"')
    assert (theirs.json()["author"], theirs.json()["number"]) == ("chu", 2)

    async def seen(persona: str) -> list[int]:
        items = (await send(referrals, persona, "GET", f"{CENTRE}/notes")).json()["items"]
        return [item["number"] for item in items]

    for persona, numbers in {
        "case-manager-social-worker": [1, 2],
        "coordinator": [1, 2],
        "hospital-chu": [2],
        "partner-centre": [],
    }.items():
        assert await seen(persona) == numbers, persona
    assert (await send(referrals, "analyst", "GET", f"{CENTRE}/notes")).status_code == 403
    foreign = await send(referrals, "case-manager-nurse", "POST", f"{CENTRE}/notes/2/retirement", None, '"3"')
    assert (foreign.status_code, foreign.json()["code"]) == (403, "not-your-organisation")
    colleague = await send(referrals, "case-manager-nurse", "POST", f"{CENTRE}/notes/1/retirement", None, '"3"')
    assert colleague.status_code == 201
    assert colleague.json()["retired_on"] is not None
    assert await seen("line-nurse") == [1, 2], "a retired note stays readable"
    assert (
        await send(referrals, "coordinator", "POST", f"{CENTRE}/notes/9/retirement", None, '"4"')
    ).status_code == 404
    told = str(await referrals.announced())
    assert "matin" not in told
    assert "fax" not in told
