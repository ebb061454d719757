"""Two services with no meaning, to test the kernel by: `counting` tells each count, `listening` writes it down."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Integer
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel

from shared import tables
from shared.clock import SystemClock
from shared.events import Event, Reading
from shared.handlers import Handlers
from shared.ids import new_id
from shared.store import Collection, Database, service_registry


class Counted(Event):
    """A counter moved on by one."""

    type: ClassVar[str] = "counting.counted.v1"
    counter: UUID
    number: int


class CountHeard(Reading):
    """What the listener reads of it."""

    type: ClassVar[str] = "counting.counted.v1"
    counter: UUID
    number: int


class Counting(SQLModel, registry=service_registry()):
    """The counting service's tables."""


class Listening(SQLModel, registry=service_registry()):
    """The listening service's tables."""


_version = Column("version", Integer, nullable=False)


class Counter(Counting, table=True):
    """An aggregate that counts."""

    __tablename__ = "counter"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int = 0
    version: int = Field(default=0, sa_column=_version)

    def count(self) -> Counted:
        """Move on by one."""
        self.number += 1
        return Counted(counter=self.id, number=self.number)


class Heard(Listening, table=True):
    """An effect: nothing in this table prevents a double or a disorder, so that both would show."""

    __tablename__ = "heard"

    seq: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    counter: UUID
    number: int


class Counters(Collection):
    """The counters."""

    async def count(self, counter_id: UUID) -> None:
        """Move one counter on, making it at its first count."""
        counter = await self.session.get(Counter, counter_id, with_for_update=True) or Counter(id=counter_id)
        await self.record(counter, counter.count())


class Notes(Collection):
    """What was heard."""

    async def write(self, counter: UUID, number: int) -> None:
        """Write one effect down."""
        self.session.add(Heard(counter=counter, number=number))
        await self.session.flush()


def listening_handlers() -> Handlers:
    """The listener's only handler."""
    handlers = Handlers()

    @handlers.on(CountHeard)
    async def hear(event: CountHeard, notes: Notes) -> None:
        await notes.write(event.counter, event.number)

    return handlers


async def create_tables(owner_url: str, kind: type[SQLModel]) -> None:
    """The kernel's tables and one service's, made straight from the models."""
    engine = create_async_engine(owner_url)
    async with engine.begin() as connection:
        await connection.run_sync(tables.kernel.create_all)
        await connection.run_sync(kind.metadata.create_all)
    await engine.dispose()


async def count_up(database: Database, counter_ids: Sequence[UUID]) -> None:
    """Count each of these once, one transaction each."""
    for counter_id in counter_ids:
        async with database.transaction() as transaction:
            await Counters(transaction).count(counter_id)


def toy_database(url: str, pool_size: int = 20) -> Database:
    """A database by its URL, on the machine's clock."""
    return Database(url, SystemClock(), pool_size)
