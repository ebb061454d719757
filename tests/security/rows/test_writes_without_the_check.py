"""The build without its access checks, asked to write: PostgreSQL alone keeps what others hold as it is.

Every route that changes anything is asked by a stranger, on every record that its path might name, with a body that
it takes and with the version that it wants. No row that was there may be another afterwards.
"""

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from services.__main__ import NAMES
from shared.access import May, rules_of
from shared.local.postgres import EmbeddedPostgres
from tests.conftest import Databases
from tests.security.matrix.actors import ACTORS, Records, Relation
from tests.security.matrix.walk import Cell, Walk
from tests.security.rows.fences import AUDIT, EXCEPTIONS, THE_SERVICES_OWN, connected
from tests.security.rows.test_without_the_check import HOLDERS, Prey, lower, prey, stranger, without_checks

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MOST = 3
"""Records of one kind that a path is tried with."""


def walk_of(found: Prey, name: str) -> Walk:
    """Who knows a body and a query for every route."""
    known = import_module(f"tests.security.matrix.{name}_records")
    return Walk(found.running, Records(), known.BODIES, known.QUERIES)


def cells(found: Prey) -> Iterator[Cell]:
    """Every route that writes, with each record in its path."""
    for route in iter_route_contexts(found.running.app.routes):
        rules = list(rules_of(route.dependant)) if route.dependant else []
        for method in sorted(WRITES & set(route.methods or ())):
            if any(isinstance(rule, May) for rule in rules):
                yield Cell(method, str(route.path), str(route.name), rules[0], ACTORS[0], Relation.OTHER)


async def write(walk: Walk, client: httpx.AsyncClient, cell: Cell, path: str) -> httpx.Response:
    """Ask for a change, with the version that the answer to a first try names."""
    sent, query = walk.body(cell), walk.queries.get(cell.name, walk.required(cell))
    said: dict[str, Any] = {"params": None if isinstance(query, str) else query}
    headers = {"if-match": '"1"', "accept": "application/json, */*;q=0.5"}
    if isinstance(sent, tuple):
        said["content"], headers["content-type"] = sent[1], sent[0]
    elif sent is not None:
        said["json"] = sent
    answer = await client.request(cell.method, path, headers=headers, **said)
    if answer.status_code == 412 and answer.json().get("etag"):
        answer = await client.request(cell.method, path, headers={**headers, "if-match": answer.json()["etag"]}, **said)
    return answer


async def everything(found: Prey, postgres: EmbeddedPostgres, name: str) -> Counter[tuple[str, str]]:
    """Every row of what is fenced."""
    left_out = {*EXCEPTIONS["every service"], *EXCEPTIONS[name], *THE_SERVICES_OWN, *AUDIT}
    rows: Counter[tuple[str, str]] = Counter()
    async with connected(postgres.url(found.database)) as superuser:
        for [table] in await superuser.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            if table not in left_out:
                kept = await superuser.fetch(f'SELECT to_jsonb(t)::text FROM "{table}" t')
                rows.update((table, text) for [text] in kept)
    return rows


async def changed(found: Prey, postgres: EmbeddedPostgres, name: str) -> list[str]:
    """The tables of rows that are no longer what they were once a stranger has asked for everything."""
    walk, before = walk_of(found, name), await everything(found, postgres, name)
    async with stranger(found) as client:
        for cell in cells(found):
            for path in found.named(cell.path, MOST):
                await write(walk, client, cell, path)
    return sorted({table for table, _ in before - await everything(found, postgres, name)})


@pytest.mark.parametrize("name", NAMES)
async def test_without_the_check_a_stranger_still_changes_nothing(
    name: str, databases: Databases, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with prey(name, databases) as found:
        without_checks(monkeypatch, HOLDERS[name])
        assert await changed(found, postgres, name) == []


@pytest.mark.parametrize("name", NAMES)
async def test_without_the_fences_the_same_requests_change_the_records(
    name: str, databases: Databases, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with prey(name, databases) as found:
        async with connected(postgres.url(found.database)) as superuser:
            await lower(superuser)
        without_checks(monkeypatch, HOLDERS[name])
        assert await changed(found, postgres, name)
