"""A person's language, so that the worklist can be read by those who speak it."""

from typing import ClassVar
from uuid import UUID

from services.scheduler.handlers.registry import handlers
from services.scheduler.store import Languages
from shared.events import Reading


class PersonRegistered(Reading):
    """intake has a new person."""

    type: ClassVar[str] = "intake.person-registered.v1"
    person_id: UUID
    language: str | None = None


class PersonUpdated(Reading):
    """intake knows something else of a person."""

    type: ClassVar[str] = "intake.person-updated.v1"
    person_id: UUID
    language: str | None = None


@handlers.on(PersonRegistered)
async def note_language(event: PersonRegistered, languages: Languages) -> None:
    """Remember the language of somebody new."""
    await languages.keep(event.person_id, event.language)


@handlers.on(PersonUpdated)
async def correct_language(event: PersonUpdated, languages: Languages) -> None:
    """Remember the language as it is now."""
    await languages.keep(event.person_id, event.language)
