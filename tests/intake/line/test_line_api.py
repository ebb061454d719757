"""The line's own routes and the look that the clock takes at it, on a real database."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.clock import BRUSSELS
from shared.testing.harness import UnderTest
from tests.intake.line.calls import calls
from tests.intake.line.test_hours import BAD
from tests.intake.people import CALL, faults, told

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]

OFFICE = [{"opens": "08:30:00", "closes": "12:30:00"}, {"opens": "13:00:00", "closes": "17:00:00"}]
HOURS: dict[str, Any] = {"valid_from": "2025-01-01", "weekly": [OFFICE] * 5 + [[], []]}
LINE = "/intake/line"


async def set_hours(intake: UnderTest, **changes: Any) -> httpx.Response:
    """Hours that the coordinator sets."""
    async with intake.client("coordinator") as coordinator:
        before = await coordinator.get(f"{LINE}/hours")
        headers = {"if-match": before.headers["etag"]} if before.status_code == 200 else {}
        return await coordinator.put(f"{LINE}/hours", json={**HOURS, **changes}, headers=headers)


async def remember(intake: UnderTest, found: list[datetime]) -> None:
    """Calls that came in."""
    async with intake.app.state.database.raw() as connection:
        columns = [
            row["column_name"]
            for row in await connection.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_name = 'contact'"
            )
        ]
        async with intake.client("line-nurse") as nurse:
            times = {"started_at": found[0].isoformat(), "ended_at": found[0].isoformat()}
            made = await nurse.post("/intake/contacts", json={**CALL, **times})
        assert made.status_code == 201, made.text
        copied = ", ".join(f'"{name}"' for name in columns if name not in {"id", "started_at", "ended_at"})
        await connection.execute(
            f"INSERT INTO contact (id, started_at, ended_at, {copied})"
            f" SELECT gen_random_uuid(), at, at, {copied} FROM contact, unnest($1::timestamptz[]) AS at",
            found[1:],
        )


async def line(intake: UnderTest) -> dict[str, Any]:
    """The line as the nurse sees it."""
    async with intake.client("line-nurse") as nurse:
        answer = await nurse.get(LINE)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def call_now(intake: UnderTest, **changes: Any) -> None:
    """A call at this moment."""
    now = intake.clock.now().isoformat()
    async with intake.client("line-nurse") as nurse:
        answer = await nurse.post("/intake/contacts", json={**CALL, "started_at": now, "ended_at": now, **changes})
    assert answer.status_code == 201, answer.text


# Hours


async def test_a_line_without_hours_says_so(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse") as nurse:
        found = await line(intake)
        assert (found["state"], found["open"], found["next_opening"]) == ("no-hours", False, None)
        assert (await nurse.get(f"{LINE}/hours")).status_code == 404
        await intake.tick()
        assert await intake.types() == []


async def test_hours_are_kept_in_versions_and_changed_by_who_saw_them(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        first = await set_hours(intake)
        assert first.status_code == 200, first.text
        assert first.json()["current"]["weekly"] == HOURS["weekly"]
        later = await set_hours(intake, valid_from="2026-12-01", heartbeat_minutes=30)
        assert [each["valid_from"] for each in later.json()["versions"]] == ["2025-01-01", "2026-12-01"]
        assert later.json()["current"]["valid_from"] == "2025-01-01"
        unseen = await coordinator.put(f"{LINE}/hours", json=HOURS)
        assert unseen.status_code == 428
        stale = await coordinator.put(f"{LINE}/hours", json=HOURS, headers={"if-match": first.headers["etag"]})
        assert stale.status_code == 412
        past = await set_hours(intake, valid_from="2026-11-19")
        assert ("/valid_from", "in-past") in faults(past)
        assert await told(intake, "line-hours-changed") == [{"valid_from": "2025-01-01"}, {"valid_from": "2026-12-01"}]
        found = await line(intake)
        assert (found["state"], found["open"], found["next_opening"]) == ("learning", True, "2026-11-20T12:00:00Z")


MALFORMED: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"weekly": [OFFICE] * 6}, ("/weekly", "too-short")),
    ({"weekly": [[{"opens": "25:00", "closes": "26:00"}], *[[]] * 6]}, ("/weekly/0/0/opens", "wrong-format")),
    ({"heartbeat_minutes": 0}, ("/heartbeat_minutes", "out-of-range")),
    ({"valid_from": 20_000}, ("/valid_from", "wrong-type")),
    ({"phone": "042222222"}, ("/phone", "unknown-field")),
]


@pytest.mark.parametrize(("change", "fault"), BAD + MALFORMED)
async def test_bad_hours_are_pointed_at(run_service: Run, change: dict[str, Any], fault: tuple[str, str]) -> None:
    async with run_service("intake") as intake:
        answer = await set_hours(intake, **change)
        assert (answer.status_code, fault in faults(answer)) == (422, True), answer.text
        assert await intake.types() == []


# Heartbeats


async def test_a_missing_heartbeat_is_told_once_and_ended_by_the_next(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("operator") as probe:
        await set_hours(intake, heartbeat_minutes=30)

        async def beat() -> None:
            answer = await probe.post(
                f"{LINE}/heartbeats", json={"at": intake.clock.now().isoformat(), "kind": "probe"}
            )
            assert answer.status_code == 201, answer.text

        await beat()
        intake.clock.move(minutes=30)
        await intake.tick()
        assert await told(intake, "line-silence-detected") == []
        intake.clock.move(minutes=1)
        for _ in range(3):
            await intake.tick()
        [fact] = await told(intake, "line-silence-detected")
        assert (fact["sign"], fact["since"]) == ("no-heartbeat", "2026-11-20")
        assert (await line(intake))["state"] == "silent"
        await beat()
        await intake.tick()
        assert await told(intake, "line-silence-ended") == [{"silence_id": fact["silence_id"], "ending": "heartbeat"}]


async def test_no_heartbeat_is_missed_while_the_line_is_closed(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("operator") as probe:
        await set_hours(intake, heartbeat_minutes=30)
        intake.clock.at = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)
        await probe.post(f"{LINE}/heartbeats", json={"at": intake.clock.now().isoformat(), "kind": "test-call"})
        intake.clock.at = datetime(2026, 11, 23, 7, 59, tzinfo=UTC)
        await intake.tick()
        assert await told(intake, "line-silence-detected") == []
        intake.clock.move(minutes=1, seconds=1)
        await intake.tick()
        assert len(await told(intake, "line-silence-detected")) == 1


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"at": "2026-11-20T09:31:00Z", "kind": "probe"}, ("/at", "in-future")),
        ({"at": "2026-11-20T09:29:00Z", "kind": "pulse"}, ("/kind", "not-one-of")),
        ({"at": "2026-11-20T09:29:00", "kind": "probe"}, ("/at", "naive-time")),
    ],
)
async def test_bad_heartbeats_are_pointed_at(run_service: Run, body: dict[str, Any], fault: tuple[str, str]) -> None:
    async with run_service("intake") as intake, intake.client("operator") as probe:
        answer = await probe.post(f"{LINE}/heartbeats", json=body)
        assert (answer.status_code, fault in faults(answer)) == (422, True), answer.text
        assert (await line(intake))["last_heartbeat_at"] is None


# Silence


async def silent_since(intake: UnderTest, outage: datetime) -> None:
    """A year of calls, then none from an instant on."""
    await set_hours(intake)
    begin = date(2025, 11, 1)
    await remember(intake, [at for at in calls(11, begin, (outage.date() - begin).days + 1) if at < outage])


async def test_a_dead_line_is_told_within_one_working_day_once_and_until_the_next_call(run_service: Run) -> None:
    dead = datetime(2026, 11, 16, 8, 30, tzinfo=BRUSSELS)
    async with run_service("intake") as intake:
        intake.clock.at = dead.astimezone(UTC)
        await silent_since(intake, dead)
        while intake.clock.at < dead + timedelta(hours=9):
            await intake.tick()
            intake.clock.move(minutes=30)
        [fact] = await told(intake, "line-silence-detected")
        assert (fact["sign"], fact["since"]) == ("no-contacts", "2026-11-13")
        found = await line(intake)
        assert (found["state"], found["today"]["calls"], len(found["silences"])) == ("silent", 0, 1)
        assert found["silence_probability"] < 0.01 < found["today"]["expected"]
        await call_now(intake, channel="email")
        await intake.tick()
        assert (await line(intake))["state"] == "silent"
        await call_now(intake)
        await intake.tick()
        assert await told(intake, "line-silence-ended") == [{"silence_id": fact["silence_id"], "ending": "contact"}]
        assert (await line(intake))["state"] == "heard"


async def test_a_silence_is_dismissed_once_and_not_told_again(run_service: Run) -> None:
    dead = datetime(2026, 11, 16, 8, 30, tzinfo=BRUSSELS)
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        intake.clock.at = (dead + timedelta(days=1)).astimezone(UTC)
        await silent_since(intake, dead)
        await intake.tick()
        [silence] = (await line(intake))["silences"]
        path = f"{LINE}/silences/{silence['id']}"
        read = await coordinator.get(path)
        headers = {"if-match": read.headers["etag"]}
        bad = await coordinator.post(f"{path}/dismissal", json={"reason": "bored"}, headers=headers)
        assert ("/reason", "not-one-of") in faults(bad)
        body = {"reason": "quiet-period", "note": "Everybody is at the fair"}
        done = await coordinator.post(f"{path}/dismissal", json=body, headers=headers)
        assert (done.status_code, done.json()["ending"]) == (201, "dismissed")
        headers = {"if-match": done.headers["etag"]}
        again = await coordinator.post(f"{path}/dismissal", json=body, headers=headers)
        assert (again.status_code, again.json()["code"]) == (409, "already-judged")
        intake.clock.move(hours=2)
        await intake.tick()
        assert len(await told(intake, "line-silence-detected")) == 1
        assert (await line(intake))["state"] == "heard"
        assert "fair" not in str(await intake.announced())
        assert len((await coordinator.get(f"{LINE}/silences")).json()["items"]) == 1


async def test_a_silence_is_confirmed_by_the_outage_that_explains_it(run_service: Run) -> None:
    dead = datetime(2026, 11, 16, 8, 30, tzinfo=BRUSSELS)
    async with run_service("intake") as intake, intake.client("coordinator") as coordinator:
        intake.clock.at = (dead + timedelta(days=1)).astimezone(UTC)
        await silent_since(intake, dead)
        await intake.tick()
        [silence] = (await line(intake))["silences"]
        body = {
            "began_at": dead.isoformat(),
            "ended_at": intake.clock.now().isoformat(),
            "cause": "network",
            "silence_id": silence["id"],
        }
        made = await coordinator.post(f"{LINE}/outages", json=body)
        assert made.status_code == 201, made.text
        judged = (await coordinator.get(f"{LINE}/silences/{silence['id']}")).json()
        assert (judged["ending"], judged["outage_id"]) == ("outage", made.json()["id"])
        assert await told(intake, "line-silence-ended") == [{"silence_id": silence["id"], "ending": "outage"}]
        unknown = {**body, "silence_id": str(uuid4())}
        assert (await coordinator.post(f"{LINE}/outages", json=unknown)).status_code == 404


async def test_another_programme_sees_nothing_of_this_line(run_service: Run) -> None:
    async with run_service("intake") as intake, intake.client("line-nurse", org_id="elsewhere") as other:
        await set_hours(intake)
        assert (await other.get(LINE)).json()["state"] == "no-hours"
        assert (await other.get(f"{LINE}/hours")).status_code == 404
        assert (await other.get(f"{LINE}/silences")).json()["items"] == []
