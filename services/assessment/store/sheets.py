"""The filled sheets, the refused ones, and whom their referrals are about."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, tuple_, update
from sqlmodel import Field, col, select

from services.assessment.domain import CardAnswer, RaterType, Rejection, Sheet, SheetScore, SheetStatus
from services.assessment.events import AnnouncedFault, SheetCompleted, SheetRejected
from services.assessment.store.admissions import AdmissionRow
from services.assessment.store.table import About, Table, values_of, visible, within
from shared.auth import Caller
from shared.store import Collection, Json, text_enum


class ReferralPersonRow(Table, table=True):
    """Whom a referral is about, null until intake has said so."""

    __tablename__ = "referral_person"

    referral_id: UUID = Field(primary_key=True)
    person_id: UUID | None = None


class SheetRow(Table, Sheet, table=True):
    """A filled sheet with its result. A referral's sheet is here once, whatever is delivered again."""

    __tablename__ = "sheet"
    __table_args__ = (
        UniqueConstraint("referral_id", "identifier"),
        Index("ix_sheet_person_id_filled_on_id", "person_id", "filled_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    rater: RaterType = Field(sa_type=text_enum(RaterType))
    status: SheetStatus = Field(sa_type=text_enum(SheetStatus))
    answers: tuple[CardAnswer, ...] = Field(sa_type=Json(tuple[CardAnswer, ...]))
    result: SheetScore = Field(sa_type=Json(SheetScore))
    version: int


class RejectionRow(Table, Rejection, table=True):
    """A refused sheet of a referral."""

    __tablename__ = "rejection"
    __table_args__ = (UniqueConstraint("referral_id", "identifier"),)

    id: UUID = Field(primary_key=True)
    faults: tuple[AnnouncedFault, ...] = Field(sa_type=Json(tuple[AnnouncedFault, ...]))
    version: int


class ReferralPersons(Collection):
    """Whom the referrals are about, in whichever order the two other services speak."""

    async def of(self, referral_id: UUID) -> UUID | None:
        """The person, if known. Holds the referral until the transaction ends: links come before or after, never
        beside."""
        await self.transaction.insert_once(ReferralPersonRow, referral_id=referral_id)
        query = select(ReferralPersonRow.person_id).where(ReferralPersonRow.referral_id == referral_id)
        return (await self.session.exec(query.with_for_update())).one()

    async def link(self, referral_id: UUID, person_id: UUID) -> None:
        """Note the person, also on what is already assessed for the referral."""
        await self.of(referral_id)
        for kind in (ReferralPersonRow, SheetRow, AdmissionRow):
            mine = col(kind.referral_id) == referral_id
            await self.session.exec(update(kind).where(mine).values(person_id=person_id))


class Sheets(Collection):
    """The filled sheets, as far as the caller may see them."""

    async def add(self, sheet: Sheet, fact: SheetCompleted) -> bool:
        """Keep a sheet and its fact; False when that sheet of the referral is there already."""
        return await self.transaction.record_new(SheetRow, values_of(sheet, Sheet), fact)

    async def reject(self, rejection: Rejection, fact: SheetRejected) -> bool:
        """Keep a refusal and its fact; False when that sheet of the referral was refused already."""
        return await self.transaction.record_new(RejectionRow, values_of(rejection, Rejection), fact)

    async def get(self, sheet_id: UUID, caller: Caller) -> SheetRow:
        """One sheet; raises NotFound."""
        return visible(await self.session.get(SheetRow, sheet_id), caller)

    async def page(self, caller: Caller, about: About, limit: int, after: Sequence[str] | None) -> list[SheetRow]:
        """At most `limit` + 1 sheets, the latest filled first."""
        query = select(SheetRow).where(*within(SheetRow, caller), *about.conditions(SheetRow))
        if after:
            place = (date.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(SheetRow.filled_on), col(SheetRow.id)) < place)
        query = query.order_by(col(SheetRow.filled_on).desc(), col(SheetRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())
