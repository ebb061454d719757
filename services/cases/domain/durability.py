"""What the follow-up calls after a closing find of the plan's items, and what is decided about the lost ones."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.cases.domain.case import Case
from services.cases.domain.planning import check_items
from services.cases.domain.states import Move
from services.cases.domain.steps import NextStep, Reopening
from services.cases.domain.task import Task
from services.cases.domain.words import Part, Prose
from services.cases.events import CheckedItem, Durability, FollowUpChoice, FollowUpDecided, ItemLost
from shared.errors import DomainError
from shared.events import Event


class FollowUpDecidedAlready(DomainError):
    """What to do about this call's results is decided already."""


class NothingLost(DomainError):
    """This call found nothing lost: there is nothing to decide."""


class FollowUpDecision(Part):
    """What to do about the items that a call found lost, and why."""

    choice: FollowUpChoice
    reason: Prose
    next_step: NextStep | None = Field(None, description="What comes first after a reopening; a call by default")


class FollowUpResult(BaseModel):
    """What one call found. `told_at` is when it was made, by the scheduler's clock."""

    follow_up_id: UUID
    case_id: UUID
    kind: str
    told_at: datetime
    items: tuple[CheckedItem, ...]
    choice: FollowUpChoice | None = None
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def lost(self) -> list[UUID]:
        """The items that it found lost."""
        return [item.task_id for item in self.items if item.status is Durability.LOST]

    def take_over(self, case: Case, tasks: Sequence[Task]) -> tuple[list[UUID], list[UUID], list[Event]]:
        """Put the results on the plan's items: (those that are lost now, those that are not any more, the facts).

        An earlier call never overrules a later one. Each lost item is told once per call, unless a later call has
        found it in place already.
        """
        found = {item.task_id: item.status for item in self.items}
        lost, facts = check_items(case, (self.follow_up_id, self.kind), found, tasks)
        taken = {item.task_id for fact in facts for item in getattr(fact, "items", ())}
        gone = [task for task in tasks if task.id in self.lost and task.durability is Durability.LOST]
        return lost, sorted(taken - set(lost)), [*facts, *(self.told(task) for task in gone)]

    def told(self, task: Task) -> ItemLost:
        """The fact that an item is lost."""
        return ItemLost(
            case_id=task.case_id,
            task_id=task.id,
            domain=task.told_domain,
            organisation=task.organisation,
            follow_up_id=self.follow_up_id,
            kind=self.kind,
        )

    def choices(self, case: Case) -> list[FollowUpChoice]:
        """What can be decided now: nothing without a loss, nor once it is decided; reopening only what is closed."""
        if not self.lost or self.choice is not None:
            return []
        reopen = [FollowUpChoice.REOPEN] if Move.REOPENING in case.allowed() else []
        return [*reopen, FollowUpChoice.NEW_REFERRAL, FollowUpChoice.STABLE]

    def decide(
        self, case: Case, decision: FollowUpDecision, tasks: Sequence[Task], by: tuple[str, datetime], today: date
    ) -> list[Event]:
        """Note what is done about the lost items; a reopening is made at once. `by` is who decides, and when.

        Raises FollowUpDecidedAlready, NothingLost, IllegalStep for a case that is not closed, Unfit for a past day.
        """
        if self.choice is not None:
            raise FollowUpDecidedAlready(facts={"choice": self.choice})
        if not self.lost:
            raise NothingLost
        facts: list[Event] = [
            FollowUpDecided(case_id=self.case_id, follow_up_id=self.follow_up_id, choice=decision.choice)
        ]
        if decision.choice is FollowUpChoice.REOPEN:
            facts.append(case.reopen(Reopening(reason=decision.reason, next_step=decision.next_step), tasks, today))
        self.choice, self.reason = decision.choice, decision.reason
        self.decided_by, self.decided_at = by
        return facts
