"""Who else follows the person of a case: other cases, and what other organisations were asked for this person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Index, and_, exists, func, or_, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import Field, col, select

from services.cases.domain import ENDED, Case
from services.cases.domain.overlap import OVER
from services.cases.events import OriginKind
from services.cases.store.case_row import CaseRow
from services.cases.store.origins import OriginRow
from services.cases.store.table import Table
from services.cases.store.visibility import SUBJECT, held_by, seen_by
from shared.acting import SERVICE
from shared.auth import Caller
from shared.relationships.asked import related
from shared.store import Collection

MOST = 50
"""Lines of each kind that one answer gives."""


class AskedRow(Table, table=True):
    """Our copy of a demand to an organisation of the network: codes, and whom it is about where that was told.

    `based_on` is the incoming referral that it continues; `in_use` says that the service was accessed or used.
    """

    __tablename__ = "asked_elsewhere"
    __table_args__ = (
        Index("ix_asked_elsewhere_person_id", "person_id"),
        Index("ix_asked_elsewhere_based_on", "based_on"),
    )

    outgoing_id: UUID = Field(primary_key=True)
    organisation: str | None = None
    person_id: UUID | None = None
    based_on: UUID | None = None
    state: str = "received"
    in_use: bool = False
    asked_at: datetime


@dataclass(frozen=True)
class OtherCase:
    """Another case of the same person that has not ended; `case` is None where the caller may not see it."""

    organisation: str
    case: CaseRow | None


class Overlaps(Collection):
    """Who else follows the person of a case."""

    async def learn(self, outgoing_id: UUID, **known: object) -> None:
        """Note what an event told of a demand; what it did not tell stays."""
        values = {
            "outgoing_id": outgoing_id,
            "asked_at": self.transaction.clock.now(),
            "state": "received",
            "in_use": False,
            **known,
        }
        copy = insert(AskedRow).values(values)
        await self.session.exec(copy.on_conflict_do_update(index_elements=["outgoing_id"], set_=known))

    async def cases(self, case: Case, caller: Caller) -> list[OtherCase]:
        """The other cases of the person that have not ended, the oldest first."""
        if case.person_id is None:
            return []
        same = (CaseRow.person_id == case.person_id, CaseRow.id != case.id, col(CaseRow.state).not_in(ENDED))
        query = select(CaseRow.id, CaseRow.organisation).where(*same).order_by(col(CaseRow.opened_at), col(CaseRow.id))
        # Of the others' cases the rule tells who leads them, and no more: the rows are those that the caller sees.
        async with self.transaction.in_name_of(SERVICE):
            others = (
                await self.session.exec(query.order_by(col(CaseRow.opened_at), col(CaseRow.id)).limit(MOST))
            ).all()
        rows = (
            await self.session.exec(select(CaseRow).where(*same, seen_by(caller, self.transaction.clock.now())))
        ).all()
        seen = {row.id: row for row in rows}
        return [OtherCase(organisation, seen.get(case_id)) for case_id, organisation in others]

    async def asked(self, case: Case) -> list[AskedRow]:
        """What organisations do for the person, or are asked to do, the oldest first."""
        if case.person_id is None:
            return []
        referred = select(OriginRow.id).where(
            OriginRow.kind == OriginKind.REFERRAL, OriginRow.person_id == case.person_id
        )
        about = or_(
            col(AskedRow.person_id) == case.person_id,
            and_(col(AskedRow.person_id).is_(None), col(AskedRow.based_on).in_(referred)),
        )
        query = select(AskedRow).where(about, running(), col(AskedRow.organisation).is_not(None))
        query = query.order_by(col(AskedRow.asked_at), col(AskedRow.outgoing_id))
        return list((await self.session.exec(query.limit(MOST))).all())

    async def page(self, caller: Caller, limit: int, after: Sequence[str] | None) -> list[tuple[CaseRow, int]]:
        """At most `limit` + 1 cases that the caller's organisation leads and whose person others follow too.

        With the number of other cases; the oldest first.
        """
        other = aliased(CaseRow)
        others = (
            select(func.count())
            .select_from(other)
            .where(
                other.person_id == CaseRow.person_id,
                other.id != CaseRow.id,
                col(other.state).not_in(ENDED),
            )
            .correlate(CaseRow)
            .scalar_subquery()
        )
        asked = exists().where(col(AskedRow.person_id) == col(CaseRow.person_id), running())
        counted = select(col(CaseRow.id), others).where(
            held_by(caller), col(CaseRow.state).not_in(ENDED), or_(others > 0, asked)
        )
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            counted = counted.where(tuple_(col(CaseRow.opened_at), col(CaseRow.id)) > place)
        counted = counted.order_by(col(CaseRow.opened_at), col(CaseRow.id))
        # Others' cases count, whoever leads them; the rows are those that the caller sees.
        async with self.transaction.in_name_of(SERVICE):
            counts = dict((await self.session.exec(counted.limit(limit + 1))).all())
        mine = related(SUBJECT, caller, self.transaction.clock.now())
        rows = (await self.session.exec(select(CaseRow).where(col(CaseRow.id).in_(counts), mine))).all()
        seen = {row.id: row for row in rows}
        return [(seen[case_id], count) for case_id, count in counts.items() if case_id in seen]


def running() -> ColumnElement[bool]:
    """Whether a demand is not over, or the service is in use."""
    return or_(col(AskedRow.state).not_in(OVER), col(AskedRow.in_use))
