"""The stretches of a case: from its opening or a reopening to the closing that followed."""

from datetime import date
from typing import Self

from services.cases.domain.words import Part
from services.cases.events import ClosingReason


class Stretch(Part):
    """One stretch; `ended_on` and its reason stay when the case is reopened, in a new interval."""

    number: int
    begun_on: date
    ended_on: date | None = None
    reason: ClosingReason | None = None


class Interval(Stretch):
    """A stretch with what was written at its ends: why it was reopened, and the summary of its closing."""

    note: str | None = None
    summary: str | None = None

    def ended(self, on: date, reason: ClosingReason, summary: str) -> Self:
        """The same stretch with its end."""
        return self.model_copy(update={"ended_on": on, "reason": reason, "summary": summary})
