"""The audit is read by those who may, who see who did what and nothing of the records; and that is recorded too."""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.audit.fhir import Interaction
from shared.audit.sealing import Sealer
from shared.ids import new_id
from shared.testing.harness import UnderTest
from tests.cases.world import World
from tests.security.audit.records import last, records

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
GOLDEN = Path(__file__).parent / "golden"
UUIDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Looked:
    """A case of one person and a case of another, both looked at."""

    world: World
    person: UUID
    case: str
    other: UUID
    others_case: str

    @property
    def service(self) -> UnderTest:
        return self.world.service

    async def asked(self, persona: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """What a persona gets; a body makes it a POST."""
        client = self.world.as_(persona)
        if body is None:
            return await client.get(path, headers=headers)
        return await client.post(path, json=body, headers=headers)


@pytest.fixture
async def looked(run_service: Run) -> AsyncIterator[Looked]:
    async with run_service("cases") as cases:
        world = World(cases)
        person, other = sorted((new_id(), new_id()))
        case, others_case = await world.opened(person_id=person), await world.opened(person_id=other)
        for each in (case, others_case):
            assert (await world.as_("coordinator").get(f"/cases/{each}")).status_code == 200
        yield Looked(world, person, case, other, others_case)
        for client in world.clients.values():
            await client.aclose()


async def test_who_reads_the_audit_reads_no_record_and_the_other_way_round(looked: Looked) -> None:
    assert (await looked.asked("auditor", f"/cases/{looked.case}")).status_code in (403, 404)
    before = len(await records(looked.service))
    answer = await looked.asked("auditor", "/cases/audit/search", {"subject_id": str(looked.person)})
    assert answer.status_code == 200, answer.text
    new = (await records(looked.service))[before:]
    assert [(row["subject"], row["action"], row["status"]) for row in new] == [("auditor", "audit:read", 200)]
    assert looked.person in new[0]["entities"]
    for persona in ("coordinator", "case-manager-nurse", "analyst", "operator", "hospital-chu", "service-intake"):
        for path, body in (("/cases/audit", None), ("/cases/audit/search", {"subject_id": str(looked.person)})):
            assert (await looked.asked(persona, path, body)).status_code == 403, persona


async def test_a_search_by_person_finds_what_was_done_to_their_case_and_nothing_of_others(looked: Looked) -> None:
    answer = await looked.asked("auditor", "/cases/audit/search", {"subject_id": str(looked.person)})
    found = answer.json()["items"]
    assert [each["route"] for each in found] == ["/cases/{case_id:uuid}"]
    record = (await looked.asked("auditor", f"/cases/audit/{found[0]['id']}")).json()
    assert looked.case in record["entities"]
    assert record["about"] == [str(looked.person)]
    assert str(looked.other) not in json.dumps(record)


async def test_the_audit_is_narrowed_by_period_agent_action_and_outcome(looked: Looked) -> None:
    now = looked.service.clock.now().isoformat()
    await looked.asked("analyst", f"/cases/{looked.case}")
    for query, wanted in (
        ({"agent": "coordinator"}, 2),
        ({"agent": "analyst"}, 1),
        ({"action": "case:read", "outcome": "success"}, 2),
        ({"outcome": "refused"}, 1),
        ({"from": now, "agent": "coordinator"}, 2),
        ({"to": now, "agent": "coordinator"}, 0),
    ):
        answer = await looked.world.as_("auditor").get("/cases/audit", params=query)
        assert (answer.status_code, len(answer.json()["items"])) == (200, wanted), query
    assert (await looked.world.as_("auditor").get("/cases/audit?subject_id=1")).status_code == 422


async def test_the_pages_of_the_audit_hold_each_record_once(looked: Looked) -> None:
    for _ in range(7):
        await looked.asked("coordinator", f"/cases/{looked.case}")
    seen, path = [], "/cases/audit?agent=coordinator&limit=4"
    while path:
        answer = await looked.asked("auditor", path)
        seen += [each["id"] for each in answer.json()["items"]]
        path = answer.links.get("next", {}).get("url", "")
    assert len(seen) == len(set(seen)) == 9
    assert seen == sorted(seen, reverse=True)


async def test_who_looked_at_my_file_names_nobody_without_a_lawful_reason(looked: Looked) -> None:
    body = {"subject_id": str(looked.person)}
    answer = await looked.asked("auditor", "/cases/audit/accesses/search", body)
    [access] = answer.json()["items"]
    assert access == {
        "at": looked.service.clock.now().isoformat().replace("+00:00", "Z"),
        "purpose": "TREAT",
        "roles": ["coordinator"],
        "organisation": "relais",
        "action": "case:read",
        "break_glass": False,
        "agent": None,
    }
    assert (await last(looked.service))["purpose"] == "PATRQT"
    path = "/cases/audit/named-accesses/search"
    assert (await looked.asked("auditor", path, body)).status_code == 422
    assert (await looked.asked("auditor", path, {**body, "reason": "curiosity"})).status_code == 422
    named = await looked.asked("auditor", path, {**body, "reason": "court-order"})
    assert named.json()["items"][-1]["agent"] == "coordinator"
    row = await last(looked.service)
    assert (row["action"], row["reason"]) == ("audit:name-staff", "court-order")


async def test_the_place_in_the_chain_is_shown_once_there_is_one(looked: Looked) -> None:
    first = (await looked.asked("auditor", "/cases/audit?agent=coordinator")).json()["items"]
    assert {each["sequence"] for each in first} == {None}
    state = looked.service.app.state
    await Sealer("cases", state.database, state.audit_keys).run()
    sealed = (await looked.asked("auditor", "/cases/audit?agent=coordinator")).json()["items"]
    assert [each["sequence"] for each in sealed] == [2, 1]


async def test_the_purposes_are_published(looked: Looked) -> None:
    answer = await looked.service.client().get("/cases/audit/purposes")
    published = answer.json()
    assert published["by_action"]["case:read"] == "TREAT"
    assert published["by_action"]["events:operate"] == "HSYSADMIN"
    assert set(published["by_action"].values()) <= set(published["codes"])
    assert all(set(names) == {"fr", "nl", "de", "en"} for names in published["codes"].values())


async def event(looked: Looked, row: Any) -> dict[str, Any]:
    """A record as an AuditEvent, its ids of this run replaced by words."""
    headers = {"accept": "application/fhir+json"}
    answer = await looked.world.as_("auditor").get(f"/cases/audit/{row['id']}", headers=headers)
    assert answer.headers["content-type"].startswith("application/fhir+json")
    text = answer.text
    known = {"record": row["id"], "request": row["request_id"], "case": looked.case, "person": looked.person}
    for name, value in {**known, "other": looked.other, "others-case": looked.others_case}.items():
        text = text.replace(str(value), name)
    found: dict[str, Any] = json.loads(UUIDS.sub("another", text))
    return found


async def test_the_audit_events_are_those_of_the_golden_files(looked: Looked) -> None:
    """The shapes are those of IHE BALP: IHE.BasicAudit.PatientRead and IHE.BasicAudit.Query, and a refusal of ours."""
    [read, _] = await records(looked.service)
    await looked.asked("analyst", f"/cases/{looked.case}")
    refused = await last(looked.service)
    await looked.asked("coordinator", "/cases?limit=10")
    query = await last(looked.service)
    for name, row in (("patient-read", read), ("refused-read", refused), ("query", query)):
        made = await event(looked, row)
        golden = json.loads((GOLDEN / f"{name}.json").read_text())
        assert made == golden, json.dumps(made, indent=1)


@pytest.mark.parametrize(
    ("method", "route", "interaction"),
    [
        ("GET", "/cases/{case_id:uuid}", "read"),
        ("GET", "/cases", "search"),
        ("GET", "/referrals/fhir/Task/{resource_id}/_history/{version}", "vread"),
        ("POST", "/intake/persons/search", "search"),
        ("POST", "/intake/persons", "create"),
        ("POST", "/cases/{case_id:uuid}/closure", "update"),
        ("PUT", "/cases/pathways/{code}", "update"),
        ("PATCH", "/intake/persons/{person_id:uuid}", "patch"),
        ("DELETE", "/scheduler/feeds/{feed_id:uuid}", "delete"),
    ],
)
def test_a_request_is_the_interaction_that_its_method_and_route_say(method: str, route: str, interaction: str) -> None:
    assert Interaction.of(method, route) == interaction
