"""Nobody is reached by a way that she or he refuses: the next way is tried, in the end by a visit."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from services.scheduler.app import service
from services.scheduler.domain.policy import Try
from services.scheduler.domain.reaching import next_way
from services.scheduler.domain.record import Channel
from shared.testing.harness import under_test
from tests.conftest import Databases
from tests.scheduler.world import Scheduler, attempt, step
from tests.security.consent.saying import hear

CALLS = (Try(channel=Channel.CALL), Try(channel=Channel.EMAIL), Try(channel=Channel.CALL))


@pytest.fixture
async def scheduler(databases: Databases) -> AsyncIterator[Scheduler]:
    urls = await databases.fresh(service)
    async with under_test(service, urls) as running:
        world = Scheduler(running, urls.owner_url)
        await world.set_time(running.clock.now())
        yield world


@pytest.mark.parametrize(
    ("failures", "unwanted", "way"),
    [
        (0, set(), Channel.CALL),
        (1, set(), Channel.EMAIL),
        (9, set(), Channel.CALL),
        (0, {"phone"}, Channel.EMAIL),
        (2, {"phone"}, Channel.EMAIL),
        (1, {"email"}, Channel.CALL),
        (0, {"phone", "email"}, Channel.VISIT),
        (0, {"sms", "post"}, Channel.CALL),
    ],
)
def test_the_next_way_is_the_policys_past_what_is_refused(failures: int, unwanted: set[str], way: Channel) -> None:
    assert next_way(CALLS, failures, unwanted) is way


async def test_a_call_to_who_refuses_the_telephone_is_refused_and_the_worklist_names_another_way(
    scheduler: Scheduler,
) -> None:
    due = await scheduler.one_due()
    await hear(scheduler.running, scheduler.person, "channel", "refused", about="phone")
    async with scheduler.running.client("line-nurse") as nurse:
        [item] = (await nurse.get("/scheduler/worklist")).json()["items"]
        assert item["next_channel"] == "email"
        refused = await step(nurse, due, "attempts", attempt("no-answer"))
        assert (refused.status_code, refused.json()["code"]) == (409, "consent-refused")
        written = await step(nurse, due, "attempts", attempt("no-answer", channel="email"))
        assert written.status_code == 201
        await hear(scheduler.running, scheduler.person, "channel", about="phone", minutes=9)
        now = datetime(2026, 11, 20, 9, 20, tzinfo=UTC).isoformat()
        assert (await step(nurse, due, "attempts", attempt("no-answer", now))).status_code == 201
