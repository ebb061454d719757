"""The decision log: a joint decision is in force with every yes it needs, and nothing in the log is ever rewritten."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain import (
    AlreadyAmended,
    Answer,
    Decision,
    DecisionReport,
    NotWaiting,
    Unfit,
    answer_decision,
    record_decision,
)
from services.cases.events import DecisionStatus
from tests.cases.record import NOW, TODAY, opened
from tests.cases.world import TODAY as TODAY_TEXT
from tests.cases.world import World, named

NAMES = ("relais", "centre", "cpas")
JOINT = {
    "kind": "joint-decision",
    "subject": "plan",
    "on": TODAY_TEXT,
    "text": "Le centre organise les soins, le CPAS le logement.",
    "organisations": ["relais", "centre"],
}


def report(**changes: object) -> DecisionReport:
    return DecisionReport.model_validate({**JOINT, "organisations": NAMES, **changes})


def decided(**changes: object) -> Decision:
    return record_decision(opened(), report(**changes), None, "anne", NOW)[0]


def answer(organisation: str, agreed: bool = True) -> Answer:
    return Answer(organisation=organisation, agreed=agreed, on=TODAY)


@given(st.permutations(NAMES))
def test_a_joint_decision_needs_every_yes(order: list[str]) -> None:
    decision, case = decided(), opened()
    for number, organisation in enumerate(order, start=1):
        fact = answer_decision(case, decision, answer(organisation), TODAY)
        expected = DecisionStatus.IN_FORCE if number == len(NAMES) else DecisionStatus.WAITING
        assert fact.status is decision.status is expected
    with pytest.raises(NotWaiting):
        answer_decision(case, decision, answer("centre", agreed=False), TODAY)


def test_one_no_refuses_it_and_a_yes_said_twice_counts_once() -> None:
    for first, second in permutations(NAMES, 2):
        decision, case = decided(), opened()
        for _ in range(3):
            answer_decision(case, decision, answer(first), TODAY)
        seen = [decision.status]
        answer_decision(case, decision, answer(second, agreed=False), TODAY)
        assert [*seen, decision.status] == [DecisionStatus.WAITING, DecisionStatus.REFUSED]


def test_the_rules_say_whose_yes_is_needed() -> None:
    assert decided().needed == tuple(sorted(NAMES))
    assert decided(subject="practice").needed == ("relais",)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"on": TODAY + timedelta(days=1)}, ("/on", "in-future")),
        ({"on": TODAY - timedelta(days=1)}, ("/on", "before-opening")),
        ({"organisations": ["relais"]}, ("/organisations", "too-short")),
        ({"organisations": ["relais", "relais"]}, ("/organisations", "repeated")),
        ({"acts": [{"organisation": "commune", "what": "x"}]}, ("/acts/0/organisation", "not-concerned")),
        ({"answers": [answer("commune")]}, ("/answers/0/organisation", "not-concerned")),
        ({"answers": [answer("cpas"), answer("cpas")]}, ("/answers", "repeated")),
        ({"kind": "remark", "answers": [answer("cpas")]}, ("/answers", "not-a-joint-decision")),
        ({"amends": "01900000-0000-7000-8000-000000000001"}, ("/amendment_reason", "required")),
        (
            {"amends": "01900000-0000-7000-8000-000000000001", "amendment_reason": "x"},
            ("/amends", "unknown-decision"),
        ),
    ],
)
def test_a_decision_that_cannot_be_is_refused(changes: dict[str, object], fault: tuple[str, str]) -> None:
    with pytest.raises(Unfit) as error:
        decided(**changes)
    assert fault in [(each.pointer, each.code) for each in error.value.faults]


def test_a_correction_is_an_entry_of_its_own() -> None:
    case, first = opened(), decided(kind="remark")
    correction = report(kind="remark", text="Autrement dit", amends=first.id, amendment_reason="Erreur de nom")

    second, fact = record_decision(case, correction, first, "anne", NOW)

    assert (first.status, first.amended_by, fact.amends) == (DecisionStatus.AMENDED, second.id, first.id)
    assert first.text == JOINT["text"]
    with pytest.raises(AlreadyAmended):
        record_decision(case, correction, first, "anne", NOW)


async def test_a_joint_decision_waits_for_the_partner_in_the_log(world: World) -> None:
    await world.knows("centre", "cpas")
    case_id = await world.assigned()
    mine = {"organisation": "relais", "agreed": True, "on": TODAY_TEXT}
    act = {"organisation": "centre", "what": "Organiser les soins", "due_on": "2026-12-01"}

    first = await world.done(case_id, "decisions", {**JOINT, "answers": [mine], "acts": [act]})
    path = f"decisions/{first['id']}/answers"
    yes = {**mine, "organisation": "centre", "given_by": "Direction", "note": "D'accord"}
    stranger = await world.step(case_id, path, {**mine, "organisation": "cpas"})
    agreed = await world.done(case_id, path, yes)
    late = await world.step(case_id, path, yes)

    assert (first["status"], first["needed"]) == ("waiting", ["centre", "relais"])
    assert named(stranger) == [("/organisation", "not-concerned")]
    assert (agreed["status"], late.status_code, late.json()["code"]) == ("in-force", 409, "decision-not-waiting")
    assert [each["id"] for each in (await world.read(f"/cases/{case_id}/decisions"))["items"]] == [first["id"]]
    [told] = await world.told("cases.decision-recorded.v1")
    assert (told["decision_id"], told["status"], told["organisations"]) == (
        first["id"],
        "waiting",
        ["relais", "centre"],
    )
    assert "soins" not in str(await world.service.announced())


async def test_the_log_is_corrected_by_amendment_and_knows_its_organisations(world: World) -> None:
    await world.knows("centre")
    case_id, other = await world.assigned(), await world.assigned()
    remark = {**JOINT, "kind": "remark", "organisations": ["centre"]}
    first = await world.done(case_id, "decisions", remark)
    again = {**remark, "text": "Le centre passe le lundi.", "amends": first["id"], "amendment_reason": "Jour erroné"}

    elsewhere = await world.step(other, "decisions", again)
    amended = await world.done(case_id, "decisions", again)
    twice = await world.step(case_id, "decisions", again)
    unknown = await world.step(case_id, "decisions", {**JOINT, "organisations": ["relais", "nobody"]})

    assert named(elsewhere) == [("/amends", "unknown-decision")]
    log = {each["id"]: each for each in (await world.read(f"/cases/{case_id}/decisions"))["items"]}
    assert (log[first["id"]]["status"], log[first["id"]]["amended_by"]) == ("amended", amended["id"])
    assert (twice.status_code, twice.json()["code"]) == (409, "decision-amended")
    assert named(unknown) == [("/organisations/1", "unknown-organisation")]
    rules = await world.read("/cases/decision-rules")
    assert rules["needs_yes_of"]["plan"] == "every"


async def test_only_who_works_on_cases_writes_the_log(world: World) -> None:
    await world.knows("centre")
    case_id = await world.assigned()

    assert (await world.step(case_id, "decisions", JOINT, "line-nurse")).status_code == 403
    assert (await world.step(case_id, "decisions", JOINT, "coordinator", etag='"1"')).status_code == 412
