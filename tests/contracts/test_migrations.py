"""The migrations of each service lead exactly to its models, and the application owns nothing."""

from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from services.__main__ import NAMES, load
from shared import migrate
from shared.service import Service
from shared.tables import kernel
from tests.conftest import Databases

SERVICES = load(NAMES)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_a_migrated_database_is_what_the_models_say(service: Service, databases: Databases) -> None:
    engine = create_async_engine((await databases.fresh(service)).owner_url)

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts=migrate.COMPARISON)
        return list(compare_metadata(context, service.metadata))

    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert found == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_the_application_role_owns_nothing_and_can_make_nothing(service: Service, databases: Databases) -> None:
    urls = await databases.fresh(service)
    connection = await asyncpg.connect(urls.app_url.replace("+asyncpg", ""))
    try:
        owned = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE mine ()")
        for table in kernel.tables:
            await connection.fetchval(f"SELECT count(*) FROM {table}")
    finally:
        await connection.close()
    assert owned == 0
