"""The mission-boundary register: its counts are those of the tasks that were coded."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain import LifeDomain, MissionReason
from services.cases.domain.mission import OutsideTask, for_outsiders, register
from services.cases.domain.pathway import Model
from shared.ids import new_id
from tests.cases.neighbours import of
from tests.cases.world import TASK, World

CASES = [new_id() for _ in range(12)]
TASKS = st.lists(
    st.builds(
        OutsideTask,
        task_id=st.uuids(),
        case_id=st.sampled_from(CASES),
        organisation=st.sampled_from(["relais", "centre"]),
        model=st.sampled_from([Model.PROGRAMME, Model.HOSPITAL_BASED]),
        accountable=st.sampled_from(["relais", "centre"]),
        reason=st.sampled_from(MissionReason),
        domain=st.sampled_from([LifeDomain.FOOD, LifeDomain.ADDICTION, LifeDomain.OTHER]),
    ),
    max_size=60,
)
DECEMBER = "from=2026-12-01&to=2026-12-31"


@given(TASKS)
def test_the_counts_match_the_coded_tasks(tasks: list[OutsideTask]) -> None:
    found = register(tasks)

    assert found.tasks == sum(row.tasks for row in found.rows) == len(tasks)
    by_reason = Counter(each.reason for each in tasks)
    assert Counter(reason for row in found.rows for reason in [row.reason] * row.tasks) == by_reason
    keys = [(row.organisation, row.model, row.accountable, row.reason, row.domain) for row in found.rows]
    assert keys == sorted({each.key for each in tasks})


@given(TASKS)
def test_outsiders_see_no_row_about_few_people_and_no_sensitive_domain(tasks: list[OutsideTask]) -> None:
    found = for_outsiders(tasks)

    assert all(row.cases >= 5 for row in found.rows)
    assert all(row.domain is not LifeDomain.ADDICTION for row in found.rows)
    assert found.tasks == sum(row.tasks for row in found.rows) <= len(tasks)


async def test_the_register_and_the_tasks_behind_it(world: World) -> None:
    case_id = await world.agreed()
    outside = {**TASK, "within_mission": False, "mission_reason": "waiting-time", "due_on": "2026-12-10"}
    first = await world.done(case_id, "tasks", outside)
    await world.done(case_id, "tasks", {**outside, "domain": "food", "mission_reason": "nobody-else"})
    await world.done(case_id, "tasks", {**outside, "due_on": "2027-01-02"})

    report = await world.read(f"/cases/reports/mission-boundary?{DECEMBER}")
    listed = (await world.read(f"/cases/reports/mission-boundary/tasks?{DECEMBER}"))["items"]
    one = (await world.read(f"/cases/reports/mission-boundary/tasks?{DECEMBER}&reason=waiting-time"))["items"]
    page = await world.read(f"/cases/reports/mission-boundary/tasks?{DECEMBER}&limit=1")
    rest = await world.read(f"/cases/reports/mission-boundary/tasks?{DECEMBER}&limit=1&cursor={page['next']}")
    analyst = await world.read(f"/cases/reports/mission-boundary?{DECEMBER}", "analyst")
    foreign = (await of(world).get(f"/cases/reports/mission-boundary?{DECEMBER}")).json()
    denied = await world.as_("analyst").get(f"/cases/reports/mission-boundary/tasks?{DECEMBER}")

    assert {(row["reason"], row["domain"], row["accountable"], row["tasks"]) for row in report["rows"]} == {
        ("waiting-time", "living_place", "centre", 1),
        ("nobody-else", "food", "centre", 1),
    }
    assert (report["tasks"], len(listed), [each["id"] for each in one]) == (2, 2, [first["id"]])
    assert [each["id"] for each in page["items"] + rest["items"]] == [each["id"] for each in listed]
    assert (analyst["rows"], analyst["tasks"], analyst["hidden_rows"]) == ([], 0, 2)
    assert (foreign["rows"], denied.status_code) == ([], 403)
