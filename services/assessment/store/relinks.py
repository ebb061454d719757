"""Where assessment keeps ids of people: what a merge of two records of one person moves, and its undo moves back."""

from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from services.assessment.store.admissions import AdmissionRow
from services.assessment.store.courses import CourseRow
from services.assessment.store.outcomes import OutcomeRow
from services.assessment.store.profiles import ProfileConsentRow
from services.assessment.store.sheets import DraftRow, ReferralPersonRow, SheetRow
from shared.relationships.links import SUBJECT_COLUMNS, Relationships
from shared.relinks import Columns
from shared.store import Collection

PERSON_COLUMNS: Columns = (
    (ReferralPersonRow, "person_id"),
    (SheetRow, "person_id"),
    (AdmissionRow, "person_id"),
    (CourseRow, "person_id"),
    (OutcomeRow, "person_id"),
    (DraftRow, "person_id"),
    (ProfileConsentRow, "person_id"),
    *SUBJECT_COLUMNS,
)
"""No id of a person stands in JSON here: answers, measures, profiles and decisions name none."""


class Links(Collection):
    """What hangs on people by more than a column."""

    async def realign(self, kept: UUID, parted: UUID) -> None:
        """What was written of a referral or a case while its person stood for another goes back with it."""
        for kind, key, owner, name in (
            (SheetRow, col(SheetRow.referral_id), ReferralPersonRow, col(ReferralPersonRow.referral_id)),
            (AdmissionRow, col(AdmissionRow.referral_id), ReferralPersonRow, col(ReferralPersonRow.referral_id)),
            (CourseRow, col(CourseRow.origin_id), ReferralPersonRow, col(ReferralPersonRow.referral_id)),
            (OutcomeRow, col(OutcomeRow.case_id), CourseRow, col(CourseRow.case_id)),
        ):
            mine: Any = kind
            moved = update(kind).where(key == name, mine.person_id == kept, col(owner.person_id) == parted)
            await self.session.exec(moved.values(person_id=parted).execution_options(synchronize_session=False))
        for source in (
            select(ReferralPersonRow.referral_id).where(ReferralPersonRow.person_id == parted),
            select(CourseRow.case_id).where(CourseRow.person_id == parted),
        ):
            for each in (await self.session.exec(source)).all():
                await Relationships(self.transaction).about(each, parted)
