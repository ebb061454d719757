"""What all tests stand on: one real PostgreSQL for the run, and a fresh database per service and test."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import Any

import asyncpg
import hypothesis
import pytest

from shared import logs, migrate
from shared.local.kafka import EmbeddedKafka
from shared.local.postgres import DatabaseUrls, EmbeddedPostgres
from shared.service import Service
from shared.testing.harness import UnderTest, under_test

logs.configure(level=50)

# Inputs are made as fast as the machine allows: a busy one is no fault of the code.
hypothesis.settings.register_profile("relais", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("relais")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """The server of this test run."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """The broker of this test run."""
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


class Databases:
    """Gives out databases at head: migrated once per service, then copied."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self.postgres = postgres
        self._templates: set[str] = set()
        self._count = 0

    async def fresh(self, service: Service) -> DatabaseUrls:
        """A new database of a service, at head and empty."""
        template = f"template_{service.name}"
        owner, app = f"{service.name}_owner", f"{service.name}_app"
        if template not in self._templates:
            made = await self.postgres.create_database(template, owner=owner, app=app)
            await migrate.upgrade(service.migrations, made.owner_url)
            self._templates.add(template)
        self._count += 1
        name = f"{service.name}_{self._count}"
        connection = await asyncpg.connect(self.postgres.url("postgres").replace("+asyncpg", ""))
        try:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{owner}"')
        finally:
            await connection.close()
        return DatabaseUrls(name, self.postgres.url(name, owner), self.postgres.url(name, app))


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> Databases:
    """The giver of databases."""
    return Databases(postgres)


def load(name: str) -> Service:
    """A service by its name."""
    service: Service = import_module(f"services.{name}.app").service
    return service


@pytest.fixture
def run_service(databases: Databases) -> Callable[..., AbstractAsyncContextManager[UnderTest]]:
    """`async with run_service("cases") as cases:` - one service on a fresh database."""
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def run(name: str, **options: Any) -> AsyncIterator[UnderTest]:
        service = load(name)
        async with under_test(service, await databases.fresh(service), **options) as running:
            yield running

    return run
