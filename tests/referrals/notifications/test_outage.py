"""A receiver away for three days, a service killed meanwhile: everything arrives, in order, numbered."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from shared.local.postgres import DatabaseUrls
from shared.testing.clock import MovableClock
from shared.testing.harness import UnderTest, under_test
from tests.conftest import Databases, load
from tests.referrals.notifications.receivers import Receiver, act, follow, hook, receiving, tell
from tests.referrals.pushes import push, register, step

HOOKS = "/referrals/webhooks"
WAYS: tuple[tuple[str, str, Any], ...] = (
    ("line-nurse", "triage", None),
    ("coordinator", "waiting-list", {}),
    ("coordinator", "acceptance", {}),
)


@asynccontextmanager
async def replica(database: DatabaseUrls, like: UnderTest | None = None) -> AsyncIterator[UnderTest]:
    """The service on a database that may have served before, at the time that it is there."""
    async with under_test(load("referrals"), database) as running:
        if like:
            running.clock.at = like.clock.at
        yield running


class Town:
    """One service that is killed and built again, and the referrals that it is told of."""

    def __init__(self, database: DatabaseUrls, chance: random.Random) -> None:
        self.database = database
        self.chance = chance
        self.paths: dict[str, int] = {}
        self.facts = 0

    async def live(self, running: UnderTest) -> None:
        """Perhaps something happens."""
        if self.facts < 40 and self.chance.random() < 0.7:
            self.paths[await push(running)] = 0
            self.facts += 1
        for path, done in list(self.paths.items()):
            if done < len(WAYS) and self.chance.random() < 0.4:
                persona, name, body = WAYS[done]
                assert (await step(running, persona, path, name, body)).status_code == 201
                self.paths[path] = done + 1
                self.facts += 1

    async def work(self, running: UnderTest) -> bool:
        """Follow and deliver; perhaps die at it, wherever that is. Says whether it lived."""
        work = asyncio.ensure_future(tell(running))
        dies = self.chance.random() < 0.2
        await asyncio.wait([work], timeout=self.chance.random() * 0.15 if dies else 60)
        if not work.done():
            work.cancel()
            await asyncio.wait([work])
        elif work.exception():
            raise AssertionError(work.exception())
        return not dies


@pytest.mark.parametrize("seed", [1, 2])
async def test_down_for_72_hours_and_killed_at_random_everything_arrives_in_order_without_gaps(
    databases: Databases, seed: int
) -> None:
    chance = random.Random(seed)
    database = await databases.fresh(load("referrals"))
    town = Town(database, chance)
    deaths = 0
    back = MovableClock().now() + timedelta(hours=72)
    async with receiving(down=True) as receiver:
        async with replica(database) as before:
            await register(before)
            await hook(before, receiver)
        while before.clock.now() < back + timedelta(hours=4):
            async with replica(database, before) as running:
                lives = True
                while lives and running.clock.now() < back + timedelta(hours=4):
                    await town.live(running)
                    lives = await town.work(running)
                    running.clock.move(minutes=chance.choice((45, 90, 120, 180)))
                    receiver.down = running.clock.now() < back
                deaths += not lives
                before = running
        async with replica(database, before) as running:
            running.clock.move(hours=2)
            await tell(running)
            state = await log_of(running)
    check(receiver, town, running_facts=await facts_of(before, database))
    assert deaths > 3
    assert state["state"] == "active"
    assert state["delivered_number"] == state["last_number"] == town.facts


async def facts_of(before: UnderTest, database: DatabaseUrls) -> list[tuple[str, str]]:
    """The facts of all referrals: (referral, kind) in the order in which they became true."""
    async with replica(database, before) as running:
        announced = await running.announced()
    return [
        (data["referral_id"], kind.split(".")[1].removeprefix("referral-"))
        for kind, data in announced
        if "referral_id" in data and "person" not in kind
    ]


def check(receiver: Receiver, town: Town, running_facts: list[tuple[str, str]]) -> None:
    """Nothing lost; numbers rise without a gap; each referral's notices in its order; a repeat is the same notice."""
    seen: dict[int, tuple[str, bytes]] = {}
    for each in receiver.arrived:
        number = each.json["data"]["number"]
        assert number in seen or number == len(seen) + 1
        assert seen.setdefault(number, (each.headers["webhook-id"], each.body)) == (
            each.headers["webhook-id"],
            each.body,
        )
    told: dict[str, list[str]] = defaultdict(list)
    for number in sorted(seen):
        payload = next(each.json for each in receiver.arrived if each.json["data"]["number"] == number)
        told[payload["data"]["referral_id"]].append(payload["type"].removeprefix("referral."))
    happened: dict[str, list[str]] = defaultdict(list)
    for referral, kind in running_facts:
        happened[referral].append(kind)
    assert told == happened
    assert sum(len(kinds) for kinds in told.values()) == town.facts > 30


async def log_of(running: UnderTest) -> dict[str, Any]:
    """The only webhook as its owner sees it."""
    async with running.client("hospital-chu") as client:
        found: dict[str, Any] = (await client.get(HOOKS)).json()["items"][0]
    return found


async def test_after_72_hours_it_stops_tells_the_operator_and_a_resend_brings_everything(referrals: UnderTest) -> None:
    async with receiving(down=True) as receiver:
        made = await hook(referrals, receiver)
        place = f"{HOOKS}/{made['id']}"
        for _ in range(3):
            await push(referrals)
        await tell(referrals)
        referrals.clock.move(hours=71)
        await tell(referrals)
        assert (await log_of(referrals))["state"] == "active"
        referrals.clock.move(hours=1)
        await tell(referrals)
        stopped = await log_of(referrals)
        assert (stopped["state"], stopped["failure"]) == ("error", "broken")
        [failed] = [data for kind, data in await referrals.announced() if kind == "referrals.subscription-failed.v1"]
        assert (failed["organisation"], failed["undelivered"], failed["failure"]) == ("chu", 3, "broken")
        receiver.down = False
        await push(referrals)
        await tell(referrals)
        assert receiver.heard == []
        async with referrals.client("hospital-chu") as client:
            log = (await client.get(f"{place}/notices", params={"limit": 3})).json()
            rest = (await client.get(f"{place}/notices", params={"limit": 3, "cursor": log["next"]})).json()
        assert [each["status"] for each in log["items"] + rest["items"]] == ["dead"] * 4
        assert (await act(referrals, "operator", f"{place}/resend", {"from": 1})).status_code == 202
        await tell(referrals)
        assert receiver.numbers == [1, 2, 3, 4]
        assert (await log_of(referrals))["state"] == "active"


async def test_everything_from_a_number_on_comes_again_under_the_same_ids(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        made = await hook(referrals, receiver)
        for _ in range(4):
            await push(referrals)
        await tell(referrals)
        assert (await act(referrals, "hospital-chu", f"{HOOKS}/{made['id']}/resend", {"from": 3})).status_code == 202
        await referrals.tick()
        assert receiver.numbers == [1, 2, 3, 4, 3, 4]
        ids = [each.headers["webhook-id"] for each in receiver.arrived]
        assert ids[2:4] == ids[4:]
        for number in (0, 5, -1):
            answer = await act(referrals, "hospital-chu", f"{HOOKS}/{made['id']}/resend", {"from": number})
            assert answer.status_code in (404, 422)


async def test_two_replicas_never_tell_one_receiver_at_the_same_time_nor_out_of_order(databases: Databases) -> None:
    database = await databases.fresh(load("referrals"))
    async with receiving(seconds=0.01) as receiver, replica(database) as one, replica(database, one) as two:
        await register(one)
        await hook(one, receiver)
        for _ in range(12):
            await push(one)
        await asyncio.gather(follow(one), follow(two))
        await asyncio.gather(*(each.tick() for each in (one, two, one, two)))
        assert (receiver.most_busy, receiver.numbers) == (1, list(range(1, 13)))


async def test_a_replica_that_dies_in_the_middle_keeps_its_turn_for_a_minute_and_then_another_goes_on(
    databases: Databases,
) -> None:
    database = await databases.fresh(load("referrals"))
    async with receiving(seconds=0.3) as receiver, replica(database) as one, replica(database, one) as two:
        await register(one)
        await hook(one, receiver)
        await push(one)
        await push(one)
        await follow(one)
        dying = asyncio.ensure_future(one.tick())
        async with asyncio.timeout(10):
            while not receiver.heard:
                await asyncio.sleep(0.01)
        dying.cancel()
        await asyncio.wait([dying])
        await two.tick()
        assert len(receiver.heard) == 1
        two.clock.move(seconds=61)
        await two.tick()
        numbers = [each.json["data"]["number"] for each in receiver.heard]
        assert numbers == [1, 1, 2]
        assert receiver.heard[0].body == receiver.heard[1].body


async def test_a_receiver_that_is_slow_or_away_does_not_hold_up_the_others(referrals: UnderTest) -> None:
    async with receiving(down=True) as away, receiving() as there:
        await hook(referrals, away)
        await hook(referrals, there)
        for _ in range(3):
            await push(referrals)
            await tell(referrals)
            referrals.clock.move(minutes=1)
        assert there.numbers == [1, 2, 3]


async def test_notices_are_forgotten_when_they_can_no_longer_be_asked_for(referrals: UnderTest) -> None:
    async with receiving() as receiver:
        made = await hook(referrals, receiver)
        path = await push(referrals)
        await tell(referrals)
        referrals.clock.move(days=36)
        await step(referrals, "line-nurse", path, "triage")
        await tell(referrals)
        await tell(referrals)
        async with referrals.client("hospital-chu") as client:
            kept = (await client.get(f"{HOOKS}/{made['id']}/notices")).json()["items"]
        assert [each["number"] for each in kept] == [2]
        answer = await act(referrals, "hospital-chu", f"{HOOKS}/{made['id']}/resend", {"from": 1})
        assert answer.status_code == 404
        assert receiver.numbers == [1, 2]


async def test_with_relay_bus_and_worker_running_a_notice_comes_by_itself(databases: Databases) -> None:
    database = await databases.fresh(load("referrals"))
    async with receiving() as receiver, under_test(load("referrals"), database, working=True) as running:
        await register(running)
        await hook(running, receiver)
        await push(running)
        async with asyncio.timeout(20):
            while not receiver.arrived:
                await asyncio.sleep(0.05)
        assert receiver.numbers == [1]
