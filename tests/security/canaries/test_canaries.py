"""Canaries: made-up values in every field that may hold something of somebody's, carried along the whole road.

Then everything that leaves a service, or that its operator reads, is searched for them. What the services themselves
keep in clear is listed by table and column, and no more (`pytest -s` shows it; shared/docs/security/kept-in-clear.md).
"""

import re
from collections import defaultdict
from pathlib import Path

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from services.__main__ import NAMES
from shared.local.road import Road
from tests.security.canaries.marks import CODED, Marks, places
from tests.security.canaries.walking import Listener, Walk, as_text
from tests.town import Town

LIST = Path(__file__).parents[3] / "shared" / "docs" / "security" / "kept-in-clear.md"
MODELS = (("referrals", "Document"), ("intake", "NewPerson"), ("intake", "NewContact"), ("cases", "PlanContent"))
CLEAN_TABLES = frozenset({"outbox", "inbox", "dead_letter", "position", "audit_record", "audit_seal", "audit_anchor"})
"""Tables in which nothing of anybody's may stand, encrypted or not."""


async def records_on(bootstrap: str) -> list[str]:
    """Every record of every topic, with key and headers."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.subscribe(pattern=".*")
        found: list[str] = []
        empty = 0
        while empty < 3:
            batches = await consumer.getmany(timeout_ms=2000)
            empty = 0 if batches else empty + 1
            found += [f"{each.key!r} {each.headers} {each.value!r}" for batch in batches.values() for each in batch]
        return found
    finally:
        await consumer.stop()


async def tables_of(town: Town, name: str) -> dict[str, str]:
    """Every row of every table of a service as its superuser dumps it: `table` -> text."""
    assert town.stack.postgres
    connection = await asyncpg.connect(town.stack.postgres.url(f"relais_{name}").replace("+asyncpg", ""))
    try:
        named = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row["tablename"] for row in named]
        return {table: as_text(await connection.fetch(f'SELECT * FROM "{table}"')) for table in tables}
    finally:
        await connection.close()


async def columns_with(town: Town, name: str, marks: Marks) -> dict[str, set[str]]:
    """The columns of a service in which marks stand in clear: `table.column` -> the fields they come from."""
    assert town.stack.postgres
    connection = await asyncpg.connect(town.stack.postgres.url(f"relais_{name}").replace("+asyncpg", ""))
    found: defaultdict[str, set[str]] = defaultdict(set)
    try:
        named = await connection.fetch(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        )
        for table, column in named:
            rows = await connection.fetch(f'SELECT "{column}"::text AS value FROM "{table}"')
            for row in rows:
                found[f"{table}.{column}"] |= set(marks.found_in(row["value"] or "").values())
    finally:
        await connection.close()
    return {column: fields for column, fields in sorted(found.items()) if fields}


def listed() -> list[tuple[str, str]]:
    """The columns that are said to hold something in clear: service, `table.column`."""
    return re.findall(r"^\| (\w+) \| `(\w+\.\w+)` \|", LIST.read_text(), re.MULTILINE)


@pytest.mark.parametrize(("service", "model"), MODELS)
def test_the_marks_are_made_from_the_models(service: str, model: str) -> None:
    assert len(places(service, model)) > 2
    assert {place for place in places(service, model) if "name" in place} or model not in ("Document", "NewPerson")


def test_what_is_left_unmarked_are_codes_that_the_models_have() -> None:
    from tests.security.canaries.marks import free

    known = {place for service, model in MODELS for place in free(service, {"$ref": f"/{model}"})}
    assert known >= CODED - {"person.general_practitioner.nihdi"}


def test_a_mark_is_found_however_it_is_written() -> None:
    marks = Marks()
    word, phone = marks.word("name"), marks.phone("phone")
    assert set(marks.found_in(f"... {word.upper()} ...").values()) == {"name"}
    assert set(marks.found_in(f'{{"phone": "{phone}"}}').values()) == {"phone"}
    assert not marks.found_in("Zq is no mark, nor is 47")


@pytest.mark.timeout(900)
async def test_nothing_of_anybody_leaves_by_a_way_that_is_not_for_it(town: Town, road: Road) -> None:
    walk = Walk(town, road)
    with Listener() as listener:
        await walk.subscribed(listener.url)
        await walk.whole()
        feeds = await walk.feeds()

        async def told() -> bool:
            return len(listener.heard) >= 4

        await road.until("the notices", told)
        heard = list(listener.heard)
    marks = walk.marks
    assert walk.problems.keys() >= {403, 404, 409, 412, 422, 500}
    assert len(marks.sown) > 60

    places_seen: dict[str, str] = {f"log of {log.name}": log.read_text() for log in town.folder.glob("*.log")}
    places_seen["topics"] = "\n".join(await records_on(town.stack.bootstrap_servers))
    places_seen |= {f"problem {status}": "\n".join(texts) for status, texts in walk.problems.items()}
    places_seen |= {"feeds": "\n".join(feeds), "notices": "\n".join(heard)}
    async with httpx.AsyncClient(base_url=town.origin, trust_env=False) as client:
        for name in NAMES:
            places_seen[f"metrics of {name}"] = (await client.get(f"/{name}/metrics")).text
            tables = await tables_of(town, name)
            assert tables.keys() >= {"outbox", "dead_letter", "audit_record"}
            places_seen |= {f"{name}: {table}": tables[table] for table in CLEAN_TABLES & tables.keys()}

    assert "unexpected-error" in places_seen["log of intake.log"]
    assert "0af7651916cd43dd8448eb211c80319c" in places_seen["log of intake.log"]
    assert "intake.person" in places_seen["topics"]
    assert {place: found for place, text in places_seen.items() if (found := marks.found_in(text))} == {}

    kept = [(name, *each) for name in NAMES for each in (await columns_with(town, name, marks)).items()]
    for name, column, fields in kept:
        print(f"| {name} | `{column}` | {', '.join(sorted(fields))} |")
    assert [(name, column) for name, column, _ in kept] == listed()
