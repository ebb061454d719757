"""Where scheduler keeps ids of people, and what follows from them: what a merge moves, and its undo moves back."""

from collections.abc import Collection as Ids
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from services.scheduler.store.appointments import AppointmentRow
from services.scheduler.store.campaign_rows import MemberRow
from services.scheduler.store.follow_up_rows import FollowUpRow
from services.scheduler.store.followed import FollowedCaseRow
from services.scheduler.store.last_contacts import LastContactRow
from services.scheduler.store.leases import LeaseRow
from services.scheduler.store.stopped import StoppedRow
from shared.relationships.links import SUBJECT_COLUMNS, Relationships
from shared.relinks import Columns
from shared.store import Collection

PERSON_COLUMNS: Columns = (
    (FollowUpRow, "person_id"),
    (FollowedCaseRow, "person_id"),
    (AppointmentRow, "person_id"),
    (StoppedRow, "person_id"),
    (LastContactRow, "current_id"),
    (MemberRow, "current_id"),
    *SUBJECT_COLUMNS,
)
"""Where a person is the key of a row, the row stays with the record it was told of, and is read by `current_id`."""

_OF_CASES = (FollowUpRow, AppointmentRow, StoppedRow)


class Links(Collection):
    """What hangs on people by more than a column."""

    async def complete(self, people: Ids[UUID]) -> None:
        """Rows of the version before stand for themselves, and say so from now on."""
        for kind in (LastContactRow, MemberRow):
            silent = update(kind).where(col(kind.person_id).in_(people), col(kind.current_id).is_(None))
            await self.session.exec(silent.values(current_id=col(kind.person_id)))

    async def realign(self, kept: UUID, parted: UUID) -> None:
        """What was planned for a case while its person stood for another goes back with the case."""
        for kind in _OF_CASES:
            own = col(kind.case_id) == col(FollowedCaseRow.case_id)
            moved = update(kind).where(own, col(kind.person_id) == kept, col(FollowedCaseRow.person_id) == parted)
            moved = moved.values(person_id=parted).execution_options(synchronize_session=False)
            await self.session.exec(moved)
        theirs = select(FollowedCaseRow.case_id).where(FollowedCaseRow.person_id == parted)
        for case_id in (await self.session.exec(theirs)).all():
            await Relationships(self.transaction).about(case_id, parted)

    async def move_claims(self, people: Ids[UUID]) -> None:
        """A claim is on the person of its follow-up; where that person is claimed already, that claim holds."""
        query = (
            select(LeaseRow.subject_id, FollowUpRow.person_id)
            .join(FollowUpRow, col(FollowUpRow.id) == col(LeaseRow.follow_up_id))
            .where(col(FollowUpRow.person_id).in_(people), col(FollowUpRow.person_id) != col(LeaseRow.subject_id))
        )
        for before, now in (await self.session.exec(query.order_by(col(LeaseRow.until).desc()))).all():
            over = delete(LeaseRow).where(col(LeaseRow.subject_id) == now, col(LeaseRow.until) <= func.relais_now())
            await self.session.exec(over)
            taken = select(LeaseRow.holder).where(LeaseRow.subject_id == now)
            if (await self.session.exec(taken)).first() is None:
                claim = update(LeaseRow).where(col(LeaseRow.subject_id) == before)
                await self.session.exec(claim.values(subject_id=now).execution_options(synchronize_session=False))
