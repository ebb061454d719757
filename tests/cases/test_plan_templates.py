"""Templates of plans: shipped as data, written anew by an organisation, filled in as a form that is a valid draft."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.cases.domain import FillIn, Language, TemplateContent, Unfit, fill_in, shipped
from services.cases.domain.template import Current
from tests.cases.record import TODAY, Record, task
from tests.cases.world import PLAN, World, named

SHIPPED = shipped()
OWN: dict[str, Any] = {
    "title": {"fr": "Aide ménagère"},
    "goals": [{"text": {"fr": "Une maison propre"}, "domain": "housework"}],
    "tasks": [
        {
            "title": {"fr": "Demander des titres-services"},
            "domain": "housework",
            "assignee": "line",
            "due_in_days": 10,
            "goals": [1],
        }
    ],
}


@pytest.mark.parametrize("code", sorted(SHIPPED))
def test_a_shipped_template_speaks_four_languages(code: str) -> None:
    content = SHIPPED[code].content
    texts = [content.title, *(each.text for each in (*content.goals, *content.needs))]
    for each in [*texts, *(each.title for each in content.tasks)]:
        assert set(each) == set(Language)
    assert all(each.goals for each in content.tasks)


def test_the_shipped_templates_cover_what_comes_back() -> None:
    assert set(SHIPPED) == {
        "carer-support",
        "hospital-discharge",
        "property-administrator",
        "social-housing",
        "transport",
    }


def test_days_count_from_the_day_it_is_filled_in() -> None:
    wish = FillIn(template="transport", language=Language.DUTCH, organisation="centre")
    form = fill_in(SHIPPED["transport"].content, wish, Current(None, []), TODAY)

    assert [each.due_on - TODAY for each in form.tasks] == [timedelta(days=days) for days in (7, 14, 30)]
    assert {each.organisation for each in form.tasks} == {"centre"}
    assert form.goals[0].text == "Naar mijn afspraken kunnen gaan"


def test_the_plan_of_now_comes_first_and_its_unfinished_tasks_are_carried_over() -> None:
    record = Record().in_force(task(goals=[1]))
    current = Current(record.plans[-1], record.tasks)

    form = fill_in(SHIPPED["transport"].content, FillIn(template="transport"), current, TODAY)
    bare = fill_in(SHIPPED["transport"].content, FillIn(template="transport", keep_current=False), current, TODAY)

    assert form.goals[0] == record.plans[-1].goals[0]
    assert (form.tasks[0].task_id, form.tasks[0].goals) == (record.tasks[0].id, (form.goals[0].id,))
    assert {each.goals for each in form.tasks[1:]} == {(2,)}
    assert (len(bare.goals), {each.task_id for each in bare.tasks}) == (1, {None})


def test_a_task_of_a_template_serves_goals_of_it() -> None:
    wrong = TemplateContent.model_validate({**OWN, "tasks": [{**OWN["tasks"][0], "goals": [1, 2]}]})
    with pytest.raises(Unfit) as error:
        wrong.check()
    assert [(each.pointer, each.code) for each in error.value.faults] == [("/tasks/0/goals/1", "unknown-goal")]


async def test_a_filled_in_template_becomes_a_draft_with_the_persons_words(world: World) -> None:
    await world.knows("centre")
    case_id = await world.agreed()
    coordinator = world.as_("coordinator")

    wish = {"template": "hospital-discharge", "organisation": "centre"}
    answer = await coordinator.post(f"/cases/{case_id}/plan/from-template", json=wish)
    form = answer.json()
    empty = await world.step(case_id, "plan", form)
    draft = await world.done(case_id, "plan", {**form, "person_words": "Je veux rentrer chez moi."})

    assert answer.status_code == 200
    assert named(empty) == [("/person_words", "too-short")]
    assert (draft["plan_version"], len(draft["tasks"])) == (2, 2 + 5)
    assert draft["goals"][0]["text"] == PLAN["goals"][0]["text"]
    assert draft["tasks"][0]["id"] in {each["id"] for each in (await world.view(case_id))["tasks"]}
    first = date.fromisoformat(draft["tasks"][2]["due_on"])
    assert first == TODAY + timedelta(days=2)


async def test_a_template_without_an_organisation_leaves_it_to_be_said(world: World) -> None:
    case_id = await world.assigned()
    wish = {"template": "transport"}
    form = (await world.as_("coordinator").post(f"/cases/{case_id}/plan/from-template", json=wish)).json()

    refused = await world.step(case_id, "plan", {**form, "person_words": "Oui"})

    assert [pointer for pointer, _ in named(refused)] == [f"/tasks/{number}/organisation" for number in range(3)]
    assert (await world.read(f"/cases/{case_id}/plans"))["items"] == []


async def test_an_organisation_writes_versions_of_its_own(world: World) -> None:
    coordinator, path = world.as_("coordinator"), "/cases/plan-templates/transport"
    shipped_one = await coordinator.get(path)
    blind = await coordinator.put(path, json=OWN)
    written = await coordinator.put(path, json=OWN, headers={"if-match": shipped_one.headers["etag"]})
    stale = await coordinator.put(path, json=OWN, headers={"if-match": shipped_one.headers["etag"]})
    new = await coordinator.put("/cases/plan-templates/cleaning", json=OWN)

    assert (shipped_one.headers["etag"], blind.status_code, stale.status_code) == ('"1"', 428, 412)
    assert (written.status_code, written.json()["version"], written.headers["etag"]) == (200, 2, '"2"')
    assert (new.json()["version"], new.json()["organisation"]) == (1, "relais")
    first = await world.read(f"{path}?version=1")
    assert (first["organisation"], first["content"]["title"]["en"]) == (None, "Transport")
    assert (await world.read(path))["content"]["title"] == {"fr": "Aide ménagère"}
    listed = (await world.read("/cases/plan-templates?limit=2"))["items"]
    assert [(each["code"], each["shipped"]) for each in listed] == [("carer-support", True), ("cleaning", False)]


async def test_a_template_that_is_not_there_or_not_right_is_refused(world: World) -> None:
    case_id = await world.assigned()
    coordinator = world.as_("coordinator")
    path = f"/cases/{case_id}/plan/from-template"

    assert (await coordinator.post(path, json={"template": "nothing"})).status_code == 404
    assert (await coordinator.get("/cases/plan-templates/nothing")).status_code == 404
    wrong = await coordinator.put("/cases/plan-templates/own", json={**OWN, "goals": []})
    assert named(wrong) == [("/goals", "too-short")]
    assert (await world.as_("line-nurse").put("/cases/plan-templates/own", json=OWN)).status_code == 403
