"""Follow-ups, attempts and results for tests without any database."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.scheduler.domain import (
    Attempt,
    Calendar,
    Channel,
    FollowUp,
    Item,
    Move,
    Occasion,
    Policy,
    Result,
    Trigger,
    WrongInput,
)
from services.scheduler.events import AskedBy, CheckedItem, Escalation, ItemStatus, MoveReason, Outcome
from services.scheduler.store import SHIPPED

CALENDAR = Calendar()
POLICY = SHIPPED.version("after-closing", 1)
BY_RELATIVE = POLICY.model_copy(update={"escalation": Escalation.RELATIVE})
BY_PRACTITIONER = POLICY.model_copy(update={"escalation": Escalation.GENERAL_PRACTITIONER})
TASK = UUID(int=1)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def follow_up(step: int = 0, closed_on: date = date(2026, 10, 20), policy: Policy = POLICY) -> FollowUp:
    case_id = uuid4()
    closing = Occasion(
        trigger=Trigger.CASE_CLOSED,
        origin_id=case_id,
        case_id=case_id,
        person_id=uuid4(),
        organisation="relais",
        number=1,
        on=closed_on,
        items=(Item(task_id=TASK, domain="housing"),),
    )
    return FollowUp.plan(closing, policy, policy.steps[step], CALENDAR)


def tried(outcome: Outcome, at: datetime = NOW, call_back_on: date | None = None, **more: Any) -> Attempt:
    return Attempt(at=at, channel=Channel.CALL, outcome=outcome, call_back_on=call_back_on, by="nurse", **more)


def found(on: date = NOW.date(), *tasks: UUID, needs: tuple[str, ...] = (), **more: Any) -> Result:
    items = tuple(CheckedItem(task_id=task, status=ItemStatus.LOST) for task in tasks or (TASK,))
    return Result(on=on, items=items, new_needs=needs, by="nurse", **more)


def moved(to: date, reason: MoveReason = MoveReason.IN_HOSPITAL) -> Move:
    return Move(to=to, reason=reason, asked_by=AskedBy.PERSON, by="nurse")


def faults(error: pytest.ExceptionInfo[WrongInput]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in error.value.faults]
