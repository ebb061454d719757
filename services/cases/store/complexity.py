"""The complexity of cases, as assessments told it: a history per referral and person, the newest first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Index, and_, or_, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Field, col, select

from services.cases.domain.complexity import Assessed
from services.cases.domain.weights import Finding
from services.cases.events import OriginKind
from services.cases.store.case_row import CaseRow
from services.cases.store.table import Table
from shared.store import Collection, Json

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class AssessedRow(Table, Assessed, table=True):
    """One assessment of complexity."""

    __tablename__ = "assessed"
    __table_args__ = (
        Index("ix_assessed_referral_id", "referral_id"),
        Index("ix_assessed_person_id", "person_id"),
    )

    id: UUID = Field(primary_key=True)
    findings: dict[str, Finding] = Field(sa_type=Json(dict[str, Finding]))


class Complexities(Collection):
    """What assessments told of complexity."""

    async def learn(self, assessed: Assessed) -> bool:
        """Keep an assessment, once; says whether it is new."""
        return await self.transaction.insert_once(AssessedRow, **dict(assessed))

    async def supersede(self, assessment_id: UUID) -> None:
        """A correction took the place of an assessment: it stays in the history and counts no more."""
        gone = update(AssessedRow).where(col(AssessedRow.id) == assessment_id)
        await self.session.exec(gone.values(superseded=True))

    async def history(self, case_id: UUID, limit: int, after: Sequence[str] | None) -> list[AssessedRow]:
        """At most `limit` + 1 assessments of a case's referral or person, also superseded ones, the newest first."""
        query = select(AssessedRow).join(CaseRow, about(CaseRow)).where(CaseRow.id == case_id)
        if after:
            last = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(AssessedRow.told_at), col(AssessedRow.id)) < last)
        query = query.order_by(col(AssessedRow.told_at).desc(), col(AssessedRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def newest(self, condition: ColumnElement[bool]) -> dict[UUID, AssessedRow]:
        """The assessment that counts for each case that meets a condition: the newest of its referral or its person."""
        query = (
            select(CaseRow.id, AssessedRow)
            .join(AssessedRow, about(CaseRow))
            .where(condition, ~col(AssessedRow.superseded))
            .ext(distinct_on(col(CaseRow.id)))
            .order_by(col(CaseRow.id), col(AssessedRow.told_at).desc(), col(AssessedRow.id).desc())
        )
        return dict((await self.session.exec(query)).all())


def about(case: type[CaseRow]) -> ColumnElement[bool]:
    """Whether an assessment is of a case's referral, or of its person."""
    same_referral = col(AssessedRow.referral_id) == col(case.origin_id)
    of_referral = and_(col(case.origin_kind) == OriginKind.REFERRAL, same_referral)
    return or_(of_referral, col(AssessedRow.person_id) == col(case.person_id))
