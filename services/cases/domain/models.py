"""Several organisational models compared, each figure with what it is a share or a median of (S80)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from pydantic import BaseModel, Field

from services.cases.domain.case import Case
from services.cases.domain.pathway import Model
from services.cases.domain.small_cells import is_clean, is_small, middle, share
from services.cases.domain.states import OWNED, State
from services.cases.domain.words import Part
from services.cases.events import ClosingReason


class CaseOutline(Part):
    """What the comparison looks at of one case."""

    organisation: str
    model: Model
    worker: str | None
    is_owned: bool
    waiting_days: int | None
    first_contact_days: int | None
    visits: int
    closings: int
    is_closed: bool
    has_reached_goals: bool

    @classmethod
    def of(cls, case: Case, model: Model, assigned_on: date | None, visits: int) -> "CaseOutline":
        """The outline of a case."""
        contact = case.first_contact_on
        return cls(
            organisation=case.organisation,
            model=model,
            worker=case.worker,
            is_owned=case.state in OWNED,
            waiting_days=(assigned_on - case.opened_on).days if assigned_on else None,
            first_contact_days=(contact - case.opened_on).days if contact else None,
            visits=visits,
            closings=sum(each.ended_on is not None for each in case.intervals),
            is_closed=case.state is State.CLOSED,
            has_reached_goals=case.state is State.CLOSED and case.closing_reason is ClosingReason.GOALS_REACHED,
        )

    @property
    def was_reopened(self) -> bool:
        """Whether it went on after a closing."""
        return self.closings > (1 if self.is_closed else 0)


class ModelFigures(BaseModel):
    """One organisation with its model. Days are calendar days after the request."""

    organisation: str
    model: Model
    cases: int | None
    assigned: int | None = Field(description="How many the median of the waiting is of")
    waiting_days: float | None = Field(description="Median from request to first assignment")
    contacted: int | None = Field(description="How many the median of the first contact is of")
    first_contact_days: float | None = Field(description="Median from request to first contact with the person")
    visits: int | None = Field(description="Visits that were made")
    visits_per_case: float | None
    closed: int | None = Field(description="Cases that stand closed")
    goals_reached: int | None
    goals_reached_share: float | None = Field(description="Closed with the goals reached / closed")
    ever_closed: int | None = Field(description="Cases closed at least once")
    reopened: int | None
    reopened_share: float | None = Field(description="Reopened / closed at least once")
    open: int | None = Field(description="Cases that have an owner now")
    workers: int | None = Field(description="Their owners")
    caseload: float | None = Field(description="Open cases / owners")
    hidden: bool = False

    def for_outsiders(self) -> "ModelFigures":
        """The same without what tells of few people."""
        told = dict(self)
        cases = self.cases or 0
        if is_small(cases):
            nothing = dict.fromkeys(told)
            return ModelFigures(**{**nothing, "organisation": self.organisation, "model": self.model, "hidden": True})
        for names, counts in self._layers(cases):
            if not is_clean(counts):
                told |= dict.fromkeys(names) | {"hidden": True}
        return ModelFigures(**told)

    def _layers(self, cases: int) -> list[tuple[tuple[str, ...], tuple[int, ...]]]:
        assigned, contacted, closed = self.assigned or 0, self.contacted or 0, self.closed or 0
        goals, ever, again = self.goals_reached or 0, self.ever_closed or 0, self.reopened or 0
        owned = self.open or 0
        return [
            (("assigned", "waiting_days"), (assigned, cases - assigned)),
            (("contacted", "first_contact_days"), (contacted, cases - contacted)),
            (("closed", "goals_reached", "goals_reached_share"), (closed, cases - closed, goals, closed - goals)),
            (("ever_closed", "reopened", "reopened_share"), (ever, cases - ever, again, ever - again)),
            (("open", "workers", "caseload"), (owned, cases - owned)),
        ]


def compared(outlines: Iterable[CaseOutline]) -> list[ModelFigures]:
    """One row per organisation and model; each case counts in one row."""
    groups: dict[tuple[str, Model], list[CaseOutline]] = defaultdict(list)
    for each in outlines:
        groups[(each.organisation, each.model)].append(each)
    return [row(*key, groups[key]) for key in sorted(groups)]


def row(organisation: str, model: Model, group: Sequence[CaseOutline]) -> ModelFigures:
    """The figures of one group."""
    waited = [each.waiting_days for each in group if each.waiting_days is not None]
    contacted = [each.first_contact_days for each in group if each.first_contact_days is not None]
    visits = sum(each.visits for each in group)
    closed = sum(each.is_closed for each in group)
    goals = sum(each.has_reached_goals for each in group)
    ever = sum(each.closings > 0 for each in group)
    again = sum(each.was_reopened for each in group)
    owned = [each for each in group if each.is_owned]
    workers = len({each.worker for each in owned})
    return ModelFigures(
        organisation=organisation,
        model=model,
        cases=len(group),
        assigned=len(waited),
        waiting_days=middle(waited),
        contacted=len(contacted),
        first_contact_days=middle(contacted),
        visits=visits,
        visits_per_case=share(visits, len(group)),
        closed=closed,
        goals_reached=goals,
        goals_reached_share=share(goals, closed),
        ever_closed=ever,
        reopened=again,
        reopened_share=share(again, ever),
        open=len(owned),
        workers=workers,
        caseload=share(len(owned), workers),
    )
