"""The line's list, one's own, the team's, and the digest of a day."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from tests.scheduler.world import FOUND, Scheduler, step


async def listed(scheduler: Scheduler, persona: str = "line-nurse", **params: str) -> list[dict[str, object]]:
    """The worklist."""
    async with scheduler.running.client(persona) as client:
        answer = await client.get("/scheduler/worklist", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def speaks(scheduler: Scheduler, person: UUID, language: str | None, fact: str = "registered") -> None:
    """Deliver what intake tells of a person's language."""
    await scheduler.running.deliver(f"intake.person-{fact}.v1", person, {"person_id": person, "language": language})


async def test_the_list_says_why_who_and_how(scheduler: Scheduler) -> None:
    path = await scheduler.one_due()
    await speaks(scheduler, scheduler.person, "nl")
    async with scheduler.running.client("line-nurse") as nurse:
        await nurse.post(f"{path}/claim")
    [item] = await listed(scheduler)

    assert item["follow_up_id"] == path.rsplit("/", 1)[-1]
    said = {name: item[name] for name in ("reason", "trigger", "language", "risk", "claimed_by", "next_channel")}
    assert said == {
        "reason": "one-month",
        "trigger": "case-closed",
        "language": "nl",
        "risk": 5,
        "claimed_by": "self",
        "next_channel": "call",
    }
    assert (item["lease_until"], item["escalation"], item["target"]) == ("2026-11-20T09:50:00Z", "agenda", "person")
    async with scheduler.running.client("coordinator") as coordinator:
        [other] = (await coordinator.get("/scheduler/worklist")).json()["items"]
        assert other["claimed_by"] == "other"
        assert (await coordinator.get("/scheduler/worklist", params={"free": "true"})).json()["items"] == []


async def test_those_who_speak_a_language_find_the_people_who_do(scheduler: Scheduler) -> None:
    people = {"fr": uuid4(), "de": uuid4(), None: uuid4()}
    for language, person in people.items():
        await scheduler.close(uuid4(), person_id=person)
        await speaks(scheduler, person, language)

    assert [item["person_id"] for item in await listed(scheduler, language="de")] == [str(people["de"])]
    await speaks(scheduler, people["de"], "fr", "updated")
    assert await listed(scheduler, language="de") == []
    assert len(await listed(scheduler, language="fr")) == 2
    await speaks(scheduler, people["fr"], None, "updated")
    assert len(await listed(scheduler, language="fr")) == 1


async def test_within_a_day_the_higher_risk_comes_first_or_over_all_days(scheduler: Scheduler) -> None:
    cases = {name: uuid4() for name in ("late", "urgent", "routine")}
    for name, case in cases.items():
        await scheduler.close(case, date(2026, 10, 19) if name == "late" else date(2026, 10, 20), person_id=uuid4())
    async with scheduler.running.app.state.database.raw() as connection:
        await connection.execute("UPDATE follow_up SET risk = 0 WHERE case_id = $1", cases["urgent"])
    names = {str(case): name for name, case in cases.items()}

    assert [names[str(item["case_id"])] for item in await listed(scheduler)] == ["late", "urgent", "routine"]
    by_risk = await listed(scheduler, order="risk")
    assert [names[str(item["case_id"])] for item in by_risk] == ["urgent", "late", "routine"]
    assert [names[str(item["case_id"])] for item in await listed(scheduler, worst="0")] == ["urgent"]


async def test_pages_of_each_order_show_everything_once(scheduler: Scheduler) -> None:
    for day in range(5):
        await scheduler.close(uuid4(), date(2026, 10, 12) + timedelta(days=day), person_id=uuid4())
    async with scheduler.running.client("line-nurse") as nurse:
        for order in ("day", "risk"):
            seen, url = [], f"/scheduler/worklist?order={order}&limit=2"
            while url:
                answer = await nurse.get(url)
                seen += [item["follow_up_id"] for item in answer.json()["items"]]
                url = answer.links["next"]["url"] if "next" in answer.links else ""
            assert len(seen) == len(set(seen)) == 5


async def test_an_unknown_filter_is_refused(scheduler: Scheduler) -> None:
    async with scheduler.running.client("line-nurse") as nurse:
        wrong = {"language": "Mme Dupont", "owner": "me", "worst": "12", "order": "name", "colour": "red"}
        for name, value in wrong.items():
            answer = await nurse.get("/scheduler/worklist", params={name: value})
            assert answer.status_code == 422
            assert "Dupont" not in answer.text


async def test_what_belongs_to_one_worker_is_on_the_own_list(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case)
    async with scheduler.running.app.state.database.raw() as connection:
        await connection.execute("UPDATE follow_up SET owner = 'case-manager', worker = 'case-manager-nurse'")

    assert await listed(scheduler) == []
    assert len(await listed(scheduler, "case-manager-nurse", mine="true")) == 1
    assert len(await listed(scheduler, "coordinator", worker="case-manager-nurse")) == 1
    assert len(await listed(scheduler, "coordinator", owner="case-manager")) == 1
    assert await listed(scheduler, "case-manager-social-worker", mine="true") == []


async def test_who_stands_in_has_the_list_of_the_absent(scheduler: Scheduler) -> None:
    await scheduler.close(uuid4())
    async with scheduler.running.app.state.database.raw() as connection:
        await connection.execute("UPDATE follow_up SET owner = 'case-manager', worker = 'case-manager-nurse'")
        await connection.execute(
            "INSERT INTO absence (id, organisation, worker, substitute, first, last, withdrawn, version) VALUES "
            "($1, 'relais', 'case-manager-nurse', 'case-manager-social-worker', '2026-11-19', '2026-11-23', false, 1)",
            uuid4(),
        )
    assert len(await listed(scheduler, "case-manager-social-worker", mine="true")) == 1
    assert await listed(scheduler, "case-manager-nurse", mine="true") == []


async def test_the_team_sees_how_much_there_is_and_who_is_at_it(scheduler: Scheduler) -> None:
    for day in (19, 20):
        await scheduler.close(uuid4(), date(2026, 10, day), person_id=uuid4())
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        await nurse.post(f"{path}/claim")
    held = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        await step(nurse, held, "hold", {"until": "2026-11-24", "reason": "person-away"})
        await nurse.post(f"{path}/claim")
        team = (await nurse.get("/scheduler/worklist/team")).json()

    [load] = team["loads"]
    assert load == {
        "owner": "line",
        "worker": None,
        "today": 2,
        "overdue": 1,
        "week": 2,
        "claimed": 2,
        "held": 1,
    }
    assert team["claims"] == [{"worker": "line-nurse", "people": 1}]
    async with scheduler.running.client("coordinator", org_id="centre") as stranger:
        assert (await stranger.get("/scheduler/worklist/team")).json()["loads"] == []


async def test_the_digest_counts_what_is_due_late_and_done(scheduler: Scheduler) -> None:
    await scheduler.close(uuid4(), date(2026, 10, 19), person_id=uuid4())
    path = await scheduler.one_due()
    async with scheduler.running.client("line-nurse") as nurse:
        today = (await nurse.get("/scheduler/digest")).json()
        await step(nurse, path, "result", FOUND)
        await scheduler.set_time(datetime(2026, 11, 23, 8, tzinfo=UTC))
        monday = (await nurse.get("/scheduler/digest")).json()
        text = await nurse.get("/scheduler/digest", headers={"accept": "text/plain", "accept-language": "fr-BE"})
        far = await nurse.get("/scheduler/digest", params={"on": "2030-01-01"})
        team = (await nurse.get("/scheduler/digest/team", params={"on": "2026-11-23"})).json()

    one = [{"trigger": "case-closed", "kind": "one-month", "count": 1}]
    assert (today["due"], today["overdue"], today["done"]) == (one, one, [])
    assert (monday["since"], monday["due"], monday["overdue"], monday["done"]) == ("2026-11-20", [], one, one)
    assert team == monday
    assert text.headers["content-type"].startswith("text/plain")
    assert text.text == (
        "Relais\n\nÀ faire le 2026-11-23: 0\n\nEn retard: 1\n  Suivi 1 mois: 1\n"
        "\nFait depuis le 2026-11-20: 1\n  Suivi 1 mois: 1\n"
    )
    assert far.json()["errors"] == [{"pointer": "/query/on", "code": "out-of-range"}]


async def test_tasks_of_the_meeting_are_on_the_lines_list_until_they_are_done(scheduler: Scheduler) -> None:
    case = uuid4()
    tasks = {name: uuid4() for name in ("line", "case-manager", "given-away", "done", "closed", "dropped", "later")}
    closed = uuid4()
    for name, task in tasks.items():
        data = {"case_id": closed if name == "closed" else case, "task_id": task, "domain": "housing"}
        data |= {"organisation": "relais", "due_on": "2026-11-20"}
        data |= {"assignee": "case-manager" if name == "case-manager" else "line"}
        await scheduler.running.deliver("cases.task-assigned.v1", uuid4(), data)
    given = {"case_id": case, "task_id": tasks["given-away"], "domain": "housing", "organisation": "relais"}
    given |= {"due_on": "2026-11-20", "assignee": "partner"}
    await scheduler.running.deliver("cases.task-assigned.v1", uuid4(), given)
    await scheduler.running.deliver("cases.task-done.v1", uuid4(), {"case_id": case, "task_id": tasks["done"]})
    data = {"case_id": case, "task_id": tasks["dropped"]}
    await scheduler.running.deliver("cases.task-cancelled.v1", uuid4(), data)
    later = {"case_id": case, "task_id": tasks["later"], "due_on": "2026-12-01"}
    await scheduler.running.deliver("cases.task-postponed.v1", uuid4(), later)
    await scheduler.close(closed)

    async with scheduler.running.client("line-nurse") as nurse:
        items = (await nurse.get("/scheduler/worklist/tasks", params={"when": "today"})).json()["items"]
        assert (await nurse.get("/scheduler/worklist/tasks", params={"when": "overdue"})).json()["items"] == []
    assert items == [
        {
            "task_id": str(tasks["line"]),
            "case_id": str(case),
            "domain": "housing",
            "due_on": "2026-11-20",
            "overdue": False,
        }
    ]
