"""What scheduler does on the clock: it says when something is due."""

from services.scheduler.handlers.registry import handlers
from services.scheduler.store import CLAIM, FollowUps


@handlers.every(1.0)
async def tell_what_is_due(follow_ups: FollowUps) -> bool:
    """Say of each planned follow-up once that its time has come; true while more may wait."""
    due = await follow_ups.claim_due()
    for follow_up in due:
        await follow_ups.record(follow_up, follow_up.fall_due())
    return len(due) == CLAIM
