"""What the kernel asks of a bus; Kafka and the in-memory bus of the tests both pass one conformance suite."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from shared.events import Message


class BusUnavailable(Exception):
    """The bus did not answer within its time limit."""


class Publisher(Protocol):
    """An open connection to publish by."""

    async def send(self, messages: Sequence[Message]) -> None:
        """Send in the order given; returns when every message is acknowledged, else raises."""
        ...


class Subscription(Protocol):
    """A member of a consumer group: the messages of its topics from the group's committed place on."""

    async def poll(self) -> Sequence[Message]:
        """The next messages, in order within each partition; empty when none came for a moment."""
        ...

    async def commit(self) -> None:
        """Remember, for the whole group, that everything polled so far is dealt with."""
        ...

    async def lag(self) -> int:
        """How many messages of the assigned partitions have not been polled yet."""
        ...


class Bus(Protocol):
    """Where facts travel."""

    def publisher(self) -> AbstractAsyncContextManager[Publisher]:
        """Connect a publisher for the time of a block."""
        ...

    def subscription(self, group: str, topics: Sequence[str]) -> AbstractAsyncContextManager[Subscription]:
        """Join a group for the time of a block."""
        ...

    async def create_topics(self, topics: Sequence[str]) -> None:
        """Make sure that the topics exist."""
        ...
