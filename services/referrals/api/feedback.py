"""Feedback to a hospital: what became of the people it sent."""

import csv
import io
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query, Response

from services.referrals.api.doors import router
from services.referrals.domain.document import Code, Day
from services.referrals.domain.exchange import OutgoingFaults
from services.referrals.domain.feedback import Feedback
from services.referrals.store import FollowedReferrals
from shared.access import May, Scope
from shared.auth import Caller
from shared.errors import Fault, NotFound
from shared.requests import opened

FollowedDep = Annotated[FollowedReferrals, Depends(opened(FollowedReferrals))]
MayReadFeedback = Annotated[Caller, Depends(May("feedback:read"))]
First = Annotated[Day, Query(alias="from", description="First day of receipt, in Belgium")]
Last = Annotated[Day, Query(alias="to", description="Last day of receipt, in Belgium")]
Whose = Annotated[Code | None, Query(description="For a coordinator: one sender, by default all")]
LONGEST = timedelta(days=3 * 366)


async def measured(
    followed: FollowedDep, caller: MayReadFeedback, first: First, last: Last, organisation: Whose = None
) -> Feedback:
    """The feedback that a request asks for; NotFound for another organisation's than a hospital's own."""
    if last < first:
        raise OutgoingFaults(faults=[Fault("/query/to", "before-from")])
    if last - first > LONGEST:
        raise OutgoingFaults(faults=[Fault("/query/to", "out-of-range")])
    sender = organisation if caller.scope == Scope.ALL else caller.organisation
    if organisation not in (None, sender):
        raise NotFound
    return Feedback.of(await followed.received(first, last, sender))


FeedbackDep = Annotated[Feedback, Depends(measured)]


@router.get("/feedback")
async def read_feedback(feedback: FeedbackDep) -> Feedback:
    """Acceptance, delays, outcomes and readmissions of the referrals received in a period (three years at most)."""
    return feedback


@router.get("/feedback.csv", response_class=Response)
async def export_feedback(feedback: FeedbackDep) -> Response:
    """The same as a table of three columns: measure, part, value (UTF-8 with BOM, for spreadsheets)."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";")
    writer.writerow(("measure", "part", "value"))
    writer.writerows(feedback.rows())
    headers = {"content-disposition": 'attachment; filename="feedback.csv"'}
    return Response("\ufeff" + table.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
