"""Errors below a path prefix look as that prefix says: those of routes, of the host and of the outermost layer."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Annotated

import httpx
import pytest
from fastapi import Depends
from starlette.responses import Response

from shared.access import May
from shared.auth import Caller
from shared.errors import Fault
from shared.host import SideBySide
from shared.problems import Problem
from shared.requests import FreeQueryRoute
from shared.service import Service
from shared.service import router as service_router
from shared.testing.harness import ORIGIN, UnderTest, under_test
from tests.server import TestServer
from tests.shared.toy_service import NotThatOne, counting_database, counting_service

MayLook = Annotated[Caller, Depends(May("permissions:read"))]


def shouted(problem: Problem, language: str, number: str) -> Response:
    """A dialect of its own."""
    said = {"SHOUTED": problem.kind.code, "faults": [fault.pointer for fault in problem.faults]}
    return Response(json.dumps(said), problem.kind.status, problem.headers, "application/shout+json")


def whispered(problem: Problem, language: str, number: str) -> Response:
    """Another one, further down the path."""
    return Response(problem.kind.code, problem.kind.status, media_type="text/whisper")


def speaking() -> Service:
    """The toy with a route in each dialect."""
    router = service_router("counting")
    loud = service_router("counting/loud", FreeQueryRoute)

    @loud.get("/free")
    async def free(caller: MayLook) -> str:
        return "free"

    @loud.post("/refused")
    async def refused(caller: MayLook, number: int = 0) -> None:
        raise NotThatOne(faults=[Fault("/number", "unlucky")])

    @loud.get("/broken")
    async def broken(caller: MayLook) -> None:
        raise RuntimeError("Odette-Lambert")

    @router.get("/plain")
    async def plain(caller: MayLook, number: int = 0) -> str:
        return "plain"

    both = service_router("none")
    both.prefix = ""
    both.include_router(router)
    both.include_router(loud)
    dialects = {"/counting/loud": shouted, "/counting/loud/quiet": whispered}
    return replace(counting_service(both), dialects=dialects)


@asynccontextmanager
async def run(postgres: TestServer) -> AsyncIterator[UnderTest]:
    async with under_test(speaking(), await counting_database(postgres)) as running:
        yield running


@pytest.fixture
async def speaker(postgres: TestServer) -> AsyncIterator[UnderTest]:
    async with run(postgres) as running:
        yield running


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/counting/loud/nothing", {}, 404, "not-found"),
        ("GET", "/counting/loud", {}, 404, "not-found"),
        ("PUT", "/counting/loud/free", {}, 405, "method-not-allowed"),
        ("POST", "/counting/loud/refused", {}, 409, "not-that-one"),
        ("POST", "/counting/loud/refused?number=x", {}, 422, "invalid-input"),
        ("GET", "/counting/loud/broken", {}, 500, "internal-error"),
        (
            "POST",
            "/counting/loud/refused",
            {"content": b" " * 1_100_000, "headers": {"idempotency-key": "k"}},
            413,
            "body-too-large",
        ),
        ("GET", "/counting/loud/free", {"headers": {"authorization": "Bearer none"}}, 401, "unauthenticated"),
    ],
)
async def test_every_error_below_the_prefix_is_in_its_dialect(
    speaker: UnderTest, method: str, path: str, options: dict[str, object], status: int, code: str
) -> None:
    async with speaker.client("operator") as client:
        answer = await client.request(method, path, **options)  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/shout+json")
    assert answer.json()["SHOUTED"] == code
    assert "Odette" not in answer.text


async def test_a_database_away_is_told_in_the_dialect(speaker: UnderTest) -> None:
    async with speaker.client("operator") as client:
        await client.get("/counting/loud/free")
        await speaker.app.state.database.close()
        speaker.app.state.database.engine.sync_engine.pool._creator = _gone
        answer = await client.post("/counting/loud/refused", headers={"idempotency-key": "k-1"})
    assert (answer.status_code, answer.json()["SHOUTED"]) == (503, "database-unavailable")
    assert answer.headers["retry-after"] == "2"


def _gone(*_: object) -> None:
    raise ConnectionRefusedError


async def test_the_longest_prefix_speaks_and_only_whole_segments_count(speaker: UnderTest) -> None:
    async with speaker.client("operator") as client:
        kinds = {
            path: (await client.get(path)).headers["content-type"]
            for path in (
                "/counting/loud/quiet",
                "/counting/loud/quiet/x",
                "/counting/loud/quieter",
                "/counting/louder",
                "/counting/x",
            )
        }
    quiet, loud, plain = "text/whisper; charset=utf-8", "application/shout+json", "application/problem+json"
    assert list(kinds.values()) == [quiet, quiet, loud, plain, plain]


async def test_beside_all_services_an_unknown_path_is_a_plain_problem(speaker: UnderTest) -> None:
    transport = httpx.ASGITransport(SideBySide({"counting": speaker.app}))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        unknown = await client.get("/nobody/loud")
        loud = await client.get("/counting/loud/nothing")
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")
    assert (loud.status_code, loud.headers["content-type"]) == (404, "application/shout+json")


async def test_a_free_query_route_reads_the_query_itself_and_others_refuse_what_they_do_not_know(
    speaker: UnderTest,
) -> None:
    async with speaker.client("operator") as client:
        assert (await client.get("/counting/loud/free?_count=3&a:b=c")).status_code == 200
        strict = await client.get("/counting/plain?_count=3")
    assert (strict.status_code, strict.json()["errors"][0]["code"]) == (422, "unknown-parameter")
