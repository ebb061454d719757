"""Follow-ups as they are kept, in the caller's transaction."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text, tuple_
from sqlmodel import col, select

from services.scheduler.domain import FollowUp, IllegalStep, Owner, Status
from services.scheduler.store.absences import Absences
from services.scheduler.store.follow_up_rows import LIVE, WHOM, FollowUpRow
from services.scheduler.store.related import Related, open_to
from services.scheduler.store.selection import Selection
from shared.access import Scope
from shared.auth import Caller
from shared.clock import local_date
from shared.errors import NotFound
from shared.relinks import Relinks
from shared.requests import SeenVersion
from shared.store import Collection

_UNREACHABLE = text("status = 'unreachable'")


class FollowUps(Collection):
    """The follow-ups, as far as the caller may see them."""

    async def plan(self, follow_up: FollowUp) -> bool:
        """Store a follow-up with its first fact, once per case, closing and kind; says whether it was new."""
        return await self.transaction.record_new(FollowUpRow, dict(follow_up), follow_up.planned())

    async def get(self, follow_up_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> FollowUpRow:
        """One follow-up; NotFound when there is none, or none that this caller may see; StaleVersion by `seen`."""
        row = await self.session.get(FollowUpRow, follow_up_id)
        if row is None or not await self._reaches(row, caller):
            raise NotFound
        about = row.person_id or row.case_id or row.origin_id
        await Related(self.transaction).demand(about, caller, is_owed=row.status in LIVE)
        if seen:
            seen.check(row)
        return row

    async def _reaches(self, row: FollowUpRow, caller: Caller) -> bool:
        """Whether a follow-up is within the caller's scope; one's own are also those of whom one stands in for."""
        if caller.scope == Scope.ALL:
            return True
        if caller.scope == Scope.OWN and row.owner is not Owner.CASE_MANAGER:
            return False
        if caller.scope == Scope.OWN:
            today = local_date(self.transaction.clock)
            return row.worker in await Absences(self.transaction).covered_by(caller.subject, today, row.organisation)
        return row.organisation == caller.organisation

    async def workable(self, follow_up_id: UUID, caller: Caller) -> FollowUpRow:
        """One follow-up on which work can go on; NotFound as for `get`, IllegalStep when there is nothing to do."""
        row = await self.get(follow_up_id, caller)
        if not row.has_work:
            raise IllegalStep(facts={"state": row.status, "allowed": [each.value for each in row.allowed()]})
        return row

    async def open_of_person(self, person_id: UUID) -> Sequence[FollowUpRow]:
        """The follow-ups of a person that are not over, of any case or none."""
        live = col(FollowUpRow.status).in_(LIVE)
        today = await Relinks(self.transaction).current(person_id)
        query = select(FollowUpRow).where(FollowUpRow.person_id == today, live).order_by(col(FollowUpRow.id))
        return (await self.session.exec(query)).all()

    async def cancelled(self, follow_up_id: UUID) -> FollowUpRow:
        """A follow-up that was cancelled; NotFound when there is none."""
        row = await self.session.get(FollowUpRow, follow_up_id)
        if row is None or row.status is not Status.CANCELLED:
            raise NotFound
        return row

    async def open_of_case(self, case_id: UUID) -> Sequence[FollowUpRow]:
        """The follow-ups of a case that are not over."""
        live = col(FollowUpRow.status).in_(LIVE)
        query = select(FollowUpRow).where(FollowUpRow.case_id == case_id, live).order_by(col(FollowUpRow.id))
        return (await self.session.exec(query)).all()

    async def unreachable_of(self, person_id: UUID) -> Sequence[FollowUpRow]:
        """The follow-ups that wait for a person to get in touch."""
        today = await Relinks(self.transaction).current(person_id)
        query = select(FollowUpRow).where(FollowUpRow.person_id == today, _UNREACHABLE)
        return (await self.session.exec(query.order_by(col(FollowUpRow.id)))).all()

    async def page(
        self, caller: Caller, wanted: Selection, limit: int, after: Sequence[str] | None
    ) -> Sequence[FollowUpRow]:
        """At most `limit` + 1 follow-ups, those due first first."""
        place = (col(FollowUpRow.due_on), col(FollowUpRow.id))
        if wanted.person_id:
            today = await Relinks(self.transaction).current(wanted.person_id)
            wanted = wanted.model_copy(update={"person_id": today})
        equal = [getattr(FollowUpRow, name) == value for name, value in wanted.equal.items()]
        query = select(FollowUpRow).where(col(FollowUpRow.due_on).between(*wanted.days), *equal)
        if caller.scope != Scope.ALL:
            query = query.where(FollowUpRow.organisation == caller.organisation)
        is_live = col(FollowUpRow.status).in_(LIVE)
        query = query.where(open_to(WHOM, caller, self.transaction.clock.now(), is_live))
        if after:
            query = query.where(tuple_(*place) > (date.fromisoformat(after[0]), UUID(after[1])))
        return (await self.session.exec(query.order_by(*place).limit(limit + 1))).all()
