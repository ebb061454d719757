"""History, relatives and proxies, telephones with their kind, and death, on a real database."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

import pytest

from shared.testing.harness import UnderTest
from tests.intake.people import ODETTE, faults, receive, registered, told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

SEEN = {"if-match": '"1"'}


async def test_every_change_is_kept_with_what_stood_there_before_and_who_changed_it(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        path = f"/intake/persons/{await registered(intake, phones=['04 222 22 22'])}"
        change = {"family_name": "Lamberts", "phones": ["0470 12 34 56"]}
        assert (await nurse.patch(path, json=change, headers=SEEN)).status_code == 200
        await receive(intake, {**ODETTE, "family_name": "Lamberts", "email": "odette@example.org"})
        page = (await nurse.get(f"{path}/history")).json()
        assert [(each["by"], each["before"]) for each in page["items"]] == [
            ("intake", {"email": None}),
            ("line-nurse", {"family_name": "Lambert", "phones": ["+3242222222"]}),
        ]
        assert page["items"][1]["fields"] == ["family_name", "phones"]
        first = (await nurse.get(f"{path}/history", params={"limit": 1})).json()
        rest = await nurse.get(f"{path}/history", params={"limit": 1, "cursor": first["next"]})
        assert rest.json()["items"] == page["items"][1:]


async def test_a_change_that_changes_nothing_leaves_no_trace(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        path = f"/intake/persons/{await registered(intake)}"
        assert (await nurse.patch(path, json={"family_name": "Lambert"}, headers=SEEN)).headers["etag"] == '"1"'
        assert (await nurse.get(f"{path}/history")).json()["items"] == []


async def test_a_telephone_has_a_kind_and_one_is_tried_first(run_service: Run) -> None:
    points: list[dict[str, Any]] = [
        {"phone": "0470 12 34 56", "kind": "mobile", "preferred": True},
        {"phone": "04 222 22 22", "kind": "relative"},
    ]
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        path = f"/intake/persons/{await registered(intake, contact_points=points, preferred_channel='letter')}"
        person = (await nurse.get(path)).json()
        assert person["phones"] == ["+32470123456", "+3242222222"]
        assert (person["contact_points"][0]["preferred"], person["preferred_channel"]) == (True, "letter")
        left = (await nurse.patch(path, json={"phones": ["042222222"]}, headers=SEEN)).json()
        assert [each["phone"] for each in left["contact_points"]] == ["+3242222222"]
        twice = [{**each, "preferred": True} for each in points]
        answer = await nurse.patch(path, json={"contact_points": twice}, headers={"if-match": '"2"'})
        assert (answer.status_code, faults(answer)) == (422, {("/contact_points", "more-than-one-preferred")})


async def test_a_death_is_told_once_corrected_and_taken_back(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake)
        path = f"/intake/persons/{person}"
        death = {"on": "2026-11-18", "source": "relative"}
        first = await nurse.post(f"{path}/death", json=death, headers=SEEN)
        assert (first.status_code, first.headers["etag"]) == (201, '"2"')
        again = await nurse.post(f"{path}/death", json=death, headers={"if-match": '"2"'})
        assert again.headers["etag"] == '"2"'
        await nurse.post(f"{path}/death", json={**death, "on": "2026-11-17"}, headers={"if-match": '"2"'})
        assert (await nurse.get(path)).json()["deceased_on"] == "2026-11-17"
        assert await told(intake, "person-died") == [
            {"person_id": person, "on": "2026-11-18"},
            {"person_id": person, "on": "2026-11-17"},
        ]
        assert (await nurse.delete(f"{path}/death", headers={"if-match": '"2"'})).status_code == 412
        assert (await nurse.delete(f"{path}/death", headers={"if-match": '"3"'})).status_code == 204
        assert (await nurse.get(path)).json()["deceased_on"] is None
        assert await told(intake, "death-withdrawn") == [{"person_id": person}]


@pytest.mark.parametrize(
    ("death", "fault"),
    [
        ({"on": "2026-11-21", "source": "relative"}, ("/on", "in-future")),
        ({"on": "1949-01-01", "source": "relative"}, ("/on", "before-birth")),
        ({"on": "2026-11-18", "source": "gossip"}, ("/source", "not-one-of")),
        ({"source": "relative"}, ("/on", "required")),
    ],
)
async def test_an_impossible_death_is_refused(run_service: Run, death: dict[str, str], fault: tuple[str, str]) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        path = f"/intake/persons/{await registered(intake)}"
        answer = await nurse.post(f"{path}/death", json=death, headers=SEEN)
        assert (answer.status_code, faults(answer)) == (422, {fault})
        assert (await nurse.get(path)).headers["etag"] == '"1"'


async def test_relatives_and_proxies_are_people_of_the_index_or_names(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake)
        daughter = await registered(intake, {"family_name": "Lambert", "given_names": "Anne"})
        path = f"/intake/persons/{person}"
        known = {"code": "child", "mandates": ["trusted-person", "proxy"], "other_id": daughter}
        lawyer = {
            "code": "professional",
            "mandates": ["property-administrator"],
            "name": "Me Dubois",
            "phone": "042222222",
        }
        assert (await nurse.post(f"{path}/relations", json=known)).status_code == 201
        made = await nurse.post(f"{path}/relations", json={**lawyer, "since": "2025-01-01"})
        assert (made.status_code, made.json()["phone"]) == (201, "+3242222222")
        shown = (await nurse.get(f"{path}/relations")).json()["items"]
        assert [(each["code"], each["mandates"]) for each in shown] == [
            ("child", ["trusted-person", "proxy"]),
            ("professional", ["property-administrator"]),
        ]
        assert (await nurse.delete(made.headers["location"])).status_code == 204
        assert (await nurse.delete(made.headers["location"])).status_code == 404
        assert len((await nurse.get(f"{path}/relations")).json()["items"]) == 1
        assert (await nurse.get(path)).headers["etag"] == '"4"'


@pytest.mark.parametrize(
    ("relation", "fault"),
    [
        ({"code": "child"}, ("/name", "required")),
        ({"code": "child", "name": "?"}, ("/name", "no-letters")),
        ({"code": "child", "name": "Anne", "phone": "call me"}, ("/phone", "phone-number")),
        ({"code": "cousin", "name": "Anne"}, ("/code", "not-one-of")),
        ({"code": "child", "other_id": str(uuid4())}, ("/other_id", "unknown")),
        ({"code": "child", "name": "Anne", "since": "2026-01-02", "until": "2026-01-01"}, ("/until", "before-start")),
    ],
)
async def test_a_relation_that_cannot_be_is_refused(
    run_service: Run, relation: dict[str, Any], fault: tuple[str, str]
) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        path = f"/intake/persons/{await registered(intake)}"
        answer = await nurse.post(f"{path}/relations", json=relation)
        assert (answer.status_code, faults(answer)) == (422, {fault})


async def test_nobody_is_related_to_oneself(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake)
        answer = await nurse.post(f"/intake/persons/{person}/relations", json={"code": "child", "other_id": person})
        assert (answer.status_code, faults(answer)) == (422, {("/other_id", "oneself")})


async def test_another_programme_sees_nothing_of_a_person(run_service: Run) -> None:
    async with run_service("intake") as intake:
        path = f"/intake/persons/{await registered(intake)}"
        async with intake.client("line-nurse", org_id="elsewhere") as stranger:
            for part in ("history", "relations", "overview"):
                assert (await stranger.get(f"{path}/{part}")).status_code == 404
            body = {"on": "2026-11-18", "source": "relative"}
            assert (await stranger.post(f"{path}/death", json=body, headers=SEEN)).status_code == 404


async def test_a_commune_narrows_a_search_and_finds_nobody_alone(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        here = await registered(intake, address={"postal_code": "4000", "nis_code": "62063"})
        await registered(intake, {**ODETTE, "given_names": "Marie"}, address={"postal_code": "5000"})
        found = await nurse.post("/intake/persons/search", json={"name": "Lambert", "postal_code": "4000"})
        [only] = found.json()["items"]
        assert (only["person"]["id"], only["reasons"]) == (here, ["name-partly", "commune-same"])
        alone = await nurse.post("/intake/persons/search", json={"postal_code": "4000"})
        assert (alone.status_code, faults(alone)) == (422, {("", "required")})


async def test_people_marked_by_older_rules_are_marked_anew_and_keep_their_version(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake)
        async with intake.app.state.database.raw() as connection:
            await connection.execute("UPDATE person SET marks = '{word:odette}', marks_edition = 0")
        assert (await nurse.post("/intake/persons/search", json={"name": "Lambert"})).json()["items"] == []
        await intake.tick()
        [found] = (await nurse.post("/intake/persons/search", json={"name": "Lambert"})).json()["items"]
        assert found["person"]["id"] == person
        assert (await nurse.get(f"/intake/persons/{person}")).headers["etag"] == '"1"'
