"""The tables of assessment, and all SQL about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Index, UniqueConstraint, tuple_, update
from sqlmodel import Field, SQLModel, col, select

from services.assessment.domain import (
    Admission,
    Advice,
    CardAnswer,
    ComplexityProfile,
    Publication,
    RaterType,
    Rejection,
    Sheet,
    SheetScore,
    SheetStatus,
    load_content,
)
from services.assessment.events import (
    AnnouncedFault,
    ComplexityAssessed,
    InstrumentPublished,
    SheetCompleted,
    SheetRejected,
)
from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.store import Collection, Json, service_registry, text_enum

CONTENT = load_content()
"""The packs that come with the service, read and checked at its start."""


class Table(SQLModel, registry=service_registry()):
    """The registry of this service's tables."""


class PublicationRow(Table, Publication, table=True):
    """That a spec version of an instrument was announced: once, by whichever process came first."""

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("code", "spec_version"),)

    id: UUID = Field(primary_key=True)
    version: int


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


class AdmissionRow(Table, Admission, table=True):
    """The advice on one referral."""

    __tablename__ = "admission"

    id: UUID = Field(primary_key=True)
    referral_id: UUID | None = Field(unique=True)
    person_id: UUID | None = Field(index=True)
    advice: Advice | None = Field(sa_type=text_enum(Advice))
    profile: ComplexityProfile = Field(sa_type=Json(ComplexityProfile))
    version: int


Row = TypeVar("Row", SheetRow, AdmissionRow)


@dataclass(frozen=True)
class About:
    """Which rows are asked for: those of a person, of a referral, or of both."""

    person_id: UUID | None = None
    referral_id: UUID | None = None

    def conditions(self, kind: type[SheetRow] | type[AdmissionRow]) -> list[Any]:
        """The SQL conditions on a table."""
        wanted = ((col(kind.person_id), self.person_id), (col(kind.referral_id), self.referral_id))
        return [column == value for column, value in wanted if value is not None]


def values_of(value: BaseModel, kind: type[BaseModel]) -> Mapping[str, Any]:
    """The columns of a domain object, its parts as they are."""
    return {name: getattr(value, name) for name in kind.model_fields}


def visible(row: Row | None, caller: Caller) -> Row:
    """The row, when the caller may see it; else NotFound."""
    if row is None or (caller.scope != Scope.ALL and row.organisation != caller.organisation):
        raise NotFound
    return row


def within(kind: type[SheetRow] | type[AdmissionRow], caller: Caller) -> list[Any]:
    """The SQL conditions that keep a caller to the own organisation's rows."""
    return [] if caller.scope == Scope.ALL else [col(kind.organisation) == caller.organisation]


class Publications(Collection):
    """What was announced of the instruments."""

    async def add(self, publication: Publication, fact: InstrumentPublished) -> bool:
        """Announce an instrument unless that was done; of any number of processes one does."""
        return await self.transaction.record_new(PublicationRow, values_of(publication, Publication), fact)


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
