"""Where referrals keeps ids of people: what a merge of two records of one person moves, and its undo moves back."""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.referrals.store.outgoing import OutgoingRow
from services.referrals.store.overlaps import FollowedPersonRow
from services.referrals.store.referrals import ReferralRow
from shared.relationships.links import SUBJECT_COLUMNS, Relationships
from shared.relinks import Columns
from shared.store import Collection

PERSON_COLUMNS: Columns = (
    (ReferralRow, "person_id"),
    (OutgoingRow, "person_id"),
    (FollowedPersonRow, "person_id"),
    *SUBJECT_COLUMNS,
)
"""No id of a person stands in JSON here: a document names its person by what the sender wrote, never by our id."""


class Links(Collection):
    """What hangs on people by more than a column."""

    async def realign(self, kept: UUID, parted: UUID) -> None:
        """What a referral led to while its person stood for another goes back with it: its case, and who is asked."""
        cases = select(col(ReferralRow.case_id)).where(col(ReferralRow.person_id) == parted)
        await self._move(FollowedPersonRow, col(FollowedPersonRow.case_id).in_(cases), kept, parted)
        first = aliased(OutgoingRow)
        theirs = select(col(ReferralRow.id)).where(col(ReferralRow.person_id) == parted)
        chains = select(col(first.chain_id)).where(col(first.person_id) == parted)
        followed = select(col(FollowedPersonRow.case_id)).where(col(FollowedPersonRow.person_id) == parted)
        hangs = or_(
            col(OutgoingRow.based_on).in_(theirs),
            col(OutgoingRow.chain_id).in_(theirs),
            col(OutgoingRow.chain_id).in_(chains),
            col(OutgoingRow.case_id).in_(followed),
        )
        await self._move(OutgoingRow, hangs, kept, parted)
        for source in (theirs, followed):
            for each in (await (await self.session.connection()).execute(source)).scalars().all():
                await Relationships(self.transaction).about(each, parted)

    async def _move(self, kind: type[Any], which: Any, kept: UUID, parted: UUID) -> None:
        moved = update(kind).where(which, kind.person_id == kept).values(person_id=parted)
        await self.session.exec(moved.execution_options(synchronize_session=False))
