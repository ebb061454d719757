"""A contact that is being written: kept as it was typed, judged when it is made final."""

import json
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ValidationError

from services.intake.domain.contact import NOTE, Agent, ImpossibleContact, Told
from shared.errors import DomainError, Fault
from shared.ids import new_id
from shared.problems import faults_of, pointer_of

FIELDS = frozenset(Told.model_fields)
LARGEST = 4 * NOTE
"""How many characters of JSON a draft may have: the longest note, escaped, leaves room for the rest."""


class ImpossibleDraft(DomainError):
    """A draft takes the fields of a contact, in reasonable size."""


class Draft(BaseModel):
    """A contact that is being written. Nobody is told of it; its id becomes the contact's."""

    id: UUID
    programme: str
    agent: str
    discipline: str
    content: dict[str, Any]
    opened_at: datetime
    saved_at: datetime

    @classmethod
    def open(cls, agent: Agent, content: dict[str, Any], at: datetime) -> Self:
        """Begin one; raises ImpossibleDraft."""
        return cls(
            id=new_id(),
            programme=agent.programme,
            agent=agent.subject,
            discipline=agent.discipline,
            content=acceptable(content),
            opened_at=at,
            saved_at=at,
        )


def acceptable(content: dict[str, Any]) -> dict[str, Any]:
    """What may be kept as a draft; raises ImpossibleDraft for a field that no contact has, or too much of it."""
    faults = [Fault(pointer_of((name,)), "unknown-field") for name in content if name not in FIELDS]
    note = content.get("note")
    if isinstance(note, str) and len(note) > NOTE:
        faults.append(Fault("/note", "too-long"))
    elif len(json.dumps(content, ensure_ascii=False)) > LARGEST:
        faults.append(Fault("", "too-long"))
    if faults:
        raise ImpossibleDraft(faults=faults[:20])
    return content


def merged(content: Any, patch: Any) -> Any:
    """A JSON value with a merge patch on it (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    kept = dict(content) if isinstance(content, dict) else {}
    for name, value in patch.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = merged(kept.get(name), value)
    return kept


def named_in(content: dict[str, Any]) -> tuple[UUID | None, UUID | None]:
    """Whom a draft is about and who called, as far as it names people of the index by now."""
    speaker = content.get("caller")
    return _id(content.get("person_id")), _id(speaker.get("person_id") if isinstance(speaker, dict) else None)


def _id(written: Any) -> UUID | None:
    try:
        return UUID(written) if isinstance(written, str) else None
    except ValueError:
        return None


def final(content: dict[str, Any]) -> Told:
    """The contact that a draft tells; raises ImpossibleContact with what is missing or wrong."""
    try:
        return Finished.model_validate_json(json.dumps(content))
    except ValidationError as error:
        raise ImpossibleContact(faults=faults_of(error.errors())) from None


class Finished(Told):
    """A draft's content; unknown fields are refused."""

    model_config = {"extra": "forbid"}
