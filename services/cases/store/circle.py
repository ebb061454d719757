"""The circle of care of cases: who belongs to it, who was told of what, and what the general practitioner misses."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text, tuple_
from sqlmodel import Field, col, select

from services.cases.domain.case import Case
from services.cases.domain.circle import MOVES_CIRCLE, Circle
from services.cases.domain.informing import MOVES_MISSING, Information, InformConsent, Missing, missing
from services.cases.domain.membership import Earlier, Member, MemberTerms, Period
from services.cases.events import GpIdentified, GpStatus, InformedBy, KeyStep, MemberKind, Relation, Role
from services.cases.store.case_row import CaseRow
from services.cases.store.table import Table
from services.cases.store.visibility import led_by
from services.cases.store.workers import Workers
from shared.auth import Caller
from shared.clock import local_date
from shared.encryption import EncryptedJson, EncryptedText
from shared.errors import NotFound
from shared.events import Event
from shared.ids import new_id
from shared.store import Collection, Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class MemberRow(Table, Member, table=True):
    """A membership."""

    __tablename__ = "circle_member"
    __table_args__ = (
        Index("ix_circle_member_case_id_id", "case_id", "id"),
        Index("ix_circle_member_person_id", "person_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    kind: MemberKind = Field(sa_type=text_enum(MemberKind))
    role: Role | None = Field(default=None, sa_type=text_enum(Role))
    relation: Relation | None = Field(default=None, sa_type=text_enum(Relation))
    terms: MemberTerms = Field(sa_type=EncryptedJson(MemberTerms))
    periods: tuple[Period, ...] = Field(sa_type=EncryptedJson(tuple[Period, ...]))
    history: tuple[Earlier, ...] = Field(default=(), sa_type=EncryptedJson(tuple[Earlier, ...]))


class InformationRow(Table, Information, table=True):
    """One telling."""

    __tablename__ = "information"
    __table_args__ = (Index("ix_information_case_id_on_id", "case_id", "on", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    case_id: UUID = Field(sa_column_args=[ForeignKey("case.id")])
    member_id: UUID = Field(sa_column_args=[ForeignKey("circle_member.id")])
    step: KeyStep = Field(sa_type=text_enum(KeyStep))
    channel: InformedBy = Field(sa_type=text_enum(InformedBy))
    consent: InformConsent = Field(sa_type=text_enum(InformConsent))
    note: str | None = Field(default=None, sa_type=EncryptedText)


class GpRow(Table, table=True):
    """What is known of a case's general practitioner, and what is missing; a cache of the circle for the worklist."""

    __tablename__ = "general_practitioner"
    __table_args__ = (Index("ix_general_practitioner_to_inform", "case_id", postgresql_where=text("missing <> '[]'")),)

    case_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("case.id")])
    status: GpStatus | None = Field(default=None, sa_type=text_enum(GpStatus))
    missing: tuple[Missing, ...] = Field(default=(), sa_type=Json(tuple[Missing, ...]))


class Circles(Collection):
    """The circles of care."""

    async def of(self, case: Case) -> Circle:
        """The circle of a case as it stands today, past members included, in the order they came."""
        query = select(MemberRow).where(MemberRow.case_id == case.id).order_by(col(MemberRow.id))
        return Circle(case, (await self.session.exec(query)).all(), local_date(self.transaction.clock))

    async def get(self, case_id: UUID, member_id: UUID) -> MemberRow:
        """One membership of this case; raises NotFound."""
        member = await self.session.get(MemberRow, member_id)
        if member is None or member.case_id != case_id:
            raise NotFound
        return member

    def add(self, *members: Member) -> None:
        """Store memberships whose case is recorded already."""
        self.session.add_all([MemberRow(**dict(member)) for member in members])

    def inform(self, information: Information) -> None:
        """Store a telling."""
        self.session.add(InformationRow(**dict(information)))

    async def gp(self, case_id: UUID) -> GpRow:
        """What is known of a case's general practitioner."""
        return await self.session.get(GpRow, case_id) or GpRow(case_id=case_id)

    async def informed(self, case_id: UUID) -> Sequence[InformationRow]:
        """Every telling on a case."""
        return (await self.session.exec(select(InformationRow).where(InformationRow.case_id == case_id))).all()

    async def follow(self, case: Case, facts: Sequence[Event]) -> list[Event]:
        """What recorded facts of a case do to its circle: who belongs to it, and what is missing; the facts of that."""
        if not any(isinstance(fact, MOVES_MISSING) for fact in facts):
            return []
        circle = await self.of(case)
        told: list[Event] = []
        if any(isinstance(fact, MOVES_CIRCLE) for fact in facts):
            new, told = circle.follow(facts, await self._registered(case))
            self.add(*new)
        await self._note_missing(circle, facts)
        return told

    async def _registered(self, case: Case) -> dict[str, MemberTerms]:
        known = await Workers(self.transaction).among(each for each in (case.worker, case.second_worker) if each)
        return {
            subject: MemberTerms(
                employer=worker.employer,
                programme=worker.programme,
                responsible_organisation=worker.organisation,
            )
            for subject, worker in known.items()
        }

    async def _note_missing(self, circle: Circle, facts: Sequence[Event]) -> None:
        row = await self.gp(circle.case.id)
        for fact in facts:
            if isinstance(fact, GpIdentified):
                row.status = fact.status
        row.missing = missing(circle, row.status, await self.informed(circle.case.id))
        self.session.add(row)

    async def informations(self, case_id: UUID, limit: int, after: Sequence[str] | None) -> list[InformationRow]:
        """At most `limit` + 1 tellings on a case, the latest day first."""
        query = select(InformationRow).where(InformationRow.case_id == case_id)
        if after:
            place = (date.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(InformationRow.on), col(InformationRow.id)) < place)
        query = query.order_by(col(InformationRow.on).desc(), col(InformationRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def to_inform(
        self, caller: Caller, worker: str | None, limit: int, after: Sequence[str] | None
    ) -> list[tuple[CaseRow, GpRow]]:
        """At most `limit` + 1 cases that the caller's organisation leads and that miss something, the oldest first."""
        query = (
            select(CaseRow, GpRow)
            .join(GpRow, col(GpRow.case_id) == col(CaseRow.id))
            .where(led_by(caller, self.transaction.clock.now()), text("general_practitioner.missing <> '[]'"))
        )
        if worker:
            query = query.where(CaseRow.worker == worker)
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(CaseRow.opened_at), col(CaseRow.id)) > place)
        query = query.order_by(col(CaseRow.opened_at), col(CaseRow.id))
        return list((await self.session.exec(query.limit(limit + 1))).all())
