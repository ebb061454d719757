"""The needs profile as words in one language: the one page, before it becomes JSON, HTML or PDF."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.assessment.domain.instrument import Frozen, LanguageCode, RaterType
from services.assessment.domain.profile_parts import Audience

Standing = Literal["answered", "not_applicable", "unanswered"]


class Item(Frozen):
    """One thing in a list: its code, its name, and what is said beside it (from whom help is wished)."""

    code: str
    label: str
    note: str | None = None


class Line(Frozen):
    """One line of a section: a sentence alone, or a term with its items or its text."""

    code: str
    term: str
    items: tuple[Item, ...] = ()
    text: str | None = None


class Section(Frozen):
    """A heading with its lines."""

    code: str
    heading: str
    lines: tuple[Line, ...]


class Mark(Frozen):
    """What the chart and its table say of one card on one scale; `level` 0-3, null when it is not known."""

    standing: Standing
    flagged: bool
    level: int | None
    word: str


class CardRow(Frozen):
    """One card of the chart."""

    code: str
    label: str
    difficulty: Mark
    need: Mark | None = Field(description="Null when the question of help was not asked")

    @property
    def is_urgent(self) -> bool:
        """Whether help is wished within thirty days."""
        return self.need is not None and self.need.level == URGENT


URGENT = 3


class CardGroup(Frozen):
    """The cards of one group."""

    code: str
    label: str
    cards: tuple[CardRow, ...]


class Chart(Frozen):
    """Difficulty and need per card by group, with the words around it."""

    title: str
    text: str
    table: str
    topic: str
    difficulty: str
    need: str
    groups: tuple[CardGroup, ...]


class Source(Frozen):
    """The sheet that a part of the page comes from."""

    sheet_id: UUID | None
    rater: RaterType
    filled_on: date
    instrument: str
    edition: str | None
    spec_version: str
    attribution: str


class ProfilePage(Frozen):
    """One page for everybody who may see it. Codes are stable; labels and sentences are in `language`."""

    language: LanguageCode
    audience: Audience
    made_on: date
    title: str
    intro: str
    facts: tuple[str, ...] = Field(description="Who answered, when, and how many difficulties and needs there are")
    sections: tuple[Section, ...]
    chart: Chart | None = Field(description="Null while the person filled no sheet with cards")
    sources: tuple[Source, ...]
    notices: tuple[str, ...] = Field(description="Not a diagnosis; attribution of the instruments; how it is shared")
    colon: str = Field(exclude=True)
    separator: str = Field(exclude=True)
