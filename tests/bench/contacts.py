"""Every list of contacts among a million of them, by intake's own store, beside the same list among ten thousand."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from services.intake.app import service
from services.intake.domain.contact import CallerKind, Channel
from services.intake.events import Outcome
from services.intake.store import CallBacks, ContactRow, Contacts, WantedContacts
from services.intake.store.call_backs import CallBackPart
from shared import migrate
from shared.access import Scope
from shared.acting import acting_as
from shared.auth import Caller
from shared.store import Database
from tests.bench.due import usual
from tests.bench.rig import Rig, keyed, plain
from tests.bench.table import Row, Table, in_turn, say

FEW, MANY, PAGE = 10_000, 1_000_000, 50
ON = date(2026, 11, 20)
NOBODY = UUID(int=7)

_PERSON = """
    INSERT INTO person (id, programme, family_name, given_names, hospital_numbers, phones, marks, registered_at,
        version)
    VALUES ($1, 'relais', 'Lambert', 'Odette', '[]', '[]', '{}', now(), 1)
"""
_FILL = """
    INSERT INTO contact (id, programme, direction, channel, caller, caller_kind, person_id, started_at, ended_at,
        topics, outcome, reason, urgency, next_owner, agent, discipline, recorded_at, amendments, version)
    SELECT gen_random_uuid(), 'relais', 'inbound',
        (ARRAY['call', 'call', 'call', 'email', 'desk', 'message'])[1 + n % 6],
        '{"kind": "patient"}', (ARRAY['patient', 'relative', 'professional', 'other'])[1 + n % 4],
        CASE WHEN n % ($1 / 40) = 0 THEN $2::uuid END,
        timestamptz '2026-11-20 16:00Z' - n * interval '9 minutes',
        timestamptz '2026-11-20 16:05Z' - n * interval '9 minutes',
        jsonb_build_array((ARRAY['care.medication', 'rights.work', 'services.meals', 'need.food'])[1 + n % 4]),
        (ARRAY['answered', 'answered', 'oriented', 'relayed', 'call-back', 'no-one-could-help'])[1 + n % 6],
        'information-given', 'routine', 'nobody', 'nurse-' || n % 12, 'nurse', now(), 0, 1
    FROM generate_series(1, $1) n
"""
_TOPICS = """
    INSERT INTO contact_topic (contact_id, topic, programme, started_at)
    SELECT DISTINCT id, name, programme, started_at FROM contact, jsonb_array_elements_text(topics) AS topic,
        unnest(ARRAY[topic, split_part(topic, '.', 1)]) AS name
"""
_OWED = """
    INSERT INTO call_back (id, programme, contact_id, urgency, state, due_at, escalates_at, postponed, planned_at,
        version)
    SELECT gen_random_uuid(), 'relais', id, 'routine', CASE WHEN number <= 200 THEN 'planned' ELSE 'completed' END,
        started_at, started_at, 0, started_at, 1
    FROM (SELECT id, started_at, row_number() OVER (ORDER BY started_at DESC) AS number FROM contact
        WHERE outcome = 'call-back') owed
"""

LISTS: dict[str, WantedContacts] = {
    "all": WantedContacts(),
    "by day": WantedContacts(on=ON),
    "by agent": WantedContacts(agent="nurse-3"),
    "by person": WantedContacts(person_id=NOBODY),
    "by outcome": WantedContacts(outcome=Outcome.RELAYED),
    "by caller kind": WantedContacts(caller_kind=CallerKind.PROFESSIONAL),
    "by channel": WantedContacts(channel=Channel.MESSAGE),
    "by topic": WantedContacts(topic="need.food"),
    "by open call-back": WantedContacts(open_call_back=True),
}


@dataclass
class Filled:
    """A database of contacts, and where its pages in the middle begin."""

    database: Database
    middle: dict[str, Sequence[str]]


async def filled(rig: Rig, count: int) -> Filled:
    """A fresh database with so many contacts."""
    say(f"contacts: recording {count}")
    made = await rig.postgres.create_database(f"bench_contacts_{count}", owner="intake_owner", app="intake_app")
    await migrate.upgrade(service.migrations, made.owner_url)
    owner = await asyncpg.connect(plain(made.owner_url))
    await owner.execute(_PERSON, NOBODY)
    await owner.execute(_FILL, count, NOBODY)
    await owner.execute(_TOPICS)
    await owner.execute(_OWED)
    await owner.execute("VACUUM ANALYZE contact, contact_topic, call_back")
    middle = await owner.fetchrow(
        "SELECT started_at, id FROM contact ORDER BY started_at OFFSET $1 LIMIT 1", count // 2
    )
    await owner.close()
    place = (middle["started_at"].isoformat(), str(middle["id"]))
    return Filled(keyed(made.app_url), {"all, from the middle": place, "by topic, from the middle": place})


def caller() -> Caller:
    """A nurse of the line."""
    return Caller(
        subject="nurse-1",
        client_id="relais",
        roles=frozenset({"line-nurse"}),
        organisation="relais",
        discipline="nurse",
        scope=Scope.ORGANISATION,
    )


def lists_of(contents: Filled) -> dict[str, Callable[[Database], Awaitable[Sequence[Any]]]]:
    """Each list as something to run."""

    def page(wanted: WantedContacts, after: Sequence[str] | None) -> Callable[[Database], Awaitable[list[ContactRow]]]:
        async def run(database: Database) -> list[ContactRow]:
            async with database.transaction(acting_as(caller())) as transaction:
                return await Contacts(transaction).page(caller(), wanted, PAGE, after)

        return run

    async def owed(database: Database) -> Sequence[Any]:
        async with database.transaction(acting_as(caller())) as transaction:
            call_backs = CallBacks(transaction)
            wanted = call_backs.wanted(CallBackPart.OPEN, None, None)
            return await call_backs.page(caller(), wanted, PAGE, None)

    found: dict[str, Callable[[Database], Awaitable[Sequence[Any]]]] = {"call-backs, open": owed}
    found |= {name: page(wanted, None) for name, wanted in LISTS.items()}
    for name, after in contents.middle.items():
        found[name] = page(LISTS[name.split(",")[0]], after)
    return found


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """Each list in both databases in turn; the floor is the small one."""
    few, many = await filled(rig, FEW), await filled(rig, MANY)
    try:
        small, large = lists_of(few), lists_of(many)
        for name in large:
            row = Row("P27", f"contacts {name}", "ms", "<= 1.5x", lambda row: row.ratio <= 1.5, "ms among 10,000")
            table.add(row)
            await compare(row, repeat, (small[name], few.database), (large[name], many.database))
    finally:
        await few.database.close()
        await many.database.close()


Listing = tuple[Callable[[Database], Awaitable[Sequence[Any]]], Database]


async def compare(row: Row, repeat: int, small: Listing, large: Listing) -> None:
    """Both lists of one kind, in turn."""

    async def once(listing: Listing) -> float:
        run, database = listing
        began = time.perf_counter()
        found = await run(database)
        assert found
        return time.perf_counter() - began

    async def floor() -> float:
        return await usual(lambda: once(small))

    async def product() -> float:
        return await usual(lambda: once(large))

    await floor()
    await product()
    for number in range(repeat):
        row.add(*(1000 * each for each in await in_turn(number, product, floor)))
    say(f"{row.what}: {row.value:.2f} ms, x {row.ratio:.2f}")
