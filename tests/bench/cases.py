"""P31 to P36: lists and timelines of cases, with a hundred thousand of them beside a thousand: the same app, twice."""

import random
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

import asyncpg
import httpx

from services.cases.app import service
from shared import migrate
from shared.testing.harness import under_test
from tests.bench.rig import Rig, plain
from tests.bench.table import Row, Table, at_share, say

MANY, FEW = 100_000, 1_000
TIMES = 120
"""Requests of each kind in a repetition, taken in turn on both sizes."""

_SEED = """
    CREATE TEMPORARY TABLE seed AS SELECT
        number, gen_random_uuid() AS id, gen_random_uuid() AS origin_id, gen_random_uuid() AS person_id,
        CASE WHEN number % 10 < 4 THEN 'relais' ELSE 'other-' || number % 10 END AS organisation,
        (ARRAY['closed', 'closed', 'closed', 'closed', 'closed', 'closed', 'closed', 'closed', 'closed', 'closed',
            'closed', 'closed', 'closed', 'declined', 'requested', 'waiting', 'open', 'in-care', 'in-care', 'paused']
        )[1 + (number * 7919) % 20] AS state,
        CASE WHEN number < 400 AND number % 10 < 4 THEN 'case-manager-nurse' ELSE 'worker-' || number % ($1 / 100)
            END AS worker,
        now() - (number % 1000) * interval '1 day' - number * interval '1 second' AS opened_at
    FROM generate_series(1, $1) number
"""
_CASES = """
    INSERT INTO "case" (id, organisation, origin_kind, origin_id, person_id, urgency, opened_at, opened_on, state,
        worker, discipline, next_step, next_step_on, plan_version, agreed_version, open_tasks, closed_on, version,
        protocol_version, intervals, paused_reason, paused_until)
    SELECT id, organisation, 'referral', origin_id, person_id,
        CASE WHEN number % 9 = 0 THEN 'urgent' ELSE 'routine' END, opened_at, opened_at::date, state,
        CASE WHEN state IN ('requested', 'waiting', 'declined') THEN NULL ELSE worker END,
        CASE WHEN state IN ('requested', 'waiting', 'declined') THEN NULL ELSE 'nurse' END,
        CASE WHEN state IN ('open', 'in-care', 'paused') THEN 'home-visit' END,
        CASE WHEN state IN ('open', 'in-care', 'paused') THEN current_date + (number % 60) - 20 END,
        1, CASE WHEN number % 3 > 0 THEN 1 END, number % 3,
        CASE WHEN state = 'closed' THEN opened_at::date + 90 END, 6, '1', '[]',
        CASE WHEN state = 'paused' THEN 'readmitted' END, CASE WHEN state = 'paused' THEN current_date + 30 END
    FROM seed
"""
_TASKS = """
    INSERT INTO task (id, case_id, since, title, domain, organisation, assignee, due_on, urgent, within_mission, status,
        origin)
    SELECT gen_random_uuid(), id, 1, 'Une démarche', 'finances', 'centre',
        (ARRAY['line', 'case-manager', 'partner'])[1 + each % 3], opened_at::date + 30 * each, false, true,
        CASE WHEN state IN ('open', 'in-care', 'paused') AND each > 1 THEN 'open' ELSE 'done' END, 'plan'
    FROM seed, generate_series(1, 3) each
"""
_TIMELINE = """
    INSERT INTO timeline (id, case_id, at, place, service, kind, by, facts, words)
    SELECT gen_random_uuid(), id, opened_at + each * interval '1 day', 0, 'cases', 'visit-recorded', worker,
        jsonb_build_object('case_id', id), '{}'
    FROM seed, generate_series(1, CASE WHEN number % 10 = 0 THEN 30 ELSE 5 END) each
"""
_HEARD = """
    INSERT INTO heard (id, about, at, place, service, kind, facts)
    SELECT gen_random_uuid(), origin_id, opened_at - interval '1 hour', 0, 'referrals', 'referral-received',
        jsonb_build_object('referral_id', origin_id) FROM seed
    UNION ALL
    SELECT gen_random_uuid(), id, opened_at + each * interval '3 days', 0, 'scheduler', 'attempt-recorded',
        jsonb_build_object('case_id', id)
    FROM seed, generate_series(1, CASE WHEN number % 10 = 0 THEN 5 ELSE 1 END) each
    UNION ALL
    SELECT gen_random_uuid(), contact, at, 0, 'intake', 'contact-recorded', jsonb_build_object('contact_id', contact)
    FROM contacts
"""
_CONTACTS = """
    CREATE TEMPORARY TABLE contacts AS SELECT gen_random_uuid() AS contact, person_id,
        opened_at - each * interval '5 days' AS at
    FROM seed, generate_series(1, CASE WHEN number % 10 = 0 THEN 10 ELSE 1 END) each
"""
_TIES = """
    INSERT INTO tie (record_id, role, subject_id, at) SELECT contact, 'person', person_id, at FROM contacts
    UNION ALL SELECT origin_id, 'person', person_id, opened_at FROM seed
"""
_STEPS = (_CASES, _TASKS, _TIMELINE, _CONTACTS, _HEARD, _TIES)
_HOT = """
    SELECT case_row.id FROM "case" case_row WHERE organisation = 'relais'
    AND (SELECT count(*) FROM timeline WHERE case_id = case_row.id) = 30 ORDER BY id LIMIT 2000
"""

LISTS = (
    "/cases",
    "/cases?mine=true",
    "/cases?sort=next",
    "/cases?sort=next&overdue=true",
    "/cases?state=waiting&sort=waiting",
    "/cases?on_hold=true",
    "/cases?phase=coordinate",
    "/cases?state=open&state=in-care",
    "/cases?closed_from=2026-01-01",
)

Ask = Callable[["Side"], str]


class Side:
    """One size: a client of the app on a database of that many cases."""

    def __init__(self, client: httpx.AsyncClient, hot: list[str]) -> None:
        self.client = client
        self.hot = hot
        self.further: list[str] = []

    async def get(self, path: str) -> tuple[float, httpx.Response]:
        """Milliseconds, and the answer."""
        began = time.perf_counter()
        answer = await self.client.get(path)
        took = (time.perf_counter() - began) * 1000
        assert answer.status_code == 200, (path, answer.text)
        return took, answer

    async def look_further(self) -> None:
        """The cursors of the first five pages, for requests in the middle of a list."""
        path: str | None = "/cases"
        while path and len(self.further) < 5:
            _, answer = await self.get(path)
            cursor = answer.json()["next"]
            path = f"/cases?cursor={cursor}" if cursor else None
            self.further += [path] if path else []

    def some_list(self) -> str:
        """One of the lists, or a page in the middle of the longest."""
        return random.choice([*LISTS, *self.further[-1:]])

    def some_timeline(self) -> str:
        """The timeline of a case with much on it."""
        return f"/cases/{random.choice(self.hot)}/timeline"


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """Both sizes side by side, request by request."""
    goal, few = "<= 1.5x", f"ms at {FEW} cases"
    rows: list[tuple[Row, Ask]] = [
        (Row("P31", "list of 100 000 cases, p95", "ms", goal, at_most(1.5), few), Side.some_list),
        (Row("P32", "timeline, 100 000 cases, p95", "ms", goal, at_most(1.5), few), Side.some_timeline),
        (Row("P33", "worklist of tasks, 100 000 cases, p95", "ms", "-", any_time, few), lambda _: "/cases/tasks"),
        (
            Row("P34", "worklists in figures, 100 000 cases, p95", "ms", "-", any_time, few),
            lambda _: "/cases/worklists",
        ),
        (Row("P35", "waiting list, 100 000 cases, p95", "ms", "-", any_time, few), lambda _: "/cases/waiting-list"),
        (Row("P36", "caseload, 100 000 cases, p95", "ms", "-", any_time, few), lambda _: "/cases/caseload"),
    ]
    table.add(*(row for row, _ in rows))
    async with AsyncExitStack() as stack:
        many, small = [await side(rig, stack, size) for size in (MANY, FEW)]
        for number in range(repeat):
            for row, ask in rows:
                row.add(*await in_pairs(many, small, ask, TIMES if row.goal == goal else TIMES // 6))
            say(f"cases {number + 1}/{repeat}: " + ", ".join(f"{row.id} {row.product[-1]:.0f} ms" for row, _ in rows))


def at_most(times: float) -> Callable[[Row], bool]:
    """Whether the many take at most so many times as long as the few."""
    return lambda row: row.ratio <= times


def any_time(row: Row) -> bool:
    """Told, without a goal."""
    return True


async def in_pairs(many: Side, small: Side, ask: Ask, times: int) -> tuple[float, float]:
    """The p95 of both in milliseconds; one request here, one there."""
    took: dict[Side, list[float]] = {many: [], small: []}
    for number in range(times):
        for each in (many, small) if number % 2 else (small, many):
            took[each].append((await each.get(ask(each)))[0])
    return at_share(took[many], 0.95), at_share(took[small], 0.95)


async def side(rig: Rig, stack: AsyncExitStack, size: int) -> Side:
    """A database with that many cases, and the app on it."""
    say(f"cases: making up {size} cases")
    made = await rig.postgres.create_database(f"bench_cases_{size}", owner="cases_owner", app="cases_app")
    await migrate.upgrade(service.migrations, made.owner_url)
    owner = await asyncpg.connect(plain(made.owner_url))
    try:
        await owner.execute(_SEED.replace("$1", str(size)))
        for step in _STEPS:
            await owner.execute(step)
        await owner.execute("VACUUM ANALYZE")
        hot = [str(row["id"]) for row in await owner.fetch(_HOT)]
    finally:
        await owner.close()
    running = await stack.enter_async_context(under_test(service, made))
    client = await stack.enter_async_context(running.client("case-manager-nurse"))
    found = Side(client, hot)
    await found.look_further()
    await warm(found)
    return found


async def warm(found: Side) -> None:
    """Every kind of request a few times, so that plans and pages are there."""
    for path in (*LISTS, "/cases/tasks", "/cases/worklists", "/cases/waiting-list", "/cases/caseload"):
        for _ in range(3):
            await found.get(path)
    for _ in range(20):
        await found.get(found.some_timeline())
