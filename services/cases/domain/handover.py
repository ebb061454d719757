"""What a case needs to survive a change of worker: the hand-over sheet and the checklists of its phases."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from services.cases.domain.case import Case
from services.cases.domain.labels import Label
from services.cases.domain.states import Phase
from services.cases.domain.words import Code, Day, Line, Part, Prose, refuse
from services.cases.events import ChecklistItemTicked, HandOverWritten
from shared.errors import Fault


class ContactToKeep(Part):
    """Somebody to stay in touch with, by role: names and numbers are kept with the person's identity."""

    role: Line
    organisation: Code | None = None
    why: Prose | None = None


class HandOver(Part):
    """What the present worker writes for the next one; the rest is computed from the record."""

    situation: Prose
    agreed: Prose = Field(description="What is agreed with the person and with others")
    safety_notes: Annotated[tuple[Prose, ...], Field(max_length=20)] = ()
    contacts: Annotated[tuple[ContactToKeep, ...], Field(max_length=30)] = ()
    watch: Annotated[tuple[Prose, ...], Field(max_length=20)] = Field((), description="What to keep an eye on")
    person_informed: StrictBool = Field(description="Whether the person knows that somebody else will come")
    person_informed_on: Day | None = None

    @model_validator(mode="after")
    def informed(self) -> Self:
        """The person is informed on a day, or not."""
        if self.person_informed == (self.person_informed_on is None):
            raise PydanticCustomError("informed_on", "say on which day the person was informed, or that she was not")
        return self

    def faults(self, today: date) -> list[Fault]:
        """What cannot be right: a day to come."""
        later = self.person_informed_on is not None and self.person_informed_on > today
        return [Fault("/person_informed_on", "in-future")] if later else []


class Sheet(BaseModel):
    """One version of a case's hand-over sheet; `stretch` is the number of the interval it was written in."""

    case_id: UUID
    number: int
    stretch: int
    content: HandOver
    written_by: str
    written_at: datetime


class Tick(BaseModel):
    """An item of a checklist that somebody did, in one stretch of a case."""

    case_id: UUID
    stretch: int
    item: str
    done_by: str
    done_on: date


class Ticking(Part):
    """Whether an item is done, and since when."""

    is_done: StrictBool = True
    on: Day | None = Field(None, description="By default today")


class ChecklistItem(Part):
    """One thing to see to in a phase. `source` says where it comes from."""

    code: Code
    phase: Phase
    label: Label
    source: str


CHECKLIST: tuple[ChecklistItem, ...] = TypeAdapter(tuple[ChecklistItem, ...]).validate_python(
    json.loads((Path(__file__).with_name("checklists.json")).read_text())
)
"""The items of all phases, in the order in which they are shown."""


def write_hand_over(case: Case, content: HandOver, by: str, at: datetime, today: date) -> tuple[Sheet, HandOverWritten]:
    """Write the next version of the sheet. Raises IllegalStep where nobody owns the case, Unfit for a day to come."""
    case.needs_owner()
    refuse(content.faults(today))
    case.hand_over_version += 1
    sheet = Sheet(
        case_id=case.id,
        number=case.hand_over_version,
        stretch=len(case.intervals),
        content=content,
        written_by=by,
        written_at=at,
    )
    return sheet, HandOverWritten(case_id=case.id, hand_over_version=sheet.number)


def tick(case: Case, item: str, ticking: Ticking, by: str, today: date) -> tuple[Tick, ChecklistItemTicked]:
    """Note that an item is done, or is not. Raises IllegalStep without an owner, Unfit for a day to come.

    The item has to exist: who asks for another one finds nothing.
    """
    case.needs_owner()
    done_on = ticking.on or today
    refuse([Fault("/on", "in-future")] if done_on > today else [])
    made = Tick(case_id=case.id, stretch=len(case.intervals), item=item, done_by=by, done_on=done_on)
    return made, ChecklistItemTicked(case_id=case.id, item=item, is_done=ticking.is_done)
