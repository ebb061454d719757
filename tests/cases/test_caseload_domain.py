"""The rules of weights, loads, workers and the waiting list, by themselves."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.cases.domain import CaseloadFull, DisciplineMismatch, Load, Phase, Unfit, WorkerAbsent
from services.cases.domain.assignment import Assignment, Second
from services.cases.domain.caseload import Effort, TravelSource, total, travel_of
from services.cases.domain.complexity import level_of
from services.cases.domain.staffing import Staffing, assign, missing, note_staffing
from services.cases.domain.waiting_list import Decider, Request, Rule, fits, ranked
from services.cases.domain.weights import Finding, Level, Weights
from services.cases.domain.worker import AbsencePeriod, Worker, WorkerDescription, WorkerElsewhere
from services.cases.domain.worker_load import Carried, Change, current, projected, room
from services.cases.events import Discipline, Urgency, WantedDiscipline
from services.cases.settings import SHIPPED
from shared.errors import NotFound
from shared.ids import new_id
from tests.cases.record import TODAY, assignment, opened

FILE: dict[str, Any] = json.loads((SHIPPED / "caseload-1.json").read_text())
WEIGHTS = Weights.model_validate(FILE)
TOMORROW = TODAY + timedelta(days=1)
ROOM = Load(open=0, cap=40)


def effort(phase: Phase = Phase.PLAN, level: Level | None = None, minutes: int | None = None, **said: Any) -> Effort:
    return Effort(level=level, travel_minutes=minutes, phase=phase, **said)


@pytest.mark.parametrize(
    ("case", "weight"),
    [
        (effort(), "1.00"),
        (effort(level=Level.HIGH), "1.50"),
        (effort(level=Level.HIGH, minutes=90), "1.95"),
        (effort(Phase.COORDINATE, Level.LOW, 44), "0.56"),
        (effort(Phase.FOLLOW, Level.MEDIUM, 45), "0.58"),
        (effort(Phase.COORDINATE, Level.HIGH, is_paused=True), "0.38"),
        (effort(level=Level.HIGH, is_second=True), "0.75"),
        (effort(Phase.EVALUATE, Level.HIGH, 300), "0.00"),
    ],
)
def test_a_case_weighs_complexity_times_travel_times_phase(case: Effort, weight: str) -> None:
    assert case.weight(WEIGHTS) == Decimal(weight)


@given(st.lists(st.tuples(st.sampled_from([None, *Level]), st.integers(0, 200), st.sampled_from(list(Phase)))))
def test_a_load_is_the_sum_of_its_lines_and_of_its_parts(cases: list[tuple[Level | None, int, Phase]]) -> None:
    carried = [Carried(new_id(), effort(phase, level, minutes)) for level, minutes, phase in cases]

    load = current(carried, WEIGHTS)

    assert load.load == sum((each.effort.weight(WEIGHTS) for each in carried), Decimal(0))
    for parts in (load.by_phase, load.by_complexity):
        assert sum((part.load for part in parts.values()), Decimal(0)) == load.load
        assert sum(part.cases for part in parts.values()) == load.cases == len(cases)


def test_planning_weighs_more_than_following_and_a_pause_little() -> None:
    by_phase = {phase: effort(phase).weight(WEIGHTS) for phase in Phase}

    assert by_phase[Phase.PLAN] > by_phase[Phase.COORDINATE] > by_phase[Phase.FOLLOW] > by_phase[Phase.EVALUATE] == 0
    assert effort(is_paused=True).weight(WEIGHTS) < by_phase[Phase.FOLLOW]


@pytest.mark.parametrize(
    ("declared", "visits", "found"),
    [
        (None, [], (None, TravelSource.UNKNOWN)),
        (30, [], (30, TravelSource.DECLARED)),
        (30, [90, 80], (30, TravelSource.DECLARED)),
        (None, [90, 80], (85, TravelSource.VISITS)),
        (30, [90, 80, 70], (80, TravelSource.VISITS)),
        (None, [10, 10, 10, 10, 11, 900], (10, TravelSource.VISITS)),
    ],
)
def test_the_way_is_what_visits_tell_once_there_are_three(
    declared: int | None, visits: list[int], found: tuple[int | None, TravelSource]
) -> None:
    assert travel_of(declared, visits, WEIGHTS) == found


@pytest.mark.parametrize(
    ("findings", "found"),
    [
        ({}, (None, None)),
        ({"medical": "not_assessed", "family": "not_assessed"}, (None, None)),
        ({"medical": "none", "family": "not_assessed"}, (Level.LOW, 0)),
        ({"psychosocial": "present", "context": "dominant"}, (Level.MEDIUM, 3)),
        ({"psychosocial": "present", "context": "dominant", "medical": "dominant"}, (Level.HIGH, 5)),
    ],
)
def test_findings_add_up_to_a_level(findings: dict[str, str], found: tuple[Level | None, int | None]) -> None:
    assert level_of({name: Finding(value) for name, value in findings.items()}, WEIGHTS) == found


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("phase", {**FILE["phase"], "plan": "-1.00"}),
        ("phase", {"plan": "1.00"}),
        ("paused", "-0.25"),
        ("paused", "NaN"),
        ("second_worker", "11"),
        ("travel", {**FILE["travel"], "bands": FILE["travel"]["bands"][::-1]}),
        ("travel", {**FILE["travel"], "bands": FILE["travel"]["bands"][1:]}),
        ("travel", {**FILE["travel"], "visits_needed": 9}),
        ("complexity", {**FILE["complexity"], "levels": FILE["complexity"]["levels"][1:]}),
        ("complexity", {**FILE["complexity"], "levels": FILE["complexity"]["levels"][::-1]}),
        ("complexity", {**FILE["complexity"], "unknown_placed": {"urgent": "high"}}),
        ("complexity", {**FILE["complexity"], "unknown_weight": "-1"}),
        ("surprise", 1),
    ],
)
def test_weights_that_make_no_sense_are_not_loaded(part: str, value: object, tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        Weights.model_validate_json(json.dumps({**FILE, part: value}))


@given(st.integers(0, 60), st.decimals(0, 60, places=2), st.decimals(0, 4, places=2), st.sampled_from([None, "oui"]))
def test_only_a_reason_goes_over_the_cap(cap: int, carried: Decimal, added: Decimal, reason: str | None) -> None:
    load = Load(open=3, cap=cap, weighted=carried, added=added)

    if carried + added <= cap or reason:
        load.allow_one_more(reason)
    else:
        with pytest.raises(CaseloadFull) as refused:
            load.allow_one_more(reason)
        assert refused.value.facts == {"open": 3, "cap": cap, "load": str(carried), "case_weight": str(added)}


def test_a_load_is_projected_from_ends_pauses_and_offers() -> None:
    ending = Carried(new_id(), effort(), ends_on=TOMORROW)
    resting = Carried(new_id(), effort(is_paused=True), resumes_on=TOMORROW)
    resting_long = Carried(new_id(), effort(is_paused=True), resumes_on=TODAY + timedelta(days=90))
    leaving = Carried(new_id(), effort(), is_leaving=True)
    arriving = Carried(new_id(), effort(level=Level.HIGH), is_arriving=True)
    staying = Carried(new_id(), effort())

    carried = [ending, resting, resting_long, leaving, arriving, staying]
    now, (then, changes) = current(carried, WEIGHTS), projected(carried, TOMORROW, WEIGHTS)

    assert (now.cases, now.load) == (5, Decimal("3.50"))
    assert (then.cases, then.load) == (4, Decimal("3.75"))
    assert changes == {
        Change.ENDING: [ending.case_id],
        Change.RESUMING: [resting.case_id],
        Change.ARRIVING: [arriving.case_id],
        Change.LEAVING: [leaving.case_id],
    }
    assert (room(then.load, 40), room(then.load, 3)) == (Decimal("36.25"), Decimal(0))
    assert total([], WEIGHTS) == 0


# Workers


def described(**changes: Any) -> WorkerDescription:
    known = {"discipline": "nurse", "employer": "centre", "programme": "relais", "organisation": "relais"}
    return WorkerDescription.model_validate({**known, "employed_from": "2026-01-01", **changes})


def worker(**changes: Any) -> Worker:
    return Worker.register("anne", described(**changes))[0]


def days(first: int, last: int, substitute: str | None = None) -> AbsencePeriod:
    return AbsencePeriod(
        from_on=TODAY + timedelta(days=first), until=TODAY + timedelta(days=last), substitute=substitute
    )


def test_an_absent_worker_takes_no_case_until_the_absence_is_over() -> None:
    anne = worker()
    anne.be_absent(days(0, 7, "bruno"))

    with pytest.raises(WorkerAbsent) as refused:
        anne.refuse_away(TODAY + timedelta(days=7))
    assert refused.value.facts == {"until": "2026-11-27", "substitute": "bruno"}
    anne.refuse_away(TODAY + timedelta(days=8))


def test_who_has_left_or_not_begun_takes_no_case() -> None:
    with pytest.raises(WorkerAbsent) as left:
        worker(employed_until="2026-11-19").refuse_away(TODAY)
    with pytest.raises(WorkerAbsent) as to_come:
        worker(employed_from="2026-12-01").refuse_away(TODAY)

    assert left.value.facts == {"left_on": "2026-11-19"}
    assert to_come.value.facts == {"until": "2026-11-30"}


@pytest.mark.parametrize(
    ("period", "code"),
    [
        (days(3, 2), ("/until", "before-start")),
        (days(5, 9), ("/from_on", "overlaps")),
        (days(-3, 0), ("/from_on", "overlaps")),
        (days(9, 9, "anne"), ("/substitute", "the-same-worker")),
    ],
)
def test_an_absence_ends_after_it_began_and_lies_on_no_other(period: AbsencePeriod, code: tuple[str, str]) -> None:
    anne = worker()
    anne.be_absent(days(0, 7))

    with pytest.raises(Unfit) as refused:
        anne.be_absent(period)

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [code]
    assert len(anne.absences) == 1


def test_an_absence_is_changed_and_taken_back() -> None:
    anne = worker()
    absence = anne.be_absent(days(0, 7)).absence_id

    anne.be_absent(days(2, 9), absence)
    assert [(each.id, each.until) for each in anne.absences] == [(absence, date(2026, 11, 29))]
    anne.withdraw_absence(absence)

    assert anne.absences == ()
    for step in (lambda: anne.withdraw_absence(absence), lambda: anne.be_absent(days(0, 1), absence)):
        with pytest.raises(NotFound):
            step()


def test_a_worker_is_asked_in_their_discipline_and_organisation() -> None:
    with pytest.raises(Unfit):
        worker().refuse_other(Discipline.SOCIAL_WORKER, "relais")
    with pytest.raises(WorkerElsewhere):
        worker().refuse_other(Discipline.NURSE, "centre")
    worker().refuse_other(Discipline.NURSE, "relais")


# Assignment


def both(reason: str | None = None) -> Assignment:
    second = Second(worker="bruno", discipline=Discipline.SOCIAL_WORKER)
    return assignment().model_copy(update={"second": second, "over_cap_reason": reason})


@pytest.mark.parametrize("wanted", [None, *WantedDiscipline])
@pytest.mark.parametrize("given_both", [False, True])
def test_another_profile_than_the_wanted_one_needs_a_reason(wanted: WantedDiscipline | None, given_both: bool) -> None:
    case, body = opened(), both() if given_both else assignment()
    case.wanted_discipline = wanted
    loads = {"anne": ROOM, "bruno": ROOM}

    if given_both or wanted in (None, WantedDiscipline.NURSE):
        assign(case, body, loads, TODAY)
        assert missing(case) == []
        return
    with pytest.raises(DisciplineMismatch):
        assign(case, body, loads, TODAY)
    assert case.worker is None
    assign(case, body.model_copy(update={"discipline_reason": "Personne d'autre"}), loads, TODAY)
    assert missing(case) == [Discipline.SOCIAL_WORKER]


def test_a_second_worker_counts_against_their_cap_and_goes_with_the_next_assignment() -> None:
    case, full = opened(), Load(open=1, cap=1)
    loads = {"anne": ROOM, "bruno": full}

    with pytest.raises(CaseloadFull):
        assign(case, both(), loads, TODAY)
    assert (case.worker, case.second_worker) == (None, None)
    told = assign(case, both("Elle le connaît"), loads, TODAY)
    assert [fact.type for fact in told] == ["cases.case-assigned.v1", "cases.second-worker-assigned.v1"]
    assign(case, assignment(), loads, TODAY)

    assert (case.second_worker, case.second_discipline) == (None, None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"starts_on": TODAY - timedelta(days=1)}, ("/starts_on", "in-past")),
        ({"starts_on": TODAY + timedelta(days=1)}, ("/next_step/due_on", "before-start")),
        ({"second": Second(worker="anne", discipline=Discipline.NURSE)}, ("/second/worker", "the-same-worker")),
    ],
)
def test_an_assignment_that_cannot_be_is_refused(changes: dict[str, Any], code: tuple[str, str]) -> None:
    with pytest.raises(Unfit) as refused:
        assign(opened(), assignment().model_copy(update=changes), {"anne": ROOM}, TODAY)

    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [code]


def test_what_a_case_asks_is_noted_field_by_field() -> None:
    case = opened()
    note_staffing(case, Staffing(wanted_discipline=WantedDiscipline.BOTH, travel_minutes=50), TODAY)
    note_staffing(case, Staffing(expected_close_on=TOMORROW), TODAY)

    assert (case.wanted_discipline, case.travel_minutes) == (WantedDiscipline.BOTH, 50)
    with pytest.raises(Unfit):
        note_staffing(case, Staffing(expected_close_on=TODAY - timedelta(days=1)), TODAY)


# The waiting list

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
REQUESTS = st.builds(
    lambda number, urgency, hours, points: Request(
        case_id=UUID(int=number),
        organisation="relais",
        urgency=urgency,
        opened_at=NOON + timedelta(hours=hours),
        level=None if points is None else WEIGHTS.level_of(points),
        points=points,
    ),
    st.integers(1, 10**6),
    st.sampled_from(list(Urgency)),
    st.integers(0, 3),
    st.none() | st.integers(0, 6),
)


def request(number: int, points: int | None, hours: int = 0, urgency: Urgency = Urgency.ROUTINE) -> Request:
    level = None if points is None else WEIGHTS.level_of(points)
    return Request(UUID(int=number), "relais", urgency, NOON + timedelta(hours=hours), level, points)


def test_the_list_goes_by_level_then_points_then_urgency_then_time() -> None:
    expected = [
        (request(1, 6, hours=9), None, Rule.COMPLEXITY),
        (request(2, 5, hours=9, urgency=Urgency.URGENT), Decider.POINTS, Rule.COMPLEXITY),
        (request(3, 5, hours=1), Decider.URGENCY, Rule.COMPLEXITY),
        (request(4, 5, hours=2), Decider.TIME, Rule.COMPLEXITY),
        (request(5, 5, hours=2), Decider.ID, Rule.COMPLEXITY),
        (request(6, None, urgency=Urgency.URGENT), Decider.POINTS, Rule.PROVISIONAL_URGENT),
        (request(7, 2, hours=9), Decider.LEVEL, Rule.COMPLEXITY),
        (request(8, None), Decider.POINTS, Rule.PROVISIONAL_ROUTINE),
        (request(9, 1, urgency=Urgency.URGENT), Decider.LEVEL, Rule.COMPLEXITY),
    ]

    places = ranked([each for each, _, _ in reversed(expected)], WEIGHTS)

    assert [(each.request, each.behind_by, each.request.rule) for each in places] == expected
    assert [each.rank for each in places] == list(range(1, 10))


@given(st.lists(REQUESTS, unique_by=lambda each: each.case_id), st.randoms(use_true_random=False))
def test_the_list_is_one_total_order_whatever_comes_first(requests: list[Request], chance: random.Random) -> None:
    shuffled = requests.copy()
    chance.shuffle(shuffled)

    places = ranked(requests, WEIGHTS)

    assert ranked(shuffled, WEIGHTS) == places == ranked(requests, WEIGHTS)
    keys = [each.request.key(WEIGHTS) for each in places]
    assert keys == sorted(set(keys))
    for some in (requests[::2], requests[1::2]):
        left = [each.request for each in places if each.request in some]
        assert [each.request for each in ranked(some, WEIGHTS)] == left


def test_a_request_for_both_fits_either_worker() -> None:
    assert fits(WantedDiscipline.BOTH, Discipline.NURSE)
    assert fits(None, Discipline.SOCIAL_WORKER)
    assert not fits(WantedDiscipline.NURSE, Discipline.SOCIAL_WORKER)
