"""The records of outcomes: one that counts per case and point."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Integer, text, update
from sqlmodel import Field, col, select

from services.assessment.domain.course import Point
from services.assessment.domain.outcome import Measures, Outcome, OutcomeRecordedAlready, OutcomeStatus
from services.assessment.events import OutcomeAmended, OutcomeRecorded
from services.assessment.store.courses import among
from services.assessment.store.table import Related, Table, open_to, values_of
from shared.auth import Caller
from shared.encryption import EncryptedJson, EncryptedText
from shared.relinks import Relinks
from shared.requests import SeenVersion
from shared.store import Collection, text_enum

_version = Column("version", Integer, nullable=False)


class OutcomeRow(Table, Outcome, table=True):
    """The record of one point of one case."""

    __tablename__ = "outcome"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        Index(
            "uq_outcome_case_id_point",
            "case_id",
            "point",
            unique=True,
            postgresql_where=text("status = 'recorded'"),
        ),
        Index("ix_outcome_case_id", "case_id"),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID
    person_id: UUID | None = Field(default=None, index=True)
    point: Point = Field(sa_type=text_enum(Point))
    measures: Measures = Field(sa_type=EncryptedJson(Measures))
    status: OutcomeStatus = Field(sa_type=text_enum(OutcomeStatus))
    withdrawn_for: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_version)


class Outcomes(Collection):
    """The records of outcomes, as far as the caller may see them."""

    async def add(self, outcome: Outcome, fact: OutcomeRecorded) -> None:
        """Keep a record and its fact; raises OutcomeRecordedAlready for the second one of a point."""
        if not await self.transaction.record_new(OutcomeRow, values_of(outcome, Outcome), fact):
            raise OutcomeRecordedAlready

    async def amend(self, old: OutcomeRow, correction: Outcome, facts: tuple[OutcomeAmended, OutcomeRecorded]) -> None:
        """Put a correction in the place of a record, both or neither."""
        await self.record(old, facts[0])
        await self.record(OutcomeRow(**values_of(correction, Outcome), version=0), facts[1])

    async def get(self, outcome_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> OutcomeRow:
        """One record; raises NotFound, and StaleVersion by `seen`."""
        outcome = await Related(self.transaction).seen(await self.session.get(OutcomeRow, outcome_id), caller)
        if seen:
            seen.check(outcome)
        return outcome

    async def current(self, *case_ids: UUID) -> list[OutcomeRow]:
        """The records that count of these cases."""
        counts = OutcomeRow.status == OutcomeStatus.RECORDED
        query = select(OutcomeRow).where(among(OutcomeRow.case_id, case_ids), counts)
        return list((await self.session.exec(query.order_by(col(OutcomeRow.id)))).all())

    async def name_person(self, case_id: UUID, person_id: UUID) -> None:
        """Link the person of a case to its records."""
        await self.session.exec(
            update(OutcomeRow).where(col(OutcomeRow.case_id) == case_id).values(person_id=person_id)
        )

    async def page(
        self, caller: Caller, about: dict[str, UUID], limit: int, after: Sequence[str] | None
    ) -> list[OutcomeRow]:
        """At most `limit` + 1 rows, newest first."""
        if person_id := about.get("person_id"):
            about = {**about, "person_id": await Relinks(self.transaction).current(person_id)}
        wanted = [getattr(OutcomeRow, name) == value for name, value in about.items()]
        query = select(OutcomeRow).where(*open_to(OutcomeRow, caller, self.transaction), *wanted)
        if after:
            query = query.where(col(OutcomeRow.id) < UUID(after[0]))
        return list((await self.session.exec(query.order_by(col(OutcomeRow.id).desc()).limit(limit + 1))).all())
