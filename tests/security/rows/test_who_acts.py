"""Who acts is said to PostgreSQL for one transaction, and forgotten with it."""

import ast
import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

import services
from services.intake.app import service
from shared.acting import NOBODY, SERVICE, Acting, Reach
from shared.clock import SystemClock
from shared.store import Database, Transaction
from tests.conftest import Databases

POOL = 4
RELAIS = Acting("relais", Reach.ORGANISATION, "nurse")
CENTRE = Acting("centre", Reach.ORGANISATION, "partner")
TOLD = "SELECT concat_ws('/', current_setting('relais.organisation', true), current_setting('relais.reach', true))"


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    """A service's database, as the application reaches it."""
    found = Database((await databases.fresh(service)).app_url, SystemClock(), POOL)
    yield found
    await found.close()


async def acting(transaction: Transaction) -> str:
    """Who acts, as PostgreSQL knows it: organisation/reach."""
    connection = await transaction.session.connection()
    return str((await connection.exec_driver_sql(TOLD)).scalar())


async def carried(engine: AsyncEngine, connections: int) -> set[str]:
    """Whom the connections of a pool know between their transactions, all of them at once."""
    async with AsyncExitStack() as stack:
        found = set()
        for _ in range(connections):
            connection = await stack.enter_async_context(engine.connect())
            bare = (await connection.get_raw_connection()).driver_connection
            assert bare is not None
            found.add(await bare.fetchval(TOLD))
        return found


async def test_each_transaction_says_who_acts(database: Database) -> None:
    for one in (RELAIS, CENTRE, NOBODY):
        async with database.transaction(one) as transaction:
            assert await acting(transaction) == f"{one.organisation}/{one.reach}"
    async with database.transaction() as transaction:
        assert await acting(transaction) == "service"


async def test_a_connection_given_back_carries_nobody_on(database: Database) -> None:
    async def act(number: int) -> None:
        async with database.transaction((RELAIS, CENTRE)[number % 2]) as transaction:
            assert await acting(transaction) == f"{(RELAIS, CENTRE)[number % 2].organisation}/organisation"
            if number % 3 == 0:
                raise LookupError
            if number % 5 == 0:
                await transaction.session.exec(text("SELECT 1 / 0"))  # type: ignore[call-overload]

    await asyncio.gather(*(act(number) for number in range(60)), return_exceptions=True)
    assert await carried(database.engine, POOL) <= {"", "/"}


async def test_a_request_that_is_cut_off_leaves_nobody_behind(database: Database) -> None:
    async def hang() -> None:
        async with database.transaction(RELAIS) as transaction:
            await transaction.session.exec(text("SELECT pg_sleep(30)"))  # type: ignore[call-overload]

    hanging = [asyncio.ensure_future(hang()) for _ in range(POOL)]
    await asyncio.sleep(0.3)
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    assert await carried(database.engine, POOL) <= {"", "/"}


async def test_callers_and_the_service_itself_never_share_a_connection(database: Database) -> None:
    async with database.transaction(RELAIS) as one, database.transaction() as other, database.raw() as bare:
        connections = [(await each.session.connection()).engine for each in (one, other)]
        assert connections[0] is not connections[1]
        assert await bare.fetchval("SELECT current_setting('relais.reach')") == "service"
    assert await carried(database.own_engine, 2) <= {"/service", "service"}


async def test_the_service_acts_for_a_caller_only_to_the_end_of_the_block(database: Database) -> None:
    async with database.transaction(RELAIS) as transaction:
        async with transaction.in_name_of(SERVICE):
            assert await acting(transaction) == "/service"
            async with transaction.in_name_of(CENTRE):
                assert await acting(transaction) == "centre/organisation"
            assert await acting(transaction) == "/service"
        assert await acting(transaction) == "relais/organisation"
        with pytest.raises(LookupError):
            async with transaction.in_name_of(SERVICE):
                raise LookupError
        assert await acting(transaction) == "relais/organisation"


async def test_a_statement_that_fails_in_the_services_name_leaves_nothing_of_it(database: Database) -> None:
    async with database.transaction(RELAIS) as transaction:
        async with transaction.rehearsal():
            with pytest.raises(DBAPIError):
                async with transaction.in_name_of(SERVICE):
                    await transaction.session.exec(text("SELECT 1 / 0"))  # type: ignore[call-overload]
        assert await acting(transaction) == "relais/organisation"


async def test_what_is_undone_to_a_savepoint_stays_the_callers(database: Database) -> None:
    async with database.transaction(RELAIS) as transaction:
        async with transaction.rehearsal():
            assert await acting(transaction) == "relais/organisation"
        assert await acting(transaction) == "relais/organisation"


async def test_a_name_is_a_value_and_never_a_part_of_a_statement(database: Database) -> None:
    name = "x', false), set_config('relais.reach', 'service"
    async with database.transaction(Acting(name, Reach.ORGANISATION)) as transaction:
        assert await acting(transaction) == f"{name}/organisation"


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    """The calls of a method in a module."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if isinstance(call.func, ast.Attribute) and call.func.attr == name]


def test_a_door_never_opens_a_transaction_of_the_services_own() -> None:
    for module in Path(services.__path__[0]).glob("*/api/**/*.py"):
        for call in calls(ast.parse(module.read_text()), "transaction"):
            assert call.args, f"{module.name}:{call.lineno} does not say who acts"
        assert not calls(ast.parse(module.read_text()), "raw"), module.name
