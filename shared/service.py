"""What a service is, as one value: its routes, its handlers, its facts, its errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from sqlalchemy import MetaData

from shared.events import Event
from shared.handlers import Handlers
from shared.problems import Kind
from shared.requests import Route
from shared.settings import ServiceSettings


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

    @property
    def migrations(self) -> Path:
        """The folder of this service's migrations."""
        return self.folder / "migrations"


def router(service: str, **options: Any) -> APIRouter:
    """A router at the service's prefix whose routes run in one transaction each."""
    return APIRouter(prefix=f"/{service}", route_class=Route, **options)
