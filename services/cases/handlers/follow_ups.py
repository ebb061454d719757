"""What the follow-up calls find after a closing."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel

from services.cases.domain import Reason
from services.cases.domain.durability import FollowUpResult
from services.cases.events import CheckedItem, Durability
from services.cases.handlers.registry import handlers
from services.cases.store import Agenda, Cases, FollowUpResults, Tasks
from shared.events import Envelope, Reading


class PersonUnreachable(Reading):
    """Nobody answered the follow-up calls."""

    type: ClassVar[str] = "scheduler.person-unreachable.v1"
    follow_up_id: UUID
    case_id: UUID | None


class FoundItem(BaseModel):
    """How the follow-up call found one item of the plan."""

    task_id: UUID
    status: Durability


class FollowUpCompleted(Reading):
    """A follow-up call was made, and each item of the plan was asked for."""

    type: ClassVar[str] = "scheduler.follow-up-completed.v1"
    follow_up_id: UUID
    case_id: UUID | None
    kind: str
    items: list[FoundItem]


@handlers.on(PersonUnreachable)
async def person_unreachable(event: PersonUnreachable, cases: Cases, agenda: Agenda) -> None:
    """Put a person whom the line cannot reach before the meeting."""
    if event.case_id is None:
        return
    case = await cases.get(event.case_id)
    await agenda.raise_line(case.id, Reason.PERSON_UNREACHABLE, case.id, event.follow_up_id)


@handlers.on(FollowUpCompleted)
async def follow_up_completed(
    event: FollowUpCompleted,
    cases: Cases,
    results: FollowUpResults,
    tasks: Tasks,
    agenda: Agenda,
    envelope: Envelope,
) -> None:
    """Note how each item of the plan stands, once per call: a lost one comes before the meeting until it is answered.

    An item that a later call finds again answers its line.
    """
    if event.case_id is None:
        return
    case = await cases.get(event.case_id)
    result = FollowUpResult(
        follow_up_id=event.follow_up_id,
        case_id=case.id,
        kind=event.kind,
        told_at=envelope.time,
        items=tuple(CheckedItem(task_id=item.task_id, status=item.status) for item in event.items),
    )
    if not await results.learn(result):
        return
    lost, found, facts = result.take_over(case, await tasks.of(case.id))
    if facts:
        await cases.keep(case, None, *facts)
    for task_id in lost:
        await agenda.raise_line(case.id, Reason.ITEM_LOST, task_id, event.follow_up_id)
    for task_id in found:
        await agenda.settle_subject(task_id, [Reason.ITEM_LOST])
