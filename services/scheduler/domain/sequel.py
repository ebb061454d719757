"""The other call that the result of a follow-up asks for."""

from services.scheduler.domain.calendar import Calendar, instant_of
from services.scheduler.domain.follow_up import FollowUp
from services.scheduler.domain.policy import Policy
from services.scheduler.events import ItemStatus

CALL_AGAIN = "call-again"
"""The kind of a follow-up that the result of another one asks for."""


def sequel(done: FollowUp, policy: Policy, calendar: Calendar) -> FollowUp | None:
    """The other call, about the items that are not in place; None where the result asks for none.

    It hangs on the follow-up before it, so that it exists once, and on the same case, whose reopening ends it too.
    """
    if done.result is None or done.result.next_on is None:
        return None
    day = calendar.on_or_after(done.result.next_on)
    firm = {item.task_id for item in done.result.items if item.status is ItemStatus.IN_PLACE}
    return FollowUp(
        trigger=done.trigger,
        origin_id=done.id,
        occasion=1,
        kind=CALL_AGAIN,
        case_id=done.case_id,
        person_id=done.person_id,
        organisation=done.organisation,
        programme=done.programme,
        owner=done.owner,
        worker=done.worker,
        risk=done.risk,
        policy=policy.code,
        policy_version=policy.version,
        counted_from=done.result.on,
        planned_on=day,
        due_on=day,
        slot=policy.slot,
        due_at=instant_of(day, policy.slot, policy.clock_zone),
        items=tuple(item for item in done.items if item.task_id not in firm),
    )
