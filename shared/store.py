"""A service's database: the engine, and the one transaction that a request or an event runs in."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import asyncpg
from sqlalchemy import Enum, Select, Table, func, insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import registry
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import MetaData, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import tables
from shared.acting import NOBODY, SERVICE, Acting, CallersSession, bound, engine_of, tell
from shared.audit.entry import Entry
from shared.clock import Clock
from shared.encryption import Keyring, MissingKeys, give_keys
from shared.errors import StaleVersion
from shared.events import Event
from shared.json_column import Json as Json
from shared.outbox import outbox_rows
from shared.settings import ServiceSettings
from shared.statements import as_text, insertion, updates


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


ADD_FACTS = insert(tables.outbox).inline()
"""Inline: nobody needs the numbers that the outbox gives, so a single fact is not read back either."""


class Transaction:
    """One unit of work. Only the kernel commits it; everything recorded in it becomes true together or not at all."""

    def __init__(self, database: "Database", acting: Acting = SERVICE) -> None:
        self.acting = acting
        self.clock = database.clock
        self.settings = database.settings
        self.has_events = False
        self.database = database
        self.entry: Entry | None = None
        """The audit record of the request that this is for, in the making."""
        self._session: AsyncSession | None = None
        self._is_over = False

    @property
    def session(self) -> AsyncSession:
        """The session, opened at its first use."""
        if self._is_over:
            raise ValueError("nothing follows a change that was a transaction of its own")
        if self._session is None:
            self._session = self.database.new_session(self.acting)
        return self._session

    @property
    def keyring(self) -> Keyring:
        """The keys of values at rest; raises MissingKeys."""
        if self.database.keyring is None:
            raise MissingKeys
        return self.database.keyring

    @property
    def is_begun(self) -> bool:
        """Whether anything has used the session."""
        return self._session is not None

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
        named |= {f"fact_{name}": value for name, value in row.items()} | bound(self.acting)
        if self._session is None:
            entry = self.entry if self.entry and self.entry.is_audited else None
            named |= entry.beside(values["id"], self.clock.now()) if entry else {}
            made = await self.database.execute_alone(insertion(kind, is_audited=bool(entry)), named, self.acting)
            self._is_over = made
            if made and entry:
                entry.stands()
        else:
            made = bool((await (await self.session.connection()).execute(insertion(kind), named)).scalar())
        self.has_events = self.has_events or made
        return made

    @asynccontextmanager
    async def in_name_of(self, acting: Acting) -> AsyncIterator[None]:
        """A block in which another acts than the caller: mostly the service itself, past what the caller sees.

        Say at each use why the rule needs it: whether a key is taken elsewhere, say. What is found so is not shown.
        """
        if acting == self.acting:
            yield
            return
        connection = await self.session.connection()
        before, self.acting = self.acting, acting
        await connection.run_sync(tell, acting)
        try:
            yield
        finally:
            self.acting = before
            # Where a statement failed, the end of the transaction or of its savepoint takes this back.
            with suppress(DBAPIError):
                await connection.run_sync(tell, self.acting)

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
    """A service's database, by two pools: connections that know no caller until told, and the service's own."""

    def __init__(self, url: str, clock: Clock, pool_size: int = 20, settings: ServiceSettings | None = None) -> None:
        self.clock = clock
        self.settings = settings
        self.engine = engine_of(url, pool_size, NOBODY)
        self.own_engine = engine_of(url, max(4, pool_size // 2), SERVICE)
        self.keyring: Keyring | None = None
        """The keys of values at rest; without them, such values can be neither read nor written."""
        if settings:
            self.keep_under(settings.keyring())
        self.committed = asyncio.Event()
        """Set after a commit that wrote events: a hint to the relay, never a guarantee."""

    def keep_under(self, keyring: Keyring) -> None:
        """Read and write values at rest under these keys."""
        self.keyring = keyring
        for engine in (self.engine, self.own_engine):
            give_keys(engine.dialect, keyring)

    def new_session(self, acting: Acting = SERVICE) -> AsyncSession:
        """A session of its own, in which that one acts."""
        if acting == SERVICE:
            return AsyncSession(self.own_engine, expire_on_commit=False)
        session = AsyncSession(self.engine, sync_session_class=CallersSession, expire_on_commit=False)
        session.info["acting"] = acting
        return session

    @asynccontextmanager
    async def transaction(self, acting: Acting = SERVICE) -> AsyncIterator[Transaction]:
        """One transaction: committed when the block ends well, rolled back when it raises."""
        transaction = Transaction(self, acting)
        try:
            yield transaction
        except BaseException:
            await transaction.close(commit=False)
            raise
        await transaction.close(commit=True)
        if transaction.has_events:
            self.committed.set()

    async def execute_alone(self, statement: Select[bool], values: Mapping[str, Any], acting: Acting) -> bool:
        """Run one statement on a bare connection as a transaction of its own; its one truth value.

        The statement tells by itself who acts: see `shared.acting.introduction`.
        """
        text, order = as_text(statement, self.engine.dialect)
        bound = [process(values[name]) if process else values[name] for name, process in order]
        async with self._bare(self.own_engine if acting == SERVICE else self.engine) as connection:
            return bool(await connection.fetchval(text, *bound))

    @asynccontextmanager
    async def _bare(self, engine: AsyncEngine) -> AsyncIterator["asyncpg.Connection[Any]"]:
        async with engine.connect() as connection:
            yield (await connection.get_raw_connection()).driver_connection

    def raw(self) -> AbstractAsyncContextManager["asyncpg.Connection[Any]"]:
        """A bare asyncpg connection of the service's own, outside any transaction: for the kernel's own hot loops."""
        return self._bare(self.own_engine)

    async def close(self) -> None:
        """Close both pools, waiting at most three seconds."""
        engines = (self.engine, self.own_engine)
        try:
            async with asyncio.timeout(3):
                await asyncio.gather(*(engine.dispose() for engine in engines))
        except TimeoutError:
            await asyncio.gather(*(engine.dispose(close=False) for engine in engines))
