"""What all tests stand on: one real PostgreSQL for the run, and a fresh database per service and test."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from importlib import import_module
from typing import Any

import hypothesis
import pytest

from shared import logs, migrate
from shared.local.kafka import EmbeddedKafka
from shared.local.postgres import DatabaseUrls
from shared.service import Service
from shared.testing.harness import UnderTest, under_test
from tests.server import TestServer, swift_folder

logs.configure(level=50)

# Inputs are made as fast as the machine allows: a busy one is no fault of the code.
hypothesis.settings.register_profile("relais", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("relais")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestServer]:
    """The server of this test run."""
    with swift_folder(tmp_path_factory) as folder, TestServer(folder / "postgres") as server:
        yield server


@pytest.fixture(autouse=True)
def copies_go_with_their_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """A run makes thousands of databases of ten megabytes: each goes with the test that wanted it."""
    yield
    server = request.getfixturevalue("postgres") if "postgres" in request.fixturenames else None
    if isinstance(server, TestServer):
        server.drop_copies()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """The broker of this test run."""
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


class Databases:
    """Gives out databases at head: migrated once per service, then copied."""

    def __init__(self, postgres: TestServer) -> None:
        self.postgres = postgres

    async def fresh(self, service: Service, *, lasting: bool = False) -> DatabaseUrls:
        """A new database of a service, at head and empty; it goes with the test unless it is `lasting`."""
        return await self.postgres.copy(service.name, partial(migrate.upgrade, service.migrations), lasting=lasting)


@pytest.fixture(scope="session")
def databases(postgres: TestServer) -> Databases:
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
