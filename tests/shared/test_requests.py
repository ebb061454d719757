"""What every route does around its function: strict input, seen versions, answers kept for repeats, lists in pages."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shared import acting
from shared.ids import new_id
from shared.testing.harness import UnderTest
from tests.server import TestServer
from tests.shared.toy_service import rows, run_counting

PATH = "/counting/counters"
JSON = {"content-type": "application/json"}


@pytest.fixture
async def client(counting: UnderTest) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's client."""
    async with counting.client("operator") as made:
        yield made


def nested(levels: int) -> bytes:
    """A body that is this many levels deep."""
    return b'{"anything": ' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """The (pointer, code) pairs of a problem."""
    return [(each["pointer"], each["code"]) for each in answer.json().get("errors", [])]


REFUSED = {
    "a repeated key": (b'{"number": 1, "number": 2}', 400, ("", "repeated-key")),
    "a repeated key inside": (b'{"label": {"text": "a", "text": "a"}}', 400, ("", "repeated-key")),
    "a level too many": (nested(33), 400, ("", "too-deep")),
    "no bottom": (nested(100_000), 400, ("", "too-deep")),
    "no JSON": (b'{"number": 1', 400, ("", "not-json")),
    "words": (b"number one", 400, ("", "not-json")),
    "two values": (b"{} {}", 400, ("", "not-json")),
    "bytes that are no UTF-8": (b'{"label": {"text": "\xff\xfe"}}', 400, ("", "not-json")),
    "another encoding": ('{"number": 1}'.encode("utf-16"), 400, ("", "not-json")),
    "a number that is none": (b'{"anything": NaN}', 400, ("", "not-json")),
    "an endless number": (b'{"anything": -Infinity}', 400, ("", "not-json")),
    "a number too great": (b'{"anything": 1e999}', 400, ("", "not-json")),
    "a number of ten thousand digits": (b'{"anything": ' + b"9" * 10_000 + b"}", 400, ("", "not-json")),
    "a NUL in a value": (b'{"label": {"text": "a\\u0000b"}}', 422, ("/label/text", "nul-character")),
    "a NUL in any value": (b'{"anything": [{"x": "\\u0000"}]}', 422, ("/anything/0/x", "nul-character")),
    "a NUL in a key": (b'{"anything": {"a\\u0000b": 1}}', 422, ("/anything", "nul-character")),
    "half a character": (b'{"anything": "\\ud83d"}', 422, ("/anything", "half-a-character")),
    "half a character in a key": (b'{"anything": {"\\uDE00": 1}}', 422, ("/anything", "half-a-character")),
    "an unknown field": (b'{"colour": "red"}', 422, ("/colour", "unknown-field")),
    "an unknown field inside": (b'{"label": {"text": "a", "size": 1}}', 422, ("/label/size", "unknown-field")),
    "false for a number": (b'{"number": false}', 422, ("/number", "wrong-type")),
    "a number in words": (b'{"number": "1"}', 422, ("/number", "wrong-type")),
    "a list for an object": (b"[]", 422, ("", "wrong-type")),
    "nothing for an object": (b"null", 422, ("", "wrong-type")),
    "too many words": (b'{"label": {"text": "' + b"x" * 101 + b'"}}', 422, ("/label/text", "too-long")),
    "no body": (b"", 422, ("", "required")),
}


async def test_bad_bodies_are_refused_with_their_place_and_nothing_is_stored(
    counting: UnderTest, client: httpx.AsyncClient
) -> None:
    for name, (body, status, fault) in REFUSED.items():
        answer = await client.post(PATH, content=body, headers=JSON)
        assert (answer.status_code, faults(answer)) == (status, [fault]), (name, answer.text)
        assert answer.headers["content-type"] == "application/problem+json", name
    assert await rows(counting, "counter") == 0


async def test_good_bodies_at_the_border_of_the_bad_are_taken(client: httpx.AsyncClient) -> None:
    for body in (nested(32), b'{"label": {"text": "\\ud83d\\ude00 \\\\u0000"}}', b"{}", b' {"number":\n1} '):
        answer = await client.post(PATH, content=body, headers=JSON)
        assert answer.status_code == 201, answer.text


async def test_unknown_query_parameters_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{PATH}?nummer=1&limit=3")
    assert (answer.status_code, faults(answer)) == (422, [("/query/nummer", "unknown-parameter")])
    answer = await client.post(f"{PATH}?number=1", json={})
    assert (answer.status_code, faults(answer)) == (422, [("/query/number", "unknown-parameter")])
    answer = await client.get("/counting/health/live?verbose=1")
    assert (answer.status_code, faults(answer)) == (422, [("/query/verbose", "unknown-parameter")])


async def test_a_body_must_say_that_it_is_json(client: httpx.AsyncClient) -> None:
    for media in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "json", ""):
        answer = await client.post(PATH, content=b'{"number": 1}', headers={"content-type": media})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


async def test_json_may_carry_a_charset_or_be_of_a_kind_of_json(client: httpx.AsyncClient) -> None:
    for media in ("application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"):
        answer = await client.post(PATH, content=b'{"number": 1}', headers={"content-type": media})
        assert answer.status_code == 201


async def test_a_body_of_thirty_megabytes_is_refused_before_it_is_read(client: httpx.AsyncClient) -> None:
    read = 0

    async def stream() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(30 * 16):
            read += 65_536
            yield b" " * 65_536

    declared = await client.post(PATH, content=b" " * 30_000_000, headers=JSON)
    streamed = await client.post(PATH, content=stream(), headers=JSON)
    operating = await client.post("/counting/events/republication", content=b" " * 2_000_000, headers=JSON)
    for answer in (declared, streamed, operating):
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
        assert answer.headers["x-content-type-options"] == "nosniff"


async def made(client: httpx.AsyncClient) -> str:
    """The path of a new counter."""
    return str((await client.post(PATH, json={})).headers["location"])


async def test_a_change_must_name_the_version_that_was_seen(client: httpx.AsyncClient) -> None:
    path = await made(client)
    assert (await client.get(path)).headers["etag"] == '"1"'
    missing = await client.post(f"{path}/count")
    assert (missing.status_code, missing.json()["code"]) == (428, "if-match-required")
    for seen in ('"0"', '"2"', "*", '"1", "2"', "one", '"', '"-1"', '"١"', '"99999999999999999999"'):
        answer = await client.post(f"{path}/count", headers={b"if-match": seen.encode()})
        assert (answer.status_code, answer.json()["code"]) == (412, "stale-version"), seen
    assert (await client.get(path)).json()["number"] == 0


async def test_a_stale_change_is_told_the_present_version(client: httpx.AsyncClient) -> None:
    path = await made(client)
    first = await client.post(f"{path}/count", headers={"if-match": '"1"'})
    assert (first.status_code, first.headers["etag"]) == (201, '"2"')
    again = await client.post(f"{path}/count", headers={"if-match": '"1"'})
    assert (again.status_code, again.json()["etag"]) == (412, '"2"')
    assert (await client.post(f"{path}/count", headers={"if-match": 'W/"2"'})).status_code == 201


async def test_of_ten_changes_at_once_one_is_made(counting: UnderTest, client: httpx.AsyncClient) -> None:
    path = await made(client)
    answers = await asyncio.gather(*(client.post(f"{path}/count", headers={"if-match": '"1"'}) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [412] * 9
    assert (await client.get(path)).json()["number"] == 1
    assert len(await counting.announced()) == 2


async def test_the_same_request_under_its_key_gets_the_first_answer_byte_for_byte(
    counting: UnderTest, client: httpx.AsyncClient
) -> None:
    key = {"idempotency-key": "k-1"}
    first = await client.post(PATH, json={"number": 7}, headers=key)
    again = await client.post(PATH, json={"number": 7}, headers=key)
    assert (again.status_code, again.content) == (201, first.content)
    for name in ("location", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert (await rows(counting, "counter"), len(await counting.announced())) == (1, 1)


async def test_a_key_belongs_to_one_request(counting: UnderTest, client: httpx.AsyncClient) -> None:
    key = {"idempotency-key": "k-1"}
    path = await made(client)
    await client.post(PATH, json={"number": 7}, headers=key)
    other_body = await client.post(PATH, json={"number": 8}, headers=key)
    other_path = await client.post(f"{path}/count", headers={**key, "if-match": '"1"'})
    for answer in (other_body, other_path):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
    assert await rows(counting, "counter") == 2


async def test_another_caller_may_use_the_same_key(counting: UnderTest, client: httpx.AsyncClient) -> None:
    key = {"idempotency-key": "k-1"}
    mine = await client.post(PATH, json={"number": 7}, headers=key)
    async with counting.client("auditor") as other:
        theirs = await other.post(PATH, json={"number": 7}, headers=key)
        assert theirs.status_code == 201
        assert theirs.json()["id"] != mine.json()["id"]
        for client_again, first in ((client, mine), (other, theirs)):
            assert (await client_again.post(PATH, json={"number": 7}, headers=key)).content == first.content


async def test_of_twenty_equal_requests_at_once_one_is_done(counting: UnderTest, client: httpx.AsyncClient) -> None:
    key = {"idempotency-key": "k-20"}
    answers = await asyncio.gather(*(client.post(PATH, json={"number": 7}, headers=key) for _ in range(20)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert await rows(counting, "counter") == 1


async def test_a_refused_request_stores_nothing_and_leaves_its_key_free(
    counting: UnderTest, client: httpx.AsyncClient
) -> None:
    key = {"idempotency-key": "k-1"}
    refused = await client.post(PATH, json={"number": 13}, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (409, "not-that-one")
    assert (await client.post(PATH, json={"numero": 1}, headers=key)).status_code == 422
    tables = ("counter", "outbox", "idempotency_key")
    assert [await rows(counting, table) for table in tables] == [0, 0, 0]
    assert (await client.post(PATH, json={"number": 14}, headers=key)).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_has_one_to_255_characters(counting: UnderTest, client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post(PATH, json={}, headers={"idempotency-key": key})
    assert (answer.status_code, faults(answer)) == (422, [("#idempotency-key", "wrong-format")])
    assert await rows(counting, "counter") == 0


async def test_a_repeat_does_not_wait_for_ever_for_the_first(
    postgres: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(acting.TIMEOUTS, "lock_timeout", "100ms")
    claim = "INSERT INTO idempotency_key (caller, key, fingerprint) VALUES ('operator', 'k-1', 'x')"
    async with (
        run_counting(postgres) as counting,
        counting.client("operator") as client,
        counting.app.state.database.raw() as connection,
        connection.transaction(),
    ):
        await connection.execute(claim)
        answer = await client.post(PATH, json={}, headers={"idempotency-key": "k-1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency-key-in-use")
    assert answer.headers["retry-after"] == "2"


async def stock(counting: UnderTest, count: int) -> list[str]:
    """Make counters, oldest first."""
    ids = [new_id() for _ in range(count)]
    async with counting.app.state.database.raw() as connection:
        records = [(each, number % 2, 1) for number, each in enumerate(ids)]
        await connection.executemany("INSERT INTO counter (id, number, version) VALUES ($1, $2, $3)", records)
    return [str(each) for each in sorted(ids)]


async def test_paging_while_others_insert_loses_none_and_doubles_none(
    counting: UnderTest, client: httpx.AsyncClient
) -> None:
    before = await stock(counting, 250)
    seen: list[str] = []
    following: str | None = f"{PATH}?limit=20"
    while following:
        page = await client.get(following)
        seen += [item["id"] for item in page.json()["items"]]
        if len(seen) < 300:
            await stock(counting, 5)
        link = page.headers.get("link")
        following = link.removeprefix("<").removesuffix('>; rel="next"') if link else None
        cursor = page.json()["next"]
        assert (cursor is None) == (link is None)
        assert cursor is None or (f"cursor={cursor}" in link and "limit=20" in link)
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)
    assert seen == sorted(seen)


def tampered(cursor: str, **changed: Any) -> list[str]:
    """Cursors that were never given out."""
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    elsewhere = raw[:12] + json.dumps([str(new_id())]).encode()
    flipped = bytes([raw[0] ^ 1]) + raw[1:]
    unsigned = b"\0" * 12 + raw[12:]
    made_up = [base64.urlsafe_b64encode(each).decode().rstrip("=") for each in (elsewhere, flipped, unsigned, raw[:12])]
    return [*made_up, cursor[:-4], "x", "é", "%00", "....", "A" * 2000]


async def test_a_cursor_that_was_altered_or_belongs_elsewhere_is_refused(
    counting: UnderTest, client: httpx.AsyncClient
) -> None:
    await stock(counting, 5)
    cursor = (await client.get(PATH, params={"limit": 2, "number": 0})).json()["next"]
    assert (await client.get(PATH, params={"limit": 1, "number": 0, "cursor": cursor})).status_code == 200
    foreign = [
        await client.get(PATH, params={"cursor": cursor}),
        await client.get(PATH, params={"cursor": cursor, "number": 1}),
        await client.get("/counting/others", params={"cursor": cursor}),
    ]
    altered = [await client.get(PATH, params={"cursor": each, "number": 0}) for each in tampered(cursor)]
    for answer in foreign + altered:
        assert (answer.status_code, faults(answer)) == (422, [("/query/cursor", "stale-cursor")]), answer.url


async def test_a_page_has_one_to_two_hundred_items(counting: UnderTest, client: httpx.AsyncClient) -> None:
    await stock(counting, 201)
    assert len((await client.get(PATH, params={"limit": 200})).json()["items"]) == 200
    assert len((await client.get(PATH)).json()["items"]) == 50
    for limit, code in (("0", "out-of-range"), ("201", "out-of-range"), ("-1", "out-of-range"), ("x", "wrong-format")):
        answer = await client.get(PATH, params={"limit": limit})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


async def test_the_last_page_says_that_it_is_the_last(counting: UnderTest, client: httpx.AsyncClient) -> None:
    await stock(counting, 2)
    page = await client.get(PATH, params={"limit": 2})
    assert (page.json()["next"], "link" in page.headers) == (None, False)
