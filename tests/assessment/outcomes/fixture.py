"""A cohort of 27 invented cases whose indicators were computed by hand, and these numbers.

All opened on 2026-01-10 and closed on 2026-03-10; the day is 2026-11-20.

12 came by the line (L1-L12), 15 from a hospital with discharge on 2026-01-05 (H1-H15).

| point | who | what |
|---|---|---|
| start | L1-L12 | WHO-5 40 44 48 52, three times; L1-L7 at home, L8-L12 in a care home |
| start | L1-L5 | unplanned stays before: L1 two, L2-L5 one; of L6-L12 none |
| start | H1-H15 | WHO-5 30 40 50 60 70, three times; the stay they were referred from, which counts nowhere |
| close | L1-L12 | no stays; satisfaction L1-L6 4, L7-L12 5 |
| close | H1-H10 | H1-H5 one unplanned stay from 20 January, H6-H10 none |
| one month | L1-L7 | no stays; satisfaction 4 |
| six months | H1-H10 | H6-H10 one unplanned stay from 1 April, H1-H5 none |
"""

from datetime import date
from typing import Any

from services.assessment.domain.facts import CaseFacts
from tests.assessment.outcomes.cases import CHU, LINE, case, measures, stay, who5

TODAY = date(2026, 11, 20)
OPENED, CLOSED = "2026-01-10", "2026-03-10"
DISCHARGE = "2026-01-05"

Told = dict[str, tuple[str, dict[str, Any]]]


def line_case(number: int) -> Told:
    """What was found of L1 to L12: point to day and findings."""
    before = [stay("2025-10-01", "2025-10-05")] if number <= 5 else []
    if number == 1:
        before.append(stay("2025-11-01", "2025-11-02"))
    start = {
        "quality_of_life": who5([40, 44, 48, 52][(number - 1) % 4]),
        "living_situation": "at-home" if number <= 7 else "care-home",
        "stays": before,
    }
    told: Told = {
        "start": (OPENED, start),
        "close": (CLOSED, {"stays": [], "satisfaction": 4 if number <= 6 else 5}),
    }
    if number <= 7:
        told["one-month"] = ("2026-04-10", {"stays": [], "satisfaction": 4})
    return told


def hospital_case(number: int) -> Told:
    """What was found of H1 to H15."""
    value = [30, 40, 50, 60, 70][(number - 1) % 5]
    told: Told = {"start": (OPENED, {"quality_of_life": who5(value), "stays": [stay("2025-12-20", DISCHARGE)]})}
    if number <= 10:
        early, late = [stay("2026-01-20", "2026-01-25")], [stay("2026-04-01", "2026-04-08")]
        told["close"] = (CLOSED, {"stays": early if number <= 5 else []})
        told["six-months"] = ("2026-09-10", {"stays": [] if number <= 5 else late})
    return told


def cohort() -> list[CaseFacts]:
    """The 27 cases as facts."""
    day = date.fromisoformat(DISCHARGE)
    line = [_facts(line_case(number), source=LINE) for number in range(1, 13)]
    return line + [_facts(hospital_case(number), source=CHU, discharge_on=day) for number in range(1, 16)]


def _facts(told: Told, **given: Any) -> CaseFacts:
    return case(*(measures(point, on, **_with_instrument(found)) for point, (on, found) in told.items()), **given)


def _with_instrument(found: dict[str, Any]) -> dict[str, Any]:
    given = dict(found)
    numbers = given.pop("quality_of_life", None)
    return {**given, "who": numbers[0]["value"]} if numbers else given


Numbers = dict[str, Any]

# (indicator, at, measure) -> source (None: total) -> the numbers
EXPECTED: dict[tuple[str, str, str | None], dict[str | None, Numbers]] = {
    # Means. L: 46, squared differences 3 x (36 + 4 + 4 + 36) = 240, t(11) = 2.201: 2.201 x sqrt(240 / 11 / 12) = 2.968.
    # H: 50, 3 x 1000, t(14) = 2.145: 2.145 x sqrt(3000 / 14 / 15) = 8.107.
    # All: 1302 / 27 = 48.222, 3346.667 about it, t(26) = 2.056: 2.056 x sqrt(3346.667 / 26 / 27) = 4.489.
    ("quality-of-life", "start", "who-5.percent"): {
        None: {"denominator": 27, "estimate": (48.22, 43.73, 52.71), "eligible": 27, "missing": 0, "missing_rate": 0},
        "line": {"denominator": 12, "estimate": (46.0, 43.03, 48.97), "eligible": 12, "missing": 0},
        "hospital:chu": {"denominator": 15, "estimate": (50.0, 41.89, 58.11), "eligible": 15, "missing": 0},
    },
    ("quality-of-life", "close", "who-5.percent"): {
        None: {"denominator": 0, "estimate": None, "eligible": 27, "missing": 27, "missing_rate": 1},
    },
    # Wilson, 7 of 12: centre (7/12 + 3.84146/24) / (1 + 3.84146/12) = 0.56312, half 0.24363.
    ("living-at-home", "start", None): {
        None: {
            **{"denominator": 12, "numerator": 7, "estimate": (0.5833, 0.3195, 0.8067)},
            **{"eligible": 27, "missing": 15, "missing_rate": 0.5556},
        },
        "line": {"denominator": 12, "numerator": 7, "missing": 0},
        "hospital:chu": {"denominator": 0, "numerator": None, "estimate": None, "missing": 15, "missing_rate": 1},
    },
    # 12 answers, six 4 and six 5: 4.5, t(11) x sqrt(3 / 11 / 12) = 0.332.
    ("satisfaction-mean", "close", None): {None: {"denominator": 12, "estimate": (4.5, 4.17, 4.83), "missing": 15}},
    ("satisfaction", "close", None): {
        None: {"denominator": 12, "categories": {"1": 0, "2": 0, "3": 0, "4": 6, "5": 6}},
        "hospital:chu": {"denominator": 0, "missing": 15},
    },
    ("satisfaction", "one-month", None): {
        None: {
            **{"denominator": 7, "categories": {"1": 0, "2": 0, "3": 0, "4": 7, "5": 0}},
            **{"eligible": 27, "missing": 20, "missing_rate": 0.7407},
        },
    },
    ("satisfaction", "six-months", None): {None: {"denominator": 0, "categories": None, "missing": 27}},
    # 27 x 180 / 30.4375 = 159.6715 months; Byar of 6: 2.1910 and 13.0597.
    ("unplanned-stays", "before", None): {
        None: {
            **{"denominator": 27, "numerator": 6, "months": 159.6715, "estimate": (0.0376, 0.0137, 0.0818)},
            "categories": {"with": 5, "without": 22},
        },
        "hospital:chu": {"denominator": 15, "numerator": 0, "categories": {"with": 0, "without": 15}},
    },
    # 60 days each: 22 x 60 / 30.4375 = 43.3676; Byar of 5: 1.6113 and 11.6682; of 0: 0 and 3.6681 over 23.6550.
    ("unplanned-stays", "during", None): {
        None: {
            **{"denominator": 22, "numerator": 5, "months": 43.3676, "estimate": (0.1153, 0.0372, 0.2691)},
            **{"eligible": 27, "missing": 5, "missing_rate": 0.1852},
        },
        "line": {"denominator": 12, "numerator": 0, "months": 23.655, "estimate": (0.0, 0.0, 0.1551)},
    },
    # L 7 x 31 days, H 10 x 184 days: 2057 / 30.4375 = 67.5811.
    ("unplanned-stays", "after", None): {
        None: {
            **{"denominator": 17, "numerator": 5, "months": 67.5811, "estimate": (0.074, 0.0238, 0.1727)},
            **{"eligible": 27, "missing": 10, "missing_rate": 0.3704},
        },
    },
    # Wilson, 5 of 10 and 10 of 10. H11-H15: no record covers the window.
    ("unplanned-readmission-30", "30-days", None): {
        None: {
            **{"denominator": 10, "numerator": 5, "estimate": (0.5, 0.2366, 0.7634), "eligible": 15, "missing": 5},
            **{"missing_rate": 0.3333, "missing_because": {"not-observed": 5}},
        },
    },
    ("unplanned-readmission-180", "180-days", None): {
        None: {"denominator": 10, "numerator": 10, "estimate": (1.0, 0.7225, 1.0), "eligible": 15, "missing": 5},
    },
}
