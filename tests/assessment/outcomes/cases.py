"""Cases and outcomes for the tests of this folder: as events and requests, and as facts."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from services.assessment.domain.course import Period, Point
from services.assessment.domain.facts import CaseFacts
from services.assessment.domain.outcome import HospitalStay, Measures, QualityOfLife, ReferralSource, Source
from shared.clock import BRUSSELS
from shared.ids import new_id
from shared.inbox import Outcome
from shared.testing.harness import UnderTest

LINE = Source(kind=ReferralSource.LINE)
CHU = Source(kind=ReferralSource.HOSPITAL, organisation="chu")
OPENED = date(2026, 1, 10)
CLOSED = date(2026, 3, 10)


def stay(admitted: str, discharged: str | None, admission: str = "unplanned") -> dict[str, Any]:
    """A stay as it is sent."""
    return {"admitted_on": admitted, "discharged_on": discharged, "admission": admission, "known_from": "hospital"}


def measures(point: str, on: str, **given: Any) -> Measures:
    """What was found at a point; `who` is a WHO-5 percentage."""
    who = given.pop("who", None)
    numbers = (QualityOfLife(instrument="who-5", scale="percent", value=Decimal(who)),) if who is not None else ()
    return Measures.model_validate({"point": point, "measured_on": on, "quality_of_life": numbers, **given})


def case(
    *found: Measures,
    source: Source = LINE,
    opened: date = OPENED,
    closed: date | None = CLOSED,
    **given: Any,
) -> CaseFacts:
    """A case with these outcomes."""
    period = Period(opened, closed, given.pop("has_died", False))
    told: Mapping[Point, Measures] = {each.point: each for each in found}
    return CaseFacts(
        case_id=given.pop("case_id", new_id()),
        person_id=given.pop("person_id", new_id()),
        came_by=source,
        period=period,
        measures=told,
        **given,
    )


def stays_of(*sent: dict[str, Any]) -> tuple[HospitalStay, ...]:
    """Stays as values."""
    return tuple(HospitalStay.model_validate(each) for each in sent)


def at(service: UnderTest, day: str) -> None:
    """Move the clock to noon of a day in Belgium."""
    service.clock.at = datetime.fromisoformat(day).replace(hour=12, tzinfo=BRUSSELS).astimezone(UTC)


async def open_case(
    service: UnderTest, *, sender: str | None = None, discharge_on: str | None = None, **given: Any
) -> UUID:
    """A case opens, from a referral when there is a sender; its id."""
    case_id, origin_id = given.get("case_id") or new_id(), new_id()
    if sender:
        received = {"referral_id": origin_id, "sender": sender, "urgency": "routine", "factors": [], "sheets": 0}
        await service.deliver("referrals.referral-received.v1", origin_id, received)
        pushed: dict[str, Any] = {"sheets": [], "factors": [], "discharge_on": discharge_on}
        service.neighbours.answers[f"/referrals/{origin_id}/sheets"] = pushed
    data = {
        "case_id": case_id,
        "origin_kind": "referral" if sender else "contact",
        "origin_id": origin_id,
        "person_id": given.get("person_id", new_id()),
        "urgency": "routine",
    }
    assert await service.deliver("cases.case-opened.v1", case_id, data) is Outcome.HANDLED
    return UUID(str(case_id))


async def close_case(service: UnderTest, case_id: UUID, closed_on: str, reason: str = "goals-reached") -> None:
    """A case closes."""
    data = {"case_id": case_id, "closed_on": closed_on, "person_id": None, "reason": reason, "items": []}
    assert await service.deliver("cases.case-closed.v1", case_id, data) is Outcome.HANDLED


async def record(client: httpx.AsyncClient, case_id: UUID, point: str, on: str, **given: Any) -> httpx.Response:
    """Record a point."""
    body = {"case_id": str(case_id), "point": point, "measured_on": on, **given}
    return await client.post("/assessment/outcomes", json=body)


def who5(value: float) -> list[dict[str, Any]]:
    """A WHO-5 percentage from elsewhere."""
    return [{"instrument": "who-5", "scale": "percent", "value": value}]
