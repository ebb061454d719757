"""Who calls again: contacts, cases, calls owed, and the advice, on a real database and without one."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.domain import Choice, FollowedBy, Ground, guide
from shared.testing.harness import UnderTest
from tests.intake.people import CALL, registered

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def case(closed_days_ago: int | None, *, declined: bool = False) -> FollowedBy:
    closed = None if closed_days_ago is None else NOW - timedelta(days=closed_days_ago)
    return FollowedBy(uuid4(), NOW - timedelta(days=900), closed, declined)


@pytest.mark.parametrize(
    ("cases", "choices", "ground"),
    [
        ([], [Choice.NEW_CONTACT, Choice.NEW_CASE], Ground.NO_CASE),
        ([case(None), case(3)], [Choice.NEW_CONTACT], Ground.CASE_OPEN),
        ([case(30)], [Choice.REOPEN, Choice.NEW_CASE, Choice.NEW_CONTACT], Ground.CLOSED_RECENTLY),
        ([case(400)], [Choice.NEW_CASE, Choice.REOPEN, Choice.NEW_CONTACT], Ground.CLOSED_LONG_AGO),
        ([case(400), case(20)], [Choice.REOPEN, Choice.NEW_CASE, Choice.NEW_CONTACT], Ground.CLOSED_RECENTLY),
        ([case(30, declined=True)], [Choice.NEW_CONTACT, Choice.NEW_CASE], Ground.NO_CASE),
    ],
)
def test_the_advice_for_a_returning_caller(cases: list[FollowedBy], choices: list[Choice], ground: Ground) -> None:
    options = guide(cases, owed=False, deceased=False, now=NOW)
    assert [option.choice for option in options] == choices
    assert ground in options[0].grounds


def test_of_the_dead_nothing_is_opened_again() -> None:
    [only] = guide([case(None), case(20)], owed=True, deceased=True, now=NOW)
    assert (only.choice, only.grounds) == (Choice.NEW_CONTACT, (Ground.DECEASED, Ground.CALL_BACK_PENDING))


async def opened(intake: UnderTest, person: str) -> UUID:
    """A case of this person, with an owner, as cases tells it."""
    case_id = uuid4()
    data: dict[str, Any] = {"case_id": case_id, "origin_kind": "referral", "origin_id": uuid4()}
    await intake.deliver("cases.case-opened.v1", case_id, {**data, "person_id": person, "urgency": "urgent"})
    owner = {"case_id": case_id, "worker": "case-manager-nurse", "discipline": "nurse", "organisation": "relais"}
    await intake.deliver("cases.case-assigned.v1", case_id, owner)
    return case_id


async def test_a_known_caller_is_shown_at_once(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        person = await registered(intake)
        for minute in range(7):
            call = {**CALL, "person_id": person, "started_at": f"2026-11-20T09:0{minute}:00Z"}
            assert (await nurse.post("/intake/contacts", json=call)).status_code == 201
        case_id = await opened(intake, person)
        seen = (await nurse.get(f"/intake/persons/{person}/overview")).json()
        assert [each["started_at"][14:16] for each in seen["contacts"]] == ["06", "05", "04", "03", "02"]
        assert "note" not in seen["contacts"][0]
        assert (seen["contacts"][0]["outcome"], seen["contacts"][0]["topics"]) == ("answered", ["care.medication"])
        [known] = seen["cases"]
        assert (known["case_id"], known["owner"], known["urgent"]) == (str(case_id), "case-manager-nurse", True)
        assert seen["options"] == [{"choice": "new-contact", "reasons": ["case-open"], "case_id": str(case_id)}]
        await intake.deliver("cases.case-closed.v1", case_id, {"case_id": case_id})
        seen = (await nurse.get(f"/intake/persons/{person}/overview")).json()
        assert [each["choice"] for each in seen["options"]] == ["reopen", "new-case", "new-contact"]
        assert seen["call_backs"] == []


async def test_a_case_manager_does_not_read_the_lines_overview(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("case-manager-nurse") as manager:
        person = await registered(intake)
        assert (await manager.get(f"/intake/persons/{person}/overview")).status_code == 403
