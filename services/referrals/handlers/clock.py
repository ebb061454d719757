"""The response clock: whoever has to answer is reminded."""

from services.referrals.domain import awaited, deadline
from services.referrals.handlers.registry import handlers
from services.referrals.store import Referrals

AT_ONCE = 50


@handlers.every(60)
async def remind(referrals: Referrals) -> bool:
    """Tell of every answer that is late, once per reminder, and set the next one."""
    now = referrals.transaction.clock.now()
    late = await referrals.overdue(now, AT_ONCE)
    for referral in late:
        waits_for = awaited(referral.state)
        again = deadline(referral.state, referral.urgency, now, referrals.response_times)
        if waits_for and again:
            await referrals.record(referral, referral.remind(waits_for, again))
    return len(late) == AT_ONCE
