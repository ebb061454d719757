"""What a service is, as one value: its routes, its handlers, its facts, its errors."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from sqlalchemy import MetaData

from shared.events import Event
from shared.handlers import Handlers
from shared.problems import Kind, Renderer
from shared.requests import Route
from shared.settings import ServiceSettings

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
    companions: tuple[Companion, ...] = ()
    """What runs beside the API as long as it does, such as a listening port; entered with the connected app."""

    @property
    def migrations(self) -> Path:
        """The folder of this service's migrations."""
        return self.folder / "migrations"


def router(service: str, route_class: type[Route] = Route, **options: Any) -> APIRouter:
    """A router at the service's prefix, or below with `service/part`, whose routes run in one transaction each."""
    return APIRouter(prefix=f"/{service}", route_class=route_class, **options)
