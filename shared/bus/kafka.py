"""Kafka behind the port. Every await has a hard limit, for aiokafka's own time-outs do not bound it (#1101)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from shared.bus.port import BusUnavailable
from shared.events import Message

SEND, COMMIT, START, STOP, POLL = 15.0, 10.0, 30.0, 3.0, 30.0
PARTITIONS = 6
RETENTION_MS = 30 * 24 * 3600 * 1000
MAX_MESSAGE = 256 * 1024

log = structlog.get_logger()
T = TypeVar("T")


async def bounded(work: Awaitable[T], limit: float, what: str) -> T:
    """Wait for at most `limit` seconds; a late or refused answer is BusUnavailable."""
    try:
        async with asyncio.timeout(limit):
            return await work
    except (TimeoutError, KafkaError, OSError) as error:
        raise BusUnavailable(f"{what}: {type(error).__name__}") from error


async def abandon(stop: Coroutine[Any, Any, Any]) -> None:
    """Stop a client, but never wait longer than a moment for it."""
    task = asyncio.ensure_future(stop)
    done, _ = await asyncio.wait({task}, timeout=STOP)
    if not done:
        task.cancel()
        return
    if not task.cancelled() and task.exception():
        log.info("bus-client-stopped-badly", error_class=type(task.exception()).__name__)


class KafkaPublisher:
    """An idempotent producer with all in-sync replicas acknowledging."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def send(self, messages: Sequence[Message]) -> None:
        """Send in order, wait for every acknowledgement; any refusal is BusUnavailable."""
        await bounded(self._send(messages), SEND, "send")

    async def _send(self, messages: Sequence[Message]) -> None:
        pending = [
            await self._producer.send(message.topic, message.value, message.key, headers=list(message.headers))
            for message in messages
        ]
        await asyncio.gather(*pending)


class _Handover(ConsumerRebalanceListener):  # type: ignore[misc]
    """Lets the batch at hand finish before partitions change hands, within a time limit."""

    def __init__(self, busy: asyncio.Lock) -> None:
        self._busy = busy

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        try:
            async with asyncio.timeout(COMMIT):
                await self._busy.acquire()
        except TimeoutError:
            return
        self._busy.release()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        return


class KafkaSubscription:
    """A member of a Kafka consumer group; offsets are committed by hand, after the database."""

    def __init__(self, consumer: AIOKafkaConsumer, busy: asyncio.Lock) -> None:
        self._consumer = consumer
        self._busy = busy
        self._next: dict[TopicPartition, int] = {}

    async def poll(self) -> Sequence[Message]:
        """At most a hundred messages, or none after a second."""
        if self._busy.locked():
            self._busy.release()
        batches = await bounded(self._consumer.getmany(timeout_ms=1000, max_records=100), POLL, "poll")
        if batches:
            await self._busy.acquire()
        self._next = {partition: records[-1].offset + 1 for partition, records in batches.items()}
        return [
            Message(record.topic, record.key, record.headers, record.value, record.partition, record.offset)
            for records in batches.values()
            for record in records
        ]

    async def commit(self) -> None:
        """Commit the offsets behind the last poll."""
        if self._next:
            await bounded(self._consumer.commit(self._next), COMMIT, "commit")
            self._next = {}
        if self._busy.locked():
            self._busy.release()

    async def lag(self) -> int:
        """Messages between this member's place and the end of its partitions."""
        assigned = self._consumer.assignment()
        ends = await bounded(self._consumer.end_offsets(assigned), COMMIT, "end offsets")
        places = [await bounded(self._consumer.position(partition), COMMIT, "position") for partition in assigned]
        behind: int = sum(ends.values()) - sum(places)
        return behind


class KafkaBus:
    """A Kafka cluster by its bootstrap servers."""

    def __init__(self, bootstrap_servers: str, replication: int = 1, instance: str | None = None) -> None:
        self._servers = bootstrap_servers
        self._replication = replication
        self._instance = instance

    @asynccontextmanager
    async def publisher(self) -> AsyncIterator[KafkaPublisher]:
        """A producer of its own for the time of the block; on any error it is thrown away, never reused."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._servers,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=262_144,
            request_timeout_ms=10_000,
            retry_backoff_ms=200,
        )
        try:
            await bounded(producer.start(), START, "start")
            yield KafkaPublisher(producer)
        finally:
            await abandon(producer.stop())

    @asynccontextmanager
    async def subscription(self, group: str, topics: Sequence[str]) -> AsyncIterator[KafkaSubscription]:
        """A consumer of its own for the time of the block."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            group_id=group,
            group_instance_id=self._instance and f"{group}.{self._instance}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_records=100,
            fetch_max_wait_ms=1_000,
            session_timeout_ms=15_000,
            heartbeat_interval_ms=3_000,
            rebalance_timeout_ms=60_000,
            max_poll_interval_ms=300_000,
            # A topic that was not known yet when we joined is found within seconds, not after five minutes.
            metadata_max_age_ms=10_000,
            partition_assignment_strategy=[StickyPartitionAssignor],
        )
        busy = asyncio.Lock()
        consumer.subscribe(list(topics), listener=_Handover(busy))
        try:
            await bounded(consumer.start(), START, "start")
            yield KafkaSubscription(consumer, busy)
        finally:
            await abandon(consumer.stop())

    async def create_topics(self, topics: Sequence[str]) -> None:
        """Create what is missing: six partitions, 30 days, 256 kB messages."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        settings = {"retention.ms": str(RETENTION_MS), "max.message.bytes": str(MAX_MESSAGE)}
        if self._replication >= 3:
            settings |= {"min.insync.replicas": "2", "unclean.leader.election.enable": "false"}
        try:
            await bounded(admin.start(), START, "start")
            wanted = [NewTopic(topic, PARTITIONS, self._replication, topic_configs=settings) for topic in topics]
            await bounded(_created(admin, wanted), START, "create topics")
        finally:
            await abandon(admin.close())


async def _created(admin: AIOKafkaAdminClient, wanted: Sequence[NewTopic]) -> None:
    """Create what is missing and wait until the broker itself names all of it: a moment later, not at once."""
    while missing := {topic.name for topic in wanted} - set(await admin.list_topics()):
        try:
            await admin.create_topics([topic for topic in wanted if topic.name in missing])
        except TopicAlreadyExistsError:
            continue
        await asyncio.sleep(0.05)
