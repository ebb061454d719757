"""From an outage of the line to the campaign that is finished, over the real bus."""

from datetime import UTC, datetime, timedelta

from shared.local.road import Json, Road, said, today
from tests.journeys.pushes import a_person

EARLY = 14
"""Days before the planned one on which the line may call: so the journey ends on any day of the week."""


def a_call(person: str, at: datetime, reason: str) -> Json:
    """A call of somebody's daughter."""
    return {
        "direction": "inbound",
        "channel": "call",
        "caller": {"kind": "relative", "relation": "fille"},
        "person_id": person,
        "started_at": at.isoformat(),
        "ended_at": (at + timedelta(minutes=10)).isoformat(),
        "topics": ["need.housework"],
        "outcome": "answered",
        "reason": reason,
    }


async def known_people(road: Road, before: datetime, count: int) -> list[str]:
    """People who were in touch with the line before it fell silent."""
    people = []
    for _ in range(count):
        who = {name: text for name, text in a_person().items() if name != "hospital_number"}
        person = str((await road.post("line-nurse", "/intake/persons", who))["id"])
        await road.post("line-nurse", "/intake/contacts", a_call(person, before, "information-given"))
        people.append(person)
    return people


async def may_call_early(road: Road) -> None:
    """The coordinator lets the line call before the planned day."""
    client = await road.client("operator")
    policies = (await client.get("/scheduler/policies")).json()["items"]
    newest = [each for each in policies if each["code"] == "line-outage"][-1]
    terms = {name: newest[name] for name in ("trigger", "owner", "steps", "slot", "attempts", "call_back_days")}
    headers = {"if-match": f'"{newest["version"]}"'}
    answer = await client.put("/scheduler/policies/line-outage", json=terms | {"early_days": EARLY}, headers=headers)
    assert answer.status_code in (200, 201), answer.text


async def the_campaign(road: Road, outage: str, people: int) -> str:
    """The path of the campaign of an outage, once everybody is on it."""

    async def look() -> str | None:
        found = (await road.get("coordinator", "/scheduler/campaigns"))["items"]
        paths = [f"/scheduler/campaigns/{each['id']}" for each in found if each["outage_id"] == outage]
        assert len(paths) <= 1
        return paths[0] if paths and (await road.get("coordinator", paths[0]))["people"] == people else None

    return await road.until("the campaign", look)


async def standing(road: Road, campaign: str, person: str, *wanted: str) -> Json:
    """A person of a campaign, once it stands there."""

    async def look() -> Json | None:
        people = (await road.get("coordinator", f"{campaign}/people", limit="200"))["items"]
        [one] = [each for each in people if each["person_id"] == person]
        return one if one["standing"] in wanted and (one["follow_up_id"] or one["standing"] != "planned") else None

    return await road.until(f"the standing {wanted}", look)


async def test_from_the_outage_of_the_line_to_the_finished_campaign(road: Road) -> None:
    now = datetime.now(UTC)
    began, ended = now - timedelta(hours=3), now - timedelta(hours=1)
    await may_call_early(road)
    reached, refusing, calling = await known_people(road, began - timedelta(days=2), 3)
    outage = await road.post(
        "line-nurse",
        "/intake/line/outages",
        {"began_at": began.isoformat(), "ended_at": ended.isoformat(), "cause": "telephone-exchange"},
    )
    campaign = await the_campaign(road, outage["id"], outage["people"])
    assert outage["people"] >= 3
    await road.post("coordinator", f"{campaign}/start", {"per_day": 500}, on=campaign)
    first = await standing(road, campaign, reached, "planned", "due")
    second = await standing(road, campaign, refusing, "planned", "due")
    await road.attempt(first["follow_up_id"], "answered")
    await road.result(first["follow_up_id"], {})
    await road.attempt(second["follow_up_id"], "refused")
    await road.post("line-nurse", "/intake/contacts", a_call(calling, now - timedelta(minutes=12), "information-given"))
    await standing(road, campaign, calling, "restored")

    async def both_sides() -> bool:
        lapsed = await road.get("line-nurse", "/intake/lapsed-links", outage_id=outage["id"], limit="200")
        states = {each["person_id"]: each["state"] for each in lapsed["items"]}
        return {states[person] for person in (reached, refusing, calling)} == {"restored"}

    assert await road.until("the restored links", both_sides)
    others = (await road.get("coordinator", f"{campaign}/people", limit="200"))["items"]
    for other in [each for each in others if each["person_id"] not in {reached, refusing, calling}]:
        await road.post("line-nurse", "/intake/contacts", a_call(other["person_id"], now, "information-given"))

    async def finished() -> Json | None:
        found = await road.get("coordinator", campaign)
        return found if found["status"] == "completed" else None

    found = await road.until("the end of the campaign", finished)
    progress = {name: count for name, count in found["progress"].items() if count}
    assert progress == {"reached": 1, "refused": 1, "restored": found["people"] - 2}
    assert found["ended_on"] == today().isoformat()
    report = await road.get("analyst", f"{campaign}/report")
    assert all(each["people"] is None or each["people"] >= 5 for each in report["counts"])
    client = await road.client("coordinator")
    again = await client.post(
        f"{campaign}/closure", json={}, headers={"if-match": (await client.get(campaign)).headers["etag"]}
    )
    assert said(again, 409)["code"] == "campaign-step"
