"""The advice on referrals."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import Field, col, select

from services.assessment.domain import Admission, Advice, ComplexityProfile
from services.assessment.events import ComplexityAssessed
from services.assessment.store.table import About, Table, values_of, visible, within
from shared.auth import Caller
from shared.store import Collection, Json, text_enum


class AdmissionRow(Table, Admission, table=True):
    """The advice on one referral."""

    __tablename__ = "admission"

    id: UUID = Field(primary_key=True)
    referral_id: UUID | None = Field(unique=True)
    person_id: UUID | None = Field(index=True)
    advice: Advice | None = Field(sa_type=text_enum(Advice))
    profile: ComplexityProfile = Field(sa_type=Json(ComplexityProfile))
    version: int


class Admissions(Collection):
    """The advice on referrals, as far as the caller may see it."""

    async def add(self, admission: Admission, fact: ComplexityAssessed) -> bool:
        """Keep an advice and its fact; False when the referral has one already."""
        return await self.transaction.record_new(AdmissionRow, values_of(admission, Admission), fact)

    async def is_advised(self, referral_id: UUID) -> bool:
        """Whether the referral was assessed before."""
        query = select(AdmissionRow.id).where(AdmissionRow.referral_id == referral_id)
        return (await self.session.exec(query)).first() is not None

    async def get(self, admission_id: UUID, caller: Caller) -> AdmissionRow:
        """One advice; raises NotFound."""
        return visible(await self.session.get(AdmissionRow, admission_id), caller)

    async def page(self, caller: Caller, about: About, limit: int, after: Sequence[str] | None) -> list[AdmissionRow]:
        """At most `limit` + 1 rows, newest first."""
        query = select(AdmissionRow).where(*within(AdmissionRow, caller), *about.conditions(AdmissionRow))
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(AdmissionRow.assessed_at), col(AdmissionRow.id)) < place)
        query = query.order_by(col(AdmissionRow.assessed_at).desc(), col(AdmissionRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())
