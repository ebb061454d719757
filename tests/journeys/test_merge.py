"""Merge and undo restore both people and every link in all services, over the real bus."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.__main__ import NAMES
from shared.local import demo_people as people
from shared.local.road import Json, Road, today
from tests.journeys.pushes import a_name, a_push
from tests.journeys.test_closed_loop import an_orientation
from tests.town import ROOT

READERS = ("coordinator", "line-nurse", "case-manager-nurse", "operator", "partner-centre", "hospital-chu")
ABOUT_MERGES = ("/intake/merges", "/intake/possible-duplicates")
"""That two records were one for a while stays known: it is what somebody did, not a link."""

PAGES: Mapping[str, list[str]] = {
    name: sorted(
        path
        for path, methods in json.loads((ROOT / "shared" / "contracts" / name / "openapi.json").read_text())[
            "paths"
        ].items()
        if "application/json" in methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
    )
    for name in NAMES
}
"""What each service lets people read, as its contract says."""

ASKED = ("person_id", "case_id", "referral_id", "contact_id", "based_on")
OF_EVERYBODY = ("/cases/meetings/agenda", "/cases/overlaps", "/scheduler/worklist", "/scheduler/campaigns")


@dataclass
class Told:
    """The records of one person, by the names that paths and queries give them."""

    ids: dict[str, str] = field(default_factory=dict)

    def paths(self, service: str) -> list[str]:
        """Everything of a service that can be read of them."""
        found = []
        for path in PAGES[service]:
            if path.startswith(ABOUT_MERGES):
                continue
            try:
                found.append(path.format(**self.ids))
            except KeyError:
                continue
        return [path for path in found if any(each in path for each in self.ids.values())] + self.lists(service)

    def lists(self, service: str) -> list[str]:
        """The lists of a service that can be asked for one of them."""
        contract = json.loads((ROOT / "shared" / "contracts" / service / "openapi.json").read_text())["paths"]
        return [
            f"{path}?{each['name']}={self.ids[each['name']]}"
            for path in PAGES[service]
            if "{" not in path and not path.startswith(ABOUT_MERGES)
            for each in contract[path]["get"].get("parameters", [])
            if each["name"] in ASKED and each["name"] in self.ids
        ]


async def read(road: Road, path: str) -> Any:
    """What the first persona reads there that may."""
    for persona in READERS:
        answer = await (await road.client(persona)).get(path)
        if answer.status_code == 200:
            return answer.json()
        assert answer.status_code in (403, 404, 409, 422), f"{path}: {answer.status_code} {answer.text}"
    return None


async def snapshot(road: Road, *told: Told) -> dict[str, Any]:
    """Everything that the five services say of these people."""
    paths = sorted({path for each in told for name in NAMES for path in each.paths(name)})
    seen = {path: await read(road, path) for path in paths}
    ours = {each for one in told for each in one.ids.values()}
    for path in OF_EVERYBODY:
        items = (await read(road, path))["items"]
        seen[path] = [item for item in items if any(each in json.dumps(item) for each in ours)]
    return {path: said for path, said in seen.items() if said is not None}


def others(seen: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """What is said beside what is asked for by the record itself."""
    return {path: said for path, said in seen.items() if told.ids["person_id"] not in path}


def names(said: Any, identifier: str) -> bool:
    return identifier in json.dumps(said)


async def life(road: Road, told: Told) -> None:
    """What a case is about, in all services: assigned, visited, planned, closed, followed up, oriented elsewhere."""
    case = told.ids["case_id"]
    await road.assign(case)
    await road.visit(case)
    plan = await road.plan(case, people.plan_for(("relais", "centre"), today() + timedelta(days=7)))
    told.ids["task_id"] = plan["tasks"][0]["id"]
    contact = await road.post("line-nurse", "/intake/contacts", an_orientation(told.ids["person_id"], "centre"))

    async def asked() -> str | None:
        items = (await road.get("line-nurse", "/referrals/outgoing", contact_id=contact["id"]))["items"]
        return items[0]["id"] if items else None

    told.ids["outgoing_id"] = await road.until("the outgoing referral", asked)


async def called(road: Road) -> Told:
    """Somebody whom the line knows: a relayed call."""
    who = {"family_name": a_name(), "given_names": a_name(), "birth_date": "1951-04-03", "language": "fr"}
    told = Told({"person_id": str((await road.post("line-nurse", "/intake/persons", who))["id"])})
    told.ids["contact_id"] = (await road.call(told.ids["person_id"]))["id"]
    told.ids["case_id"] = await road.case_of(told.ids["contact_id"])
    await life(road, told)
    await road.close_case(told.ids["case_id"], today() - timedelta(days=20))
    told.ids["follow_up_id"] = (await road.follow_ups(told.ids["case_id"]))[0]["id"]
    return told


async def referred(road: Road) -> Told:
    """Somebody whom a hospital refers with a sheet, and whose record is another one."""
    told = Told({"referral_id": await road.push(a_push(people.HEAVY, factors=["carer_burden"]))})
    told.ids["person_id"] = await road.identified(told.ids["referral_id"])
    told.ids["admission_id"] = (await road.advice(told.ids["referral_id"]))["id"]
    await road.decide(told.ids["referral_id"], "acceptance")
    told.ids["case_id"] = await road.case_of(told.ids["referral_id"])

    async def sheet() -> str | None:
        items = (await road.get("coordinator", "/assessment/sheets", person_id=told.ids["person_id"]))["items"]
        return items[0]["id"] if items else None

    told.ids["sheet_id"] = await road.until("the sheet", sheet)
    await life(road, told)
    return told


async def merge(road: Road, kept: Told, merged: Told) -> str:
    """The coordinator has looked: it is one person. The path of the merge."""
    path = f"/intake/persons/{kept.ids['person_id']}"
    client = await road.client("coordinator")
    seen = (await client.get(f"/intake/persons/{merged.ids['person_id']}")).headers["etag"]
    body: dict[str, Any] = {
        "merged_id": merged.ids["person_id"],
        "merged_version": int(seen.strip('W/"')),
        "reason": "person-confirmed",
    }
    body["confirmed"] = ["name-differs", "birth-date-differs"]
    made = await road.post("coordinator", f"{path}/merge", body, on=path)
    return f"/intake/merges/{made['id']}"


async def settled(road: Road, *told: Told) -> dict[str, Any]:
    """What the services say once nothing moves any more."""
    last: dict[str, Any] = {}

    async def still() -> dict[str, Any] | None:
        nonlocal last
        before, last = last, await snapshot(road, *told)
        return last if before == last else None

    return await road.until("rest", still)


async def test_merge_and_undo_restore_both_people_and_every_link_in_all_services(road: Road) -> None:
    road.wait = 60
    kept, merged = await called(road), await referred(road)
    before = await settled(road, kept, merged)
    for name in NAMES:
        read_there = [path for path in before if path.startswith(f"/{name}")]
        assert any(names(before[path], merged.ids["person_id"]) for path in read_there), f"{name} knows neither"

    undone = await merge(road, kept, merged)

    async def told() -> dict[str, Any] | None:
        seen = others(await snapshot(road, kept, merged), merged)
        left = [path for path, said in seen.items() if names(said, merged.ids["person_id"]) and not is_past(path)]
        print(left)
        return None if left else seen

    seen = await road.until("the merge in every service", told)
    for what in ("case_id", "outgoing_id"):
        assert all(names(seen, each.ids[what]) for each in (kept, merged))
    both = {kept.ids["case_id"], merged.ids["case_id"]}
    of_kept = f"person_id={kept.ids['person_id']}"
    assert {each["id"] for each in seen[f"/cases?{of_kept}"]["items"]} == both
    assert {each["id"] for each in seen[f"/referrals/outgoing?{of_kept}"]["items"]} == {
        kept.ids["outgoing_id"],
        merged.ids["outgoing_id"],
    }
    assert [each["id"] for each in seen[f"/assessment/sheets?{of_kept}"]["items"]] == [merged.ids["sheet_id"]]

    body = {"reason": "different-persons", "known_apart": False}
    await road.post("coordinator", f"{undone}/undo", body, on=undone)

    async def restored() -> Json | None:
        now = await snapshot(road, kept, merged)
        print([path for path in before if now.get(path) != before[path]])
        return now if now == before else None

    await road.until("every link as it was", restored)


def is_past(path: str) -> bool:
    """What was done with a record stays told of that record."""
    return path.endswith("/history")
