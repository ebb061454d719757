"""The main road, all eight steps, over the real bus."""

import asyncio
from datetime import timedelta

from shared.local import demo_people as people
from shared.local.road import Road, today
from tests.journeys.pushes import a_person, a_push


async def test_the_whole_road_from_the_push_to_the_lost_item(road: Road) -> None:
    document = a_push(people.HEAVY, factors=["carer_burden"])
    referral = await road.push(document)
    assert await road.push(document) == referral
    person = await road.identified(referral)
    [totals] = await road.totals(referral)
    assert totals["scales"]["difficulty"]["sum"] == sum(map(int, "23012322110001113020"))
    assert (await road.advice(referral))["advice"] == "case_management"
    await road.decide(referral, "acceptance")
    case = await road.case_of(referral)
    await road.assign(case)
    await road.visit(case)
    whole = await road.plan(case, people.plan_for(("relais", "centre"), today() + timedelta(days=7)))
    tasks = {task["domain"]: task["id"] for task in whole["tasks"]}
    await road.finish_task(case, tasks["administrative_tasks"], "line-nurse")
    await road.close_case(case, today() - timedelta(days=62))

    planned = await road.follow_ups(case)
    assert [each["person_id"] for each in planned] == [person, person]
    [due] = await road.follow_ups(case, "due", count=1)
    await road.attempt(due["id"], "answered")
    await road.result(due["id"], dict.fromkeys(tasks.values(), "in-place") | {tasks["housework"]: "lost"})

    async def lines() -> list[str]:
        agenda = (await road.get("coordinator", "/cases/meetings/agenda"))["items"]
        return [line["kind"] if "kind" in line else line["reason"] for line in agenda if line["case_id"] == case]

    assert len(await road.until("the agenda line", lines)) == 1

    async def closed() -> bool:
        return bool((await road.referral(referral))["state"] == "closed")

    await road.until("the closed loop with the sender", closed)
    states = [move["state"] for move in (await road.referral(referral))["moves"]]
    assert states == ["received", "accepted", "case-opened", "home-visit-done", "care-plan-shared", "closed"]


async def test_a_relayed_call_leads_to_exactly_one_case(road: Road) -> None:
    referral = await road.push(a_push(people.LIGHT))
    contact = await road.call(await road.identified(referral))
    case = await road.case_of(contact["id"])
    await asyncio.sleep(1)
    assert await road.case_of(contact["id"]) == case


async def test_the_same_person_from_the_same_hospital_is_one_person(road: Road) -> None:
    person = a_person()
    first = await road.push(a_push(people.LIGHT, person=person))
    known = await road.identified(first)
    second = await road.push(a_push(people.LIGHT, person=person))
    assert await road.identified(second) == known


async def test_an_unsure_identity_waits_for_a_person_to_decide(road: Road) -> None:
    person = a_person()
    await road.identified(await road.push(a_push(people.LIGHT, person=person)))
    alike = {**person, "hospital_number": None, "given_names": person["given_names"] + "e"}
    unsure = await road.push(a_push(people.LIGHT, person=alike))

    async def review() -> str | None:
        items = (await road.get("coordinator", "/intake/identity-reviews"))["items"]
        found = [item["id"] for item in items if item["referral_id"] == unsure]
        return found[0] if found else None

    path = f"/intake/identity-reviews/{await road.until('the review', review)}"
    assert (await road.referral(unsure))["person_id"] is None
    await road.post("coordinator", f"{path}/decision", {"decision": "new"}, on=path)
    await road.identified(unsure)


async def test_a_rejected_sheet_never_blocks_the_referral(road: Road) -> None:
    document = a_push(people.HEAVY)
    document["sheets"][0]["edition"] = "eladeb-18"
    referral = await road.push(document)
    await road.identified(referral)
    assert (await road.referral(referral))["sheets_checked"] is False


async def test_the_sender_sees_a_refusal_and_may_cancel_before_the_decision(road: Road) -> None:
    refused, cancelled = await road.push(a_push(people.LIGHT)), await road.push(a_push(people.LIGHT))
    body = {"reason": "at-capacity", "onward_path": "Centre de coordination"}
    await road.decide(refused, "refusal", body)
    path = f"/referrals/{cancelled}"
    await road.post("hospital-chu", f"{path}/cancellation", {"reason": "transférée"}, on=path)
    assert (await road.referral(refused))["moves"][-1]["reason"] == "at-capacity"
    assert (await road.referral(cancelled))["state"] == "cancelled"
