"""Errors on the wire: problem documents in the caller's language that show nothing of what was sent."""

import io
import json
import logging
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any
from uuid import uuid4

import httpx
import pytest
import structlog

from shared import consumer, edge, inbox, logs, problems, relay, worker
from shared.problems import LANGUAGES, Kind, language_of
from shared.service import Service
from shared.testing.harness import UnderTest
from tests.shared.toy_service import SECRET, counting_service

PATH = "/counting/counters"
SERVICES = ("intake", "cases", "assessment", "scheduler", "referrals")


def kernel_kinds() -> list[Kind]:
    """Every kind of problem that the kernel itself makes."""
    return [kind for kind in vars(problems).values() if isinstance(kind, Kind)]


def incomplete(kinds: Mapping[str, Kind]) -> list[str]:
    """What lacks one of its four titles, or has the same words in two languages."""
    titles = {name: [kind.title(language) for language in LANGUAGES] for name, kind in kinds.items()}
    return [name for name, words in titles.items() if len(set(words)) < 4 or kinds[name].code in words or "" in words]


def test_every_kind_of_the_kernel_has_a_title_in_four_languages() -> None:
    kinds = {kind.code: kind for kind in kernel_kinds()}
    assert len(kinds) >= 14
    assert incomplete(kinds) == []


@pytest.mark.parametrize("name", SERVICES)
def test_every_error_of_a_service_has_a_title_in_four_languages(name: str) -> None:
    service: Service = import_module(f"services.{name}.app").service
    assert incomplete({error.__name__: kind for error, kind in service.errors.items()}) == []
    assert all(400 <= kind.status < 500 or kind.status == 503 for kind in service.errors.values())


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-BE", "de"),
        ("nl-BE, fr;q=0.8", "nl"),
        ("fr;q=0.2, NL;q=0.9", "nl"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("xx", "fr"),
        ("es-ES, es;q=0.9", "fr"),
        ("", "en"),
        ("*", "fr"),
        ("de;q=0, nl;q=0.1", "nl"),
        ("de;q=high, nl;q=0.1", "nl"),
        ("de;q=1e9, nl;q=0.1", "nl"),
        ("de;q=-1, nl;q=0.1", "nl"),
        ("de;q=nan", "fr"),
        (",,;;q=,", "fr"),
        ("de;q=", "fr"),
        ("\x00\xff", "fr"),
    ],
)
def test_the_language_is_the_best_that_the_caller_accepts(accepted: str, language: str) -> None:
    assert language_of(accepted) == language


async def test_a_title_is_in_the_caller_s_language_and_the_code_is_not(counting: UnderTest) -> None:
    expected = {"fr": "Introuvable", "nl": "Niet gevonden", "de-BE": "Nicht gefunden", "en": "Not found"}
    async with counting.client() as client:
        for language, title in expected.items():
            answer = await client.get("/counting/nowhere", headers={"accept-language": language})
            assert (answer.json()["title"], answer.json()["code"]) == (title, "not-found")
            assert answer.headers["content-language"] == language[:2]


async def test_every_error_is_a_problem_document(counting: UnderTest) -> None:
    async with counting.client("operator") as client:
        refused = await client.post(PATH, json={"number": 13})
        answers = {
            404: await client.get("/counting/nowhere"),
            405: await client.delete(PATH),
            409: refused,
            422: await client.post(PATH, json={"number": "x"}),
            428: await client.post(f"{PATH}/{uuid4()}/count"),
            500: await client.post("/counting/failing"),
        }
        no_uuid = await client.get(f"{PATH}/17")
        slash = await client.get(f"{PATH}/")
    async with counting.client() as client:
        answers[401] = await client.get(PATH)
    for status, answer in answers.items():
        body = answer.json()
        assert (answer.status_code, body["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"
        assert body["type"] == f"/problems#{body['code']}"
        assert body["instance"] == f"urn:request:{answer.headers['x-request-id']}"
        assert answer.headers["cache-control"] == "no-store"
    assert refused.json() | {"instance": ""} == {
        "type": "/problems#not-that-one",
        "title": "Not that one",
        "status": 409,
        "code": "not-that-one",
        "detail": "This number is not counted.",
        "instance": "",
        "errors": [{"pointer": "/number", "code": "unlucky"}],
        "allowed": ["12", "14"],
    }
    assert (no_uuid.status_code, slash.status_code) == (404, 404)


async def test_allow_names_every_method_of_the_path(counting: UnderTest) -> None:
    expected = {PATH: "GET, POST", f"{PATH}/{uuid4()}": "GET", f"{PATH}/{uuid4()}/count": "POST"}
    async with counting.client("operator") as client:
        for path, methods in expected.items():
            for method in ("OPTIONS", "DELETE", "PATCH", "HEAD"):
                answer = await client.request(method, path)
                assert (answer.status_code, answer.headers["allow"]) == (405, methods), (method, path)
        assert (await client.options("/counting/nowhere")).status_code == 404


async def test_every_answer_carries_the_security_headers(counting: UnderTest) -> None:
    async with counting.client("operator") as client:
        answers = [await client.get(PATH), await client.get("/nowhere"), await client.post("/counting/failing")]
        documentation = await client.get("/counting/docs")
    for answer in (*answers, documentation):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
    policy = documentation.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "http" not in policy


async def test_a_request_keeps_the_number_it_came_with_when_that_is_one(counting: UnderTest) -> None:
    async with counting.client() as client:
        given = await client.get("/counting/health/live", headers={"x-request-id": "order-17.b_X"})
        assert given.headers["x-request-id"] == "order-17.b_X"
        made = []
        for odd in ("short", "x" * 65, "two words", "line<script>", "50.02.03-123.45"):
            answer = await client.get("/counting/nowhere", headers={"x-request-id": odd})
            assert answer.headers["x-request-id"] != odd
            made.append(answer.headers["x-request-id"])
        assert len(set(made)) == 5


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged, at any level, by ourselves and by libraries."""
    stream, root = io.StringIO(), logging.getLogger()
    before = (root.handlers, root.level)
    logs.configure(logging.DEBUG, stream)
    root.setLevel(logging.DEBUG)
    for module in (edge, inbox, relay, worker, consumer):
        monkeypatch.setattr(module, "log", structlog.get_logger())
    yield stream
    logs.configure(level=50)
    root.handlers, root.level = before


CANARIES = ("Odette Lambert", "0471/23.45.67", "50.02.03-123.45", "odette@example.be", "Rue Ça-va 7")


def bodies(canary: str) -> list[Any]:
    """Bad bodies with a canary at every place."""
    return [
        {canary: 1},
        {"number": canary},
        {"label": {"text": [canary]}},
        {"label": {canary: canary, "text": "ok"}},
        {"label": {"text": canary * 100}},
        {"anything": {canary: "\x00"}},
        [canary],
        canary,
    ]


async def sent_with(client: httpx.AsyncClient, canary: str) -> list[httpx.Response]:
    """Answers to requests that carry a canary everywhere."""
    answers = [await client.post(PATH, json=body) for body in bodies(canary)]
    answers += [
        await client.post(PATH, content=f'{{"{canary}": 1, "{canary}": 2}}'.encode()),
        await client.post(PATH, content=f'{{"number": {canary}'.encode()),
        await client.get(PATH, params={canary: "1"}),
        await client.get(PATH, params={"number": canary}),
        await client.get(PATH, params={"cursor": canary}),
        await client.get(f"{PATH}/{canary}"),
        await client.request("DELETE", f"{PATH}/{canary}"),
        await client.get(PATH, headers={b"authorization": f"Bearer {canary}".encode()}),
        await client.post(PATH, json={"number": 13}, headers={b"idempotency-key": canary.encode()}),
        await client.post(f"{PATH}/{uuid4()}/count", headers={b"if-match": canary.encode()}),
        await client.get("/counting/nowhere", headers={b"x-request-id": canary.encode()}),
        await client.get("/counting/nowhere", headers={b"accept-language": canary.encode()}),
    ]
    return answers


async def test_nothing_that_was_sent_comes_back_in_a_problem_or_a_log(counting: UnderTest, lines: io.StringIO) -> None:
    async with counting.client("operator") as client:
        for canary in CANARIES:
            for answer in await sent_with(client, canary):
                assert 400 <= answer.status_code < 500, answer.request.url
                shown = f"{answer.text} {answer.headers}"
                assert canary not in shown
                assert json.dumps(canary)[1:-1] not in shown
    logged = lines.getvalue()
    assert logged.count('"event": "request"') >= 20 * len(CANARIES)
    assert [canary for canary in CANARIES if canary in logged or json.dumps(canary)[1:-1] in logged] == []


async def test_an_unexpected_error_is_a_500_without_its_words(counting: UnderTest, lines: io.StringIO) -> None:
    async with counting.client("operator") as client:
        answer = await client.post("/counting/failing")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert set(answer.json()) == {"type", "title", "status", "code", "instance"}
    assert SECRET not in answer.text
    assert SECRET not in lines.getvalue()
    [failure] = [json.loads(line) for line in lines.getvalue().splitlines() if "unexpected-error" in line]
    assert (failure["error_class"], failure["place"].split(":")[0]) == ("RuntimeError", "toy_service.py")
    assert failure["request_id"] == answer.headers["x-request-id"]


async def test_libraries_may_say_that_they_spoke_and_not_what(lines: io.StringIO) -> None:
    logging.getLogger("some.library").warning("cannot store %s", SECRET)
    assert "some.library" in lines.getvalue()
    assert SECRET not in lines.getvalue()


async def test_a_field_that_the_log_does_not_know_is_left_out(lines: io.StringIO) -> None:
    structlog.get_logger().warning("odd", name=SECRET, status=200)
    [line] = [json.loads(line) for line in lines.getvalue().splitlines() if '"odd"' in line]
    assert set(line) <= logs.ALLOWED
    assert (line["event"], line["status"]) == ("odd", 200)


def test_the_toy_is_described_with_problems_for_every_route() -> None:
    from shared.host import described

    paths = described(counting_service()).openapi()["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            assert "application/problem+json" in operation["responses"]["default"]["content"], (method, path)
