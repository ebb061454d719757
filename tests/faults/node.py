"""A process that can be killed: the relay of `counting`, or the consumer of `listening`."""

import asyncio
import os
import sys

from shared import logs
from shared.bus.kafka import KafkaBus
from shared.consumer import Consumer
from shared.handlers import Handlers
from shared.http import Http, new_client
from shared.inbox import Inbox
from shared.relay import Relay
from shared.testing.toy import CountHeard, Notes, toy_database
from shared.worker import forever
from tests.faults.mutants import EarlyOffsets, LastIdRelay, WithoutInbox

MUTANT = os.environ.get("MUTANT", "")
TOPIC = "relais.counting.v1"


def handlers_of(poison: int, fixed: str) -> Handlers:
    """The listener's handler; it refuses the count `poison` until the file `fixed` is there."""
    handlers = Handlers()

    @handlers.on(CountHeard)
    async def hear(event: CountHeard, notes: Notes) -> None:
        if event.number == poison and not os.path.exists(fixed):
            raise ValueError
        await notes.write(event.counter, event.number)

    return handlers


async def relay(url: str, bus: KafkaBus) -> None:
    """Relay until killed."""
    await bus.create_topics([TOPIC])
    kind = LastIdRelay if MUTANT == "last-id" else Relay
    await kind(toy_database(url, 4), bus).run()


async def consume(url: str, bus: KafkaBus) -> None:
    """Consume and retry until killed."""
    handlers = handlers_of(int(os.environ.get("POISON", "-1")), os.environ.get("FIXED", ""))
    http = Http(new_client(), "http://127.0.0.1:9", "toy", "", lambda service: "http://127.0.0.1:9")
    inbox_kind = WithoutInbox if MUTANT == "no-inbox" else Inbox
    consumer_kind = EarlyOffsets if MUTANT == "early-offsets" else Consumer
    inbox = inbox_kind("listening", toy_database(url, 12), handlers, http)

    async def retry() -> None:
        await inbox.retry_due()

    await bus.create_topics([TOPIC])
    await asyncio.gather(consumer_kind(bus, inbox, [TOPIC], os.environ["GROUP"]).run(), forever("retry", 0.3, retry))


if __name__ == "__main__":
    logs.configure()
    work = {"relay": relay, "consume": consume}[sys.argv[1]]
    # A stable name, as a container has it: after a kill its successor takes its place at once.
    asyncio.run(work(os.environ["DATABASE"], KafkaBus(os.environ["KAFKA"], instance="one")))
