"""The first answer to a key is given again byte for byte, for as long as it is kept and not longer."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest
from alembic import command
from starlette.responses import Response

from shared import acting, migrate
from shared.kept import answered_once
from shared.problems import KEY_REUSED, Problem
from shared.testing.harness import UnderTest
from tests.conftest import load
from tests.server import TestServer
from tests.shared.toy_service import run_counting

MONTH = timedelta(days=30)


class Answers:
    """Answers that number themselves, and counts how often it was asked."""

    def __init__(self, seconds: float = 0) -> None:
        self.given = 0
        self.seconds = seconds

    async def __call__(self) -> Response:
        await asyncio.sleep(self.seconds)
        self.given += 1
        headers = {"etag": '"3"', "location": "/x/1", "last-modified": "Fri, 20 Nov 2026 09:30:00 GMT", "x-other": "1"}
        return Response(b'{ "number":\t%d }\xc3\xa9' % self.given, 201, headers, "application/fhir+json")


async def asked(running: UnderTest, answers: Answers, key: str = "m-1", fingerprint: bytes = b"same") -> Response:
    async with running.app.state.database.transaction() as transaction:
        other = Problem(KEY_REUSED)
        return await answered_once(transaction, "sender", key, fingerprint, answers, MONTH, other)


async def test_a_repeat_gets_status_headers_and_body_of_the_first(counting: UnderTest) -> None:
    answers = Answers()
    first, again = await asked(counting, answers), await asked(counting, answers)
    assert (again.status_code, again.body, answers.given) == (first.status_code, first.body, 1)
    for name in ("etag", "location", "last-modified", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert (again.headers["idempotent-replayed"], "x-other" in again.headers) == ("true", False)


async def test_the_same_key_for_something_else_raises_what_the_caller_said(counting: UnderTest) -> None:
    await asked(counting, Answers())
    with pytest.raises(Problem) as raised:
        await asked(counting, Answers(), fingerprint=b"other")
    assert raised.value.kind is KEY_REUSED


async def test_of_fifty_at_once_one_is_answered_and_all_get_its_answer(counting: UnderTest) -> None:
    answers = Answers(0.05)
    got = await asyncio.gather(*(asked(counting, answers) for _ in range(50)))
    assert {bytes(each.body) for each in got} == {got[0].body}
    assert answers.given == 1


async def test_an_answer_is_kept_until_its_time_has_passed(counting: UnderTest) -> None:
    answers = Answers()
    await asked(counting, answers)
    counting.clock.move(days=29, hours=23)
    assert (await asked(counting, answers)).headers["idempotent-replayed"] == "true"
    counting.clock.move(hours=1)
    anew = await asked(counting, answers, fingerprint=b"other")
    assert (answers.given, "idempotent-replayed" in anew.headers) == (2, False)
    assert (await asked(counting, answers, fingerprint=b"other")).body == anew.body


async def test_what_raises_leaves_its_key_free(counting: UnderTest) -> None:
    async def fail() -> Response:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        async with counting.app.state.database.transaction() as transaction:
            await answered_once(transaction, "sender", "m-1", b"x", fail, MONTH, Problem(KEY_REUSED))
    assert (await asked(counting, Answers())).status_code == 201


async def test_a_wait_on_the_first_ends_in_a_conflict_with_a_time_to_come_again(
    postgres: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(acting.TIMEOUTS, "lock_timeout", "100ms")
    async with run_counting(postgres) as counting:
        slow = asyncio.ensure_future(asked(counting, Answers(0.6)))
        await asyncio.sleep(0.2)
        with pytest.raises(Problem) as raised:
            await asked(counting, Answers())
        assert (raised.value.kind.status, raised.value.headers) == (409, {"retry-after": "2"})
        assert (await slow).status_code == 201


async def test_housekeeping_forgets_what_has_had_its_time_and_nothing_else(counting: UnderTest) -> None:
    insert = "INSERT INTO idempotency_key (caller, key, fingerprint, at, keep_until) VALUES ('a', $1, 'x', now(), $2)"
    async with counting.app.state.database.raw() as connection:
        now: datetime = await connection.fetchval("SELECT now()")
        await connection.execute(insert, "over", now - timedelta(seconds=1))
        await connection.execute(insert, "kept", now + timedelta(days=1))
        await counting.app.state.worker._keep_house()
        assert [row["key"] for row in await connection.fetch("SELECT key FROM idempotency_key")] == ["kept"]


async def test_rows_from_before_are_kept_for_seven_days_and_old_code_may_go_on_writing(
    postgres: TestServer,
) -> None:
    service = load("scheduler")
    made = await postgres.create_database("kept_before", owner="kept_owner", app="kept_app")
    config = migrate.config_for(service.migrations, made.owner_url)
    await asyncio.to_thread(command.upgrade, config, "kernel_0001")
    connection = await asyncpg.connect(made.owner_url.replace("+asyncpg", ""))
    try:
        values = "VALUES ('a', $1, 'x', now() - interval '2 days')"
        old = f"INSERT INTO idempotency_key (caller, key, fingerprint, at) {values}"
        await connection.execute(old, "before")
        await migrate.upgrade(service.migrations, made.owner_url)
        await connection.execute(old, "meanwhile")
        rows = await connection.fetch("SELECT key, (keep_until - now()) AS left FROM idempotency_key ORDER BY key")
    finally:
        await connection.close()
    assert [(row["key"], round(row["left"].total_seconds() / 86400)) for row in rows] == [
        ("before", 5),
        ("meanwhile", 7),
    ]
