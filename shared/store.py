"""A service's database: the engine, and the one transaction that a request or an event runs in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter
from sqlalchemy import Enum, Select, Table, TypeDecorator, event, func, insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import registry
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import MetaData, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import tables
from shared.clock import Clock
from shared.errors import StaleVersion
from shared.events import Event
from shared.outbox import outbox_rows
from shared.settings import ServiceSettings
from shared.statements import as_text, insertion, updates

TIMEOUTS = {
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
}


class Aggregate(Protocol):
    """A row that owns its events: `version` is its lock, its ETag and its event counter in one."""

    id: UUID
    version: int


def service_registry() -> registry:
    """A registry of its own for each service, so that no table can meet another service's table."""
    return registry(metadata=MetaData(naming_convention=tables.NAMES))


def text_enum(states: type[StrEnum]) -> Enum:
    """A column that stores a StrEnum's values as plain text, checked on the way in."""
    return Enum(states, native_enum=False, length=40, values_callable=lambda kinds: [kind.value for kind in kinds])


class Json(TypeDecorator[Any]):
    """A JSONB column that holds a frozen pydantic value: replaced, never mutated in place."""

    impl = JSONB
    cache_ok = True

    def __init__(self, shape: Any) -> None:
        super().__init__(none_as_null=True)
        self._adapter: TypeAdapter[Any] = TypeAdapter(shape)

    def bind_processor(self, dialect: object) -> Callable[[Any], str | None]:
        """The JSON text of a value, written in one pass."""
        return lambda value: None if value is None else self._adapter.dump_json(value).decode()

    def process_result_value(self, value: Any, dialect: object) -> Any:
        """The value of a stored JSON."""
        return None if value is None else self._adapter.validate_python(value)


ADD_FACTS = insert(tables.outbox).inline()
"""Inline: nobody needs the numbers that the outbox gives, so a single fact is not read back either."""


class Transaction:
    """One unit of work. Only the kernel commits it; everything recorded in it becomes true together or not at all."""

    def __init__(self, database: "Database") -> None:
        self.clock = database.clock
        self.settings = database.settings
        self.has_events = False
        self.database = database
        self._session: AsyncSession | None = None
        self._is_over = False

    @property
    def session(self) -> AsyncSession:
        """The session, opened at its first use."""
        if self._is_over:
            raise ValueError("nothing follows a change that was a transaction of its own")
        if self._session is None:
            self._session = self.database.new_session()
        return self._session

    async def close(self, *, commit: bool) -> None:
        """Commit or roll back what was begun, if anything was: the kernel's to call."""
        if self._session is not None:
            try:
                if commit:
                    await self._session.commit()
            finally:
                await self._session.close()

    async def record(self, aggregate: Aggregate, *events: Event) -> None:
        """Write an aggregate's change and its facts.

        The aggregate's row is flushed first, which takes its row lock: only then is the order of outbox rows
        the commit order of that key. A second writer of the same version raises StaleVersion. A change without a
        fact is refused: it would leave the version, and with it the ETag, behind.
        """
        await self.record_all([(aggregate, events)])

    async def record_all(self, changes: Sequence[tuple[Aggregate, Sequence[Event]]]) -> None:
        """`record` for many at once, new ones among them: a flush and one insertion of facts for all."""
        facts = self._told(changes)
        if not facts:
            return
        self.session.add_all([aggregate for aggregate, _ in changes])
        try:
            await self.session.flush()
        except StaleDataError:
            raise StaleVersion from None
        await (await self.session.connection()).execute(ADD_FACTS, facts)
        self.has_events = True

    async def record_many(self, changes: Sequence[tuple[Aggregate, Sequence[Event]]]) -> None:
        """The same for many aggregates whose rows this transaction has locked: a round trip per table, not per row.

        The locks stand in for the check of versions. Afterwards the session no longer follows these aggregates.
        """
        facts = self._told(changes)
        if facts:
            connection = await self.session.connection()
            for statement, rows in updates([aggregate for aggregate, _ in changes]):
                await connection.execute(statement, rows)
            await connection.execute(ADD_FACTS, facts)
            for aggregate, _ in changes:
                self.session.expunge(aggregate)
            self.has_events = True

    def _told(self, changes: Sequence[tuple[Aggregate, Sequence[Event]]]) -> list[dict[str, Any]]:
        """The rows of the outbox for these changes, whose versions they carry on."""
        facts: list[dict[str, Any]] = []
        for aggregate, events in changes:
            if not events:
                raise ValueError("a change is recorded with the fact that tells of it")
            facts += outbox_rows(aggregate.id, aggregate.version + 1, events, self.clock.now())
            aggregate.version += len(events)
        return facts

    async def record_new(self, kind: type[SQLModel], values: Mapping[str, Any], fact: Event) -> bool:
        """Insert a new aggregate with its first fact in one statement; False when a unique key is there already.

        For doors under load: one round trip, and of any number of equal submissions at once one wins. Where nothing
        was begun before, the statement is the whole transaction, and nothing may follow it.
        """
        [row] = outbox_rows(values["id"], 1, [fact], self.clock.now())
        named = {f"row_{name}": value for name, value in {**values, "version": 1}.items()}
        named |= {f"fact_{name}": value for name, value in row.items()}
        if self._session is None:
            made = await self.database.execute_alone(insertion(kind), named)
            self._is_over = made
        else:
            made = bool((await (await self.session.connection()).execute(insertion(kind), named)).scalar())
        self.has_events = self.has_events or made
        return made

    @asynccontextmanager
    async def rehearsal(self) -> AsyncIterator[None]:
        """A dry run: whatever the block does to the database is undone at its end, however it ends."""
        nested = await self.session.begin_nested()
        try:
            yield
        finally:
            await nested.rollback()

    async def insert_once(self, table: type[Any] | Table, **values: Any) -> bool:
        """Insert a row unless its key is already there; says whether it was inserted."""
        statement = upsert(table).values(**values).on_conflict_do_nothing()
        result = await self.session.exec(statement)
        return bool(result.rowcount)


class Collection:
    """The aggregates of one kind in the caller's transaction: all SQL about them lives in its subclasses."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction

    async def record(self, aggregate: Aggregate, *events: Event) -> None:
        """Write an aggregate's change and its facts (see `Transaction.record`)."""
        await self.transaction.record(aggregate, *events)

    async def serialise(self, *names: str) -> None:
        """Wait for each transaction that holds one of these names, and hold them to the end of this one.

        Taken in one order, so that two who want several never wait for each other.
        """
        for name in sorted(set(names)):
            await self.session.exec(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

    @property
    def session(self) -> AsyncSession:
        """The caller's session."""
        return self.transaction.session


class Database:
    """A service's own database."""

    def __init__(self, url: str, clock: Clock, pool_size: int = 20, settings: ServiceSettings | None = None) -> None:
        self.clock = clock
        self.settings = settings
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            connect_args={"server_settings": TIMEOUTS, "timeout": 5, "command_timeout": 20},
        )
        event.listen(self.engine.sync_engine, "checkout", refuse_closed)
        self._sessions = async_sessionmaker(self.engine, class_=AsyncSession, expire_on_commit=False)
        self.committed = asyncio.Event()
        """Set after a commit that wrote events: a hint to the relay, never a guarantee."""

    def new_session(self) -> AsyncSession:
        """A session of its own."""
        return self._sessions()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """One transaction: committed when the block ends well, rolled back when it raises."""
        transaction = Transaction(self)
        try:
            yield transaction
        except BaseException:
            await transaction.close(commit=False)
            raise
        await transaction.close(commit=True)
        if transaction.has_events:
            self.committed.set()

    async def execute_alone(self, statement: Select[bool], values: Mapping[str, Any]) -> bool:
        """Run one statement on a bare connection as a transaction of its own; its one truth value."""
        text, order = as_text(statement, self.engine.dialect)
        bound = [process(values[name]) if process else values[name] for name, process in order]
        async with self.raw() as connection:
            return bool(await connection.fetchval(text, *bound))

    @asynccontextmanager
    async def raw(self) -> AsyncIterator["asyncpg.Connection[Any]"]:
        """A bare asyncpg connection of the same pool, outside any transaction: for the kernel's own hot loops."""
        async with self.engine.connect() as connection:
            yield (await connection.get_raw_connection()).driver_connection

    async def close(self) -> None:
        """Close the pool, waiting at most three seconds."""
        try:
            async with asyncio.timeout(3):
                await self.engine.dispose()
        except TimeoutError:
            await self.engine.dispose(close=False)


def refuse_closed(adapted: Any, *_: object) -> None:
    """Let the pool replace a connection that the server has closed: asyncpg knows without asking."""
    if adapted.driver_connection.is_closed():
        raise DisconnectionError


GAVE_WAY = frozenset({"40001", "40P01", "55P03", "57014"})
"""SQLSTATEs of a statement that gave way to others: serialisation, deadlock, lock and statement time-outs."""

PASSING = GAVE_WAY | {"23505"}
"""SQLSTATEs that a second try may mend: those, and a unique race."""


def is_busy(error: BaseException) -> bool:
    """Whether others were at work on the same rows, or on every connection, for too long: a second try may pass."""
    return sqlstate_of(error) in GAVE_WAY or isinstance(error, NoConnectionFree)


def sqlstate_of(error: BaseException) -> str:
    """The five-character SQLSTATE of a database error, empty for any other."""
    origin = getattr(error, "orig", None) or error
    return str(getattr(origin, "sqlstate", "") or "")


def is_away(error: BaseException) -> bool:
    """Whether the database itself could not be reached or is stopping, as against a statement that failed."""
    if isinstance(error, (OSError, TimeoutError, asyncpg.InterfaceError)):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or sqlstate_of(error)[:3] in AWAY or not sqlstate_of(error)
    return isinstance(error, asyncpg.PostgresError) and sqlstate_of(error)[:3] in AWAY


AWAY = frozenset({"080", "57P", "533"})


BROKEN = (IntegrityError, asyncpg.IntegrityConstraintViolationError)
"""A row that a constraint refused, through a session or on a bare connection."""


def broken_constraint(error: Exception) -> str:
    """The name of the constraint that refused a row."""
    cause = getattr(getattr(error, "orig", None), "__cause__", None) or error
    return str(getattr(cause, "constraint_name", "") or "")
