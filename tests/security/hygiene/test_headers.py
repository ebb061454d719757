"""What every answer says of itself, so that no browser, cache or proxy gives away what it carries."""

import base64
import hashlib
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from services.__main__ import NAMES
from shared.content_policy import content_policy
from shared.edge import Edge
from shared.local.portal import portal
from shared.metrics import Metrics
from shared.operations import documentation
from shared.testing.harness import UnderTest

Run = Callable[..., AbstractAsyncContextManager[UnderTest]]
ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
INLINE = re.compile(r"<(script|style)(?:\s[^>]*)?>(.+?)</\1>", re.DOTALL)
BY_PROXY = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"}


def directives(answer: httpx.Response) -> dict[str, str]:
    """The content policy of an answer, by directive."""
    parts = answer.headers["content-security-policy"].split(";")
    return {name: value for name, _, value in (part.strip().partition(" ") for part in parts)}


@pytest.mark.parametrize("name", NAMES)
async def test_answers_of_every_kind_carry_them_all(run_service: Run, name: str) -> None:
    async with run_service(name) as running, running.client("operator") as operator:
        paths = ("events/dead-letters", "nowhere", "health/live", "openapi.json", "docs", "metrics", "audit/records")
        answers = [await operator.get(f"/{name}/{path}") for path in paths]
        answers.append(await operator.post(f"/{name}/events/republication", content="{"))
    for answer in answers:
        assert ALWAYS.items() <= dict(answer.headers).items()
        assert "camera=()" in answer.headers["permissions-policy"]
        assert directives(answer)["frame-ancestors"] == "'none'"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in answer.headers


async def behind(app: Any, trusted: str, headers: dict[str, str]) -> httpx.Response:
    """An answer of the app behind a proxy at 10.0.0.1, as uvicorn sees it that trusts some addresses."""
    wrapped: Any = ProxyHeadersMiddleware(app, trusted_hosts=trusted)
    transport = httpx.ASGITransport(wrapped, client=("10.0.0.1", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://relais.test") as client:
        return await client.get("/scheduler/health/live", headers=headers)


async def test_browsers_are_told_to_insist_on_tls_where_a_trusted_proxy_says_that_it_was_tls(run_service: Run) -> None:
    async with run_service("scheduler") as running:
        told = await behind(running.app, "10.0.0.0/8", BY_PROXY)
        assert told.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        for trusted, headers in (("127.0.0.1", BY_PROXY), ("10.0.0.0/8", {}), ("10.0.0.0/8", {"host": "https"})):
            assert "strict-transport-security" not in (await behind(running.app, trusted, headers)).headers


async def test_what_is_shown_to_a_caller_is_kept_by_no_cache_whatever_its_route_says() -> None:
    async def careless(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/shown":
            scope["state"]["caller"] = "somebody believed"
        await PlainTextResponse("text", headers={"cache-control": "max-age=60"})(scope, receive, send)

    transport = httpx.ASGITransport(Edge(careless, Metrics("careless")))
    async with httpx.AsyncClient(transport=transport, base_url="http://relais.test") as client:
        kept = {path: (await client.get(path)).headers.get_list("cache-control") for path in ("/shown", "/asset")}
    assert kept == {"/shown": ["no-store"], "/asset": ["max-age=60"]}


def pages() -> dict[str, tuple[str, str]]:
    """Every page that is made without data: its HTML and its policy."""
    made = documentation("Title", "/intake")
    return {"documentation": (bytes(made.body).decode(), made.headers["content-security-policy"])}


@pytest.mark.parametrize("name", sorted(pages()))
def test_what_stands_inline_in_a_page_is_allowed_by_its_hash_alone(name: str) -> None:
    page, policy = pages()[name]
    inline = [text for _, text in INLINE.findall(page)]
    assert inline
    for text in inline:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\son\w+=|\sstyle=", page)


async def test_the_pages_of_the_portal_run_nothing_and_load_nothing() -> None:
    transport = httpx.ASGITransport(portal([]))
    async with httpx.AsyncClient(transport=transport, base_url="http://relais.test") as client:
        for path in ("/", "/problems"):
            page = await client.get(path)
            assert page.headers["content-security-policy"] == content_policy(page.text)
            assert directives(page)["default-src"] == directives(page)["script-src"] == "'none'"
