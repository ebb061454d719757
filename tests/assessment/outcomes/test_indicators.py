"""The indicators equal what was computed by hand, to the digit, from facts and through the service."""

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.assessment.domain.course import Point, due_on, months_later
from services.assessment.domain.indicator_texts import indicator_texts
from services.assessment.domain.indicators import compute
from services.assessment.domain.intervals import mean_of, proportion_of, rate_of, t_quantile
from services.assessment.domain.observations import all_indicators
from shared.testing.harness import UnderTest
from tests.assessment.deliveries import Run
from tests.assessment.outcomes.cases import (
    CHU,
    at,
    case,
    close_case,
    measures,
    open_case,
    record,
    stay,
    stays_of,
)
from tests.assessment.outcomes.fixture import (
    CLOSED,
    DISCHARGE,
    EXPECTED,
    OPENED,
    TODAY,
    Numbers,
    Told,
    cohort,
    hospital_case,
    line_case,
)

SPAN = "from=2026-01-01&to=2026-01-31"


def agree(cell: dict[str, Any], numbers: Numbers) -> None:
    """Each expected number is there, exactly."""
    for name, expected in numbers.items():
        found = cell[name]
        if name == "estimate" and expected is not None:
            found = (found["value"], found["low"], found["high"])
        assert found == expected, (cell["source"], name, found, expected)


def by_key(results: list[dict[str, Any]]) -> dict[tuple[str, str, str | None], dict[str, Any]]:
    """The results by what they are; the need change has a measure of its own."""
    return {(each["code"], each["at"], each["measure"]): each for each in results}


def check_fixture(results: list[dict[str, Any]]) -> None:
    """The whole table of the fixture."""
    found = by_key(results)
    for key, sources in EXPECTED.items():
        cells = {cell["source"]: cell for cell in found[key]["by_source"]} | {None: found[key]["total"]}
        for source, numbers in sources.items():
            assert not cells[source]["is_suppressed"], (key, source)
            agree(cells[source], numbers)


def test_the_indicators_of_the_fixture_are_those_computed_by_hand() -> None:
    check_fixture([each.model_dump(mode="json") for each in compute(cohort(), TODAY, 5)])


def test_the_order_of_cases_does_not_matter() -> None:
    assert compute(cohort()[::-1], TODAY, 5) == compute(cohort(), TODAY, 5)


async def enter(client: httpx.AsyncClient, service: UnderTest, case_id: Any, told: Told) -> None:
    """Close a case and record what was found of it."""
    at(service, CLOSED)
    await close_case(service, case_id, CLOSED)
    at(service, TODAY.isoformat())
    for point, (on, found) in told.items():
        answer = await record(client, case_id, point, on, **found)
        assert answer.status_code == 201, answer.text


async def test_the_service_gives_the_numbers_computed_by_hand(run_service: Run) -> None:
    async with (
        run_service("assessment") as service,
        service.client("coordinator") as coordinator,
        service.client("analyst") as analyst,
    ):
        at(service, OPENED)
        line = [await open_case(service) for _ in range(12)]
        chu = [await open_case(service, sender="chu", discharge_on=DISCHARGE) for _ in range(15)]
        at(service, "2026-02-01")
        await open_case(service)
        for number, case_id in enumerate(line, start=1):
            await enter(coordinator, service, case_id, line_case(number))
        for number, case_id in enumerate(chu, start=1):
            await enter(coordinator, service, case_id, hospital_case(number))

        answer = await analyst.get(f"/assessment/indicators?{SPAN}")
        assert answer.status_code == 200, answer.text
        check_fixture(answer.json()["indicators"])
        for each in answer.json()["indicators"]:
            assert all(each[part][language] for part in ("definition", "denominator") for language in ("fr", "nl"))

        narrow = (await analyst.get(f"/assessment/indicators?{SPAN}&source=line")).json()
        whole = by_key(answer.json()["indicators"])
        for key, each in by_key(narrow["indicators"]).items():
            assert each["total"] is None
            assert each["by_source"] == [cell for cell in whole[key]["by_source"] if cell["source"] == "line"]

        february = (await analyst.get("/assessment/indicators?from=2026-02-01&to=2026-02-28")).json()["indicators"]
        assert all(each["total"]["is_suppressed"] or not each["total"]["denominator"] for each in february)
        assert {each["total"]["eligible"] for each in february} <= {None, 0}


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("from=2026-01-02&to=2026-01-31", [("/query/from", "not-a-month-border")]),
        ("from=2026-01-01&to=2026-02-27", [("/query/to", "not-a-month-border")]),
        ("from=2026-02-01&to=2026-01-31", [("/query/to", "ends-before-it-begins")]),
        ("from=2026-01-01", [("/query/to", "required")]),
    ],
)
async def test_a_cohort_is_made_of_whole_months(
    assessment: UnderTest, query: str, faults: list[tuple[str, str]]
) -> None:
    async with assessment.client("analyst") as analyst:
        answer = await analyst.get(f"/assessment/indicators?{query}")
        assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == faults


async def test_indicators_are_for_those_who_steer_and_audit(assessment: UnderTest) -> None:
    wanted = {"analyst": 200, "coordinator": 200, "auditor": 200, "case-manager-nurse": 403, "hospital-chu": 403}
    for persona, status in wanted.items():
        async with assessment.client(persona) as client:
            assert (await client.get(f"/assessment/indicators?{SPAN}")).status_code == status


def test_every_indicator_is_defined_in_four_languages() -> None:
    assert {each.code for each in all_indicators()} == set(indicator_texts())


# Intervals, against published values


def test_a_mean_has_students_interval() -> None:
    found = mean_of([Decimal(value) for value in (1, 2, 3, 4, 5)])
    assert (found.value, found.low, found.high) == (Decimal("3.00"), Decimal("1.04"), Decimal("4.96"))
    assert mean_of([Decimal(7)]).low is None
    assert [t_quantile(n) for n in (1, 30, 39, 40, 10_000)] == [
        Decimal(value) for value in ("12.706", "2.042", "2.042", "2.021", "1.962")
    ]


def test_a_proportion_has_wilsons_interval_that_stays_between_0_and_1() -> None:
    # Newcombe, Statistics in Medicine 1998;17:857-872, table I, method 3: 81/263, 15/148, 0/20, 1/29.
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (part, whole), limits in published.items():
        found = proportion_of(part, whole)
        assert (float(found.low or 0), float(found.high or 0)) == limits


def test_a_rate_has_byars_interval_near_the_exact_poisson_limits() -> None:
    # Exact limits of 10 events: 4.80 and 18.39.
    found = rate_of(10, Decimal(1))
    assert abs((found.low or 0) - Decimal("4.80")) < Decimal("0.02")
    assert abs((found.high or 0) - Decimal("18.39")) < Decimal("0.02")


# The course of a case


def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_month() -> None:
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert due_on(Point.SIX_MONTHS, case(closed=None).period) is None
    assert due_on(Point.ONE_MONTH, case(has_died=True).period) is None


def test_a_stay_told_twice_counts_once_as_told_last() -> None:
    open_stay, ended = stay("2026-01-05", None), stay("2026-01-05", "2026-01-20")
    told = case(measures("start", OPENED, stays=[open_stay]), measures("close", CLOSED, stays=[ended]))
    assert tuple(told.stays) == stays_of(ended)


@pytest.mark.parametrize(
    ("admitted", "kind", "counts"),
    [
        ("2026-01-04", "unplanned", 0),
        ("2026-01-05", "unplanned", 1),
        ("2026-02-04", "unplanned", 1),
        ("2026-02-05", "unplanned", 0),
        ("2026-01-20", "planned", 0),
    ],
)
def test_a_readmission_is_unplanned_and_from_discharge_to_day_30(admitted: str, kind: str, counts: int) -> None:
    began = [stay(admitted, "2026-02-20", kind)]
    start = measures("start", OPENED, stays=began if admitted < OPENED else [])
    close = measures("close", CLOSED, stays=began if admitted >= OPENED else [])
    told = case(start, close, source=CHU, discharge_on=date.fromisoformat(DISCHARGE))
    [total] = [each.total for each in compute([told] * 5, TODAY, 5) if each.code == "unplanned-readmission-30"]
    assert (total.numerator, total.denominator) == (5 * counts, 5)


def test_a_window_that_is_not_wholly_known_is_shown_apart() -> None:
    without_close = case(measures("start", OPENED, stays=[]), source=CHU, discharge_on=date.fromisoformat(DISCHARGE))
    without_day = case(measures("start", OPENED, stays=[]), source=CHU)
    late = case(measures("start", OPENED, stays=[]), source=CHU, discharge_on=date(2026, 11, 1))
    cases = [*[without_close] * 5, *[without_day] * 5, *[late] * 5]
    [total] = [each.total for each in compute(cases, TODAY, 5) if each.code == "unplanned-readmission-30"]
    assert (total.denominator, total.eligible) == (0, 15)
    assert total.missing_because == {"no-discharge-date": 5, "not-observed": 5, "window-not-over": 5}
