"""Fifty equal bundles at once on two replicas: one referral, no error, one answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from services.referrals.app import service
from shared.testing.harness import UnderTest, under_test
from tests.referrals.fhir.bundles import BASE, FHIR_JSON, put, small
from tests.referrals.pushes import count, register


@pytest.fixture
async def replicas(databases: Any) -> AsyncIterator[tuple[UnderTest, UnderTest]]:
    """The service twice on one database."""
    database = await databases.fresh(service)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(under_test(service, database))
        second = await stack.enter_async_context(under_test(service, database))
        await register(first)
        yield first, second


async def test_fifty_equal_bundles_at_once_on_two_replicas_are_one_referral(
    replicas: tuple[UnderTest, UnderTest],
) -> None:
    async with replicas[0].client("hospital-chu") as first, replicas[1].client("hospital-chu") as second:
        for number in range(20):
            bundle = small(f"round-{number}")
            if number % 2:
                bundle["identifier"] = {"system": "urn:chu:messages", "value": f"m-{number}"}
            clients = [first, second] * 25
            posts = [client.post(BASE, json=bundle, headers=FHIR_JSON) for client in clients]
            answers = await asyncio.gather(*posts)
            told = {(answer.status_code, answer.content) for answer in answers}
            assert len(told) == 1, {answer.text for answer in answers}
            assert answers[0].status_code == 200
            assert await count(replicas[0]) == number + 1


async def test_fifty_equal_conditional_creates_at_once_are_one_referral(replicas: tuple[UnderTest, UnderTest]) -> None:
    bundle = small("once")
    put(bundle, "entry[1].request.ifNoneExist", "identifier=urn:chu:referral|once")
    async with replicas[0].client("hospital-chu") as first, replicas[1].client("hospital-chu") as second:
        posts = [client.post(BASE, json=bundle, headers=FHIR_JSON) for client in [first, second] * 25]
        answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {200}
    told = [answer.json()["entry"][1]["response"] for answer in answers]
    assert len({each["location"] for each in told}) == 1
    assert sorted(each["status"] for each in told) == ["200 OK"] * 49 + ["201 Created"]
    assert await count(replicas[0]) == 1
