"""What a needs profile is made of: views, changes, resources, dimensions. Values only, in codes."""

from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from services.assessment.domain.complexity import DimensionState
from services.assessment.domain.instrument import Dimension, Frozen, RaterType
from services.assessment.domain.sheet import Assistance

Standing = Literal["answered", "not_applicable", "unanswered"]
URGENT = 3


class Audience(StrEnum):
    """For whom a profile is made: those who care for the person, or an organisation that the person agreed to."""

    TEAM = "team"
    SHARED = "shared"


class Rated(Frozen):
    """What one card says on one scale; `level` is null when it was flagged without a level, or not answered."""

    standing: Standing
    flagged: bool
    level: int | None


class RatedCard(Frozen):
    """One card on both scales, with those from whom help is wished."""

    code: str
    group: str
    difficulty: Rated
    need: Rated
    sources: tuple[str, ...]


class View(Frozen):
    """One sheet as the profile shows it: whose view, of which day, by which instrument.

    Card order is the instrument's. `has_needs` is false when the question of help was never asked.
    """

    sheet_id: UUID
    rater: RaterType
    assistance: Assistance | None
    filled_on: date
    is_complete: bool
    instrument: str
    edition: str
    spec_version: str
    has_needs: bool
    cards: tuple[RatedCard, ...]

    def needs(self, *levels: int | None) -> list[RatedCard]:
        """The cards where help is wished, of these levels; None is a wish without a time."""
        return [card for card in self.cards if card.need.flagged and card.need.level in levels]

    @property
    def urgent(self) -> list[RatedCard]:
        """The cards where help is wished within thirty days."""
        return self.needs(URGENT)


class Change(Frozen):
    """How the answers on one scale moved since the sheet before: card codes, no card twice."""

    new: tuple[str, ...]
    more: tuple[str, ...]
    less: tuple[str, ...]
    resolved: tuple[str, ...]


class Changes(Frozen):
    """What differs from the person's own sheet before. Raw differences: they claim nothing."""

    since: date
    difficulty: Change
    need: Change


class Resources(Frozen):
    """What holds, in one rater's view: item codes of the sheet of resources."""

    rater: RaterType
    filled_on: date
    spec_version: str
    there: tuple[str, ...]
    partly: tuple[str, ...]


class DimensionWord(Frozen):
    """One dimension of complexity and its state."""

    dimension: Dimension
    state: DimensionState


class OwnWords(Frozen):
    """The two open questions, in the person's words: sensitive free text."""

    main_problem: str | None
    single_wish: str | None
