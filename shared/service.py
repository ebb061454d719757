"""What a service is, as one value: its routes, its handlers, its facts, its errors."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from sqlalchemy import MetaData

from shared.audit.sealing import anchored
from shared.audit.subjects import Subjects
from shared.encryption.places import name_places
from shared.events import Event
from shared.handlers import Handlers
from shared.problems import Kind, Renderer
from shared.relationships.facts import facts as break_glass_facts
from shared.requests import Route
from shared.rights.holdings import Holdings
from shared.settings import ServiceSettings
from shared.store import Transaction

Companion = Callable[[FastAPI], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Service:
    """One of the services, before it is built with settings."""

    name: str
    title: str
    router: APIRouter
    handlers: Handlers
    metadata: MetaData
    publishes: tuple[type[Event], ...]
    settings: Callable[[], ServiceSettings]
    errors: Mapping[type[Exception], Kind] = field(default_factory=dict)
    folder: Path = Path()
    dialects: Mapping[str, Renderer] = field(default_factory=dict)
    """How errors look under a path prefix, where they are no RFC 9457 problems."""
    subjects: Subjects = field(default_factory=Subjects)
    """Whom its records are about, and how they hang together: for who looked at what."""
    holdings: Holdings = field(default_factory=Holdings)
    """What its tables hold of a subject, as it is told to them."""
    companions: tuple[Companion, ...] = ()
    """What runs beside the API as long as it does, such as a listening port; entered with the connected app."""

    reindexing: tuple[Callable[[Transaction], Awaitable[bool]], ...] = ()
    """Each writes some rows' blind indexes anew that an older key made, and says whether more may be waiting."""

    def __post_init__(self) -> None:
        name_places(self.name, self.metadata)

    @property
    def facts(self) -> tuple[type[Event], ...]:
        """All that it publishes: its own facts, and the kernel's of its audit and of emergency access."""
        return *self.publishes, anchored(self.name), *break_glass_facts(self.name)

    @property
    def migrations(self) -> Path:
        """The folder of this service's migrations."""
        return self.folder / "migrations"


def router(service: str, route_class: type[Route] = Route, **options: Any) -> APIRouter:
    """A router at the service's prefix, or below with `service/part`, whose routes run in one transaction each."""
    return APIRouter(prefix=f"/{service}", route_class=route_class, **options)
