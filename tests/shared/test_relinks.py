"""An identifier stands for another, and for itself again: in any order of the facts."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Field, SQLModel

from shared.events import Envelope, Reading
from shared.handlers import Handlers
from shared.ids import new_id
from shared.inbox import Outcome
from shared.local.postgres import EmbeddedPostgres
from shared.relinks import Relinks, forest
from shared.store import Collection, Database, service_registry
from shared.testing.toy import create_tables, toy_database
from tests.shared.conftest import inbox_of


class Naming(SQLModel, registry=service_registry()):
    """Tables that name identifiers of another service."""


class Parcel(Naming, table=True):
    """A row with one identifier."""

    __tablename__ = "parcel"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner: UUID | None = Field(default=None, index=True)


class Seat(Naming, table=True):
    """A row with a key of two columns and two identifiers."""

    __tablename__ = "seat"

    hall: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    holder: UUID
    payer: UUID


COLUMNS = ((Parcel, "owner"), (Seat, "holder"), (Seat, "payer"))
NAMES = [UUID(int=number) for number in range(1, 6)]
OPERATIONS = [UUID(int=100 + number) for number in range(5)]


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    name = f"naming_{new_id().hex[-10:]}"
    made = await postgres.create_database(name, owner=f"{name}_owner", app=f"{name}_app")
    await create_tables(made.owner_url, Naming)
    database = toy_database(made.app_url, pool_size=4)
    yield database
    await database.close()


@dataclass(frozen=True)
class Apply:
    """The first fact of an operation."""

    operation: UUID
    start: UUID
    end: UUID


@dataclass(frozen=True)
class Undo:
    """Its second."""

    operation: UUID


Fact = Apply | Undo
Row = tuple[str, UUID]


async def tell(database: Database, *facts: Fact) -> None:
    for fact in facts:
        async with database.transaction() as transaction:
            relinks = Relinks(transaction)
            if isinstance(fact, Apply):
                await relinks.apply(fact.operation, fact.start, fact.end, COLUMNS)
            else:
                await relinks.undo(fact.operation, COLUMNS)


async def write(database: Database, names: Sequence[UUID]) -> None:
    """A parcel and a seat of each, as a handler would write them."""
    async with database.transaction() as transaction:
        for number, name in enumerate(names):
            transaction.session.add(Parcel(id=UUID(int=1000 + number), owner=name))
            transaction.session.add(Seat(hall="a", number=number, holder=name, payer=NAMES[0]))
        await transaction.session.flush()
        await Relinks(transaction).follow(set(names) | {NAMES[0]}, COLUMNS)


async def owners(database: Database) -> list[Row]:
    """What the tables say."""
    async with database.raw() as connection:
        rows = await connection.fetch(
            """SELECT 'parcel ' || id AS what, owner FROM parcel UNION ALL SELECT 'holder ' || number, holder FROM seat
            UNION ALL SELECT 'payer ' || number, payer FROM seat ORDER BY 1"""
        )
    return [(row["what"], row["owner"]) for row in rows]


async def moved(database: Database) -> int:
    async with database.raw() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM relinked_row"))


async def wipe(database: Database) -> None:
    async with database.transaction() as transaction:
        for table in ("parcel", "seat", "relink", "relinked_row"):
            await transaction.session.exec(text(f"DELETE FROM {table}"))  # type: ignore[call-overload]


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Fact], list[Fact], int]:
    """Operations with some undone, told in two orders, and after how many of them rows are written."""
    facts: list[Fact] = []
    for operation in OPERATIONS[: draw(st.integers(1, 5))]:
        start, end = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True))
        facts.append(Apply(operation, start, end))
        if draw(st.booleans()):
            facts.append(Undo(operation))
    one, other = draw(st.permutations(facts)), draw(st.permutations(facts))
    return one, other, draw(st.integers(0, len(facts)))


async def test_any_order_of_applies_and_undos_gives_the_same_rows(database: Database) -> None:
    def check(story: tuple[list[Fact], list[Fact], int]) -> None:
        asyncio.run_coroutine_threadsafe(compare(*story), loop).result()

    async def compare(one: list[Fact], other: list[Fact], late: int) -> None:
        ends = []
        for facts, before in ((one, late), (other, 0)):
            await wipe(database)
            await tell(database, *facts[:before])
            await write(database, NAMES)
            await tell(database, *facts[before:], *facts[:1])
            ends.append(await owners(database))
        assert ends[0] == ends[1]
        undone = {fact.operation for fact in one if isinstance(fact, Undo)}
        stands = forest(
            [(f.operation, f.start, f.end) for f in one if isinstance(f, Apply) and f.operation not in undone]
        )
        assert dict(ends[0])[f"parcel {UUID(int=1000)}"] == stands.of(NAMES[0])

    loop = asyncio.get_running_loop()
    await asyncio.to_thread(settings(max_examples=25, deadline=None)(given(stories())(check)))


async def test_an_undo_restores_what_was_and_forgets_it(database: Database) -> None:
    await write(database, NAMES)
    before = await owners(database)
    await tell(database, Apply(OPERATIONS[0], NAMES[0], NAMES[1]), Apply(OPERATIONS[1], NAMES[1], NAMES[2]))
    assert {owner for _, owner in await owners(database)} == set(NAMES[2:])
    assert await moved(database) > 0
    await tell(database, Undo(OPERATIONS[1]), Undo(OPERATIONS[0]))
    assert await owners(database) == before
    assert await moved(database) == 0


async def test_rows_made_for_the_kept_one_stay_with_it(database: Database) -> None:
    await tell(database, Apply(OPERATIONS[0], NAMES[0], NAMES[1]))
    await write(database, [NAMES[1]])
    await tell(database, Undo(OPERATIONS[0]))
    assert (await owners(database))[1] == (f"parcel {UUID(int=1000)}", NAMES[1])


async def test_what_is_said_anew_counts_from_then_on(database: Database) -> None:
    await write(database, [NAMES[0]])
    await tell(database, Apply(OPERATIONS[0], NAMES[0], NAMES[1]))
    async with database.transaction() as transaction:
        await transaction.session.exec(text("UPDATE parcel SET owner = :owner").bindparams(owner=NAMES[4]))  # type: ignore[call-overload]
    await tell(database, Undo(OPERATIONS[0]))
    assert (await owners(database))[1][1] == NAMES[4]


async def test_who_stands_for_whom_can_be_asked(database: Database) -> None:
    await tell(database, Apply(OPERATIONS[0], NAMES[0], NAMES[1]), Apply(OPERATIONS[1], NAMES[1], NAMES[2]))
    async with database.transaction() as transaction:
        relinks = Relinks(transaction)
        assert [await relinks.current(each) for each in NAMES] == [NAMES[2]] * 3 + NAMES[3:]
        assert await relinks.standing_for(NAMES[2]) == set(NAMES[:3])
        assert await relinks.standing_for(NAMES[4]) == {NAMES[4]}


def test_of_two_that_contradict_each_other_the_later_counts() -> None:
    one, other, third = NAMES[:3]
    both = [(OPERATIONS[0], one, other), (OPERATIONS[1], other, one)]
    assert [forest(both).of(each) for each in (one, other)] == [one, one]
    assert forest([(OPERATIONS[0], one, other), (OPERATIONS[1], one, third)]).of(one) == third


async def test_an_identifier_cannot_stand_for_itself(database: Database) -> None:
    with pytest.raises(ValueError, match="itself"):
        await tell(database, Apply(OPERATIONS[0], NAMES[0], NAMES[0]))


async def test_a_column_of_a_key_is_refused(database: Database) -> None:
    async with database.transaction() as transaction:
        with pytest.raises(ValueError, match="part of a key"):
            await Relinks(transaction).apply(new_id(), NAMES[0], NAMES[1], ((Seat, "hall"),))


class Sent(Reading):
    """A fact of another service."""

    type: ClassVar[str] = "counting.sent.v1"
    owner: UUID


class Parcels(Collection):
    """The parcels."""

    async def add(self, owner: UUID) -> None:
        self.session.add(Parcel(owner=owner))


def parcel_handlers() -> Handlers:
    handlers = Handlers(relinked=COLUMNS)

    @handlers.on(Sent)
    async def note(event: Sent, parcels: Parcels) -> None:
        await parcels.add(event.owner)

    return handlers


async def test_a_late_fact_lands_on_the_kept_one_and_goes_back(database: Database) -> None:
    await tell(database, Apply(OPERATIONS[0], NAMES[0], NAMES[1]))
    late = Envelope(
        new_id(), Sent.type, new_id(), 1, database.clock.now(), Sent(owner=NAMES[0]).model_dump_json().encode()
    )
    assert await inbox_of(database, parcel_handlers()).deliver(late.message()) is Outcome.HANDLED
    assert [owner for _, owner in await owners(database)] == [NAMES[1]]
    await tell(database, Undo(OPERATIONS[0]))
    assert [owner for _, owner in await owners(database)] == [NAMES[0]]


async def test_a_transaction_that_had_not_seen_it_is_caught_up_with(database: Database) -> None:
    async with database.transaction() as transaction:
        transaction.session.add(Parcel(owner=NAMES[0]))
        await transaction.session.flush()
        await tell(database, Apply(OPERATIONS[0], NAMES[0], NAMES[1]))
    assert (await owners(database))[0][1] == NAMES[0]
    [tick] = parcel_handlers().ticks
    async with database.transaction() as transaction:
        assert await tick.call(transaction) is False
    assert (await owners(database))[0][1] == NAMES[1]
