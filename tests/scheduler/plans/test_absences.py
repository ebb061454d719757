"""Absences with substitution."""

from datetime import date
from typing import Any

import httpx

from services.scheduler.store import Absences
from tests.scheduler.world import Scheduler

ABSENCES = "/scheduler/absences"


def away(worker: str, substitute: str, first: str, last: str, **more: Any) -> dict[str, Any]:
    """An absence as it is sent."""
    return {"worker": worker, "substitute": substitute, "from": first, "until": last, **more}


async def agree(client: httpx.AsyncClient, *who: str) -> httpx.Response:
    """Agree on an absence."""
    worker, substitute, first, last = who
    return await client.post(ABSENCES, json=away(worker, substitute, f"2026-12-{first}", f"2026-12-{last}"))


async def test_an_absent_workers_list_is_the_substitutes_until_it_is_withdrawn(scheduler: Scheduler) -> None:
    day = date(2026, 12, 3)
    async with scheduler.running.client("coordinator") as coordinator:
        made = await agree(coordinator, "anna", "bert", "01", "10")
        await agree(coordinator, "bert", "carl", "03", "03")
        listed = (await coordinator.get(ABSENCES, params={"worker": "anna"})).json()["items"]
        async with scheduler.running.app.state.database.transaction() as transaction:
            absences = Absences(transaction)
            found = [await absences.substitute_of(worker, day, "relais") for worker in ("anna", "bert", "carl")]
            elsewhere = await absences.substitute_of("anna", day, "centre")
            covered = [await absences.covered_by(worker, day, "relais") for worker in ("anna", "bert", "carl")]
        path = f"{ABSENCES}/{made.json()['id']}"
        gone = [await coordinator.delete(path), await coordinator.delete(path, headers={"if-match": '"1"'})]
        after = [await coordinator.get(path), await agree(coordinator, "anna", "bert", "05", "06")]
    assert (made.status_code, listed) == (201, [made.json()])
    assert (found, elsewhere) == (["carl", "carl", "carl"], "anna")
    assert covered == [set(), set(), {"anna", "bert", "carl"}]
    assert [answer.status_code for answer in gone] == [428, 204]
    assert [answer.status_code for answer in after] == [404, 201]
    assert await scheduler.running.types() == [
        "scheduler.worker-absent.v1",
        "scheduler.worker-absent.v1",
        "scheduler.absence-withdrawn.v1",
        "scheduler.worker-absent.v1",
    ]


async def test_absences_of_one_worker_do_not_overlap_and_substitutes_never_form_a_circle(scheduler: Scheduler) -> None:
    async with scheduler.running.client("coordinator") as coordinator:
        answers = [
            await agree(coordinator, "anna", "bert", "01", "10"),
            await agree(coordinator, "anna", "carl", "10", "12"),
            await agree(coordinator, "bert", "anna", "10", "12"),
            await agree(coordinator, "bert", "anna", "11", "12"),
            await agree(coordinator, "bert", "carl", "05", "06"),
            await agree(coordinator, "carl", "anna", "06", "07"),
        ]
    assert [answer.status_code for answer in answers] == [201, 409, 409, 201, 201, 409]
    codes = [answer.json()["code"] for answer in answers if answer.status_code == 409]
    assert codes == ["overlapping-absence", "substitution-circle", "substitution-circle"]


async def test_a_wrong_absence_is_refused_with_its_place(scheduler: Scheduler) -> None:
    good = away("anna", "bert", "2026-12-01", "2026-12-10")
    wrong: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"until": "2026-11-30"}, {"/until": "before-start"}),
        ({"until": "2027-12-30"}, {"/until": "out-of-range"}),
        ({"substitute": "anna"}, {"/substitute": "same-worker"}),
        ({"worker": ""}, {"/worker": "too-short"}),
        ({"from": "now"}, {"/from": "wrong-format"}),
        ({"reason": "ill"}, {"/reason": "unknown-field"}),
    ]
    async with scheduler.running.client("coordinator") as coordinator:
        for change, pointers in wrong:
            answer = await coordinator.post(ABSENCES, json={**good, **change})
            assert answer.status_code == 422, change
            assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == pointers


async def test_case_managers_speak_for_themselves_and_others_not_at_all(scheduler: Scheduler) -> None:
    mine = away("case-manager-nurse", "bert", "2026-12-01", "2026-12-10")
    async with scheduler.running.client("case-manager-nurse") as worker:
        made = await worker.post(ABSENCES, json=mine)
        other = await worker.post(ABSENCES, json={**mine, "worker": "anna"})
    async with scheduler.running.client("case-manager-social-worker") as colleague:
        path = f"{ABSENCES}/{made.json()['id']}"
        read = await colleague.get(path)
        dropped = await colleague.delete(path, headers={"if-match": '"1"'})
    async with scheduler.running.client("coordinator", org_id="centre") as stranger:
        unseen = [(await stranger.get(path)).status_code, (await stranger.get(ABSENCES)).json()["items"]]
    assert [each.status_code for each in (made, other, read, dropped)] == [201, 422, 200, 404]
    assert unseen == [404, []]
    for persona, status in ((None, 401), ("line-nurse", 403), ("analyst", 403)):
        async with scheduler.running.client(persona) as client:
            assert (await client.post(ABSENCES, json=mine)).status_code == status
