"""Delivery: each event once, in the order of its key; what cannot be taken parks its key alone."""

import asyncio
from typing import Any, ClassVar
from uuid import UUID

import pytest

from shared import dead_letter
from shared.events import Envelope, Reading
from shared.handlers import Handlers
from shared.http import Http, PullFailed
from shared.ids import new_id
from shared.inbox import Outcome
from shared.testing.invariants import heard, parked
from shared.testing.toy import CountHeard, Notes
from tests.shared.conftest import Pair, counted, inbox_of


async def test_an_event_takes_effect_once_however_often_it_comes(pair: Pair) -> None:
    counter = new_id()
    message = counted(counter, 1)
    outcomes = [await pair.inbox.deliver(message) for _ in range(3)]
    assert outcomes == [Outcome.HANDLED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert await heard(pair.consumer) == [(counter, 1)]


async def test_of_four_deliveries_at_once_one_has_an_effect(pair: Pair) -> None:
    counter = new_id()
    message = counted(counter, 1)
    outcomes = await asyncio.gather(*(pair.inbox.deliver(message) for _ in range(4)))
    assert sorted(outcomes) == [Outcome.DUPLICATE] * 3 + [Outcome.HANDLED]
    assert await heard(pair.consumer) == [(counter, 1)]


async def test_a_gap_parks_its_key_and_heals_when_the_missing_event_comes(pair: Pair) -> None:
    counter, other = new_id(), new_id()
    first, second, third = (counted(counter, number) for number in (1, 2, 3))
    await pair.inbox.deliver(first)
    assert await pair.inbox.deliver(third) is Outcome.WAITING
    assert await pair.inbox.deliver(counted(other, 1, offset=9)) is Outcome.HANDLED
    assert await parked(pair.consumer) == 1
    await pair.inbox.deliver(second)
    assert [number for key, number in await heard(pair.consumer) if key == counter] == [1, 2, 3]
    assert await parked(pair.consumer) == 0
    assert await pair.inbox.deliver(counted(counter, 4)) is Outcome.HANDLED


async def test_a_first_sight_beyond_the_first_event_is_a_gap(pair: Pair) -> None:
    counter = new_id()
    assert await pair.inbox.deliver(counted(counter, 2)) is Outcome.WAITING
    await pair.inbox.deliver(counted(counter, 1))
    assert await heard(pair.consumer) == [(counter, 1), (counter, 2)]


@pytest.mark.parametrize(
    "spoilt",
    [{"value": b"{not json"}, {"value": b'{"counter": 7}'}],
    ids=["bad JSON", "does not fit the Reading"],
)
async def test_poison_parks_only_its_key_and_keeps_the_order_behind_it(pair: Pair, spoilt: dict[str, Any]) -> None:
    counter, other = new_id(), new_id()
    outcomes = [
        await pair.inbox.deliver(counted(counter, 1, **spoilt)),
        await pair.inbox.deliver(counted(counter, 2)),
        await pair.inbox.deliver(counted(other, 1, offset=9)),
    ]
    assert outcomes == [Outcome.POISONED, Outcome.WAITING, Outcome.HANDLED]
    assert await heard(pair.consumer) == [(other, 1)]
    assert await parked(pair.consumer) == 2


async def test_a_version_that_no_reading_names_is_poison_and_a_fact_nobody_reads_is_passed(pair: Pair) -> None:
    newer, unread = counted(new_id(), 1), counted(new_id(), 1, offset=2)
    retyped = [(name, b"counting.counted.v2" if name == "ce_type" else value) for name, value in newer.headers]
    unknown = [(name, b"counting.reset.v1" if name == "ce_type" else value) for name, value in unread.headers]
    assert await pair.inbox.deliver(counted(new_id(), 1, headers=retyped)) is Outcome.POISONED
    assert await pair.inbox.deliver(counted(new_id(), 1, offset=3, headers=unknown)) is Outcome.PASSED


async def test_a_message_that_is_no_envelope_is_kept_and_holds_nobody_up(pair: Pair) -> None:
    counter = new_id()
    assert await pair.inbox.deliver(counted(counter, 1, headers=[("x", b"y")])) is Outcome.POISONED
    assert await parked(pair.consumer) == 1
    assert await pair.inbox.deliver(counted(counter, 1, offset=5)) is Outcome.HANDLED


class Flaky:
    """A handler whose fault can be mended."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.handlers = Handlers()
        self.handlers.on(CountHeard)(self.hear)

    async def hear(self, event: CountHeard, notes: Notes) -> None:
        if self.fault:
            raise self.fault
        await notes.write(event.counter, event.number)


async def broken(pair: Pair, fault: Exception) -> tuple[Flaky, UUID, Pair]:
    """Three events of a key on a listener whose handler fails."""
    flaky = Flaky()
    flaky.fault = fault
    inbox = inbox_of(pair.consumer, flaky.handlers)
    counter = new_id()
    for number in (1, 2, 3):
        await inbox.deliver(counted(counter, number))
    return flaky, counter, Pair(pair.producer, pair.consumer, inbox)


async def test_a_poisoned_key_replays_in_order_after_the_fix(pair: Pair) -> None:
    flaky, counter, mended = await broken(pair, ValueError("a name that must not be kept: Odette"))
    assert await mended.inbox.retry_due() == 0
    flaky.fault = None
    letters = await dead_letter.parked(pair.consumer, "listening")
    assert letters[0]["error_class"] == "ValueError"
    assert "Odette" not in str(letters)
    assert await dead_letter.release(pair.consumer, "listening", letters[0]["fingerprint"], "operator: fixed") == 1
    assert await mended.inbox.retry_due() == 3
    assert await heard(pair.consumer) == [(counter, 1), (counter, 2), (counter, 3)]
    assert await mended.inbox.deliver(counted(counter, 4)) is Outcome.HANDLED


async def test_a_failed_pull_is_retried_by_itself(pair: Pair) -> None:
    flaky, counter, mended = await broken(pair, PullFailed("ConnectError"))
    flaky.fault = None
    async with pair.consumer.raw() as connection:
        await connection.execute("UPDATE dead_letter SET next_attempt_at = now() WHERE reason = 'retry'")
    assert await mended.inbox.retry_due() == 3
    assert await heard(pair.consumer) == [(counter, 1), (counter, 2), (counter, 3)]


async def test_a_discarded_letter_lets_what_waits_behind_it_go_on(pair: Pair) -> None:
    flaky, counter, mended = await broken(pair, ValueError())
    flaky.fault = None
    [first, *_] = await dead_letter.parked(pair.consumer, "listening")
    assert await dead_letter.discard(pair.consumer, "listening", first["id"], "operator: obsolete")
    await mended.inbox.retry_due()
    assert await heard(pair.consumer) == [(counter, 2), (counter, 3)]


async def test_a_failed_handler_leaves_no_trace_of_itself(pair: Pair) -> None:
    flaky = Flaky()

    @flaky.handlers.on(type("Other", (CountHeard,), {"type": "counting.other.v1"}))
    async def write_then_fail(event: CountHeard, notes: Notes) -> None:
        await notes.write(event.counter, event.number)
        raise ValueError

    message = counted(new_id(), 1)
    headers = [(name, b"counting.other.v1" if name == "ce_type" else value) for name, value in message.headers]
    inbox = inbox_of(pair.consumer, flaky.handlers)
    assert await inbox.deliver(counted(new_id(), 1, headers=headers)) is Outcome.POISONED
    assert await heard(pair.consumer) == []


class CountSeen(Reading):
    """Another reading of the same fact."""

    type: ClassVar[str] = CountHeard.type
    number: int


async def test_several_handlers_of_one_event_take_effect_together_and_know_its_envelope(pair: Pair) -> None:
    handlers, counter, seen = Handlers(), new_id(), list[tuple[int, Envelope]]()
    fault: list[Exception] = [ValueError()]

    @handlers.on(CountHeard)
    async def first(event: CountHeard, notes: Notes) -> None:
        await notes.write(event.counter, event.number)

    @handlers.on(CountSeen)
    async def second(event: CountSeen, envelope: Envelope) -> None:
        if fault:
            raise fault.pop()
        seen.append((event.number, envelope))

    inbox = inbox_of(pair.consumer, handlers)
    message = counted(counter, 1)

    assert await inbox.deliver(message) is Outcome.POISONED
    assert await heard(pair.consumer) == []
    [letter] = await dead_letter.parked(pair.consumer, "listening")
    await dead_letter.release(pair.consumer, "listening", letter["fingerprint"], "operator: fixed")
    assert await inbox.retry_due() == 1

    assert await heard(pair.consumer) == [(counter, 1)]
    assert seen == [(1, Envelope.read(message))]
    assert list(handlers.readings()) == [CountHeard, CountSeen]


async def test_only_the_first_handler_of_an_event_may_pull() -> None:
    handlers = Handlers()

    async def pull(event: CountHeard, http: Http) -> int:
        return event.number

    async def hear(event: CountHeard, pulled: int = 0) -> None:
        pass

    handlers.on(CountHeard, pull=pull)(hear)
    with pytest.raises(ValueError, match="only the first may pull"):
        handlers.on(CountHeard, pull=pull)(hear)
