"""A service works with a role that the fences bind: with one above them it does not start, and says why."""

import os
import subprocess
import sys

import pytest

from services.__main__ import NAMES, load
from shared.clock import SystemClock
from shared.fenced_role import AboveTheFences, refuse_unfenced_role
from shared.ids import new_id
from shared.local.folder import free_port
from shared.local.postgres import DatabaseUrls, EmbeddedPostgres
from shared.store import Database
from shared.testing.harness import under_test
from tests.conftest import Databases
from tests.security.rows.fences import connected
from tests.town import ROOT

PASSWORD = new_id().hex


async def granted(postgres: EmbeddedPostgres, urls: DatabaseUrls, *grants: str) -> str:
    """The URL of a new role with these grants in a service's database."""
    role = f"high_{len(grants)}_{urls.name}"
    async with connected(postgres.url(urls.name)) as superuser:
        await superuser.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
        for grant in grants:
            await superuser.execute(grant.format(role=role))
    user = postgres.url(urls.name).split("//")[1].split("@")[0]
    return postgres.url(urls.name).replace(user, f"{role}:{PASSWORD}")


@pytest.fixture
async def urls(databases: Databases) -> DatabaseUrls:
    """A database of scheduler."""
    return await databases.fresh(load(["scheduler"])[0])


async def refused(url: str) -> str:
    """Why a role is not taken; empty where it is."""
    database = Database(url, SystemClock(), 2)
    try:
        await refuse_unfenced_role("scheduler", database)
    except AboveTheFences as refusal:
        return str(refusal)
    finally:
        await database.close()
    return ""


async def test_only_a_role_that_the_fences_bind_is_taken(urls: DatabaseUrls, postgres: EmbeddedPostgres) -> None:
    connect = f'GRANT CONNECT ON DATABASE "{urls.name}" TO {{role}}'
    above = await granted(postgres, urls, connect, "ALTER ROLE {role} BYPASSRLS")
    member = await granted(postgres, urls, connect, "GRANT scheduler_owner TO {role}", "SELECT '{role}'")
    assert await refused(urls.app_url) == ""
    for url, why in (
        (postgres.url(urls.name), "is a superuser"),
        (above, "has BYPASSRLS"),
        (urls.owner_url, "owns its tables"),
        (member, "owns its tables"),
    ):
        assert why in await refused(url)
        assert PASSWORD not in await refused(url)


@pytest.mark.parametrize("name", NAMES)
async def test_the_role_of_each_service_is_bound(name: str, databases: Databases) -> None:
    assert await refused((await databases.fresh(load([name])[0])).app_url) == ""


async def test_an_app_does_not_enter_its_life_as_the_owner(urls: DatabaseUrls) -> None:
    owner = DatabaseUrls(urls.name, urls.owner_url, urls.owner_url)
    with pytest.raises(AboveTheFences, match="owns its tables"):
        async with under_test(load(["scheduler"])[0], owner):
            pass


async def test_a_role_that_rises_while_the_service_works_makes_it_unready(
    urls: DatabaseUrls, postgres: EmbeddedPostgres
) -> None:
    async with under_test(load(["scheduler"])[0], urls) as running, running.client() as anybody:
        before = (await anybody.get("/scheduler/health/ready")).json()
        async with connected(postgres.url(urls.name)) as superuser:
            await superuser.execute("ALTER ROLE scheduler_app BYPASSRLS")
            try:
                answer = await anybody.get("/scheduler/health/ready")
            finally:
                await superuser.execute("ALTER ROLE scheduler_app NOBYPASSRLS")
    assert before["database"] == "ok"
    assert (answer.status_code, answer.json()["database"]) == (503, "role-above-the-fences")


def test_the_process_ends_with_one_clear_sentence(urls: DatabaseUrls) -> None:
    more = {
        "SCHEDULER_DATABASE_URL": urls.owner_url,
        "RELAIS_ENVIRONMENT": "development",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
        "OIDC_ISSUERS": "http://127.0.0.1:9/auth",
        "RELAIS_CURSOR_KEY": "a key for tests",
        "RELAIS_AUDIT_KEYS": "tests:a key for tests that is long enough",
        "PORT": str(free_port()),
    }
    ended = subprocess.run(
        [sys.executable, "-m", "services", "scheduler"],
        env={**os.environ, **more},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines()[-1].startswith("scheduler does not start: its database role owns its")
    assert "Traceback" not in ended.stderr
