"""The report of deviations: per organisation, model and step of the pathway, how cases kept to it (S50, G25)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, Field

from services.cases.domain.pathway import Model, Outcome, StepStanding
from services.cases.domain.small_cells import is_clean, is_small, middle, share
from services.cases.domain.words import Part
from services.cases.events import DeviationReason, PathwayStepCode

IN_TIME = frozenset({Outcome.IN_TIME, Outcome.EARLY})


class Observed(Part):
    """One step of one case, with the reasons given for it."""

    organisation: str
    model: Model
    standing: StepStanding
    reasons: tuple[DeviationReason, ...] = ()


class StepFigures(BaseModel):
    """How the cases of an organisation went through one step. Delays are calendar days after the expected day."""

    organisation: str
    model: Model
    step: PathwayStepCode
    cases: int | None = Field(description="Cases whose pathway has this step; null where they are too few to tell")
    due: int | None = Field(description="Of these: done, overdue, or left out when the case ended")
    in_time: int | None
    in_time_share: float | None = Field(description="In time / due")
    late: int | None
    overdue: int | None
    skipped: int | None
    pending: int | None
    out_of_order: int | None
    done: int | None = Field(description="How many the median is of")
    median_delay: float | None = Field(description="Median days after the expected day; negative is before it")
    explained: dict[DeviationReason, int] | None = Field(description="Reasons that were given, by code")
    hidden: bool = False

    def for_outsiders(self) -> "StepFigures":
        """The same without what tells of few people: the parts of a whole are shown together or not at all."""
        counts = (self.late, self.overdue, self.skipped, self.pending, self.in_time, self.done, self.due)
        parts_clean = is_clean(count or 0 for count in counts)
        told = dict(self)
        if is_small(self.cases or 0) or not parts_clean:
            told |= dict.fromkeys(PARTS) | {"hidden": True}
        if is_small(self.cases or 0):
            told["cases"] = None
        wrong = self.out_of_order or 0
        if not is_clean([wrong, (self.cases or 0) - wrong]):
            told |= {"out_of_order": None, "hidden": True}
        if not is_clean((self.explained or {}).values()):
            told |= {"explained": None, "hidden": True}
        return StepFigures(**told)


PARTS = (
    "due",
    "in_time",
    "in_time_share",
    "late",
    "overdue",
    "skipped",
    "pending",
    "out_of_order",
    "done",
    "median_delay",
    "explained",
)


def figures(observed: Iterable[Observed]) -> list[StepFigures]:
    """One row per organisation, model and step, in that order; each case counts once in each row of its own."""
    groups: dict[tuple[str, Model, PathwayStepCode], list[Observed]] = defaultdict(list)
    for each in observed:
        groups[(each.organisation, each.model, each.standing.step)].append(each)
    order = list(PathwayStepCode)
    keys = sorted(groups, key=lambda key: (key[0], key[1], order.index(key[2])))
    return [row(key, groups[key]) for key in keys]


def row(key: tuple[str, Model, PathwayStepCode], group: Sequence[Observed]) -> StepFigures:
    """The figures of one group."""
    organisation, model, step = key
    outcomes = Counter(each.standing.outcome for each in group)
    delays = [each.standing.deviation_days for each in group if each.standing.done_on is not None]
    in_time = sum(outcomes[outcome] for outcome in IN_TIME)
    due = len(group) - outcomes[Outcome.PENDING]
    known = [days for days in delays if days is not None]
    return StepFigures(
        organisation=organisation,
        model=model,
        step=step,
        cases=len(group),
        due=due,
        in_time=in_time,
        in_time_share=share(in_time, due),
        late=outcomes[Outcome.LATE],
        overdue=outcomes[Outcome.OVERDUE],
        skipped=outcomes[Outcome.SKIPPED],
        pending=outcomes[Outcome.PENDING],
        out_of_order=sum(each.standing.out_of_order for each in group),
        done=len(known),
        median_delay=middle(known),
        explained=dict(sorted(Counter(reason for each in group for reason in each.reasons).items())),
    )
