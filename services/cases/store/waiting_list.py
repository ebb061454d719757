"""The cases that nobody owns yet, with what orders them."""

from dataclasses import dataclass

from sqlalchemy import and_
from sqlmodel import col

from services.cases.domain.caseload import Effort
from services.cases.domain.states import UNOWNED
from services.cases.domain.waiting_list import Request
from services.cases.store.case_row import CaseRow
from services.cases.store.caseload import Caseload
from services.cases.store.complexity import AssessedRow, Complexities
from services.cases.store.visibility import seen_by
from shared.auth import Caller
from shared.store import Collection


@dataclass(frozen=True)
class Waiter:
    """A case that waits, what orders it, what it will weigh, and the assessment behind its complexity."""

    case: CaseRow
    request: Request
    effort: Effort
    assessed: AssessedRow | None


class WaitingList(Collection):
    """The cases that nobody owns yet."""

    async def all(self, caller: Caller) -> list[Waiter]:
        """Everybody on the lists that the caller may see, in no order that matters."""
        waiting = and_(seen_by(caller, self.transaction.clock.now()), col(CaseRow.state).in_(UNOWNED))
        assessed = await Complexities(self.transaction).newest(waiting)
        return [
            Waiter(case, request_of(case, effort), effort, assessed.get(case.id))
            for case, effort in await Caseload(self.transaction).weighed(waiting)
        ]


def request_of(case: CaseRow, effort: Effort) -> Request:
    """What orders a case on the list."""
    return Request(
        case_id=case.id,
        organisation=case.organisation,
        urgency=case.urgency,
        opened_at=case.opened_at,
        level=effort.level,
        points=effort.points,
    )
