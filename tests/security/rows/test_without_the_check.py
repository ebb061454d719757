"""A build whose access checks are gone: PostgreSQL alone keeps one organisation's records from the next.

The mutant believes that every caller is of the organisation that holds the records and may see everything there is;
the database is told who it is in truth. Every list and every single read of each service is asked.
"""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi.routing import iter_route_contexts
from starlette.requests import Request

from services.__main__ import NAMES, load
from shared.access import May, Scope, published, rules_of
from shared.auth import Caller, authenticate
from shared.local.postgres import EmbeddedPostgres
from shared.testing.harness import UnderTest, under_test
from tests.conftest import Databases
from tests.security.rows.fences import EXCEPTIONS, SHOWN_TO_ALL, connected
from tests.security.rows.records import RECORDS

PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
PEOPLE = re.compile("Lambert|Vandenkanarie")
HOLDERS = {"intake": "relais", "cases": "relais", "assessment": "relais", "scheduler": "relais", "referrals": "chu"}
"""Whose records they are; of a demand to the network it is the addressee's."""
WORDS = {"worker": "case-manager-nurse", "subject": "case-manager-nurse", "month": "2026-11", "code": "relais"}
KEYS = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type = 'uuid' AND column_name = 'id'
"""


@dataclass
class Prey:
    """A service at work, with the ids of what only its organisation may know."""

    running: UnderTest
    database: str
    ids: dict[str, list[str]]

    @property
    def secret(self) -> set[str]:
        """Every one of these ids."""
        return {each for some in self.ids.values() for each in some}

    def paths(self) -> Iterator[str]:
        """Every path that can be read, with each record in it that it might name."""
        for route in iter_route_contexts(self.running.app.routes):
            rules = list(rules_of(route.dependant)) if route.dependant else []
            if "GET" in (route.methods or ()) and any(isinstance(rule, May) for rule in rules):
                yield from self.named(str(route.path))

    def named(self, path: str, most: int = 8) -> Iterator[str]:
        """A path with each record in it that it might name, at most so many for each parameter."""
        names = PARAMETER.findall(path)
        for values in product(*(self.candidates(path, name)[:most] for name in names)):
            found = path
            for name, value in zip(names, values, strict=True):
                found = re.sub(rf"{{{name}(:\w+)?}}", value, found)
            yield found

    def candidates(self, path: str, name: str) -> list[str]:
        """What a parameter may stand for: the records of the table that it is named after, else any."""
        stem = name.removesuffix("_id")
        tables = [table for table in self.ids if table == stem or table.endswith(f"_{stem}") or table == f"{stem}s"]
        if not name.endswith("_id"):
            return [WORDS.get(name, "x")]
        return [each for table in tables or self.ids for each in self.ids[table][:2]][:8]


@asynccontextmanager
async def prey(name: str, databases: Databases) -> AsyncIterator[Prey]:
    """A service with the records of an organisation."""
    service = load([name])[0]
    urls = await databases.fresh(service)
    async with under_test(service, urls) as running:
        running.known_to = (HOLDERS[name], "relais")
        await RECORDS[name](running)
        running.known_to = ()
        excused = {*EXCEPTIONS["every service"], *EXCEPTIONS[name], *SHOWN_TO_ALL}
        ids: dict[str, list[str]] = {}
        async with running.app.state.database.raw() as connection:
            for table, column in await connection.fetch(KEYS):
                if table not in excused:
                    rows = await connection.fetch(f'SELECT "{column}" FROM "{table}" ORDER BY 1')
                    ids |= {table: [str(row[0]) for row in rows]} if rows else {}
        yield Prey(running, urls.name, ids)


async def leaks(found: Prey, client: httpx.AsyncClient) -> list[str]:
    """The paths whose answers tell anything of the records."""
    told = []
    for path in found.paths():
        answer = await client.get(path, headers={"accept": "application/json, */*;q=0.5"})
        assert answer.status_code not in (401, 403), f"{path}: the mutant still asks for a permission"
        if answer.is_success and (found.secret & set(UUIDS.findall(answer.text)) or PEOPLE.search(answer.text)):
            told.append(path)
    return told


def without_checks(monkeypatch: pytest.MonkeyPatch, holder: str) -> None:
    """Take the access check out: only what the database is told stays true."""

    everything = frozenset(published().roles)

    async def anything(self: May, request: Request) -> Caller:
        true = replace(await authenticate(request), scope=Scope.ORGANISATION, granted=everything)
        if not getattr(request.state, "is_told", False):
            request.state.is_told = True
            return true
        return replace(true, organisation=holder, scope=Scope.ALL)

    monkeypatch.setattr(May, "__call__", anything)


def stranger(found: Prey) -> httpx.AsyncClient:
    """Somebody with a good token of an organisation that has nothing here."""
    return found.running.client("coordinator", org_id="elsewhere", sub="stranger")


@pytest.mark.parametrize("name", NAMES)
async def test_without_the_check_a_stranger_still_reads_nothing(
    name: str, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with prey(name, databases) as found, stranger(found) as client:
        without_checks(monkeypatch, HOLDERS[name])
        assert await leaks(found, client) == []


@pytest.mark.parametrize("name", NAMES)
async def test_without_the_fences_the_same_walk_finds_the_records(
    name: str, databases: Databases, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with prey(name, databases) as found, stranger(found) as client:
        async with connected(postgres.url(found.database)) as superuser:
            await lower(superuser)
        without_checks(monkeypatch, HOLDERS[name])
        assert len(await leaks(found, client)) >= 5


async def lower(superuser: "asyncpg.Connection[Any]") -> None:
    """Take every fence away."""
    for row in await superuser.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        await superuser.execute(f'ALTER TABLE "{row["tablename"]}" DISABLE ROW LEVEL SECURITY')
