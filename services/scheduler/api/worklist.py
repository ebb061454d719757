"""The line's worklist."""

from services.scheduler.api.doors import FollowUpsDep, MayRead, router
from services.scheduler.api.views import WorkItem, keys_of
from services.scheduler.store import When, days_of
from shared.clock import local_date
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep


@router.get("/worklist")
async def read_worklist(
    follow_ups: FollowUpsDep, paging: PagingDep, clock: ClockDep, caller: MayRead, when: When | None = None
) -> Page[WorkItem]:
    """What the line has to do until Sunday, overdue first; `when` narrows it to overdue, today, or today to Sunday."""
    today = local_date(clock)
    rows = await follow_ups.worklist(caller, days_of(when, today), paging.limit, paging.after)
    return paging.page([WorkItem.of(row, today) for row in rows], [keys_of(row) for row in rows])
