"""A bus in memory that carries serialised messages, with partitions, groups and committed places like Kafka's."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from zlib import crc32

from shared.bus.port import BusUnavailable
from shared.events import Message

PARTITIONS = 6


@dataclass
class MemoryBus:
    """Topics as lists of messages. `down` makes every call fail as a dead broker's would."""

    down: bool = False
    logs: dict[str, list[list[Message]]] = field(default_factory=dict)
    committed: dict[tuple[str, str, int], int] = field(default_factory=lambda: defaultdict(int))
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator["MemoryPublisher"]:
        """A publisher for the time of a block."""
        self.check()
        yield MemoryPublisher(self)

    @asynccontextmanager
    async def subscription(self, group: str, topics: Sequence[str]) -> AsyncIterator["MemorySubscription"]:
        """The only member of a group for the time of a block."""
        self.check()
        yield MemorySubscription(self, group, list(topics))

    async def create_topics(self, topics: Sequence[str]) -> None:
        """Make the topics exist."""
        self.check()
        for topic in topics:
            self.logs.setdefault(topic, [[] for _ in range(PARTITIONS)])

    def check(self) -> None:
        """Raise when the bus is down."""
        if self.down:
            raise BusUnavailable("down")

    def messages(self, topic: str) -> list[Message]:
        """Everything on a topic, partition by partition."""
        return [message for partition in self.logs.get(topic, []) for message in partition]


@dataclass
class MemoryPublisher:
    """Appends to the logs."""

    bus: MemoryBus

    async def send(self, messages: Sequence[Message]) -> None:
        """Append in order; a topic that does not exist is an error, as with auto-creation off."""
        self.bus.check()
        for message in messages:
            if message.topic not in self.bus.logs:
                raise BusUnavailable("unknown topic")
            number = crc32(message.key or b"") % PARTITIONS
            log = self.bus.logs[message.topic][number]
            log.append(replace(message, partition=number, offset=len(log)))
        async with self.bus.news:
            self.bus.news.notify_all()


@dataclass
class MemorySubscription:
    """Reads from the group's committed places on."""

    bus: MemoryBus
    group: str
    topics: list[str]
    places: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for topic in self.topics:
            for number in range(PARTITIONS):
                self.places[topic, number] = self.bus.committed[self.group, topic, number]

    async def poll(self) -> Sequence[Message]:
        """The next messages, or none after a moment."""
        self.bus.check()
        found = self._next()
        if not found:
            async with self.bus.news:
                try:
                    async with asyncio.timeout(0.05):
                        await self.bus.news.wait()
                except TimeoutError:
                    return []
            found = self._next()
        return found

    def _next(self) -> list[Message]:
        found: list[Message] = []
        for (topic, number), place in self.places.items():
            log = self.bus.logs.get(topic, [[] for _ in range(PARTITIONS)])[number]
            found += log[place : place + 100]
            self.places[topic, number] = min(len(log), place + 100)
        return found

    async def commit(self) -> None:
        """Keep the places for the group."""
        self.bus.check()
        for (topic, number), place in self.places.items():
            self.bus.committed[self.group, topic, number] = place

    async def lag(self) -> int:
        """Messages not polled yet."""
        return sum(len(self.bus.logs[topic][number]) - place for (topic, number), place in self.places.items())
