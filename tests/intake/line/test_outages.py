"""An outage of the line: who lost touch, in which order, and who is in touch again."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.store.standings import KnownCaseRow
from shared.testing.harness import UnderTest
from tests.intake.people import CALL, ODETTE, RECEIVED, faults, registered, told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

OUTAGE: dict[str, Any] = {
    "began_at": "2026-11-16T07:00:00Z",
    "ended_at": "2026-11-18T17:00:00Z",
    "cause": "telephone-exchange",
}
BEFORE, DURING, AFTER = "2026-11-13T09:00:00Z", "2026-11-17T09:00:00Z", "2026-11-19T09:00:00Z"


async def called(intake: UnderTest, person: str, at: str, **more: Any) -> None:
    """A call about somebody."""
    async with intake.client("line-nurse") as nurse:
        body = {**CALL, "person_id": person, "started_at": at, "ended_at": at, **more}
        answer = await nurse.post("/intake/contacts", json=body)
    assert answer.status_code == 201, answer.text


async def people(intake: UnderTest, *names: str) -> list[str]:
    """People of the index."""
    return [await registered(intake, family_name=name, birth_date=f"19{n + 40}-05-06") for n, name in enumerate(names)]


async def outage(intake: UnderTest, **changes: Any) -> dict[str, Any]:
    """A recorded outage."""
    async with intake.client("coordinator") as coordinator:
        answer = await coordinator.post("/intake/line/outages", json={**OUTAGE, **changes})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def links(intake: UnderTest, **query: Any) -> list[dict[str, Any]]:
    """The lapsed links as the line's nurse reads them."""
    async with intake.client("line-nurse") as nurse:
        answer = await nurse.get("/intake/lapsed-links", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def opened(intake: UnderTest, person: str, urgency: str = "routine", *, planned: bool = False) -> UUID:
    """A case of somebody, as cases tells of it."""
    case_id = uuid4()
    data = {"case_id": case_id, "origin_kind": "contact", "origin_id": uuid4(), "person_id": None, "urgency": urgency}
    await intake.deliver("cases.case-opened.v1", case_id, data)
    await intake.deliver("cases.person-linked.v1", case_id, {"case_id": case_id, "person_id": person})
    if planned:
        plan = {"case_id": case_id, "plan_version": 1, "items": []}
        await intake.deliver("cases.plan-agreed.v1", case_id, plan)
    return case_id


async def came_home(intake: UnderTest, person: dict[str, Any], *factors: str) -> None:
    """A hospital's referral of somebody the index knows."""
    referral = uuid4()
    intake.neighbours.answers[f"/referrals/{referral}/demographics"] = {"person": person, "sender": "chu"}
    data = {"referral_id": referral, "sender": "chu", "urgency": "routine", "factors": list(factors), "sheets": 0}
    await intake.deliver(RECEIVED, referral, data)


async def death(intake: UnderTest, person: str, *, withdrawn: bool = False) -> None:
    """Somebody has died, or lives after all."""
    path = f"/intake/persons/{person}"
    async with intake.client("line-nurse") as nurse:
        seen = {"if-match": (await nurse.get(path)).headers["etag"]}
        told_of = {"on": "2026-11-14", "source": "relative"}
        if withdrawn:
            answer = await nurse.delete(f"{path}/death", headers=seen)
        else:
            answer = await nurse.post(f"{path}/death", json=told_of, headers=seen)
    assert answer.status_code in (201, 204), answer.text


async def test_the_dead_are_on_no_roster(run_service: Run) -> None:
    async with run_service("intake") as intake:
        dead, alive, later = await people(intake, "Adam", "Bodart", "Collin")
        for person in (dead, alive, later):
            await called(intake, person, BEFORE)
        await death(intake, dead)
        found = await outage(intake)
        assert found["people"] == 2
        assert {fact["person_id"] for fact in await told(intake, "link-lapsed")} == {alive, later}
        await death(intake, later)
        assert [each["person_id"] for each in await links(intake)] == [alive]
        await death(intake, later, withdrawn=True)
        assert {each["person_id"] for each in await links(intake)} == {alive, later}


async def test_who_was_in_touch_and_is_no_more_has_lost_the_link(run_service: Run) -> None:
    async with run_service("intake") as intake:
        silent, in_touch, back, _, tried = await people(intake, "Adam", "Bodart", "Collin", "Denis", "Evrard")
        for person in (silent, in_touch, back, tried):
            await called(intake, person, BEFORE)
        await called(intake, in_touch, DURING)
        await called(intake, back, AFTER)
        await called(intake, tried, DURING, direction="outbound", outcome="call-back", reason="not-reached")
        found = await outage(intake)
        assert found["people"] == 2
        lapsed = await links(intake, outage_id=found["id"])
        assert {each["person_id"] for each in lapsed} == {silent, tried}
        assert [each["rank"] for each in lapsed] == [1, 2]
        assert {each["since"] for each in lapsed} == {"2026-11-13"}
        [fact] = await told(intake, "line-outage-recorded")
        assert fact == {"outage_id": found["id"], "began_on": "2026-11-16", "ended_on": "2026-11-18", "people": 2}
        assert [each["person_id"] for each in await told(intake, "link-lapsed")] == [
            each["person_id"] for each in lapsed
        ]


async def test_the_greatest_risk_comes_first_and_says_why(run_service: Run) -> None:
    async with run_service("intake") as intake:
        intake.clock.move(days=-6)
        quiet, needing, planned, unsafe, _ = await people(intake, "Adam", "Bodart", "Collin", "Denis", "Evrard")
        home = {**ODETTE, "family_name": "Evrard", "birth_date": "1944-05-06"}
        await called(intake, quiet, BEFORE)
        await called(intake, needing, BEFORE, topics=["need.housework"])
        await opened(intake, planned, planned=True)
        await called(intake, unsafe, BEFORE, outcome="relayed", reason="unsafe-at-home", urgency="urgent")
        await came_home(intake, home, "living_alone")
        intake.clock.move(days=6)
        await outage(intake)
        assert [each["reasons"] for each in await links(intake)] == [
            ["open-safety-issue"],
            ["recent-hospital-stay", "lives-alone"],
            ["open-plan"],
            ["recent-need"],
            [],
        ]


async def test_a_closed_case_is_no_open_plan_and_ends_the_safety_issue(run_service: Run) -> None:
    async with run_service("intake") as intake:
        intake.clock.move(days=-6)
        [person] = await people(intake, "Adam")
        await called(intake, person, BEFORE, outcome="relayed", reason="unsafe-at-home", urgency="urgent")
        case_id = await opened(intake, person, "urgent", planned=True)
        closing = {"case_id": case_id, "person_id": person, "closed_on": "2026-11-14", "reason": "moved", "items": []}
        await intake.deliver("cases.case-closed.v1", case_id, closing)
        intake.clock.move(days=6)
        await outage(intake)
        assert [each["reasons"] for each in await links(intake)] == [[]]


async def test_the_next_contact_restores_the_link_once(run_service: Run) -> None:
    async with run_service("intake") as intake:
        adam, bodart = await people(intake, "Adam", "Bodart")
        for person in (adam, bodart):
            await called(intake, person, BEFORE)
        found = await outage(intake)
        await called(intake, adam, AFTER, outcome="call-back", reason="not-reached", direction="outbound")
        await intake.tick()
        assert await told(intake, "link-restored") == []
        await called(intake, adam, AFTER, direction="outbound", reason="support-given")
        await intake.tick()
        await intake.tick()
        assert await told(intake, "link-restored") == [
            {"person_id": adam, "outage_id": found["id"], "on": "2026-11-19"}
        ]
        assert [each["person_id"] for each in await links(intake, state="lapsed")] == [bodart]
        [restored] = await links(intake, state="restored")
        assert (restored["restored_by"], restored["restored_on"]) == ("contact", "2026-11-19")


async def test_a_campaigns_answer_restores_the_link(run_service: Run) -> None:
    async with run_service("intake") as intake:
        [adam] = await people(intake, "Adam")
        await called(intake, adam, BEFORE)
        await outage(intake)
        for _ in range(2):
            await intake.deliver("scheduler.contact-restored.v1", uuid4(), {"person_id": adam})
        [restored] = await links(intake)
        assert (restored["restored_by"], restored["restored_on"]) == ("campaign", "2026-11-20")
        assert len(await told(intake, "link-restored")) == 1


async def test_who_still_waits_on_an_earlier_roster_is_not_put_on_another(run_service: Run) -> None:
    async with run_service("intake") as intake:
        [adam] = await people(intake, "Adam")
        await called(intake, adam, BEFORE)
        await outage(intake)
        again = await outage(intake, began_at="2026-11-19T07:00:00Z", ended_at="2026-11-19T17:00:00Z")
        assert again["people"] == 0


BAD: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"ended_at": "2026-11-16T06:59:00Z"}, ("/ended_at", "before-start")),
    ({"ended_at": OUTAGE["began_at"]}, ("/ended_at", "before-start")),
    ({"ended_at": "2026-11-20T09:31:00Z"}, ("/ended_at", "in-future")),
    ({"cause": "ghosts"}, ("/cause", "not-one-of")),
    ({"note": "x" * 2001}, ("/note", "too-long")),
    ({"began_at": "2026-11-16T07:00:00"}, ("/began_at", "naive-time")),
    ({"people": 3}, ("/people", "unknown-field")),
]


@pytest.mark.parametrize(("change", "fault"), BAD)
async def test_bad_outages_are_pointed_at(run_service: Run, change: dict[str, Any], fault: tuple[str, str]) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        answer = await coordinator.post("/intake/line/outages", json={**OUTAGE, **change})
        assert (answer.status_code, fault in faults(answer)) == (422, True), answer.text
        assert await intake.types() == []


async def test_an_outage_is_recorded_once(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        first = await outage(intake)
        answer = await coordinator.post("/intake/line/outages", json={**OUTAGE, "began_at": DURING})
        assert (answer.status_code, answer.json()["code"]) == (409, "outage-overlaps")
        assert answer.json()["outage_id"] == first["id"]
        read = await coordinator.get(f"/intake/line/outages/{first['id']}")
        assert read.json() == first
        assert (await coordinator.get(f"/intake/line/outages/{uuid4()}")).status_code == 404
        assert (await coordinator.get("/intake/line/outages")).json()["items"] == [first]


async def test_a_long_roster_is_told_whole_in_order_and_paged(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.app.state.database.raw() as connection:
        await connection.execute(
            "INSERT INTO person (id, programme, family_name, given_names, hospital_numbers, phones, marks,"
            " registered_at, version) SELECT gen_random_uuid(), 'relais', 'X', 'Y', '[]', '[]', '{}', now(), 1"
            " FROM generate_series(1, 1201)"
        )
        month_ago = intake.clock.now() - timedelta(days=30)
        people = [row["id"] for row in await connection.fetch("SELECT id FROM person")]
        async with intake.app.state.database.transaction() as transaction:
            for person in people:
                case = KnownCaseRow(id=uuid4(), person_id=person, opened_at=month_ago, planned=True)
                transaction.session.add(case)
        found = await outage(intake)
        assert found["people"] == 1201
        assert [each["rank"] for each in await told(intake, "link-lapsed")] == list(range(1, 1202))
        async with intake.client("line-nurse") as nurse:
            ranks: list[int] = []
            query: dict[str, Any] = {"limit": 200}
            while query.get("cursor", "") is not None:
                page = (await nurse.get("/intake/lapsed-links", params=query)).json()
                ranks += [each["rank"] for each in page["items"]]
                query["cursor"] = page["next"]
        assert ranks == list(range(1, 1202))
