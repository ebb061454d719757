"""What a service tells of emergency access: ids and codes; what was written for it stays where it was written."""

from datetime import datetime
from functools import cache
from typing import ClassVar, TypeVar
from uuid import UUID

from pydantic import Field, create_model

from shared.events import Event


class BreakGlassOpened(Event):
    """Somebody took emergency access: coordinator and officer are told."""

    type: ClassVar[str] = ""
    break_glass_id: UUID
    subject_id: UUID = Field(description="Whose records it opens")
    organisation: str
    worker: str = Field(description="Subject of the token of whoever took it")
    reason: str = Field(description="Code of the reason")
    until: datetime = Field(description="When it ends by itself")


class BreakGlassClosed(Event):
    """An emergency access ended, by hand or by the clock. Its review is still to come."""

    type: ClassVar[str] = ""
    break_glass_id: UUID
    at: datetime


class BreakGlassReviewed(Event):
    """Somebody else judged an emergency access."""

    type: ClassVar[str] = ""
    break_glass_id: UUID
    verdict: str = Field(description="justified, unjustified or inquiry")
    is_closed: bool = Field(description="Whether that is the end of it; an inquiry goes on")


E = TypeVar("E", bound=Event)


def _told_by(service: str, kind: type[E], fact: str) -> type[E]:
    made = create_model(kind.__name__, __base__=kind, __doc__=kind.__doc__)
    made.type = f"{service}.{fact}.v1"
    return made


@cache
def opened(service: str) -> type[BreakGlassOpened]:
    """The fact as one service tells it."""
    return _told_by(service, BreakGlassOpened, "break-glass-opened")


@cache
def closed(service: str) -> type[BreakGlassClosed]:
    """The fact as one service tells it."""
    return _told_by(service, BreakGlassClosed, "break-glass-closed")


@cache
def reviewed(service: str) -> type[BreakGlassReviewed]:
    """The fact as one service tells it."""
    return _told_by(service, BreakGlassReviewed, "break-glass-reviewed")


def facts(service: str) -> tuple[type[Event], ...]:
    """All that a service tells of emergency access."""
    return opened(service), closed(service), reviewed(service)
