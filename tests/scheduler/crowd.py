"""Many follow-ups at once: one is planned as the service plans it, the others are its copies, made by the database."""

from datetime import date
from uuid import UUID

import asyncpg

from services.scheduler.domain import Calendar, FollowUp, Occasion, Trigger
from services.scheduler.store import SHIPPED, FollowUps
from shared.store import Database

PATTERN = UUID(int=8)
FIRED = "SELECT count(*) FROM outbox WHERE type = 'scheduler.follow-up-due.v1'"

_COPY = "INSERT INTO follow_up ({names}) SELECT {values} FROM follow_up, generate_series(1, $1) number WHERE {pattern}"
_OWN = {"id": "gen_random_uuid()", "origin_id": "gen_random_uuid()", "case_id": "gen_random_uuid()"}


async def plan_crowd(database: Database, owner: asyncpg.Connection, count: int, **columns: str) -> None:
    """Plan so many follow-ups, columns as SQL in terms of `number`, which counts from 1; their facts are left out."""
    policy = SHIPPED.in_force(Trigger.CASE_CLOSED, "relais")
    assert policy
    occasion = Occasion(
        trigger=Trigger.CASE_CLOSED,
        origin_id=PATTERN,
        number=1,
        on=date(2026, 1, 5),
        case_id=PATTERN,
        person_id=None,
        organisation="relais",
    )
    async with database.transaction() as transaction:
        await FollowUps(transaction).plan(FollowUp.plan(occasion, policy, policy.steps[0], Calendar()))
    found = await owner.fetch("SELECT column_name FROM information_schema.columns WHERE table_name = 'follow_up'")
    names = [f'"{row["column_name"]}"' for row in found]
    values = [({**_OWN, **columns}).get(name.strip('"'), name) for name in names]
    pattern = f"origin_id = '{PATTERN}'"
    await owner.execute(_COPY.format(names=", ".join(names), values=", ".join(values), pattern=pattern), count)
    await owner.execute(f"DELETE FROM follow_up WHERE {pattern}")
    await owner.execute("TRUNCATE outbox")


async def set_clock(owner: asyncpg.Connection, sql: str) -> None:
    """Let the timers' clock show what a SQL expression gives."""
    await owner.execute(
        f"CREATE OR REPLACE FUNCTION relais_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT {sql} $$"
    )
