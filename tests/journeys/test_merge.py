"""Merge and undo restore both people and every link in all services, over the real bus."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.__main__ import NAMES
from shared.local import demo_people as people
from shared.local.road import Road, RoadBlocked, today
from tests.journeys.pushes import a_push
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
FEWEST = 5
"""So many answers of each service are compared at least; none of their fields is left out."""

LISTS = {
    "/cases": "case_id",
    "/intake/contacts": "contact_id",
    "/referrals/outgoing": "outgoing_id",
    "/assessment/sheets": "sheet_id",
    "/scheduler/follow-ups": "follow_up_id",
}
"""Each person has one of each."""

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


@dataclass
class Reader:
    """Reads as the first persona that may, and remembers who that is."""

    road: Road
    who: dict[str, str] = field(default_factory=dict)

    async def read(self, path: str) -> Any:
        """What is said there; None where nobody may read, or nothing is."""
        known = self.who.get(path)
        for persona in (known,) if known else READERS:
            answer = await (await self.road.client(persona)).get(path)
            if answer.status_code == 200:
                self.who[path] = persona
                return answer.json()
            assert answer.status_code in (403, 404, 409, 422), f"{path}: {answer.status_code} {answer.text}"
        self.who[path] = READERS[0]
        return None

    async def read_all(self, paths: Iterable[str]) -> dict[str, Any]:
        """What is said at each path, the services beside each other."""
        found: dict[str, Any] = {}

        async def of(service: str) -> None:
            for path in wanted:
                if path.startswith(f"/{service}"):
                    found[path] = await self.read(path)

        wanted = sorted(paths)
        await asyncio.gather(*(of(name) for name in NAMES))
        return {path: said for path, said in found.items() if said is not None}

    async def snapshot(self, *told: Told, only: Iterable[str] | None = None) -> dict[str, Any]:
        """Everything that the five services say of these people, or what they say at some paths."""
        paths = {path for each in told for name in NAMES for path in each.paths(name)} | {*OF_EVERYBODY}
        seen = await self.read_all(paths if only is None else only)
        ours = {each for one in told for each in one.ids.values()}
        for path in seen.keys() & {*OF_EVERYBODY}:
            seen[path] = [item for item in seen[path]["items"] if any(names(item, each) for each in ours)]
        return seen


def others(seen: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """What is said beside what is asked for by the record itself."""
    return {path: said for path, said in seen.items() if told.ids["person_id"] not in path}


def names(said: Any, identifier: str) -> bool:
    return identifier in json.dumps(said)


async def known(road: Road) -> Told:
    """Somebody whom a hospital refers with a sheet, who was followed up, and for whom the line asks another service."""
    told = Told({"referral_id": await road.push(a_push(people.HEAVY, factors=["carer_burden"]))})
    told.ids["person_id"] = await road.identified(told.ids["referral_id"])
    told.ids["admission_id"] = (await road.advice(told.ids["referral_id"]))["id"]
    await road.decide(told.ids["referral_id"], "acceptance")
    told.ids["case_id"] = await road.case_of(told.ids["referral_id"])

    async def first(path: str, **query: str) -> str | None:
        items = (await road.get("coordinator", path, **query))["items"]
        return items[0]["id"] if items else None

    person = {"person_id": told.ids["person_id"]}
    told.ids["sheet_id"] = await road.until("the sheet", lambda: first("/assessment/sheets", **person))
    await road.assign(told.ids["case_id"])
    await road.close_case(told.ids["case_id"], today() - timedelta(days=20))
    told.ids["follow_up_id"] = (await road.follow_ups(told.ids["case_id"]))[0]["id"]
    contact = await road.post("line-nurse", "/intake/contacts", an_orientation(told.ids["person_id"], "centre"))
    told.ids["contact_id"] = contact["id"]
    asked = {"contact_id": contact["id"]}
    told.ids["outgoing_id"] = await road.until("the outgoing referral", lambda: first("/referrals/outgoing", **asked))
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


async def settled(reader: Reader, *told: Told) -> dict[str, Any]:
    """What the services say once nothing moves any more."""
    last = await reader.snapshot(*told)

    async def still() -> bool:
        nonlocal last
        before, last = last, await reader.snapshot(*told)
        return last == before

    await reader.road.until("rest", still)
    return last


async def gone(reader: Reader, before: Mapping[str, Any], kept: Told, merged: Told) -> dict[str, Any]:
    """What the services say once none of them names the merged record, other than as what was done with it."""
    left = [*others(before, merged)]

    async def look() -> bool:
        nonlocal left
        seen = await reader.snapshot(kept, merged, only=left)
        left = [path for path, said in seen.items() if names(said, merged.ids["person_id"]) and not is_past(path)]
        return not left

    try:
        await reader.road.until("the merge in every service", look)
    except RoadBlocked as error:
        raise AssertionError(f"still named the old record: {left}") from error
    return await reader.snapshot(kept, merged)


async def back(reader: Reader, before: Mapping[str, Any], *told: Told) -> None:
    """Wait until every answer is what it was."""
    left = [path for path in before if not is_past(path)]

    async def look() -> bool:
        nonlocal left
        now = await reader.snapshot(*told, only=left)
        left = [path for path in left if now.get(path) != before[path]]
        return not left

    try:
        await reader.road.until("every link as it was", look)
    except RoadBlocked:
        now = await reader.snapshot(*told, only=left)
        assert {path: now.get(path) for path in left} == {path: before[path] for path in left}


def per_service(seen: Iterable[str]) -> dict[str, int]:
    """How many answers of each service were looked at."""
    found = Counter(path.split("/")[1] for path in seen)
    return {name: found[name] for name in NAMES}


async def test_merge_and_undo_restore_both_people_and_every_link_in_all_services(road: Road) -> None:
    road.wait = 60
    reader = Reader(road)
    kept, merged = await known(road), await known(road)
    before = await settled(reader, kept, merged)
    counted = per_service(path for path in before if not is_past(path))
    assert all(counted[name] >= FEWEST for name in NAMES), counted
    for name in NAMES:
        there = [said for path, said in before.items() if path.startswith(f"/{name}")]
        for each in (kept, merged):
            assert any(names(said, each.ids["person_id"]) for said in there), f"{name} does not know both"

    merging = await merge(road, kept, merged)
    seen = await gone(reader, before, kept, merged)

    of_kept = f"person_id={kept.ids['person_id']}"
    for path, what in LISTS.items():
        both = {each.ids[what] for each in (kept, merged)}
        assert both <= {item["id"] for item in seen[f"{path}?{of_kept}"]["items"]}, path

    body = {"reason": "different-persons", "known_apart": False}
    await road.post("coordinator", f"{merging}/undo", body, on=merging)
    await back(reader, before, kept, merged)

    after = await settled(reader, kept, merged)
    assert after.keys() == before.keys()
    for path in before:
        if is_past(path):
            assert all(item in after[path]["items"] for item in before[path]["items"]), path
        else:
            assert after[path] == before[path], path


def is_past(path: str) -> bool:
    """A journal: what was done with a record stays told of that record, a merge and its undo among it."""
    return path.endswith("/history")
