"""The case manager's work from a relayed call to a reopened case, over the real bus."""

from datetime import timedelta

from shared.local import demo_people as people
from shared.local.road import Json, Road, today
from tests.journeys.pushes import a_push

MANAGER, SECOND = "case-manager-nurse", "case-manager-social-worker"
SHEET = {
    "situation": "Vit seule, la nièce passe le dimanche.",
    "agreed": "Le dossier de logement part cette semaine.",
    "person_informed": True,
    "person_informed_on": today().isoformat(),
}


async def meeting_of_today(road: Road) -> str:
    """The next meeting, held today; its path."""
    series = {
        "weekday": today().isoweekday(),
        "time": "09:00",
        "members": [{"subject": "coordinator", "role": "chair"}],
    }
    client = await road.client("coordinator")
    assert (await client.put("/cases/meetings/series", json=series)).status_code == 200
    meetings = (await road.get("coordinator", "/cases/meetings"))["items"]
    mine = min((each for each in meetings if each["state"] == "planned"), key=lambda each: each["on"])
    path = f"/cases/meetings/{mine['id']}"
    if mine["on"] != today().isoformat():
        await road.post("coordinator", f"{path}/move", {"on": today().isoformat(), "time": "09:00"}, on=path)
    return path


async def lines(road: Road, case: str) -> list[Json]:
    """What is before the meeting about a case."""
    items = (await road.get("coordinator", "/cases/meetings/agenda", limit="200"))["items"]
    return [line for line in items if line["case_id"] == case]


async def test_a_case_from_the_relayed_call_to_its_reopening(road: Road) -> None:
    person = await road.identified(await road.push(a_push(people.LIGHT)))
    contact = await road.call(person)
    case = await road.case_of(contact["id"])
    path = f"/cases/{case}"
    await road.assign(case)
    await road.visit(case)
    whole = await road.plan(case, people.plan_for(("relais", "centre"), today() + timedelta(days=7)))

    asked = {"kind": "stuck", "urgency": "urgent", "text": "La mutualité ne répond pas."}
    await road.post(MANAGER, f"{path}/help-requests", asked, on=path)
    meeting = await meeting_of_today(road)
    await road.post("coordinator", f"{meeting}/opening", {}, on=meeting)
    agenda = (await road.get("coordinator", f"{meeting}/agenda"))["items"]
    [line] = [each for each in agenda if each["case_id"] == case and each["reason"] == "help-requested"]
    order = {"title": "Appeler la mutualité", "assignee": "line", "due_on": today().isoformat()}
    decision = {"outcome": "task", "text": "La ligne appelle.", "tasks": [order]}
    await road.post("coordinator", f"{meeting}/lines/{line['id']}/decision", decision, on=meeting)
    await road.post("coordinator", f"{meeting}/closure", {"attendees": ["coordinator"], "summary": "Fait."}, on=meeting)
    assert not [each for each in await lines(road, case) if each["reason"] == "help-requested"]

    listed = (await road.get("line-nurse", "/cases/tasks", assignee="line", case_id=case))["items"]
    [task] = [each for each in listed if each["title"] == order["title"]]
    await road.finish_task(case, task["id"], "line-nurse")

    await road.post(MANAGER, f"{path}/hand-over", SHEET, on=path)
    offer = {"kind": "transfer", "to_worker": SECOND, "reason": "workload"}
    transfer = await road.post(MANAGER, f"{path}/transfers", offer, on=path)
    step = {"kind": "phone-call", "due_on": (today() + timedelta(days=5)).isoformat()}
    inbox = f"/cases/transfers/{transfer['id']}"
    accepted = {"discipline": "social-worker", "next_step": step}
    await road.post(SECOND, f"{inbox}/acceptance", accepted, on=inbox)
    assert (await road.get("coordinator", path))["worker"] == SECOND

    await road.close_case(case, today() - timedelta(days=40), SECOND)
    [due] = await road.follow_ups(case, "due", count=1)
    await road.attempt(due["id"], "answered")
    found = {item["task_id"]: "in-place" for item in due["items"]}
    lost = whole["tasks"][0]["id"]
    await road.result(due["id"], found | {lost: "lost"})

    async def loss() -> list[Json]:
        return [each for each in await lines(road, case) if each["reason"] == "item-lost"]

    [line] = await road.until("the line of the lost item", loss)
    assert line["subject_id"] == lost
    choice = {"choice": "reopen", "reason": "Le logement ne convient plus."}
    results = f"{path}/follow-up-results/{due['id']}/decision"
    await road.post(SECOND, results, choice, on=path)

    reopened = await road.get("coordinator", path)
    assert (reopened["state"], reopened["worker"], len(reopened["intervals"])) == ("in-care", SECOND, 2)
    assert "item-lost" not in {each["reason"] for each in await lines(road, case)}
    timeline = (await road.get("coordinator", f"{path}/timeline", limit="200"))["items"]
    services = {each["service"] for each in timeline}
    assert {"intake", "cases", "scheduler"} <= services
