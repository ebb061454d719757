"""The registry of this service's tables, and who may see what of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func
from sqlmodel import SQLModel, col

from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.relationships.asked import related
from shared.relationships.links import Relationships
from shared.relinks import Relinks
from shared.store import Collection, Transaction, service_registry


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


WHOM = ("person_id", "referral_id", "case_id")
"""Whom a row is about: its person, and the referral or the case while nobody knows the person."""


def open_to(kind: Any, caller: Caller, transaction: Transaction) -> list[Any]:
    """The SQL conditions that keep a caller to the own organisation's rows about people related to it."""
    whom = func.coalesce(*(col(getattr(kind, name)) for name in WHOM if name in kind.__table__.columns))
    return [*within(kind, caller), related(whom, caller, transaction.clock.now())]


class Related(Collection):
    """Who may see what is known of whom: those whom a link relates to the person."""

    async def demand(self, person_id: UUID, caller: Caller) -> None:
        """Raise NotFound unless the caller is related to a person, by whatever record it is named."""
        today = await Relinks(self.transaction).current(person_id)
        await Relationships(self.transaction).demand(today, caller)

    async def seen(self, row: Row | None, caller: Caller) -> Row:
        """The row, when the caller may see it and is related to whom it is about; else NotFound."""
        found = visible(row, caller)
        about = next((getattr(found, name) for name in WHOM if getattr(found, name, None)), None)
        await Relationships(self.transaction).demand(about, caller)
        return found
