"""Processes of referrals killed while their subscribers are away, slow or break off: every notice still arrives."""

import asyncio
import os
import random
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.local.kafka import EmbeddedKafka
from shared.local.postgres import EmbeddedPostgres
from shared.local.road import Road
from shared.local.run import register_organisations
from shared.local.stack import Stack
from tests.conftest import Databases, load
from tests.referrals.notifications.receivers import Heard, Receiver, receiving
from tests.referrals.notifications.subscribing import status_in, wish
from tests.referrals.pushes import fresh
from tests.town import Town

REFERRALS, KILLS = 8, 4
WAYS: tuple[tuple[str, str], ...] = (
    ("line-nurse", "triage"),
    ("coordinator", "waiting-list"),
    ("coordinator", "acceptance"),
)
TOLD = ["referral.received", "referral.triaged", "referral.waitlisted", "referral.accepted"]
FACTS = REFERRALS * len(TOLD)
SETTINGS = {
    "REFERRALS_NOTICE_FIRST_PAUSE": "0.2",
    "REFERRALS_NOTICE_LONGEST_PAUSE": "1",
    "REFERRALS_NOTICE_TURN_SECONDS": "12",
}
ROLES = {"referrals": "both", "second": "worker"}


@dataclass(frozen=True)
class Told:
    """What a receiver has of one notice: its number, its id, what it is about, and how that was said."""

    number: int
    message_id: str
    subject: UUID
    content: Any


def told_by_webhook(heard: Heard) -> Told:
    """A signed webhook."""
    data = heard.json["data"]
    return Told(data["number"], heard.headers["webhook-id"], UUID(data["referral_id"]), heard.json["type"])


def told_by_fhir(heard: Heard) -> Told | None:
    """A FHIR notification; None for the handshake."""
    found = status_in(heard.json)
    if found["type"] == "handshake":
        return None
    [event] = found["events"]
    subject = UUID(event["focus"].rsplit("/", 1)[1])
    return Told(int(event["number"]), heard.json["id"], subject, event["at"])


class Flaky:
    """Answers as a bad receiver does: refuses, is slow, or takes the notice and breaks off before it says so."""

    def __init__(self, receiver: Receiver, chance: random.Random) -> None:
        self.receiver, self.chance = receiver, chance

    def __call__(self, heard: Heard) -> int:
        """The status of an answer, if one comes."""
        self.receiver.seconds = self.chance.choice((0, 0, 0.02, 0.2))
        fate = self.chance.random()
        if fate < 0.1:
            self.receiver.arrived.append(heard)
            raise ConnectionError
        return 503 if fate < 0.25 else 204


class Service:
    """Two processes of referrals that may die at any moment, and people who insist until they have an answer."""

    def __init__(self, town: Town, road: Road) -> None:
        self.town, self.road = town, road

    def start(self, process: str) -> None:
        """Start one of them."""
        port = self.town.ports["referrals" if process == "referrals" else "cases"]
        changed = {**SETTINGS, "REFERRALS_ROLE": ROLES[process], "RELAIS_REPLICA": process}
        self.town.start("referrals", process=process, port=port, **changed)

    def kill(self, process: str) -> None:
        """Kill one without a word, and start its successor."""
        assert self.town.stop(process, signal.SIGKILL) == -signal.SIGKILL
        self.start(process)

    async def ask(self, persona: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A request, again under the same key while nobody is there to answer it."""
        client = await self.road.client(persona)
        key = {"idempotency-key": uuid4().hex} if method == "POST" else {}
        while True:
            try:
                answer = await client.request(method, path, json=body, headers={**headers, **key})
                if answer.status_code < 500:
                    assert answer.status_code < 400, f"{path}: {answer.status_code} {answer.text}"
                    return answer
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)

    async def refer(self, pause: random.Random) -> None:
        """One referral and its way, in its own pace."""
        await asyncio.sleep(pause.uniform(0, 5))
        path = (await self.ask("hospital-chu", "POST", "/referrals", dict(fresh()))).headers["location"]
        for persona, step in WAYS:
            await asyncio.sleep(pause.uniform(0, 2))
            etag = (await self.ask(persona, "GET", path)).headers["etag"]
            await self.ask(persona, "POST", f"{path}/{step}", {}, **{"if-match": etag})


@pytest.fixture
async def service(
    postgres: EmbeddedPostgres, kafka: EmbeddedKafka, databases: Databases, tmp_path: Path
) -> AsyncIterator[Service]:
    """The service in two processes, ready, with the organisations of the personas."""
    database = await databases.fresh(load("referrals"))
    town = Town(Stack(tmp_path, [], postgres, kafka, {"referrals": database}), tmp_path)
    road = Road(town.origin)
    made = Service(town, road)
    try:
        town.start("front")
        for process in ROLES:
            made.start(process)
        await town.ready(["referrals"], within=40)
        async with httpx.AsyncClient(base_url=town.origin, trust_env=False) as client:
            await register_organisations(client)
        yield made
    finally:
        town.close()
        await road.close()


async def subscribed(service: Service, receivers: Sequence[Receiver]) -> None:
    """Two webhooks of the hospital's, one of the programme's, and a FHIR subscription that has shaken hands."""
    *hooks, fhir = receivers
    for persona, receiver in zip(("hospital-chu", "hospital-chu", "coordinator"), hooks, strict=True):
        await service.ask(persona, "POST", "/referrals/webhooks", {"url": receiver.url})
    made = await service.ask("hospital-chu", "POST", "/referrals/fhir/Subscription", wish(fhir.url))
    place = f"/referrals/fhir/Subscription/{made.json()['id']}"

    async def active() -> bool:
        return bool((await service.ask("hospital-chu", "GET", place)).json()["status"] == "active")

    await service.road.until("the handshake", active)


async def killed_at_work(service: Service, receivers: Sequence[Receiver], chance: random.Random) -> None:
    """Kill one process or the other, each time while notices go out; receivers come and go meanwhile."""
    for _ in range(KILLS):
        before = sum(len(each.heard) for each in receivers)
        with suppress(TimeoutError):
            async with asyncio.timeout(4):
                while sum(len(each.heard) for each in receivers) == before:
                    await asyncio.sleep(0.02)
        await asyncio.sleep(chance.uniform(0, 0.6))
        service.kill(chance.choice(list(ROLES)))
        for each in receivers:
            each.down = chance.random() < 0.4


def notices(receiver: Receiver) -> Iterator[Told]:
    """What arrived at a receiver, in the order of its arrival."""
    for heard in receiver.arrived:
        told = told_by_webhook(heard) if "webhook-id" in heard.headers else told_by_fhir(heard)
        if told:
            yield told


def check(receiver: Receiver) -> None:
    """Nothing is missing, no number leads ahead, a repeat is the same notice, and each referral is told in order."""
    seen: dict[int, Told] = {}
    for told in notices(receiver):
        assert told.number in seen or told.number == len(seen) + 1
        assert seen.setdefault(told.number, told) == told
    assert list(seen) == list(range(1, FACTS + 1))
    assert len({told.message_id for told in seen.values()}) == FACTS
    ways: dict[UUID, list[Any]] = defaultdict(list)
    for told in seen.values():
        ways[told.subject].append(told.content)
    assert len(ways) == REFERRALS
    is_webhook = "webhook-id" in receiver.heard[0].headers
    assert all(way == (TOLD if is_webhook else sorted(way)) and len(way) == len(TOLD) for way in ways.values())


async def test_every_notice_arrives_in_order_although_the_service_is_killed_and_receivers_are_away(
    service: Service,
) -> None:
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    async with AsyncExitStack() as stack, asyncio.timeout(85):
        receivers = [await stack.enter_async_context(receiving()) for _ in range(4)]
        await subscribed(service, receivers)
        for each in receivers:
            each.answer = Flaky(each, random.Random(chance.random()))
        referring = [asyncio.ensure_future(service.refer(random.Random(chance.random()))) for _ in range(REFERRALS)]
        await killed_at_work(service, receivers, chance)
        await asyncio.gather(*referring)
        for each in receivers:
            each.down = False
        with suppress(TimeoutError):
            async with asyncio.timeout(30):
                while any(len({told.number for told in notices(each)}) < FACTS for each in receivers):
                    await asyncio.sleep(0.2)
        await asyncio.sleep(0.5)
    for each in receivers:
        check(each)
