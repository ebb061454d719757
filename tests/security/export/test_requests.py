"""A copy is asked for, put together, due in a month, given, and gone after its time (GDPR art. 12, 15)."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from shared.testing.harness import UnderTest
from tests.intake.people import ODETTE, registered, told
from tests.security.export.asking import OFFICER, OTHERS, answering, asked, collected

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
EXPORTS = "/intake/exports"


async def test_a_copy_is_complete_once_every_service_has_answered(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client(OFFICER) as officer:
        person = await registered(intake)
        answering(intake, person)
        made = await asked(officer, person)
        assert (made["state"], made["asked_on"], made["due_on"]) == ("collecting", "2026-11-20", "2026-12-20")
        await collected(intake)
        found = (await officer.get(f"{EXPORTS}/{made['id']}")).json()
        assert found["state"] == "complete"
        assert found["keep_until"] == "2026-12-20"
        assert [part["service"] for part in found["parts"]] == ["intake", *OTHERS]
        assert found["missing"] == []
        assert sorted(intake.neighbours.asked) == sorted(f"/{each}/subjects/{person}/record" for each in OTHERS)
        document = (await officer.get(f"{EXPORTS}/{made['id']}/document")).json()
        assert [each["service"] for each in document["services"]] == ["intake", *OTHERS]
        facts = await told(intake, "subject-export-changed")
        assert [(fact["state"], fact["person_id"]) for fact in facts] == [("collecting", person), ("complete", person)]


async def test_who_is_away_is_missing_is_asked_again_and_nothing_is_doubled(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client(OFFICER) as officer:
        person = await registered(intake)
        answering(intake, person, "referrals", "assessment", "scheduler", referrals={"note": "Vue"})
        made = await asked(officer, person)
        await collected(intake)
        path = f"{EXPORTS}/{made['id']}"
        found = (await officer.get(path)).json()
        assert (found["state"], found["missing"]) == ("collecting", ["cases"])
        [away] = [part for part in found["parts"] if part["service"] == "cases"]
        assert (away["tries"], away["failure"], away["collected_at"]) == (1, "status 503", None)
        early = (await officer.get(f"{path}/document")).json()
        assert early["missing"] == ["cases"]
        assert "Vue" in str(early["services"])
        page = (await officer.get(f"{path}/document.html")).text
        assert "Ces parties manquent encore : Accompagnement" in page
        assert (await deliver(officer, path)).json()["code"] == "export-incomplete"

        await collected(intake)
        assert intake.neighbours.asked.count(f"/cases/subjects/{person}/record") == 1, "not before its time"
        intake.clock.move(minutes=2)
        await collected(intake)
        intake.clock.move(minutes=5)
        answering(intake, person, "cases")
        await collected(intake)
        await collected(intake)
        whole = (await officer.get(path)).json()
        assert (whole["state"], whole["missing"]) == ("complete", [])
        assert intake.neighbours.asked.count(f"/cases/subjects/{person}/record") == 3
        assert intake.neighbours.asked.count(f"/referrals/subjects/{person}/record") == 1
        assert str((await officer.get(f"{path}/document")).json()["services"]).count("Vue") == 1


async def deliver(client: Any, path: str) -> Any:
    """Record that it was given, as it is now."""
    seen = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/delivery", json={"how": "handed-over"}, headers={"if-match": seen})


async def extend(client: Any, path: str) -> Any:
    """Put it off, as it is now."""
    seen = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/extension", json={"reason": "complexity"}, headers={"if-match": seen})


async def test_it_is_due_in_a_month_and_put_off_once_before_it_is_due(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        person = await registered(intake)
        made = await asked(coordinator, person, asked_on="2026-10-31", asked_by="representative")
        path = f"{EXPORTS}/{made['id']}"
        assert made["due_on"] == "2026-11-30", "the last day of a shorter month"
        assert made["timeliness"] == "in-time"
        intake.clock.move(days=4)
        assert (await coordinator.get(path)).json()["timeliness"] == "near"
        extended = (await extend(coordinator, path)).json()
        assert (extended["due_on"], extended["extension"]) == ("2027-01-30", "complexity")
        assert extended["timeliness"] == "in-time"
        again = await extend(coordinator, path)
        assert (again.status_code, again.json()["code"]) == (409, "extension-over")
        intake.clock.move(days=70)
        assert (await coordinator.get(path)).json()["timeliness"] == "late"
        late = await asked(coordinator, person, asked_on="2026-12-01")
        refused = await extend(coordinator, f"{EXPORTS}/{late['id']}")
        assert refused.json()["code"] == "extension-over", "a person is told of it within the month"
        tomorrow = await coordinator.post(
            f"/intake/persons/{person}/exports", json={"asked_by": "person", "language": "fr", "asked_on": "2030-01-01"}
        )
        assert tomorrow.json()["errors"] == [{"pointer": "/asked_on", "code": "in-future"}]


async def test_an_organisation_may_set_a_shorter_term(run_service: Run) -> None:
    async with run_service("intake", export_due_days=15) as intake, intake.client(OFFICER) as officer:
        made = await asked(officer, await registered(intake))
        assert made["due_on"] == "2026-12-05"


async def test_those_that_wait_are_listed_by_their_due_date(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client(OFFICER) as officer:
        person = await registered(intake)
        answering(intake, person)
        later = await asked(officer, person)
        sooner = await asked(officer, person, asked_on="2026-11-02")
        await collected(intake)
        items = (await officer.get(EXPORTS)).json()["items"]
        assert [(item["id"], item["due_on"]) for item in items] == [
            (sooner["id"], "2026-12-02"),
            (later["id"], "2026-12-20"),
        ]
        given = await deliver(officer, f"{EXPORTS}/{sooner['id']}")
        assert (given.json()["state"], given.json()["delivery"]) == ("delivered", "handed-over")
        assert (await deliver(officer, f"{EXPORTS}/{sooner['id']}")).json()["code"] == "export-delivered"
        assert [item["id"] for item in (await officer.get(EXPORTS)).json()["items"]] == [later["id"]]
        first = (await officer.get(EXPORTS, params={"all": "true", "limit": 1})).json()
        rest = (await officer.get(EXPORTS, params={"all": "true", "limit": 1, "cursor": first["next"]})).json()
        assert [item["id"] for item in (*first["items"], *rest["items"])] == [sooner["id"], later["id"]]


async def test_what_was_collected_is_deleted_after_its_time(run_service: Run) -> None:
    async with run_service("intake", export_kept_days=10) as intake, intake.client(OFFICER) as officer:
        person = await registered(intake)
        answering(intake, person)
        made = await asked(officer, person)
        await collected(intake)
        path = f"{EXPORTS}/{made['id']}"
        intake.clock.move(days=10)
        await collected(intake)
        assert (await officer.get(f"{path}/document")).status_code == 200
        intake.clock.move(days=1)
        await collected(intake)
        assert (await officer.get(path)).json()["state"] == "expired"
        for form in ("document", "document.html"):
            gone = await officer.get(f"{path}/{form}")
            assert (gone.status_code, gone.json()["code"]) == (410, "export-expired")
        async with intake.app.state.database.raw() as connection:
            assert await connection.fetchval("SELECT count(*) FROM export_part WHERE content IS NOT NULL") == 0
        await collected(intake)
        assert [fact["state"] for fact in await told(intake, "subject-export-changed")][-1:] == ["expired"]
        given = await deliver(officer, path)
        assert given.json()["state"] == "expired", "given in time, and recorded later"


async def test_what_is_collected_is_encrypted_at_rest(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client(OFFICER) as officer:
        person = await registered(intake, {**ODETTE, "family_name": "Zqvraiment"})
        answering(intake, person, cases={"note": "Zqsecret"})
        await asked(officer, person)
        await collected(intake)
        async with intake.app.state.database.raw() as connection:
            rows = await connection.fetch("SELECT content::text AS content FROM export_part")
        assert len(rows) == 5
        assert not [row for row in rows if "Zqvraiment" in row["content"] or "Zqsecret" in row["content"]]


@pytest.mark.parametrize("role", ["line-nurse", "case-manager-nurse", "hospital-chu", "analyst", "auditor", "operator"])
async def test_only_coordinators_and_the_officer_see_a_copy(run_service: Run, role: str) -> None:
    async with run_service("intake") as intake, intake.client(OFFICER) as officer, intake.client(role) as other:
        person = await registered(intake)
        made = await asked(officer, person)
        path = f"{EXPORTS}/{made['id']}"
        for address in (EXPORTS, path, f"{path}/document", f"{path}/document.html"):
            assert (await other.get(address)).status_code == 403
        ask = await other.post(f"/intake/persons/{person}/exports", json={"asked_by": "person", "language": "fr"})
        assert ask.status_code == 403
        for what, body in (("extension", {"reason": "complexity"}), ("delivery", {"how": "post"})):
            answer = await other.post(f"{path}/{what}", json=body, headers={"if-match": '"1"'})
            assert answer.status_code == 403


async def test_the_data_protection_officer_does_it_all_too(run_service: Run) -> None:
    async with run_service("intake") as intake:
        person = await registered(intake)
        answering(intake, person)
        async with intake.client("auditor", sub="officer", roles=["data-protection-officer"]) as officer:
            made = await asked(officer, person)
            await collected(intake)
            path = f"{EXPORTS}/{made['id']}"
            assert (await officer.get(f"{path}/document")).status_code == 200
            assert (await extend(officer, path)).status_code == 200
            assert (await deliver(officer, path)).status_code == 200


async def test_another_organisation_sees_no_copy(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client(OFFICER) as officer:
        made = await asked(officer, await registered(intake))
        async with intake.client("coordinator", org_id="centre") as stranger:
            assert (await stranger.get(f"{EXPORTS}/{made['id']}")).status_code == 404
            assert (await stranger.get(f"{EXPORTS}/{made['id']}/document")).status_code == 404
            assert (await stranger.get(EXPORTS)).json()["items"] == []


@pytest.mark.parametrize("name", ["intake", *OTHERS])
async def test_only_intake_itself_may_pull_what_a_service_holds(run_service: Run, name: str) -> None:
    async with run_service(name) as running:
        path = f"/{name}/subjects/01900000-0000-7000-8000-00000000abcd/record"
        for role in (OFFICER, "line-nurse", "auditor", "service-cases", "hospital-chu"):
            async with running.client(role) as client:
                assert (await client.get(path)).status_code == 403, role
        async with running.client("service-intake") as client:
            answer = await client.get(path)
            assert answer.status_code == 200
            assert (answer.json()["tables"], answer.json()["accesses"]) == ([], [])
