"""What the clock does to shares: they open on their first day, and end after their last."""

from services.cases.events import ShareEnd
from services.cases.handlers.registry import handlers
from services.cases.store import Cases, Shares
from shared.clock import local_date

BATCH = 100


@handlers.every(60)
async def open_and_end_shares(shares: Shares, cases: Cases) -> bool:
    """Open the shares whose day has come, end those whose last day is past."""
    today = local_date(shares.transaction.clock)
    due = await shares.due(today, BATCH)
    for share in due:
        if share.until and share.until < today:
            case = await cases.get(share.case_id)
            await cases.keep(case, None, share.end(ShareEnd.EXPIRED, today))
        else:
            share.is_live = True
    return len(due) == BATCH
