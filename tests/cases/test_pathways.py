"""The common pathway, configured per organisation: expected days, deviations with reasons, versions that stay."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.deviations import Observed, figures
from services.cases.domain.models import CaseOutline, compared
from services.cases.domain.pathway import (
    DONE_BY,
    After,
    Model,
    Outcome,
    PathwayStep,
    StepStanding,
    Told,
    Unit,
    seen_as,
    standings,
)
from services.cases.events import PathwayStepCode
from services.cases.store.pathways import shipped
from shared.working_days import working_days_after
from tests.cases.neighbours import OTHER, of
from tests.cases.record import TODAY as THIS_DAY
from tests.cases.record import opened
from tests.cases.world import CLOSURE, TODAY, VISIT, YESTERDAY, World, named

STEPS = (
    PathwayStep(step=PathwayStepCode.FIRST_CONTACT, within=2, after=After.REQUEST),
    PathwayStep(step=PathwayStepCode.HOME_VISIT, within=5, unit=Unit.CALENDAR_DAYS),
    PathwayStep(step=PathwayStepCode.PLAN_AGREED, within=30, unit=Unit.CALENDAR_DAYS, mandatory=False),
)
CONTENT: dict[str, Any] = {
    "protocol_version": "2027-1",
    "model": "health-centre",
    "valid_from": TODAY,
    "steps": [
        {"step": "first-contact", "within": 2, "unit": "working-days", "after": "request"},
        {"step": "home-visit", "within": 5, "unit": "calendar-days", "checklist": ["Besoins parcourus"]},
        {"step": "plan-agreed", "within": 30, "unit": "calendar-days", "mandatory": False},
    ],
}
NOVEMBER = "from=2026-11-01&to=2026-11-30"


def told(**days: int) -> list[Told]:
    kinds = {
        "assigned": "case-assigned",
        "contact": "first-contact-made",
        "visit": "care-started",
        "plan": "plan-agreed",
    }
    return [Told(kind=kinds[name], day=THIS_DAY + timedelta(days=number)) for name, number in days.items()]


def standing(days: dict[str, int], after: int = 0) -> list[tuple[str, int | None, bool]]:
    found = standings(opened(), STEPS, told(**days), THIS_DAY + timedelta(days=after))
    return [(each.outcome.value, each.deviation_days, each.out_of_order) for each in found]


def test_working_days_skip_weekends_and_holidays() -> None:
    assert working_days_after(THIS_DAY, 0) == THIS_DAY
    assert working_days_after(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert working_days_after(date(2026, 12, 24), 1) == date(2026, 12, 28)


def test_a_step_is_in_time_late_overdue_or_not_due_yet() -> None:
    late = ("late", 1, False)

    assert standing({}) == [("pending", None, False)] * 3
    assert standing({}, after=5)[0] == ("overdue", 1, False)
    assert standing({"assigned": 0, "contact": 4, "visit": 6}, after=6) == [
        ("in-time", 0, False),
        late,
        ("pending", None, False),
    ]
    assert standing({"assigned": 3, "contact": 5, "visit": 1}, after=6)[1] == ("early", -7, True)


def test_a_step_done_before_one_that_stands_in_front_of_it_is_out_of_order() -> None:
    assert [order for *_, order in standing({"assigned": 0, "contact": 4, "visit": 2, "plan": 3}, 4)] == [
        False,
        True,
        True,
    ]


def test_what_was_not_done_when_a_case_ended_was_skipped() -> None:
    case = opened()
    case.state = case.state.DECLINED

    assert [each.outcome for each in standings(case, STEPS, [], THIS_DAY)] == [Outcome.SKIPPED] * 3
    assert [each.deviates for each in standings(case, STEPS, [], THIS_DAY)] == [True, True, False]


def test_only_telling_the_gp_is_the_step_of_the_gp() -> None:
    assert seen_as("provider-informed", "general-practitioner") == "gp-informed"
    assert seen_as("provider-informed", "home-nurse") == "provider-informed"
    assert set(DONE_BY) == set(PathwayStepCode)


def test_the_shipped_pathway_is_one_that_could_be_configured() -> None:
    assert [each.step for each in shipped().steps][:3] == ["assignment", "first-contact", "home-visit"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["relais", "centre"]), st.sampled_from(Outcome), st.integers(-9, 40), st.booleans())
    )
)
def test_the_figures_of_a_step_add_up_and_nothing_small_is_shown(cases: list[tuple[str, Outcome, int, bool]]) -> None:
    observed = [
        Observed(organisation=organisation, model=Model.OTHER, standing=stand(outcome, days, wrong))
        for organisation, outcome, days, wrong in cases
    ]
    rows = figures(observed)

    assert sum(row.cases or 0 for row in rows) == len(cases)
    for row in rows:
        parts = [row.in_time, row.late, row.overdue, row.skipped, row.pending]
        assert sum(part or 0 for part in parts) == row.cases
        told = row.for_outsiders()
        counts = [told.cases, told.due, told.in_time, told.late, told.overdue, told.skipped, told.pending, told.done]
        assert not any(count and count < 5 for count in [*counts, told.out_of_order])


def stand(outcome: Outcome, days: int, wrong: bool) -> StepStanding:
    is_done = outcome in {Outcome.IN_TIME, Outcome.EARLY, Outcome.LATE}
    return StepStanding(
        step=PathwayStepCode.HOME_VISIT,
        mandatory=True,
        checklist=(),
        expected_by=THIS_DAY,
        done_on=THIS_DAY if is_done else None,
        outcome=outcome,
        deviation_days=days,
        out_of_order=wrong,
    )


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3), st.integers(0, 9))))
def test_models_are_compared_with_denominators_and_nothing_small(cases: list[tuple[bool, bool, int, int]]) -> None:
    outlines = [
        CaseOutline(
            organisation="relais",
            model=Model.PROGRAMME,
            worker="anne",
            is_owned=not closed,
            waiting_days=visits,
            first_contact_days=None,
            visits=visits,
            closings=closings,
            is_closed=closed,
            has_reached_goals=closed and goals,
        )
        for closed, goals, closings, visits in cases
    ]
    for row in compared(outlines):
        assert (row.cases, row.assigned, row.contacted) == (len(cases), len(cases), 0)
        assert (row.closed or 0) + (row.open or 0) == len(cases)
        shown = row.for_outsiders()
        counts = [shown.cases, shown.closed, shown.goals_reached, shown.ever_closed, shown.reopened, shown.open]
        assert not any(count and count < 5 for count in counts)


async def write(world: World, content: dict[str, Any], etag: str | None = None, organisation: str = "relais") -> Any:
    headers = {"if-match": etag} if etag else {}
    return await of(world, organisation=organisation).put(
        f"/cases/pathways/{organisation}", json=content, headers=headers
    )


async def test_a_changed_pathway_holds_for_future_cases_only(world: World) -> None:
    earlier = await world.assigned()
    put = await write(world, CONTENT)
    assert put.status_code == 200, put.text
    later = await world.assigned()
    await write(world, {**CONTENT, "protocol_version": "2027-2", "valid_from": "2027-01-01"}, put.headers["etag"])
    still = await world.assigned()

    protocols = [(await world.read(f"/cases/{case}/pathway"))["protocol_version"] for case in (earlier, later, still)]
    view = await world.read("/cases/pathways/relais")
    steps = (await world.read(f"/cases/{later}/pathway"))["steps"]

    assert protocols == ["1", "2027-1", "2027-1"]
    assert (await world.view(later))["protocol_version"] == "2027-1"
    assert (view["in_force"]["protocol_version"], [each["number"] for each in view["versions"]]) == ("2027-1", [2, 1])
    assert [(each["step"], each["expected_by"], each["outcome"]) for each in steps] == [
        ("first-contact", "2026-11-24", "pending"),
        ("home-visit", "2026-11-25", "pending"),
        ("plan-agreed", "2026-12-20", "pending"),
    ]
    assert steps[1]["checklist"] == ["Besoins parcourus"]
    assert [fact["valid_from"] for fact in await world.told("cases.pathway-changed.v1")] == [TODAY, "2027-01-01"]


async def test_deviations_of_a_case_are_shown_explained_and_reported(world: World) -> None:
    await write(world, CONTENT)
    late, fine = await world.assigned(), await world.assigned()
    await world.done(fine, "visits", VISIT)
    world.service.clock.move(days=7)
    await world.done(late, "visits", {**VISIT, "on": "2026-11-27"})
    await world.done(late, "pathway/deviations", {"step": "home-visit", "reason": "hospital-stay", "note": "Un canari"})
    await world.done(late, "closure", {**CLOSURE, "closed_on": "2026-11-27"})

    steps = {each["step"]: each for each in (await world.read(f"/cases/{late}/pathway"))["steps"]}
    report = (await world.read(f"/cases/reports/deviations?{NOVEMBER}"))["rows"]
    visits = next(row for row in report if row["step"] == "home-visit")
    table = (await world.as_("coordinator").get(f"/cases/reports/deviations.csv?{NOVEMBER}")).text
    analyst = (await world.read(f"/cases/reports/deviations?{NOVEMBER}", "analyst"))["rows"]
    foreign = (await of(world).get(f"/cases/reports/deviations?{NOVEMBER}")).json()["rows"]

    assert (steps["home-visit"]["outcome"], steps["home-visit"]["deviation_days"]) == ("late", 2)
    assert (steps["first-contact"]["outcome"], steps["plan-agreed"]["outcome"]) == ("skipped", "skipped")
    assert [row["step"] for row in report] == ["first-contact", "home-visit", "plan-agreed"]
    assert (visits["organisation"], visits["model"]) == ("relais", "health-centre")
    assert (visits["cases"], visits["due"], visits["in_time"], visits["in_time_share"]) == (2, 2, 1, 0.5)
    assert (visits["late"], visits["median_delay"], visits["explained"]) == (1, -1.5, {"hospital-stay": 1})
    rows = list(csv.DictReader(io.StringIO(table.lstrip("\ufeff"))))
    assert [(row["step"], row["cases"], row["explained"]) for row in rows][1] == ("home-visit", "2", "hospital-stay=1")
    assert all(row["hidden"] and row["cases"] is None and row["explained"] is None for row in analyst)
    assert foreign == []
    assert "canari" not in str(await world.service.announced())
    [noted] = (await world.read(f"/cases/{late}/pathway/deviations"))["items"]
    assert (noted["note"], noted["reason"], noted["by"]) == ("Un canari", "hospital-stay", "coordinator")


async def test_models_of_several_organisations_stand_side_by_side(world: World) -> None:
    for _ in range(5):
        case_id = await world.assigned()
        await world.done(case_id, "visits", VISIT)
    await world.done(case_id, "closure", CLOSURE)
    await world.done(case_id, "reopening", {"reason": "Une chute"})

    [mine] = (await world.read(f"/cases/reports/models?{NOVEMBER}"))["rows"]
    [shown] = (await world.read(f"/cases/reports/models?{NOVEMBER}", "analyst"))["rows"]
    table = await world.as_("analyst").get(f"/cases/reports/models.csv?{NOVEMBER}")

    assert (mine["organisation"], mine["model"], mine["cases"], mine["visits"]) == ("relais", "programme", 5, 5)
    assert (mine["waiting_days"], mine["visits_per_case"], mine["caseload"]) == (0.0, 1.0, 5.0)
    assert (mine["ever_closed"], mine["reopened"], mine["reopened_share"]) == (1, 1, 1.0)
    assert (shown["cases"], shown["ever_closed"], shown["reopened_share"], shown["hidden"]) == (5, None, None, True)
    assert table.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"steps": []}, ("/steps", "too-short")),
        ({"steps": [{"step": "home-visit", "within": -1}]}, ("/steps/0/within", "out-of-range")),
        ({"steps": [{"step": "tea-time", "within": 1}]}, ("/steps/0/step", "not-one-of")),
        ({"steps": [{"step": "home-visit", "within": 1}] * 2}, ("", "repeated-step")),
        ({"valid_from": YESTERDAY}, ("/valid_from", "in-past")),
        ({"model": "empire"}, ("/model", "not-one-of")),
    ],
)
async def test_a_pathway_that_cannot_be_is_refused(
    world: World, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    answer = await write(world, {**CONTENT, **changes})

    assert (answer.status_code, expected in named(answer)) == (422, True), answer.text


async def test_two_editors_of_a_pathway_do_not_overwrite_each_other(world: World) -> None:
    first = await write(world, CONTENT)
    unseen = await write(world, {**CONTENT, "protocol_version": "b"})
    taken = await write(world, CONTENT, first.headers["etag"])
    stale = await write(world, {**CONTENT, "protocol_version": "b"}, '"0"')
    foreign = await of(world).put("/cases/pathways/relais", json=CONTENT)
    unknown = await write(world, CONTENT, organisation="nulle-part")

    assert [each.status_code for each in (first, unseen, taken, stale, foreign, unknown)] == [
        200,
        428,
        422,
        412,
        404,
        422,
    ]
    assert named(taken) == [("/protocol_version", "taken")]
    assert named(unknown) == [("/organisation", "unknown-organisation")]
    assert (await of(world).get("/cases/pathways/relais")).status_code == 404
    assert (await of(world).get(f"/cases/pathways/{OTHER}")).json()["in_force"]["model"] == "programme"


async def test_an_explanation_of_a_step_that_the_pathway_does_not_have_is_refused(world: World) -> None:
    await write(world, CONTENT)
    case_id = await world.assigned()

    missing = await world.step(case_id, "pathway/deviations", {"step": "review-meeting", "reason": "other"})
    unknown = await world.step(case_id, "pathway/deviations", {"step": "tea-time", "reason": "other"})
    stale = await world.step(case_id, "pathway/deviations", {"step": "home-visit", "reason": "other"}, etag='"1"')

    assert (named(missing), missing.status_code) == ([("/step", "not-in-pathway")], 422)
    assert (named(unknown), stale.status_code) == ([("/step", "not-one-of")], 412)


@pytest.mark.parametrize("query", ["from=2026-11-02&to=2026-11-30", "from=2026-11-01&to=2026-11-29", "from=2026-11-01"])
async def test_a_report_is_about_whole_months(world: World, query: str) -> None:
    assert (await world.as_("coordinator").get(f"/cases/reports/deviations?{query}")).status_code == 422
