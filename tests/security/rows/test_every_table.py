"""Every table of every service: its rows are its organisation's, to whoever connects, or the table is an exception."""

import asyncpg
import pytest

from services.__main__ import NAMES, load
from shared.local.postgres import EmbeddedPostgres
from shared.service import Service
from tests.conftest import Databases
from tests.security.rows.fences import (
    AUDIT,
    EXCEPTIONS,
    SHOWN_TO_ALL,
    SHOWN_TO_NOBODY,
    THE_SERVICES_OWN,
    act,
    connected,
    plant,
    seen,
)

SERVICES = load(NAMES)
FENCES = """
    SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
        SELECT FROM pg_policy WHERE polrelid = c.oid AND polname = 'fence' AND polcmd = '*' AND polpermissive
    )
    FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
"""
each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


@each_service
async def test_every_table_has_a_fence_or_a_reason(service: Service, databases: Databases) -> None:
    async with connected((await databases.fresh(service)).owner_url) as owner:
        fenced = dict(await owner.fetch(FENCES))
    excused = {**EXCEPTIONS["every service"], **EXCEPTIONS[service.name]}
    assert {table for table, is_fenced in fenced.items() if not is_fenced} == set(excused)
    assert all(len(reason) > 15 for reason in excused.values())


@each_service
async def test_every_row_is_shown_to_its_organisation_and_to_no_other(
    service: Service, databases: Databases, postgres: EmbeddedPostgres
) -> None:
    urls = await databases.fresh(service)
    excused = {*EXCEPTIONS["every service"], *EXCEPTIONS[service.name]}
    async with connected(postgres.url(urls.name)) as superuser, connected(urls.app_url) as app:
        tables = [table for table in await plant(superuser, "relais") if table not in excused]
        assert len(tables) > 12
        assert await seen(app, tables) == set(), "nobody acts"
        for reach in ("own", "team", "organisation"):
            await act(app, "relais", reach)
            assert set(tables) - await seen(app, tables) == (SHOWN_TO_NOBODY | THE_SERVICES_OWN) & set(tables)
            for stranger in ("centre", ""):
                await act(app, stranger, reach)
                assert await seen(app, tables) <= SHOWN_TO_ALL, (stranger, reach)
        await act(app, "relais", "")
        assert await seen(app, tables) == set(), "no reach"
        await act(app, "relais", "everything")
        assert await seen(app, tables) <= SHOWN_TO_ALL, "a reach that is none"
        await act(app, "centre", "all")
        assert set(tables) - await seen(app, tables) == {*THE_SERVICES_OWN, "idempotency_key"}
        await act(app, "", "service")
        assert await seen(app, tables) == set(tables)


@each_service
async def test_a_stranger_changes_and_removes_nothing(
    service: Service, databases: Databases, postgres: EmbeddedPostgres
) -> None:
    urls = await databases.fresh(service)
    async with connected(postgres.url(urls.name)) as superuser, connected(urls.app_url) as app:
        planted = await plant(superuser, "relais")
        excused = {*EXCEPTIONS["every service"], *EXCEPTIONS[service.name], *SHOWN_TO_ALL, *AUDIT}
        await act(app, "centre", "organisation")
        for table in set(planted) - excused:
            assert await app.execute(f'DELETE FROM "{table}"') == "DELETE 0", table
        for table in AUDIT:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(f'DELETE FROM "{table}"')


@each_service
async def test_the_owner_is_bound_too_and_no_role_of_the_service_is_above_the_fences(
    service: Service, databases: Databases, postgres: EmbeddedPostgres
) -> None:
    urls = await databases.fresh(service)
    excused = {*EXCEPTIONS["every service"], *EXCEPTIONS[service.name]}
    async with connected(postgres.url(urls.name)) as superuser, connected(urls.owner_url) as owner:
        tables = [table for table in await plant(superuser, "relais") if table not in excused]
        await act(owner, "", "")
        assert await seen(owner, tables) == set()
        above = "SELECT count(*) FROM pg_roles WHERE rolname = $1 AND (rolsuper OR rolbypassrls)"
        for role in (f"{service.name}_owner", f"{service.name}_app"):
            assert await superuser.fetchval(above, role) == 0


def test_the_exceptions_are_of_services_that_exist() -> None:
    assert set(EXCEPTIONS) == {"every service", *(service.name for service in SERVICES)}
