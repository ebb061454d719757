"""A worker's calendar feed: read by calendar programs, known by its token, without anybody's data."""

import base64
import io
import json
import logging
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import icalendar
import pytest
import structlog
import vobject  # type: ignore[import-untyped]

from services.scheduler.domain import CalendarEntry, EntryStatus, Language
from services.scheduler.formats import calendar_text, label
from shared import edge, logs
from tests.scheduler.world import Scheduler

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


def events_of(text: str) -> list[Any]:
    """The entries of a calendar as the one parser reads them."""
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


async def new_feed(nurse: httpx.AsyncClient, **body: str) -> dict[str, Any]:
    """A feed just made."""
    answer = await nurse.post("/scheduler/feeds", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_feed_opens_in_two_parsers_and_holds_no_personal_data(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case)
    follow_ups = await scheduler.of_case(case)
    async with scheduler.running.client("line-nurse") as nurse:
        feed = await new_feed(nurse, of="line", language="fr")
    async with scheduler.running.client() as anybody:
        answer = await anybody.get(feed["path"])

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    one = icalendar.Calendar.from_ical(answer.text)
    two = vobject.readOne(io.StringIO(answer.text))
    events = events_of(answer.text)
    assert [str(event["summary"]) for event in events] == [
        f"Suivi 1 mois - {follow_ups[0]['id'][-4:]}",
        f"Suivi 6 mois - {follow_ups[1]['id'][-4:]}",
    ]
    assert [str(event.summary.value) for event in two.vevent_list] == [str(event["summary"]) for event in events]
    expected = [datetime(2026, 11, 20, 8, tzinfo=UTC), datetime(2027, 4, 20, 7, tzinfo=UTC)]
    assert [event["dtstart"].dt for event in events] == expected
    assert [event.dtstart.value.astimezone(UTC) for event in two.vevent_list] == expected
    assert [str(zone["tzid"]) for zone in one.walk("VTIMEZONE")] == ["Europe/Brussels"]
    fields = {name for event in events for name in event}
    assert fields == {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "TRANSP", "CLASS", "SUMMARY"}
    for secret in (str(case), str(scheduler.person), *(each["id"] for each in follow_ups)):
        assert secret not in answer.text


async def test_an_entry_keeps_its_uid_and_a_change_counts_up(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case)
    async with scheduler.running.client("line-nurse") as nurse:
        feed = await new_feed(nurse, of="line")
    async with scheduler.running.client() as anybody:
        before = events_of((await anybody.get(feed["path"])).text)
        await scheduler.reopen(case)
        after = events_of((await anybody.get(feed["path"])).text)

    assert [event["uid"] for event in before] == [event["uid"] for event in after]
    assert {str(event["status"]) for event in before} == {"CONFIRMED"}
    assert {str(event["status"]) for event in after} == {"CANCELLED"}
    assert all(new["sequence"] > old["sequence"] for old, new in zip(before, after, strict=True))


async def test_an_unchanged_feed_is_not_sent_again(scheduler: Scheduler) -> None:
    case = uuid4()
    await scheduler.close(case)
    async with scheduler.running.client("line-nurse") as nurse:
        feed = await new_feed(nurse, of="line")
    async with scheduler.running.client() as anybody:
        tag = (await anybody.get(feed["path"])).headers["etag"]
        scheduler.running.clock.move(hours=1)
        same = await anybody.get(feed["path"], headers={"if-none-match": tag})
        await scheduler.reopen(case)
        changed = await anybody.get(feed["path"], headers={"if-none-match": tag})

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert changed.status_code == 200


async def test_the_token_is_taken_from_the_path_the_query_or_a_password(scheduler: Scheduler) -> None:
    async with scheduler.running.client("line-nurse") as nurse:
        token = (await new_feed(nurse))["token"]
    basic = base64.b64encode(f"relais:{token}".encode()).decode()
    async with scheduler.running.client() as anybody:
        known = [
            await anybody.get(f"/scheduler/feeds/{token}/calendar.ics"),
            await anybody.get("/scheduler/calendar.ics", params={"token": token}),
            await anybody.get("/scheduler/calendar.ics", headers={"authorization": f"Basic {basic}"}),
        ]
        unknown = [
            await anybody.get("/scheduler/feeds/guess/calendar.ics"),
            await anybody.get("/scheduler/calendar.ics"),
            await anybody.get("/scheduler/calendar.ics", params={"token": token[:-1]}),
            await anybody.get("/scheduler/calendar.ics", headers={"authorization": "Basic no-base64"}),
            await anybody.get("/scheduler/calendar.ics", headers={"authorization": f"Bearer {token}"}),
        ]

    assert {answer.status_code for answer in known} == {200}
    assert {answer.status_code for answer in unknown} == {404}


async def test_the_token_is_shown_once_and_kept_nowhere(scheduler: Scheduler) -> None:
    async with scheduler.running.client("line-nurse") as nurse:
        made = await nurse.post("/scheduler/feeds", json={}, headers={"idempotency-key": "twice-the-same"})
        listed = await nurse.get("/scheduler/feeds")
    token = made.json()["token"]
    assert made.headers["cache-control"] == "no-store"
    assert token not in listed.text
    assert len(listed.json()["items"]) == 1
    async with scheduler.running.app.state.database.raw() as connection:
        kept = [
            await connection.fetch(f"SELECT t::text FROM {table} t") for table in ("feed", "idempotency_key", "outbox")
        ]
    assert token not in str(kept)


async def test_no_log_and_no_figure_ever_holds_the_token(scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scheduler.running.client("line-nurse") as nurse:
        token = (await new_feed(nurse))["token"]
    stream = io.StringIO()
    logs.configure(logging.DEBUG, stream)
    monkeypatch.setattr(edge, "log", structlog.get_logger())
    try:
        async with scheduler.running.client() as anybody:
            await anybody.get(f"/scheduler/feeds/{token}/calendar.ics")
            await anybody.get("/scheduler/calendar.ics", params={"token": token})
            await anybody.get("/scheduler/calendar.ics", params={"tokenn": token})
            await anybody.get(f"/scheduler/feeds/{token}/calendar.icsx")
            metrics = await anybody.get("/scheduler/metrics")
    finally:
        logs.configure(level=50)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    calendars = ["/scheduler/calendar.ics"] * 2
    assert [line["route"] for line in lines if line["event"] == "request"] == [
        "/feeds/{token}/calendar.ics",
        *calendars,
        "unmatched",
        "/scheduler/metrics",
    ]
    assert token not in stream.getvalue() + metrics.text


async def test_a_feed_ends_when_it_is_revoked_rotated_or_old(scheduler: Scheduler) -> None:
    async with scheduler.running.client("line-nurse") as nurse, scheduler.running.client() as anybody:
        first, second, third = [await new_feed(nurse) for _ in range(3)]
        assert (await nurse.delete(f"/scheduler/feeds/{first['id']}")).status_code == 204
        rotated = (await nurse.post(f"/scheduler/feeds/{second['id']}/rotation")).json()
        statuses = [(await anybody.get(each["path"])).status_code for each in (first, second, rotated, third)]
        assert statuses == [404, 404, 200, 200]
        await scheduler.set_database_time(datetime(2027, 5, 20, tzinfo=UTC))
        assert (await anybody.get(third["path"])).status_code == 404


async def test_nobody_manages_another_workers_feed_but_a_coordinator_may_end_it(scheduler: Scheduler) -> None:
    async with scheduler.running.client("line-nurse") as nurse:
        feed = await new_feed(nurse)
    path = f"/scheduler/feeds/{feed['id']}"
    async with scheduler.running.client("line-nurse", sub="another") as another:
        assert (await another.get("/scheduler/feeds")).json()["items"] == []
        assert (await another.post(f"{path}/rotation")).status_code == 404
        assert (await another.delete(path)).status_code == 404
    async with scheduler.running.client("coordinator", org_id="centre") as stranger:
        assert (await stranger.delete(path)).status_code == 404
    async with scheduler.running.client("coordinator") as coordinator:
        assert [each["id"] for each in (await coordinator.get("/scheduler/feeds")).json()["items"]] == [feed["id"]]
        assert (await coordinator.post(f"{path}/rotation")).status_code == 404
        assert (await coordinator.delete(path)).status_code == 204


async def test_a_worker_has_five_feeds_at_most_and_a_case_manager_none_of_the_line(scheduler: Scheduler) -> None:
    async with scheduler.running.client("line-nurse") as nurse:
        for _ in range(5):
            await new_feed(nurse)
        answer = await nurse.post("/scheduler/feeds", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "too-many-feeds")
    async with scheduler.running.client("case-manager-nurse") as manager:
        refused = await manager.post("/scheduler/feeds", json={"of": "line"})
        await scheduler.close(uuid4())
        mine = await manager.get((await new_feed(manager))["path"])
    assert refused.json()["errors"] == [{"pointer": "/of", "code": "not-allowed"}]
    assert "VEVENT" not in mine.text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2028, 2, 29)])
def test_every_language_and_every_change_of_the_clocks_is_read_back(language: Language, day: date) -> None:
    begins = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    entries = [
        CalendarEntry(
            id=uuid4(),
            group="case-closed",
            kind=kind,
            begins=begins,
            length=timedelta(minutes=20),
            sequence=3,
            status=EntryStatus.CONFIRMED,
            done=kind == "one-month",
        )
        for kind in ("one-month", "one-of-our-own")
    ]
    text = calendar_text(entries, language, begins).decode()
    for event in events_of(text):
        assert event["dtstart"].dt == begins
    assert [event.dtstart.value for event in vobject.readOne(text).vevent_list] == [begins, begins]
    assert label(language, "one-of-our-own", "case-closed") == label(language, "case-closed", "case-closed")
    assert "one-of-our-own" not in text
    assert not UUID_TEXT.search("".join(line for line in text.splitlines() if not line.startswith("UID")))


def test_an_empty_feed_is_a_calendar_too() -> None:
    text = calendar_text([], Language.NL, datetime(2026, 11, 20, tzinfo=UTC)).decode()
    assert events_of(text) == []
    assert str(vobject.readOne(text).prodid.value).startswith("-//Relais")
