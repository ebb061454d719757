"""What all tables of intake hang on."""

from typing import Protocol

from sqlmodel import SQLModel

from shared.access import Scope
from shared.auth import Caller
from shared.store import service_registry


class Table(SQLModel, registry=service_registry()):
    """The registry of this service's tables."""


class OfProgramme(Protocol):
    """A row that belongs to one programme."""

    programme: str


def visible(row: OfProgramme, caller: Caller) -> bool:
    """Whether a row belongs to the caller's programme, or the caller may see all."""
    return caller.scope == Scope.ALL or row.programme == caller.organisation
