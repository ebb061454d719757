"""The fences cost the main lists no index: what each asks is found by the same ones with and without them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event

from shared.acting import SETTINGS
from shared.local.postgres import EmbeddedPostgres
from tests.conftest import Databases
from tests.security.rows.fences import connected
from tests.security.rows.test_without_the_check import lower, prey

LISTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "cases": ("coordinator", ("/cases", "/cases/tasks", "/cases/meetings/agenda")),
    "intake": ("line-nurse", ("/intake/contacts", "/intake/callbacks")),
    "scheduler": ("line-nurse", ("/scheduler/worklist", "/scheduler/follow-ups")),
    "referrals": ("hospital-chu", ("/referrals",)),
}
INDEX = re.compile(r"(?:Index (?:Only )?Scan(?: Backward)? using|Bitmap Index Scan on) (\w+)")


@contextmanager
def overheard(engine: Any) -> Iterator[list[tuple[str, Any]]]:
    """The statements that run on an engine, with their values."""
    found: list[tuple[str, Any]] = []

    def hear(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        if statement.startswith("SELECT") and "set_config" not in statement:
            found.append((statement, values))

    event.listen(engine, "before_cursor_execute", hear)
    yield found
    event.remove(engine, "before_cursor_execute", hear)


async def indexes(connection: "asyncpg.Connection[Any]", statement: str, values: Any) -> set[str]:
    """The indexes by which a statement's rows are found, where reading a whole table is the last resort."""
    await connection.execute("SET enable_seqscan = off")
    return set(INDEX.findall("\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *values))))


@pytest.mark.parametrize("name", LISTS)
async def test_the_main_lists_use_the_same_indexes(name: str, databases: Databases, postgres: EmbeddedPostgres) -> None:
    persona, paths = LISTS[name]
    async with prey(name, databases) as found, found.running.client(persona) as client:
        with overheard(found.running.app.state.database.engine.sync_engine) as statements:
            for path in paths:
                answer = await client.get(path)
                assert answer.status_code == 200, answer.text
                assert answer.json()["items"] or path != paths[0], path
        assert len(statements) >= len(paths)
        url = str(found.running.app.state.settings.database_url.get_secret_value())
        async with connected(url) as app, connected(postgres.url(found.database)) as superuser:
            acting = ("chu" if name == "referrals" else "relais", "organisation", persona, "")
            for setting, value in zip(SETTINGS, acting, strict=True):
                await app.execute("SELECT set_config($1, $2, false)", setting, value)
            fenced = [await indexes(app, *each) for each in statements]
            await lower(superuser)
            free = [await indexes(app, *each) for each in statements]
    assert any(free)
    for (statement, _), with_fence, without in zip(statements, fenced, free, strict=True):
        assert without <= with_fence, statement
