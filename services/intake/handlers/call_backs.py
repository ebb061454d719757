"""Call-backs on the clock: their time comes, and they escalate when nobody makes them."""

from services.intake.handlers.registry import handlers
from services.intake.store import CallBacks
from services.intake.store.call_backs import CLAIM


@handlers.every(5)
async def tell_due_call_backs(call_backs: CallBacks) -> bool:
    """Say of each call-back once that its time has come; true while more may wait."""
    due = await call_backs.claim_due()
    for call_back in due:
        await call_backs.record(call_back, call_back.fall_due())
    return len(due) == CLAIM


@handlers.every(30)
async def escalate_call_backs(call_backs: CallBacks) -> bool:
    """Give each call-back that nobody made in time to the role that answers for it, once."""
    late = await call_backs.claim_late()
    now, to = call_backs.transaction.clock.now(), call_backs.pace.escalates_to
    for call_back in late:
        await call_backs.record(call_back, call_back.escalate(to, now))
    return len(late) == CLAIM
