"""The registry of this service's tables, and who may see what of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import SQLModel, col

from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.relinks import Relinks
from shared.store import Transaction, service_registry


class Table(SQLModel, registry=service_registry()):
    """The registry of this service's tables."""


class Held(Protocol):
    """A row that belongs to an organisation."""

    organisation: str


Row = TypeVar("Row", bound=Held)


@dataclass(frozen=True)
class About:
    """Which rows are asked for: those of a person, of a referral, or of both."""

    person_id: UUID | None = None
    referral_id: UUID | None = None

    async def today(self, transaction: Transaction) -> "About":
        """The same of the person whom this one stands for today, where two records were merged."""
        if self.person_id is None:
            return self
        return replace(self, person_id=await Relinks(transaction).current(self.person_id))

    def conditions(self, kind: Any) -> list[Any]:
        """The SQL conditions on a table."""
        wanted = ((col(kind.person_id), self.person_id), (col(kind.referral_id), self.referral_id))
        return [column == value for column, value in wanted if value is not None]


def values_of(value: BaseModel, kind: type[BaseModel]) -> Mapping[str, Any]:
    """The columns of a domain object, its parts as they are."""
    return {name: getattr(value, name) for name in kind.model_fields}


def visible(row: Row | None, caller: Caller) -> Row:
    """The row, when the caller may see it; else NotFound."""
    if row is None or (caller.scope != Scope.ALL and row.organisation != caller.organisation):
        raise NotFound
    return row


def within(kind: Any, caller: Caller) -> list[Any]:
    """The SQL conditions that keep a caller to the own organisation's rows."""
    return [] if caller.scope == Scope.ALL else [col(kind.organisation) == caller.organisation]
