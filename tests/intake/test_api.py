"""The routes of the person index, on a real database."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

from fastapi.routing import APIRoute

from services.intake.app import service
from shared.access import rules_of
from shared.testing.harness import UnderTest
from tests.intake.people import ODETTE, faults, followed, grades, niss_of, registered, told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

NISS, OTHER_NISS = niss_of(1950, 2, 3, 12), niss_of(1950, 2, 3, 14)
FULL: dict[str, Any] = {
    **ODETTE,
    "niss": f"{NISS[:6]}-{NISS[6:9]}.{NISS[9:]}",
    "hospital_numbers": [{"organisation": "chu", "number": " A1 "}],
    "phones": ["0470 12 34 56", "+32470123456"],
    "email": "odette@example.org",
    "address": {"street": "Rue Neuve", "postal_code": "4000", "city": "Liège"},
    "gender": "female",
    "language": "fr",
}


def test_every_route_names_one_access_rule() -> None:
    assert len(service.router.routes) >= 12
    for route in service.router.routes:
        assert isinstance(route, APIRoute)
        assert len(list(rules_of(route.dependant))) == 1, route.path


# Registering and reading


async def test_a_registered_person_is_read_back_in_normal_form(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        made = await nurse.post("/intake/persons", json=FULL)
        assert made.status_code == 201, made.text
        person = made.json()
        assert (person["niss"], person["phones"]) == (NISS, ["+32470123456"])
        assert person["hospital_numbers"] == [{"organisation": "chu", "number": "A1"}]
        assert made.headers["location"] == f"/intake/persons/{person['id']}"
        read = await nurse.get(made.headers["location"])
        assert (read.json(), read.headers["etag"]) == (person, made.headers["etag"])
        assert await intake.announced() == [
            ("intake.person-registered.v1", {"person_id": person["id"], "language": "fr"})
        ]


async def test_referrals_pulls_what_an_organisation_needs_of_a_person_and_no_more(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        person = (await nurse.post("/intake/persons", json=FULL)).json()
        path = f"/intake/persons/{person['id']}/card"
        async with intake.client("service-referrals") as referrals:
            card = await referrals.get(path)
            unknown = await referrals.get(f"/intake/persons/{uuid4()}/card")
        kept_back = {"niss", "hospital_numbers", "email", "registered_at"}
        kept_back |= {"contact_points", "deceased_on", "lives_alone", "preferred_channel"}
        assert card.json() == {name: value for name, value in person.items() if name not in kept_back}
        assert unknown.status_code == 404
        for persona in ("line-nurse", "service-cases"):
            async with intake.client(persona) as other:
                assert (await other.get(path)).status_code == 403


async def test_another_programme_pulls_no_card(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        person = (await nurse.post("/intake/persons", json=FULL)).json()
        async with intake.client("service-referrals", org_id="elsewhere") as other:
            assert (await other.get(f"/intake/persons/{person['id']}/card")).status_code == 404


BAD_PEOPLE: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"nickname": "x"}, ("/nickname", "unknown-field")),
    ({"family_name": 5}, ("/family_name", "wrong-type")),
    ({"family_name": "..."}, ("/family_name", "no-letters")),
    ({"niss": "85073003327"}, ("/niss", "niss-check-digits")),
    ({"niss": niss_of(2026, 12, 24, 1)}, ("/niss", "in-future")),
    ({"birth_date": "2026-11-21"}, ("/birth_date", "in-future")),
    ({"birth_date": "1850-01-01"}, ("/birth_date", "out-of-range")),
    ({"birth_date": 5000}, ("/birth_date", "wrong-type")),
    ({"birth_date": "1950-02-03T00:00:00"}, ("/birth_date", "wrong-format")),
    ({"phones": ["0470 12 34 56", "hello"]}, ("/phones/1", "phone-number")),
    ({"email": "nobody"}, ("/email", "wrong-format")),
    ({"gender": "f"}, ("/gender", "not-one-of")),
    ({"address": {"postal_code": "400"}}, ("/address/postal_code", "wrong-format")),
    ({"hospital_numbers": [{"organisation": "chu", "number": "  "}]}, ("/hospital_numbers/0/number", "too-short")),
]
"""What is wrong with somebody to register, and the fault that says so."""


async def test_bad_input_is_pointed_at_and_never_echoed(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        for change, fault in BAD_PEOPLE:
            answer = await nurse.post("/intake/persons", json={**ODETTE, **change})
            assert (answer.status_code, fault in faults(answer)) == (422, True), (fault, answer.text)
            assert "Lambert" not in answer.text
            assert [value for value in change.values() if len(str(value)) > 2 and str(value) in answer.text] == []
        assert await intake.types() == []


async def test_whom_the_index_certainly_has_is_not_registered_again(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        known = await registered(intake, niss=NISS)
        same_niss = {"family_name": "Dupont", "given_names": "Luc", "niss": NISS}
        for again in (ODETTE, same_niss):
            answer = await nurse.post("/intake/persons", json=again)
            assert (answer.status_code, answer.json()["code"]) == (409, "already-registered")
            assert answer.json()["person_id"] == known
        assert (await nurse.post("/intake/persons", json={**ODETTE, "niss": OTHER_NISS})).status_code == 201


async def test_only_the_line_registers_people(run_service: Run) -> None:
    async with run_service("intake") as intake:
        for persona in ["hospital-chu", "partner-centre", "analyst", "coordinator", "operator"]:
            async with intake.client(persona) as other:
                assert (await other.post("/intake/persons", json=ODETTE)).status_code == 403


async def test_without_a_token_nothing_is_answered(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client() as nobody:
        for path in ("/intake/contacts", "/intake/identity-reviews", f"/intake/persons/{uuid4()}"):
            assert (await nobody.get(path)).status_code == 401
        for path in ("/intake/contacts", "/intake/persons", "/intake/persons/search", "/intake/persons/lookup"):
            assert (await nobody.post(path, json={})).status_code == 401


async def test_another_organisation_sees_nobody_of_ours(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse", org_id="other") as stranger:
        known = await registered(intake, niss=NISS)
        path = f"/intake/persons/{known}"
        assert (await stranger.get(path)).status_code == 404
        assert (await stranger.patch(path, json={}, headers={"if-match": '"1"'})).status_code == 404
        assert (await stranger.post("/intake/persons/search", json={"niss": NISS})).json()["items"] == []
        assert (await stranger.post("/intake/persons/lookup", json={"ids": [known]})).json()["items"] == []
        assert (await stranger.post("/intake/persons", json={**ODETTE, "niss": NISS})).status_code == 201


# Correcting


async def test_a_merge_patch_replaces_removes_and_leaves(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("case-manager-nurse") as manager:
        person_id = await registered(intake, FULL)
        await followed(intake, person_id)
        path = f"/intake/persons/{person_id}"
        changes = {"family_name": "Lambrecht", "email": None, "phones": None, "address": {"street": None, "box": "3"}}
        answer = await manager.patch(path, json=changes, headers={"if-match": '"1"'})
        assert answer.status_code == 200, answer.text
        assert answer.headers["etag"] == '"2"'
        person = answer.json()
        assert (person["family_name"], person["given_names"], person["email"]) == ("Lambrecht", "Odette", None)
        assert (person["phones"], person["niss"]) == ([], NISS)
        assert (person["address"]["street"], person["address"]["box"]) == (None, "3")
        assert person["address"]["city"] == "Liège"
        assert (await manager.get(path)).json() == person
        assert await told(intake, "person-updated") == [{"person_id": person["id"], "language": "fr"}]


async def test_a_corrected_person_is_found_by_the_new_name_alone(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        known = await registered(intake)
        patched = await nurse.patch(
            f"/intake/persons/{known}", json={"family_name": "Dupont"}, headers={"if-match": '"1"'}
        )
        assert patched.status_code == 200
        new, old = [
            (await nurse.post("/intake/persons/search", json={"name": name})).json()["items"]
            for name in ("Dupont", "Lambert")
        ]
        assert (list(grades(new)), old) == ([known], [])


async def test_a_correction_that_changes_nothing_is_not_told(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        path = f"/intake/persons/{await registered(intake)}"
        for nothing in ({}, {"family_name": "Lambert"}, {"email": None}):
            answer = await nurse.patch(path, json=nothing, headers={"if-match": '"1"'})
            assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
        assert await told(intake, "person-updated") == []


async def test_a_correction_needs_the_version_last_seen(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        path = f"/intake/persons/{await registered(intake)}"
        assert (await nurse.patch(path, json={"email": "a@example.org"})).status_code == 428
        assert (
            await nurse.patch(path, json={"email": "a@example.org"}, headers={"if-match": '"1"'})
        ).status_code == 200
        stale = await nurse.patch(path, json={"email": "b@example.org"}, headers={"if-match": '"1"'})
        assert (stale.status_code, stale.json()["etag"]) == (412, '"2"')


BAD_CORRECTIONS: list[tuple[dict[str, Any], str]] = [
    ({"family_name": None}, "/family_name"),
    ({"birth_date": "2030-01-01"}, "/birth_date"),
    ({"niss": "1"}, "/niss"),
    ({"id": "x"}, "/id"),
    ({"address": {"planet": "Mars"}}, "/address/planet"),
]
"""A correction, and the place of its fault."""


async def test_a_bad_correction_changes_nothing(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        path = f"/intake/persons/{await registered(intake)}"
        for change, pointer in BAD_CORRECTIONS:
            answer = await nurse.patch(path, json=change, headers={"if-match": '"1"'})
            assert (answer.status_code, {place for place, _ in faults(answer)}) == (422, {pointer})
        assert (await nurse.get(path)).headers["etag"] == '"1"'


async def test_nobody_gets_the_niss_of_somebody_else(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        holder = await registered(intake, niss=NISS)
        other = await registered(intake, {"family_name": "Dupont", "given_names": "Luc"})
        answer = await nurse.patch(f"/intake/persons/{other}", json={"niss": NISS}, headers={"if-match": '"1"'})
        assert (answer.status_code, answer.json()["person_id"]) == (409, holder)
        assert (await nurse.get(f"/intake/persons/{other}")).json()["niss"] is None


async def test_a_coordinator_may_read_but_not_correct(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        path = f"/intake/persons/{await registered(intake)}"
        assert (await coordinator.get(path)).status_code == 200
        assert (await coordinator.patch(path, json={}, headers={"if-match": '"1"'})).status_code == 403


# Searching


async def test_search_grades_whom_it_finds_and_says_why(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        odette = await registered(intake, niss=NISS, phones=["042222222"])
        marie = await registered(intake, {"family_name": "Lambert", "given_names": "Marie"})
        await registered(intake, {"family_name": "Dupont", "given_names": "Luc"})

        async def found(**terms: str) -> dict[str, str]:
            answer = await nurse.post("/intake/persons/search", json=terms)
            assert answer.status_code == 200, answer.text
            return grades(answer.json()["items"])

        assert await found(name="ODETTE lambèrt", birth_date="1950-02-03") == {odette: "certain"}
        assert await found(niss=NISS) == {odette: "certain"}
        assert await found(phone="+32 4 222 22 22") == {odette: "probable"}
        assert await found(birth_date="1950-02-03") == {odette: "possible"}
        assert await found(name="Lambert Marie") == {marie: "probable", odette: "possible"}
        assert list(await found(name="Lambert Marie")) == [marie, odette]
        assert await found(niss=OTHER_NISS) == {}
        [first] = (await nurse.post("/intake/persons/search", json={"phone": "042222222"})).json()["items"]
        assert first["reasons"] == ["phone-same"]
        assert first["person"].keys() == {
            *("id", "family_name", "given_names", "birth_date", "gender", "language", "merged_into")
        }


async def test_a_search_without_a_term_is_refused(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        for nothing in ({}, {"name": None}):
            answer = await nurse.post("/intake/persons/search", json=nothing)
            assert (answer.status_code, faults(answer)) == (422, {("", "required")})


async def test_a_case_manager_does_not_search_the_index(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("case-manager-nurse") as manager:
        assert (await manager.post("/intake/persons/search", json={"name": "Lambert"})).status_code == 403


async def test_lookup_gives_short_cards_and_leaves_unknown_ids_out(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("case-manager-nurse") as manager:
        known = await registered(intake, FULL)
        await followed(intake, known)
        answer = await manager.post("/intake/persons/lookup", json={"ids": [known, str(uuid4())]})
        assert answer.status_code == 200
        [card] = answer.json()["items"]
        assert (card["id"], card["family_name"]) == (known, "Lambert")
        assert "niss" not in card
        too_many = await manager.post("/intake/persons/lookup", json={"ids": [str(uuid4())] * 201})
        assert (too_many.status_code, faults(too_many)) == (422, {("/ids", "too-long")})


async def test_no_term_of_a_search_travels_in_a_url(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client() as anybody:
        paths = (await anybody.get("/intake/openapi.json")).json()["paths"]
        named = {
            each["name"] for path in paths.values() for step in path.values() for each in step.get("parameters", [])
        }
        assert "person_id" in named
        assert not named & {"niss", "name", "family_name", "phone", "birth_date", "email"}
