"""Services whose keys a test changes, and what stands in their databases."""

from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from pydantic import SecretStr

from shared.clock import SystemClock
from shared.encryption.rotation import Rotation
from shared.local.postgres import DatabaseUrls
from shared.service import Service
from shared.settings import Environment
from shared.store import Database

OLD, NEW = (f"{name}:{b64encode(bytes([number]) * 31 + b'!').decode()}" for name, number in (("old", 1), ("new", 2)))
BOTH = f"{NEW},{OLD}"


def keys(written: str) -> dict[str, Any]:
    """A setting of keys."""
    return {"encryption_keys": SecretStr(written)}


async def dump(urls: DatabaseUrls) -> str:
    """All that the owner of a database could carry away."""
    connection = await asyncpg.connect(urls.owner_url.replace("+asyncpg", ""))
    try:
        await connection.execute("SELECT set_config('relais.reach', 'service', false)")
        named = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = [row for [table] in named for row in await connection.fetch(f'SELECT t::text FROM "{table}" AS t')]
        return "\n".join(row[0] for row in rows)
    finally:
        await connection.close()


async def plain(urls: DatabaseUrls, *statements: str) -> None:
    """What an older version of the service has written, or somebody with the owner's rights."""
    connection = await asyncpg.connect(urls.owner_url.replace("+asyncpg", ""))
    try:
        await connection.execute("SELECT set_config('relais.reach', 'service', false)")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def rotation(service: Service, urls: DatabaseUrls, written: str) -> AsyncIterator[Rotation]:
    """The rotation of a service's database under these keys."""
    values: dict[str, Any] = {"environment": Environment.DEVELOPMENT, "kafka_bootstrap_servers": "memory"}
    values |= {"oidc_issuers": "http://relais.test/auth", "cursor_key": SecretStr("a key for tests"), **keys(written)}
    settings = service.settings(database_url=SecretStr(urls.app_url), **values)  # type: ignore[call-arg]
    database = Database(urls.app_url, SystemClock(), 2, settings)
    try:
        yield Rotation(database, service.metadata, service.reindexing)
    finally:
        await database.close()


async def counted(found: Rotation) -> Counter[str]:
    """How many values of a service stand under each key."""
    return sum((await found.status()).values(), Counter())
