"""A sheet of a referral that could not be read, and what of the reasons may be told outside."""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import Self
from uuid import UUID

from pydantic import BaseModel, JsonValue

from services.assessment.domain.content import Content
from services.assessment.events import AnnouncedFault, SheetRejected
from shared.errors import Fault
from shared.ids import new_id

_MEMBERS = frozenset(
    {
        "instrument",
        "edition",
        "filled_on",
        "answers",
        "domain",
        "difficulty",
        "need",
        "sources",
        "absent",
        "presence",
        "level",
        "absent_reason",
        "note",
    }
)


class Rejection(BaseModel):
    """One refused sheet of a referral. The reasons are kept as they were told."""

    id: UUID
    referral_id: UUID
    sheet_number: int
    identifier: str
    faults: tuple[AnnouncedFault, ...]
    rejected_at: datetime

    @classmethod
    def of(
        cls, referral_id: UUID, sheet_number: int, identifier: str, faults: Sequence[AnnouncedFault], at: datetime
    ) -> tuple[Self, SheetRejected]:
        """Refuse a sheet, named by its place among the referral's sheets, from 0."""
        rejection = cls(
            id=new_id(),
            referral_id=referral_id,
            sheet_number=sheet_number,
            identifier=identifier,
            faults=tuple(faults),
            rejected_at=at,
        )
        return rejection, SheetRejected(referral_id=referral_id, sheet_number=sheet_number, faults=list(faults))


def announced(content: Content, answers: JsonValue, faults: Sequence[Fault]) -> list[AnnouncedFault]:
    """The faults as an event may tell them, each once.

    That a sensitive card has an answer, or which, is health or judicial data (instruments page, section 8), and a
    name we do not know could be anything: a pointer ends before either.
    """
    told = [AnnouncedFault(code=fault.code, pointer=_told(content, answers, fault.pointer)) for fault in faults]
    return list(dict.fromkeys(told))


def _told(content: Content, answers: JsonValue, pointer: str) -> str:
    parts = pointer.split("/")[1:]
    if len(parts) > 1 and _card_at(answers, parts[1]) in content.sensitive_cards:
        return "/answers"
    known = _MEMBERS | content.open_cards
    return "".join(f"/{part}" for part in takewhile(lambda part: part in known or part.isdigit(), parts))


def _card_at(answers: JsonValue, place: str) -> str:
    """The card that a step below the answers leads to: the step itself in the map, the entry's card in the list."""
    if not isinstance(answers, list):
        return place
    entry = answers[int(place)]
    return str(entry.get("domain")) if isinstance(entry, dict) else ""
