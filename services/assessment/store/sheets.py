"""The filled sheets, the refused ones, and whom their referrals are about."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Integer, UniqueConstraint, func, text, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Field, col, select

from services.assessment.domain import Crossed, RaterType, Rejection, Sheet, SheetStatus
from services.assessment.domain.sheet import Answers, Assistance, Result
from services.assessment.events import AnnouncedFault, SheetAmended, SheetCompleted, SheetRejected, SheetRescored
from services.assessment.store.admissions import AdmissionRow
from services.assessment.store.table import About, Related, Table, open_to, values_of
from shared.auth import Caller
from shared.encryption import EncryptedJson, EncryptedText
from shared.errors import Fault
from shared.relinks import Relinks
from shared.requests import SeenVersion
from shared.store import Collection, Json, text_enum

_version = Column("version", Integer, nullable=False)
_draft_version = Column("version", Integer, nullable=False)


class ReferralPersonRow(Table, table=True):
    """Whom a referral is about, null until intake has said so."""

    __tablename__ = "referral_person"

    referral_id: UUID = Field(primary_key=True)
    person_id: UUID | None = Field(default=None, index=True)


class SheetRow(Table, Sheet, table=True):
    """A filled sheet with its result. A referral's sheet is here once, whatever is delivered again."""

    __tablename__ = "sheet"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        Index(
            "uq_sheet_referral_id_identifier",
            "referral_id",
            "identifier",
            unique=True,
            postgresql_where=text("status IN ('completed', 'stopped')"),
        ),
        Index("ix_sheet_person_id_filled_on_id", "person_id", "filled_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    rater: RaterType = Field(sa_type=text_enum(RaterType))
    status: SheetStatus = Field(sa_type=text_enum(SheetStatus))
    assistance: Assistance | None = Field(default=None, sa_type=text_enum(Assistance))
    answers: Answers = Field(sa_type=EncryptedJson(Answers))
    result: Result = Field(sa_type=Json(Result))
    thresholds: tuple[Crossed, ...] = Field(default=(), sa_type=Json(tuple[Crossed, ...]))
    warnings: tuple[Fault, ...] = Field(default=(), sa_type=Json(tuple[Fault, ...]))
    main_problem: str | None = Field(default=None, sa_type=EncryptedText)
    single_wish: str | None = Field(default=None, sa_type=EncryptedText)
    error_reason: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_version)


class ResultRow(Table, table=True):
    """One more result of a sheet, by another version of its instrument or other parameters. The first one stays."""

    __tablename__ = "result"

    sheet_id: UUID = Field(primary_key=True, foreign_key="sheet.id")
    number: int = Field(primary_key=True)
    spec_version: str
    scoring_version: str
    parameters: dict[str, Any] | None = Field(default=None, sa_type=Json(dict[str, Any] | None))
    result: Result = Field(sa_type=Json(Result))
    scored_by: str
    scored_at: datetime


class DraftRow(Table, table=True):
    """A sheet that is being filled: kept as it was typed, judged when it is completed. Nobody is told of it."""

    __tablename__ = "draft"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _draft_version, "version_id_generator": False}

    id: UUID = Field(primary_key=True)
    organisation: str
    person_id: UUID = Field(index=True)
    recorded_by: str
    content: dict[str, Any] = Field(sa_type=EncryptedJson(dict[str, Any]))
    saved_at: datetime
    version: int = Field(default=1, sa_column=_draft_version)


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

    async def get(self, sheet_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> SheetRow:
        """One sheet; raises NotFound, and StaleVersion by `seen`."""
        sheet = await Related(self.transaction).seen(await self.session.get(SheetRow, sheet_id), caller)
        if seen:
            seen.check(sheet)
        return sheet

    async def amend(self, old: SheetRow, correction: Sheet, completed: SheetCompleted, amended: SheetAmended) -> None:
        """Put a correction in the place of a sheet, both or neither."""
        await self.record(old, amended)
        await self.record(SheetRow(**values_of(correction, Sheet), version=0), completed)

    async def of_referral(self, referral_id: UUID) -> list[SheetRow]:
        """The sheets of a referral that count."""
        counts = col(SheetRow.status).in_([SheetStatus.COMPLETED, SheetStatus.STOPPED])
        query = select(SheetRow).where(SheetRow.referral_id == referral_id, counts).order_by(col(SheetRow.id))
        return list((await self.session.exec(query)).all())

    async def newest_of_person(self, person_id: UUID, caller: Caller) -> list[SheetRow]:
        """The newest sheet that counts of each instrument and rater, about a person."""
        today = await Relinks(self.transaction).current(person_id)
        counts = col(SheetRow.status).in_([SheetStatus.COMPLETED, SheetStatus.STOPPED])
        query = (
            select(SheetRow)
            .where(SheetRow.person_id == today, counts, *open_to(SheetRow, caller, self.transaction))
            .ext(distinct_on(col(SheetRow.instrument), col(SheetRow.rater)))
            .order_by(
                col(SheetRow.instrument), col(SheetRow.rater), col(SheetRow.filled_on).desc(), col(SheetRow.id).desc()
            )
        )
        return list((await self.session.exec(query)).all())

    async def add_result(self, sheet: SheetRow, fact: SheetRescored, **values: Any) -> ResultRow:
        """Add a result to a sheet; those before stay."""
        query = select(func.count()).select_from(ResultRow).where(ResultRow.sheet_id == sheet.id)
        number = (await self.session.exec(query)).one() + 2
        await self.record(sheet, fact)
        row = ResultRow(sheet_id=sheet.id, number=number, scored_at=self.transaction.clock.now(), **values)
        self.session.add(row)
        return row

    async def results(self, sheet: SheetRow) -> list[ResultRow]:
        """What was computed after the first result, in order."""
        query = select(ResultRow).where(ResultRow.sheet_id == sheet.id).order_by(col(ResultRow.number))
        return list((await self.session.exec(query)).all())

    async def page(self, caller: Caller, about: About, limit: int, after: Sequence[str] | None) -> list[SheetRow]:
        """At most `limit` + 1 sheets, the latest filled first."""
        about = await about.today(self.transaction)
        query = select(SheetRow).where(*open_to(SheetRow, caller, self.transaction), *about.conditions(SheetRow))
        if after:
            place = (date.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(SheetRow.filled_on), col(SheetRow.id)) < place)
        query = query.order_by(col(SheetRow.filled_on).desc(), col(SheetRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())


class Drafts(Collection):
    """Sheets that are being filled. Losing one costs a few minutes, so they are saved often and told to nobody."""

    async def add(self, draft: DraftRow) -> DraftRow:
        """Keep a new draft."""
        self.session.add(draft)
        await self.session.flush()
        return draft

    async def get(self, draft_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> DraftRow:
        """One draft of the caller's organisation; raises NotFound, and StaleVersion by `seen`."""
        draft = await Related(self.transaction).seen(await self.session.get(DraftRow, draft_id), caller)
        if seen:
            seen.check(draft)
        return draft

    async def save(self, draft: DraftRow, content: dict[str, Any]) -> DraftRow:
        """Keep what was typed since."""
        draft.content, draft.saved_at = content, self.transaction.clock.now()
        draft.version += 1
        await self.session.flush()
        return draft

    async def drop(self, draft: DraftRow) -> None:
        """Forget a draft: it became a sheet, or was given up."""
        await self.session.delete(draft)

    async def of_person(self, person_id: UUID, caller: Caller) -> list[DraftRow]:
        """The drafts about a person."""
        today = await Relinks(self.transaction).current(person_id)
        query = select(DraftRow).where(DraftRow.person_id == today, *open_to(DraftRow, caller, self.transaction))
        return list((await self.session.exec(query.order_by(col(DraftRow.id)))).all())
