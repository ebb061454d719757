"""What a needs profile is made from, and the agreements to share it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer, func, tuple_
from sqlmodel import Field, col, select

from services.assessment.domain import GivenBy, How, ProfileConsent, SheetStatus
from services.assessment.domain.purposes import SHARING
from services.assessment.events import ProfileConsentGiven
from services.assessment.store.admissions import AdmissionRow
from services.assessment.store.sheets import SheetRow
from services.assessment.store.table import Related, Table, open_to, values_of
from shared.agreements import Agreements
from shared.auth import Caller
from shared.errors import NotFound
from shared.relinks import Relinks
from shared.requests import SeenVersion
from shared.store import Collection, text_enum

_version = Column("version", Integer, nullable=False)


class ProfileConsentRow(Table, ProfileConsent, table=True):
    """One agreement to share a profile."""

    __tablename__ = "profile_consent"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    given_by: GivenBy = Field(sa_type=text_enum(GivenBy))
    how: How = Field(sa_type=text_enum(How))
    version: int = Field(default=0, sa_column=_version)


class ProfileConsents(Collection):
    """The agreements to share profiles."""

    async def add(self, consent: ProfileConsent, fact: ProfileConsentGiven) -> ProfileConsentRow:
        """Keep an agreement and its fact."""
        row = ProfileConsentRow(**values_of(consent, ProfileConsent), version=0)
        await self.record(row, fact)
        return row

    async def get(self, consent_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> ProfileConsentRow:
        """One agreement of the caller's organisation; raises NotFound, and StaleVersion by `seen`."""
        consent = await Related(self.transaction).seen(await self.session.get(ProfileConsentRow, consent_id), caller)
        if seen:
            seen.check(consent)
        return consent

    async def page(
        self, person_id: UUID, caller: Caller, limit: int, after: Sequence[str] | None
    ) -> list[ProfileConsentRow]:
        """At most `limit` + 1 agreements of a person, the latest first, those taken back and those over included."""
        kind = ProfileConsentRow
        today = await Relinks(self.transaction).current(person_id)
        query = select(kind).where(kind.person_id == today, *open_to(kind, caller, self.transaction))
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(kind.recorded_at), col(kind.id)) < place)
        query = query.order_by(col(kind.recorded_at).desc(), col(kind.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def standing(self, person_id: UUID, audience: str) -> list[ProfileConsentRow]:
        """The agreements of a person that let this organisation read and were not taken back."""
        ids = await Relinks(self.transaction).standing_for(person_id)
        query = select(ProfileConsentRow).where(
            col(ProfileConsentRow.person_id).in_(ids),
            ProfileConsentRow.audience == audience,
            col(ProfileConsentRow.revoked_at).is_(None),
        )
        return list((await self.session.exec(query.order_by(col(ProfileConsentRow.id)))).all())

    async def in_force(self, person_id: UUID, audience: str, on: date) -> ProfileConsentRow:
        """The agreement that lets this organisation read on that day, the one that lasts longest; raises NotFound."""
        today = await Relinks(self.transaction).current(person_id)
        query = (
            select(ProfileConsentRow)
            .where(
                ProfileConsentRow.person_id == today,
                ProfileConsentRow.audience == audience,
                col(ProfileConsentRow.revoked_at).is_(None),
                col(ProfileConsentRow.until) >= on,
            )
            .order_by(col(ProfileConsentRow.until).desc(), col(ProfileConsentRow.id))
            .limit(1)
        )
        found = (await self.session.exec(query)).first()
        if found is None or not await Agreements(self.transaction).allows(today, SHARING, audience):
            raise NotFound
        return found


class ProfileSources(Collection):
    """What one organisation knows of a person's needs."""

    async def sheets(self, person_id: UUID, organisation: str) -> list[SheetRow]:
        """The sheets that count of the two newest days, for each instrument and rater."""
        day = func.dense_rank().over(
            partition_by=(col(SheetRow.instrument), col(SheetRow.rater)), order_by=col(SheetRow.filled_on).desc()
        )
        today = await Relinks(self.transaction).current(person_id)
        counts = col(SheetRow.status).in_([SheetStatus.COMPLETED, SheetStatus.STOPPED])
        ranked = (
            select(SheetRow.id, day.label("day"))
            .where(SheetRow.person_id == today, SheetRow.organisation == organisation, counts)
            .subquery()
        )
        query = select(SheetRow).join(ranked, col(SheetRow.id) == ranked.c.id).where(ranked.c.day <= 2)
        return list((await self.session.exec(query)).all())

    async def factors(self, person_id: UUID, organisation: str) -> frozenset[str]:
        """The named factors of the newest advice in force."""
        today = await Relinks(self.transaction).current(person_id)
        query = (
            select(AdmissionRow)
            .where(
                AdmissionRow.person_id == today,
                AdmissionRow.organisation == organisation,
                col(AdmissionRow.is_current),
            )
            .order_by(col(AdmissionRow.assessed_at).desc(), col(AdmissionRow.id).desc())
            .limit(1)
        )
        newest = (await self.session.exec(query)).first()
        findings = newest.profile.dimensions if newest else ()
        return frozenset(factor for finding in findings for factor in finding.factors)
