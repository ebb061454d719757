"""The advice on referrals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Integer, text, tuple_
from sqlmodel import Field, col, select

from services.assessment.domain import Admission, Advice, ComplexityProfile, Decision
from services.assessment.events import ComplexityAssessed
from services.assessment.store.table import About, Related, Table, open_to, values_of
from shared.auth import Caller
from shared.encryption import EncryptedJson
from shared.requests import SeenVersion
from shared.store import Collection, Json, text_enum

_version = Column("version", Integer, nullable=False)


class AdmissionRow(Table, Admission, table=True):
    """The advice on one referral."""

    __tablename__ = "admission"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        Index("uq_admission_referral_id", "referral_id", unique=True, postgresql_where=text("is_current")),
    )

    id: UUID = Field(primary_key=True)
    referral_id: UUID | None = Field(default=None)
    person_id: UUID | None = Field(index=True)
    advice: Advice | None = Field(sa_type=text_enum(Advice))
    profile: ComplexityProfile = Field(sa_type=Json(ComplexityProfile))
    measured_by: tuple[UUID, ...] = Field(default=(), sa_type=Json(tuple[UUID, ...]))
    decision: Decision | None = Field(default=None, sa_type=EncryptedJson(Decision | None))
    version: int = Field(default=0, sa_column=_version)


class Admissions(Collection):
    """The advice on referrals, as far as the caller may see it."""

    async def add(self, admission: Admission, fact: ComplexityAssessed) -> bool:
        """Keep an advice and its fact; False when the referral has one already."""
        return await self.transaction.record_new(AdmissionRow, values_of(admission, Admission), fact)

    async def current(self, referral_id: UUID) -> AdmissionRow | None:
        """The advice in force on a referral."""
        query = select(AdmissionRow).where(AdmissionRow.referral_id == referral_id, col(AdmissionRow.is_current))
        return (await self.session.exec(query)).first()

    async def replace(self, old: AdmissionRow, newer: Admission, fact: ComplexityAssessed) -> None:
        """Put a newer advice in the place of the one in force."""
        await self.record(old, old.give_way(newer))
        await self.record(AdmissionRow(**values_of(newer, Admission), version=0), fact)

    async def get(self, admission_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> AdmissionRow:
        """One advice; raises NotFound, and StaleVersion by `seen`."""
        admission = await Related(self.transaction).seen(await self.session.get(AdmissionRow, admission_id), caller)
        if seen:
            seen.check(admission)
        return admission

    async def page(self, caller: Caller, about: About, limit: int, after: Sequence[str] | None) -> list[AdmissionRow]:
        """At most `limit` + 1 rows, newest first."""
        about = await about.today(self.transaction)
        open_rows = open_to(AdmissionRow, caller, self.transaction)
        query = select(AdmissionRow).where(*open_rows, *about.conditions(AdmissionRow))
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(AdmissionRow.assessed_at), col(AdmissionRow.id)) < place)
        query = query.order_by(col(AdmissionRow.assessed_at).desc(), col(AdmissionRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())
