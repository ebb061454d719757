"""The routes that only read: a case, the caseload, the agenda."""

from uuid import UUID

from services.cases.api.doors import (
    CasesDep,
    MayRead,
    router,
)
from services.cases.api.stepping import whole
from services.cases.api.views import (
    CaseView,
)
from shared.requests import Tag


@router.get("/{case_id:uuid}")
async def read_case(case_id: UUID, cases: CasesDep, caller: MayRead, tag: Tag) -> CaseView:
    """One case with its phase, owner, next step, plan and tasks."""
    return await whole(tag(await cases.get(case_id, caller)), cases.transaction)
