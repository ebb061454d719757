"""What scheduler does on the clock: it says when something is due."""

from collections.abc import Sequence

from services.scheduler.handlers.registry import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import CLAIM, Due, FollowUpRow


@handlers.every(1.0)
async def tell_what_is_due(due: Due) -> bool:
    """Say once of each follow-up that is urgent or of the last day that its time has come; true while more may wait."""
    return await tell(due, await due.claim())


@handlers.every(2.0)
async def catch_up(due: Due, settings: Settings) -> bool:
    """Say it of the rest, which waited through days of downtime, at the pace of the setting."""
    return await tell(due, await due.claim_backlog(settings.backlog_per_minute))


async def tell(due: Due, claimed: Sequence[FollowUpRow]) -> bool:
    """Let all that was claimed fall due, in one go; true for a full batch."""
    await due.transaction.record_many([(follow_up, [follow_up.fall_due()]) for follow_up in claimed])
    return len(claimed) == CLAIM
