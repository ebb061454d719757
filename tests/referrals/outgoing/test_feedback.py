"""Feedback to a hospital, held against a year of three referrals that was counted by hand."""

import csv
import io
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.referrals.domain.feedback import Spread
from shared.testing.harness import UnderTest
from tests.referrals.pushes import fresh, id_of, push, step

PERIOD = "from=2026-11-01&to=2026-12-31"


async def opened(network: UnderTest, path: str) -> UUID:
    """The case that a referral led to."""
    case = uuid4()
    data = {"case_id": case, "origin_kind": "referral", "origin_id": id_of(path), "person_id": None}
    await network.deliver("cases.case-opened.v1", case, data)
    return case


async def case_tells(network: UnderTest, fact: str, case: UUID, **data: Any) -> None:
    """A later fact of a case."""
    await network.deliver(f"cases.{fact}.v1", case, {"case_id": case, **data})


async def lived(network: UnderTest) -> None:
    """What happened, by the hour: five referrals of the CHU and one of another hospital.

    A: accepted after 2 h, case the same day, contact 3 days after discharge, readmitted twice, goals
    reached on day 30. B: accepted after 10 h, contact before discharge, unreachable on day 10.
    C: refused after 4 h. D: waits. E: cancelled.
    """
    discharge = {"stay": {"admitted_on": "2026-11-02", "discharge_on": "2026-11-22"}}
    a, b = [await push(network, fresh(**discharge)) for _ in range(2)]
    c, _, e = [await push(network, fresh()) for _ in range(3)]
    async with network.client("hospital-other") as other:
        assert (await other.post("/referrals", json=fresh())).status_code == 201
    network.clock.move(hours=2)
    await step(network, "coordinator", a, "acceptance", {})
    case_a = await opened(network, a)
    await step(network, "hospital-chu", e, "cancellation", {"reason": "x"})
    network.clock.move(hours=2)
    await step(network, "coordinator", c, "refusal", {"reason": "outside-area", "onward_path": "x"})
    network.clock.move(hours=6)
    await step(network, "coordinator", b, "acceptance", {})
    case_b = await opened(network, b)
    await case_tells(network, "first-contact-made", case_a, on="2026-11-25")
    await case_tells(network, "first-contact-made", case_b, on="2026-11-21")
    for reason in ("readmitted", "readmitted"):
        await case_tells(network, "case-paused", case_a, reason=reason, until=None)
        await case_tells(network, "case-resumed", case_a)
    await case_tells(network, "case-paused", case_b, reason="unreachable", until=None)
    await case_tells(network, "case-closed", case_a, closed_on="2026-12-20", reason="goals-reached")
    await case_tells(network, "case-closed", case_b, closed_on="2026-11-30", reason="unreachable")


BY_HAND: dict[str, Any] = {
    "received": 5,
    "by_state": {"cancelled": 1, "closed": 1, "not-achieved": 1, "received": 1, "refused": 1},
    "decided": 3,
    "accepted": 2,
    "undecided": 1,
    "acceptance_share": 0.6667,
    "hours_to_decision": {"count": 3, "median": 4.0, "p90": 10.0},
    "days_discharge_to_contact": {"count": 2, "median": 1.5, "p90": 3.0},
    "case_days": {"count": 2, "median": 20.0, "p90": 30.0},
    "outcomes": {"goals-reached": 1, "unreachable": 1},
    "refusal_reasons": {"outside-area": 1},
    "readmitted": 1,
    "readmissions": 2,
}


async def test_a_hospital_reads_what_became_of_its_referrals(network: UnderTest) -> None:
    await lived(network)
    async with network.client("hospital-chu") as chu:
        assert (await chu.get(f"/referrals/feedback?{PERIOD}")).json() == BY_HAND
        assert (await chu.get(f"/referrals/feedback?{PERIOD}&organisation=hospital-other")).status_code == 404
        assert (await chu.get("/referrals/feedback?from=2026-12-01&to=2026-12-31")).json()["received"] == 0
        table = await chu.get(f"/referrals/feedback.csv?{PERIOD}")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["measure", "part", "value"]
    shown = {(measure, part): value for measure, part, value in rows[1:]}
    assert (shown["hours_to_decision", "median"], shown["by_state", "closed"], shown["readmissions", ""]) == (
        "4.0",
        "1",
        "2",
    )
    async with network.client("hospital-other") as other:
        assert (await other.get(f"/referrals/feedback?{PERIOD}")).json()["by_state"] == {"received": 1}
    async with network.client("coordinator") as coordinator:
        everybody = (await coordinator.get(f"/referrals/feedback?{PERIOD}")).json()
        one = (await coordinator.get(f"/referrals/feedback?{PERIOD}&organisation=chu")).json()
    assert (everybody["received"], one) == (6, BY_HAND)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2026-11-02&to=2026-11-01", 422),
        ("from=2020-01-01&to=2026-01-01", 422),
        ("from=2026-11-01", 422),
        ("from=1762000000&to=2026-11-01", 422),
        (f"{PERIOD}&sender=chu", 422),
    ],
)
async def test_a_period_that_makes_no_sense_is_refused(network: UnderTest, query: str, status: int) -> None:
    async with network.client("hospital-chu") as chu:
        assert (await chu.get(f"/referrals/feedback?{query}")).status_code == status


def test_the_middle_and_the_ninetieth_of_a_hundred() -> None:
    assert Spread.of([*map(float, range(1, 101)), None]) == Spread(count=100, median=50.5, p90=90.0)
    assert Spread.of([None]) == Spread(count=0, median=None, p90=None)
    assert Spread.of([7.0]) == Spread(count=1, median=7.0, p90=7.0)


async def test_the_sender_sees_pauses_and_the_first_contact(network: UnderTest) -> None:
    path = await push(network, fresh())
    await step(network, "coordinator", path, "acceptance", {})
    case = await opened(network, path)
    seen = []
    for fact, data in (
        ("first-contact-made", {"on": "2026-11-20"}),
        ("care-started", {"on": "2026-11-21"}),
        ("case-paused", {"reason": "readmitted", "until": "2026-12-01"}),
        ("case-resumed", {}),
    ):
        await case_tells(network, fact, case, **data)
        async with network.client("hospital-chu") as chu:
            found = (await chu.get(path)).json()
        care = found["care"]
        seen.append((found["state"], care["first_contact_on"], care["home_visit_on"], care["paused_until"]))
    assert seen == [
        ("first-contact", "2026-11-20", None, None),
        ("home-visit-done", "2026-11-20", "2026-11-21", None),
        ("paused", "2026-11-20", "2026-11-21", "2026-12-01"),
        ("case-opened", "2026-11-20", "2026-11-21", None),
    ]
