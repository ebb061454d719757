"""Services at one origin: found by their prefix, healthy only when they can work, and stopped in time."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from shared import migrate
from shared.auth import Tokens
from shared.host import SideBySide, build
from shared.local.postgres import EmbeddedPostgres
from shared.service import Service
from shared.settings import Role, ServiceSettings
from shared.testing.harness import ORIGIN, UnderTest, under_test
from shared.testing.memory_bus import MemoryBus
from tests.conftest import Databases, load
from tests.server import TestServer
from tests.shared.toy_service import counting_service, run_counting

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
SERVICES = ("intake", "cases", "assessment", "scheduler", "referrals")
DOCUMENT = {
    "identifier": {"system": "urn:made-up", "value": "1"},
    "person": {"family_name": "Made", "given_names": "Up"},
    "consent": {"given": True},
}


async def ready(client: httpx.AsyncClient, name: str) -> tuple[int, dict[str, Any]]:
    """A service's readiness."""
    answer = await client.get(f"/{name}/health/ready")
    return answer.status_code, answer.json()


async def until(client: httpx.AsyncClient, name: str, status: str, within: float) -> tuple[int, dict[str, Any]]:
    """Readiness once it has this status; fails after so many seconds."""
    async with asyncio.timeout(within):
        while True:
            code, health = await ready(client, name)
            if health["status"] == status:
                return code, health
            await asyncio.sleep(0.05)


@pytest.fixture
async def origin(run_service: Run) -> AsyncIterator[httpx.AsyncClient]:
    """All five services at one origin."""
    async with AsyncExitStack() as stack:
        apps = {name: (await stack.enter_async_context(run_service(name))).app for name in SERVICES}
        transport = httpx.ASGITransport(SideBySide(apps))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            yield client


async def test_the_first_segment_of_the_path_picks_the_service(origin: httpx.AsyncClient) -> None:
    for name in SERVICES:
        answer = await origin.get(f"/{name}/openapi.json")
        assert answer.json()["info"]["title"] == load(name).title
        assert (await origin.get(f"/{name}/health/live")).json()["status"] == "live"
    assert (await origin.get("/cases")).status_code == 401
    assert (await origin.get("/referrals")).status_code == 401


async def test_no_path_is_answered_with_a_redirect(origin: httpx.AsyncClient) -> None:
    paths = [f"/{name}{rest}" for name in SERVICES for rest in ("", "/", "//", "/health/live/", "/docs/", "/x")]
    for path in [*paths, "/", "//", "/casesx", "/Cases", "/cases%2F"]:
        for method in ("GET", "POST"):
            answer = await origin.request(method, path)
            assert answer.status_code in {401, 404, 405}, (method, path, answer.status_code)


async def test_an_unknown_prefix_is_a_problem_in_the_caller_s_language(origin: httpx.AsyncClient) -> None:
    for path in ("/nowhere", "/", "/casesx/1", "/nowhere/Odette%20Lambert"):
        answer = await origin.get(path, headers={"accept-language": "nl"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        assert answer.json()["title"] == "Niet gevonden"
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.json()["instance"]) > len("urn:request:")
        assert "Odette" not in answer.text


async def lifespan(app: SideBySide) -> tuple[list[str], float]:
    """Start and stop an app as a server does: what it said, and how long the stop took."""
    said: list[str] = []
    asked: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    started = asyncio.Event()

    async def send(message: Any) -> None:
        said.append(message["type"])
        started.set()

    running = asyncio.create_task(app({"type": "lifespan"}, asked.get, send))
    await asked.put({"type": "lifespan.startup"})
    await asyncio.wait_for(started.wait(), 10)
    await asyncio.sleep(0.1)
    began = time.monotonic()
    await asked.put({"type": "lifespan.shutdown"})
    await asyncio.gather(running, return_exceptions=True)
    return said, time.monotonic() - began


def settled(service: Service, database_url: str) -> ServiceSettings:
    """The settings of a service whose issuer is away."""
    values: dict[str, Any] = {"database_url": database_url, "kafka_bootstrap_servers": "memory", "cursor_key": "x"}
    return service.settings(**values, **{"oidc_issuers": "http://127.0.0.1:9/auth", "environment": "development"})


async def test_all_services_stop_within_ten_seconds_though_the_bus_is_away(databases: Databases) -> None:
    bus = MemoryBus(down=True)
    apps = {}
    for name in SERVICES:
        service = load(name)
        apps[name] = build(service, settled(service, (await databases.fresh(service)).app_url), bus)
    said, seconds = await lifespan(SideBySide(apps))
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert seconds < 10


async def test_a_service_that_cannot_start_says_so() -> None:
    service = counting_service()
    said, _ = await lifespan(SideBySide({"counting": build(service, settled(service, "not-a-url"), MemoryBus())}))
    assert said == ["lifespan.startup.failed"]


async def test_a_bus_that_is_away_degrades_and_a_push_is_still_taken(run_service: Run) -> None:
    async with run_service("referrals", working=True) as referrals, referrals.client("operator") as operator:
        organisation = {"name": "Made up", "kind": "hospital"}
        assert (await operator.put("/referrals/directory/organisations/chu", json=organisation)).status_code == 200
        assert (await until(operator, "referrals", "ready", 5))[0] == 200
        referrals.bus.down = True
        assert (await until(operator, "referrals", "degraded", 5))[0] == 200
        async with referrals.client("hospital-chu") as hospital:
            assert (await hospital.post("/referrals", json=DOCUMENT)).status_code == 201
        referrals.bus.down = False
        await until(operator, "referrals", "ready", 15)
        async with asyncio.timeout(10):
            while len(referrals.bus.messages("relais.referrals.v1")) < 2:
                await asyncio.sleep(0.05)


async def test_a_database_that_stops_makes_a_service_unready_and_it_recovers_alone(tmp_path: Path) -> None:
    service = load("referrals")
    with EmbeddedPostgres(tmp_path / "postgres") as server:
        made = await server.create_database("referrals", owner="referrals_owner", app="referrals_app")
        await migrate.upgrade(service.migrations, made.owner_url)
        async with under_test(service, made) as referrals, referrals.client("coordinator") as client:
            assert (await client.get("/referrals")).status_code == 200
            await asyncio.to_thread(server.stop)
            began = time.monotonic()
            code, health = await ready(client, "referrals")
            assert (code, health["status"], health["database"]) == (503, "unready", "unreachable")
            assert time.monotonic() - began < 10
            assert (await client.get("/referrals/health/live")).status_code == 200
            away = await client.get("/referrals")
            assert (away.status_code, away.json()["code"]) == (503, "database-unavailable")
            assert away.headers["retry-after"] == "2"
            await asyncio.to_thread(server.start)
            assert (await until(client, "referrals", "degraded", 10))[1]["database"] == "ok"
            assert (await client.get("/referrals")).status_code == 200


async def test_who_waits_too_long_for_a_row_of_others_is_told_to_try_again(databases: Databases) -> None:
    service = load("referrals")
    urls = await databases.fresh(service)
    connection = await asyncpg.connect(urls.owner_url.replace("+asyncpg", ""))
    async with under_test(service, urls) as referrals, referrals.client("coordinator") as client:
        try:
            await connection.execute("BEGIN; LOCK TABLE referral IN ACCESS EXCLUSIVE MODE")
            answer = await client.get("/referrals")
        finally:
            await connection.close()
        assert (answer.status_code, answer.json()["code"]) == (503, "database-busy")
        assert answer.headers["retry-after"] == "2"
        assert (await client.get("/referrals")).status_code == 200


async def test_who_gets_no_connection_in_time_is_told_to_try_again(databases: Databases) -> None:
    service = load("referrals")
    async with (
        under_test(service, await databases.fresh(service)) as referrals,
        referrals.client("coordinator") as client,
    ):
        engine = referrals.app.state.database.engine
        async with AsyncExitStack() as busy:
            for _ in range(referrals.app.state.settings.pool_size):
                await busy.enter_async_context(engine.connect())
            answer = await client.get("/referrals")
        assert (answer.status_code, answer.json()["code"]) == (503, "database-busy")
        assert (await client.get("/referrals")).status_code == 200


async def test_who_cannot_be_believed_before_the_issuer_has_answered_is_told_to_try_again(run_service: Run) -> None:
    async with run_service("referrals") as referrals, referrals.client("coordinator") as client:
        known = referrals.app.state.tokens
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            gone = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        async with httpx.AsyncClient(transport=OnlyTo(gone)) as away:
            referrals.app.state.tokens = Tokens(known.issuers, known.audience, away)
            answer = await client.get("/referrals")
            forged = await client.get("/referrals", headers={"authorization": "Bearer nonsense"})
        referrals.app.state.tokens = known
        assert (answer.status_code, answer.json()["code"]) == (503, "issuer-unavailable")
        assert answer.headers["retry-after"] == "2"
        assert forged.status_code == 401
        assert (await client.get("/referrals")).status_code == 200


class OnlyTo(httpx.AsyncHTTPTransport):
    """Leads every call to one place."""

    def __init__(self, origin: str) -> None:
        super().__init__()
        self.origin = httpx.URL(origin)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Call there, whatever was asked for."""
        request.url = request.url.copy_with(scheme="http", host=self.origin.host, port=self.origin.port)
        return await super().handle_async_request(request)


async def test_a_database_behind_its_migrations_makes_a_service_unready(databases: Databases) -> None:
    service = load("referrals")
    urls = await databases.fresh(service)
    connection = await asyncpg.connect(urls.owner_url.replace("+asyncpg", ""))
    try:
        await connection.execute("DELETE FROM alembic_version WHERE version_num LIKE 'referrals%'")
    finally:
        await connection.close()
    async with under_test(service, urls, working=True) as referrals, referrals.client() as client:
        code, health = await ready(client, "referrals")
        assert (code, health["status"], health["migrations"]) == (503, "unready", "behind")


async def test_a_service_that_is_stopping_takes_no_more_traffic(run_service: Run) -> None:
    async with run_service("referrals", working=True) as referrals, referrals.client() as client:
        await until(client, "referrals", "ready", 5)
        referrals.app.state.stopping = True
        assert (await ready(client, "referrals"))[0] == 503


async def test_an_api_alone_has_no_worker_and_is_ready(run_service: Run) -> None:
    service = load("referrals")
    async with run_service("referrals", working=True, role=Role.API) as referrals, referrals.client() as client:
        assert referrals.app.state.worker is None
        assert referrals.app.state.tasks == ()
        assert await ready(client, service.name) == (
            200,
            {"status": "ready", "database": "ok", "migrations": "ok", "keys": "ok", "bus": "ok"},
        )


async def test_the_documentation_needs_no_outside_network(postgres: TestServer) -> None:
    async with run_counting(postgres) as counting, counting.client() as client:
        page = (await client.get("/counting/docs")).text
        assert "https://" not in page
        assert "//cdn" not in page
        for name in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
            assert f"/counting/docs/{name}" in page
            assert (await client.get(f"/counting/docs/{name}")).status_code == 200
        for name in ("other.js", "..%2F..%2Fpyproject.toml", "swagger-ui.css.map"):
            assert (await client.get(f"/counting/docs/{name}")).status_code == 404


async def test_two_services_of_one_process_share_no_state(postgres: TestServer) -> None:
    async with (
        run_counting(postgres) as one,
        run_counting(postgres) as two,
        one.client("operator") as client,
    ):
        assert (await client.post("/counting/counters", json={})).status_code == 201
        assert (len(await one.announced()), len(await two.announced())) == (1, 0)
