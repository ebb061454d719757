"""Pairs of the index that could be one person, found on the clock and worked on by people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, delete, exists, or_, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased
from sqlmodel import Field, col, select

from services.intake.domain import Grade, Reason, compare
from services.intake.store.apart import KnownApartRow
from services.intake.store.persons import PersonRow, Persons, records_of
from services.intake.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.relationships.asked import related
from shared.store import Collection, Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field and exec are not typed for what they take here.

AT_ONCE = 200
"""People held against the index in one look."""

PROPOSED = (Grade.CERTAIN, Grade.PROBABLE)
"""The grades that are worth somebody's look."""


class DuplicateRow(Table, table=True):
    """Two records that could be of one person; the smaller id first."""

    __tablename__ = "possible_duplicate"
    __table_args__ = (
        Index("ix_possible_duplicate_queue", "programme", "grade", "found_at", "one_id", "two_id"),
        Index("ix_possible_duplicate_two_id", "two_id"),
    )

    one_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("person.id")])
    two_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("person.id")])
    programme: str
    grade: Grade = Field(sa_type=text_enum(Grade))
    reasons: tuple[Reason, ...] = Field(sa_type=Json(tuple[Reason, ...]))
    found_at: datetime


ONE, TWO = aliased(PersonRow), aliased(PersonRow)


class Duplicates(Collection):
    """The possible duplicates of the index."""

    async def look(self) -> int:
        """Hold the next people that are new or changed against the index; how many there were.

        Few at a time, so that a large import does not keep the index busy: its people are looked at by and by.
        """
        query = select(PersonRow).where(col(PersonRow.compared_version).is_distinct_from(col(PersonRow.version)))
        query = query.order_by(col(PersonRow.id)).limit(AT_ONCE).with_for_update(skip_locked=True)
        people = (await self.session.exec(query)).all()
        for person in people:
            await self._compare(person)
        for person in people:
            mark = update(PersonRow).where(col(PersonRow.id) == person.id)
            await self.session.exec(mark.values(compared_version=person.version))
        return len(people)

    async def _compare(self, person: PersonRow) -> None:
        found: list[dict[str, Any]] = []
        for other in await Persons(self.transaction).resembling(person, person.programme):
            fit = compare(person, other) if other.id != person.id else None
            if fit and fit.grade in PROPOSED:
                one_id, two_id = sorted((person.id, other.id))
                found.append({"one_id": one_id, "two_id": two_id, "grade": fit.grade, "reasons": fit.reasons})
        pair = tuple_(col(DuplicateRow.one_id), col(DuplicateRow.two_id))
        mine = or_(col(DuplicateRow.one_id) == person.id, col(DuplicateRow.two_id) == person.id)
        still = [(each["one_id"], each["two_id"]) for each in found]
        await self.session.exec(delete(DuplicateRow).where(mine, pair.not_in(still)))
        if found:
            common = {"programme": person.programme, "found_at": self.transaction.clock.now()}
            statement = upsert(DuplicateRow).values([{**each, **common} for each in found])
            fresh = {name: statement.excluded[name] for name in ("grade", "reasons")}
            await self.session.exec(statement.on_conflict_do_update(index_elements=["one_id", "two_id"], set_=fresh))

    async def page(
        self, caller: Caller, grade: Grade | None, limit: int, after: Sequence[str] | None
    ) -> list[tuple[DuplicateRow, PersonRow, PersonRow]]:
        """At most `limit` + 1 pairs, the certain first and then the longest waiting.

        Without records that are merged, and without pairs that are known apart.
        """
        query: Any = select(DuplicateRow, ONE, TWO)
        query = query.join(ONE, ONE.id == DuplicateRow.one_id).join(TWO, TWO.id == DuplicateRow.two_id)
        query = query.where(unmerged(ONE), unmerged(TWO), ~known_apart())
        if caller.scope != Scope.ALL:
            query = query.where(DuplicateRow.programme == caller.organisation)
        now = self.transaction.clock.now()
        query = query.where(related(ONE.id, caller, now), related(TWO.id, caller, now))
        if grade:
            query = query.where(DuplicateRow.grade == grade)
        columns = [col(getattr(DuplicateRow, name)) for name in ("grade", "found_at", "one_id", "two_id")]
        if after:
            place = (Grade(after[0]), datetime.fromisoformat(after[1]), UUID(after[2]), UUID(after[3]))
            query = query.where(tuple_(*columns) > place)
        return list((await self.session.exec(query.order_by(*columns).limit(limit + 1))).all())


def unmerged(record: Any) -> ColumnElement[bool]:
    """Whether a record stands for itself."""
    condition: ColumnElement[bool] = record.merged_into.is_(None)
    return condition


def known_apart() -> Any:
    """Whether somebody has said of a pair, or of records merged into it, that they are two."""
    one, two = col(KnownApartRow.one_id), col(KnownApartRow.two_id)
    mine, theirs = records_of(DuplicateRow.one_id), records_of(DuplicateRow.two_id)
    either = or_(and_(one.in_(mine), two.in_(theirs)), and_(one.in_(theirs), two.in_(mine)))
    return exists().where(either).correlate(DuplicateRow)
