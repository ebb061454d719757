"""How a service says what it does on others' events and on the clock."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from shared.callbacks import Callbacks
from shared.clock import Clock
from shared.events import Envelope, Reading, service_of, topic_of
from shared.http import Http
from shared.relinks import Columns, Relinks
from shared.settings import ServiceSettings
from shared.store import Collection, Database, Transaction

Handle = Callable[..., Awaitable[Any]]
Pull = Callable[[Any, Http], Awaitable[Any]]
H = TypeVar("H", bound=Handle)


def arguments(handle: Handle) -> dict[str, type[Any]]:
    """The parameters of a handler that the kernel gives: collections, the transaction, the settings, the envelope."""
    parameters = inspect.signature(handle).parameters.values()
    return {
        parameter.name: parameter.annotation
        for parameter in parameters
        if isinstance(parameter.annotation, type)
        and issubclass(parameter.annotation, (Collection, Transaction, ServiceSettings, Envelope))
    }


def made(wanted: dict[str, type[Any]], transaction: Transaction, envelope: Envelope | None = None) -> dict[str, Any]:
    """The arguments themselves, in one transaction."""
    return {name: given(kind, transaction, envelope) for name, kind in wanted.items()}


def given(kind: type[Any], transaction: Transaction, envelope: Envelope | None) -> Any:
    """One argument by its type."""
    if kind is Envelope:
        return envelope
    if issubclass(kind, Collection):
        return kind(transaction)
    return transaction if kind is Transaction else transaction.settings


@dataclass(frozen=True)
class Subscriber:
    """One handler of one kind of event. `pull` runs before the transaction opens and gives `pulled`.

    `also` are further handlers of the same event, each with its own Reading: they run after it, in its transaction.
    """

    reading: type[Reading]
    handle: Handle
    pull: Pull | None
    wanted: dict[str, type[Any]]
    also: tuple["Subscriber", ...] = ()
    of_ended: bool = False
    """Whether it takes facts of erased subjects too."""

    async def call(self, event: Reading, transaction: Transaction, pulled: Any, envelope: Envelope) -> None:
        """Run the handler inside the delivery's transaction."""
        extra = {"pulled": pulled} if self.pull else {}
        await self.handle(event, **made(self.wanted, transaction, envelope), **extra)


@dataclass(frozen=True)
class Tick:
    """Work that the clock starts; it answers whether more is waiting."""

    name: str
    seconds: float
    act: Handle
    wanted: dict[str, type[Any]]

    async def call(self, transaction: Transaction) -> bool:
        """Run once, inside a transaction of its own."""
        return bool(await self.act(**made(self.wanted, transaction)))


@dataclass(frozen=True)
class Errand:
    """What work needs that talks to the outside between its transactions, holding none open meanwhile."""

    database: Database
    callbacks: Callbacks
    settings: Any
    http: Http

    @property
    def clock(self) -> Clock:
        """The service's clock."""
        return self.database.clock

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction for the time of a block."""
        return self.database.transaction()


@dataclass(frozen=True)
class ErrandRun:
    """An errand with its pace; it answers whether more is waiting."""

    name: str
    seconds: float
    act: Callable[[Errand], Awaitable[bool]]


E = TypeVar("E", bound=Callable[[Errand], Awaitable[bool]])


@dataclass
class Handlers:
    """All that a service does besides answering requests.

    `relinked` are the columns whose identifiers may come to stand for others (see `shared.relinks`): what a fact
    writes there late is moved in its own transaction, and what a request writes there within a minute.
    """

    relinked: Columns = ()
    subscribers: dict[str, Subscriber] = field(default_factory=dict)
    ticks: list[Tick] = field(default_factory=list)
    errands: list[ErrandRun] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.relinked:
            self.every(60.0)(self._tidy_relinks)

    async def _tidy_relinks(self, relinks: Relinks) -> bool:
        await relinks.tidy(self.relinked)
        return False

    def on(self, reading: type[Reading], pull: Pull | None = None, *, of_ended: bool = False) -> Callable[[H], H]:
        """Call the function for each event of this type, exactly once in effect and in the order of its key.

        Several functions of one type run one after the other in one transaction: all take effect, or none does. Only
        the first may pull. Facts of erased subjects (`shared.erasure`) pass without effect, unless the first is
        `of_ended`.
        """

        def register(handle: H) -> H:
            new = Subscriber(reading, handle, pull, arguments(handle), of_ended=of_ended)
            first = self.subscribers.get(reading.type)
            if first and pull:
                raise ValueError(f"{reading.type} has a handler already: only the first may pull")
            self.subscribers[reading.type] = replace(first, also=(*first.also, new)) if first else new
            return handle

        return register

    def every(self, seconds: float) -> Callable[[H], H]:
        """Call the function at this pace, again at once while it answers that more is waiting."""

        def register(act: H) -> H:
            self.ticks.append(Tick(act.__name__, seconds, act, arguments(act)))
            return act

        return register

    def errand(self, seconds: float) -> Callable[[E], E]:
        """Call the function at this pace, outside any transaction, again at once while it answers that more is waiting.

        Every replica calls it: whoever must not meet another there claims what he works on.
        """

        def register(act: E) -> E:
            self.errands.append(ErrandRun(act.__name__, seconds, act))
            return act

        return register

    def readings(self) -> Sequence[type[Reading]]:
        """Every Reading that a handler takes."""
        return [each.reading for first in self.subscribers.values() for each in (first, *first.also)]

    def topics(self) -> Sequence[str]:
        """The topics to follow: those of every service that one of the Readings names."""
        return sorted({topic_of(service_of(event_type)) for event_type in self.subscribers})

    def follows_other_version(self, event_type: str) -> bool:
        """Whether a Reading names this fact, but in another version than the one that came."""
        fact = event_type.rsplit(".", 1)[0]
        return any(known.rsplit(".", 1)[0] == fact for known in self.subscribers)
