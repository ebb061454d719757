"""A whole service with no meaning, to test by it what the kernel does around every route."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field, StrictInt
from pydantic_settings import SettingsConfigDict
from sqlmodel import col, select

from shared.access import May
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.errors import DomainError, Fault, NotFound
from shared.handlers import Handlers
from shared.ids import new_id
from shared.local.postgres import DatabaseUrls
from shared.problems import Kind
from shared.requests import IfMatch, Tag, opened
from shared.service import Service
from shared.service import router as service_router
from shared.settings import ServiceSettings
from shared.store import Collection
from shared.testing.harness import UnderTest, under_test
from shared.testing.toy import Counted, Counter, Counting, create_tables
from tests.server import TestServer

SECRET = "Odette-Lambert-0471234567"
"""What no answer and no log line may show."""

MayOperate = Annotated[Caller, Depends(May("events:operate"))]
MayLook = Annotated[Caller, Depends(May("permissions:read"))]


class Settings(ServiceSettings):
    """Environment variables `COUNTING_...`."""

    model_config = SettingsConfigDict(env_prefix="COUNTING_", extra="ignore", populate_by_name=True)


class NotThatOne(DomainError):
    """This number is not counted."""


class Label(BaseModel):
    """Words on a counter."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=100)]


class NewCounter(BaseModel):
    """A counter as it is asked for; `anything` takes every JSON value."""

    model_config = ConfigDict(extra="forbid")

    number: StrictInt = 0
    label: Label | None = None
    anything: Any = None


class CounterView(BaseModel):
    """A counter as it is shown."""

    id: UUID
    number: int


class Shelf(Collection):
    """The counters, with what a list needs."""

    async def make(self, number: int) -> Counter:
        """A new counter at this number."""
        counter = Counter(id=new_id(), number=number)
        await self.record(counter, Counted(counter=counter.id, number=number))
        return counter

    async def get(self, counter_id: UUID) -> Counter:
        """One counter; raises NotFound."""
        counter = await self.session.get(Counter, counter_id)
        if counter is None:
            raise NotFound
        return counter

    async def page(self, number: int | None, limit: int, after: str | None) -> list[Counter]:
        """At most `limit` + 1 counters in the order of their making."""
        query = select(Counter).order_by(col(Counter.id)).limit(limit + 1)
        if number is not None:
            query = query.where(Counter.number == number)
        if after:
            query = query.where(col(Counter.id) > UUID(after))
        return list((await self.session.exec(query)).all())


ShelfDep = Annotated[Shelf, Depends(opened(Shelf))]


def routes() -> APIRouter:
    """The toy's routes."""
    router = service_router("counting")

    @router.post("/counters", status_code=201)
    async def make_counter(body: NewCounter, shelf: ShelfDep, caller: MayLook, response: Response) -> CounterView:
        """Make a counter; thirteen is written first and refused then."""
        counter = await shelf.make(body.number)
        if body.number == 13:
            raise NotThatOne(faults=[Fault("/number", "unlucky")], facts={"allowed": ["12", "14"]})
        response.headers["location"] = f"/counting/counters/{counter.id}"
        return CounterView(id=counter.id, number=counter.number)

    @router.get("/counters")
    async def list_counters(
        shelf: ShelfDep, paging: PagingDep, caller: MayLook, number: int | None = None
    ) -> Page[CounterView]:
        """The counters, oldest first."""
        rows = await shelf.page(number, paging.limit, paging.after[0] if paging.after else None)
        return paging.page([CounterView(id=row.id, number=row.number) for row in rows], [[row.id] for row in rows])

    @router.get("/others")
    async def list_others(shelf: ShelfDep, paging: PagingDep, caller: MayLook) -> Page[CounterView]:
        """Another list of the same."""
        rows = await shelf.page(None, paging.limit, paging.after[0] if paging.after else None)
        return paging.page([CounterView(id=row.id, number=row.number) for row in rows], [[row.id] for row in rows])

    @router.get("/counters/{counter_id:uuid}")
    async def read_counter(counter_id: UUID, shelf: ShelfDep, caller: MayLook, tag: Tag) -> CounterView:
        """One counter."""
        counter = tag(await shelf.get(counter_id))
        return CounterView(id=counter.id, number=counter.number)

    @router.post("/counters/{counter_id:uuid}/count", status_code=201)
    async def count(counter_id: UUID, shelf: ShelfDep, seen: IfMatch, caller: MayOperate, tag: Tag) -> CounterView:
        """Move it on by one."""
        counter = await shelf.get(counter_id)
        seen.check(counter)
        await shelf.record(counter, counter.count())
        return CounterView(id=tag(counter).id, number=counter.number)

    @router.post("/failing")
    async def fail(caller: MayOperate) -> None:
        """Fail with words that must not come out."""
        raise RuntimeError(f"cannot serve {SECRET}")

    return router


def counting_service(router: APIRouter | None = None) -> Service:
    """The toy, or one with other routes."""
    titles = {"fr": "Pas celui-là", "nl": "Die niet", "de": "Den nicht", "en": "Not that one"}
    refused = Kind(409, "not-that-one", titles)
    return Service(
        name="counting",
        title="Counting",
        router=router or routes(),
        handlers=Handlers(),
        metadata=Counting.metadata,
        publishes=(Counted,),
        settings=Settings,
        errors={NotThatOne: refused},
        folder=Path(__file__).parent / "none",
    )


async def counting_database(postgres: TestServer) -> DatabaseUrls:
    """A new database of the toy."""
    return await postgres.copy("counting", lambda owner_url: create_tables(owner_url, Counting))


@asynccontextmanager
async def run_counting(
    postgres: TestServer, router: APIRouter | None = None, **options: Any
) -> AsyncIterator[UnderTest]:
    """The toy, perhaps with other routes, on a database of its own."""
    async with under_test(counting_service(router), await counting_database(postgres), **options) as running:
        yield running


async def rows(running: UnderTest, table: str) -> int:
    """How many rows a table of the toy has."""
    async with running.app.state.database.raw() as connection:
        return int(await connection.fetchval(f'SELECT count(*) FROM "{table}"'))
