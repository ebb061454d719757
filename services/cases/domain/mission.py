"""The mission-boundary register: tasks done outside the mission, and why nobody else did them (S20, S49, G25)."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.domain.life_domain import SENSITIVE, LifeDomain
from services.cases.domain.pathway import Model
from services.cases.domain.small_cells import LIMIT, is_small
from services.cases.domain.task import MissionReason
from services.cases.domain.words import Part


class OutsideTask(Part):
    """One task outside the mission, as coded."""

    task_id: UUID
    case_id: UUID
    organisation: str
    model: Model
    accountable: str
    reason: MissionReason
    domain: LifeDomain

    @property
    def key(self) -> tuple[str, Model, str, MissionReason, LifeDomain]:
        """The row that it counts in."""
        return self.organisation, self.model, self.accountable, self.reason, self.domain


class BoundaryRow(BaseModel):
    """The tasks of one kind: for whom, by which model, answered for by whom, why, in which domain of life."""

    organisation: str = Field(description="The organisation that leads the cases")
    model: Model
    accountable: str = Field(description="The organisation that answers for the tasks")
    reason: MissionReason
    domain: LifeDomain
    tasks: int
    cases: int


class Register(BaseModel):
    """The register of a period."""

    rows: list[BoundaryRow]
    tasks: int = Field(description="The tasks of the rows that are shown")
    hidden_rows: int = Field(description="Rows about too few people to be shown")


def register(tasks: Iterable[OutsideTask]) -> Register:
    """The register: each coded task counts in exactly one row."""
    groups: dict[tuple[str, Model, str, MissionReason, LifeDomain], list[OutsideTask]] = defaultdict(list)
    for each in tasks:
        groups[each.key].append(each)
    rows = [
        BoundaryRow(
            organisation=key[0],
            model=key[1],
            accountable=key[2],
            reason=key[3],
            domain=key[4],
            tasks=len(groups[key]),
            cases=len({each.case_id for each in groups[key]}),
        )
        for key in sorted(groups)
    ]
    return Register(rows=rows, tasks=sum(each.tasks for each in rows), hidden_rows=0)


def for_outsiders(tasks: Iterable[OutsideTask], limit: int = LIMIT) -> Register:
    """The register for whoever does not work on the cases: sensitive domains under `other`, small rows left out."""
    coarse = [
        each.model_copy(update={"domain": LifeDomain.OTHER}) if each.domain in SENSITIVE else each for each in tasks
    ]
    rows = register(coarse).rows
    shown = [each for each in rows if not is_small(each.cases, limit)]
    return Register(rows=shown, tasks=sum(each.tasks for each in shown), hidden_rows=len(rows) - len(shown))
