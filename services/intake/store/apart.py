"""Pairs of people who look alike and of whom somebody has said that they are two."""

from collections.abc import Collection as Many
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, ForeignKey, Uuid, any_, delete, func, literal, or_
from sqlalchemy.orm import aliased
from sqlmodel import Field, col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.intake.store.persons import PersonRow, records_of
from services.intake.store.table import Table
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class ApartOrigin(StrEnum):
    """By what it was said: for itself, by an undone merge, or by deciding that an incoming person is somebody new."""

    SAID = "said"
    MERGE_UNDONE = "merge-undone"
    REVIEW = "review"


class KnownApartRow(Table, table=True):
    """Two records that are not of one person; the smaller id first."""

    __tablename__ = "known_apart"

    one_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("person.id")])
    two_id: UUID = Field(primary_key=True, index=True, sa_column_args=[ForeignKey("person.id")])
    programme: str
    origin: ApartOrigin = Field(sa_type=text_enum(ApartOrigin))
    said_by: str
    said_at: datetime


@dataclass(frozen=True)
class KnownOther:
    """Somebody whom a person is known not to be."""

    other_id: UUID
    origin: ApartOrigin
    said_by: str
    said_at: datetime


ONE, TWO = aliased(PersonRow), aliased(PersonRow)


class Apart(Collection):
    """The pairs that are known apart; a merged record counts as the person that it stands for."""

    async def say(self, person: PersonRow, others: Iterable[UUID], origin: ApartOrigin, by: str) -> None:
        """Remember that a person is none of these."""
        for other_id in others:
            one_id, two_id = sorted((person.id, other_id))
            values: dict[str, Any] = {"one_id": one_id, "two_id": two_id, "programme": person.programme}
            values |= {"origin": origin, "said_by": by, "said_at": self.transaction.clock.now()}
            await self.transaction.insert_once(KnownApartRow, **values)

    async def take_back(self, person_id: UUID, other_id: UUID) -> bool:
        """Forget that two are apart; whether it was said."""
        mine, theirs = records_of(person_id), records_of(other_id)
        one, two = col(KnownApartRow.one_id), col(KnownApartRow.two_id)
        either = or_(one.in_(mine) & two.in_(theirs), one.in_(theirs) & two.in_(mine))
        return bool((await self.session.exec(delete(KnownApartRow).where(either))).rowcount)

    async def of(self, person_id: UUID) -> list[KnownOther]:
        """Whom a person is known not to be, the last said first."""
        query = self._pairs().where(or_(current(ONE) == person_id, current(TWO) == person_id))
        rows = (await self.session.exec(query.order_by(col(KnownApartRow.said_at).desc()))).all()
        found: dict[UUID, KnownOther] = {}
        for row, one, two in rows:
            other = two if one == person_id else one
            found.setdefault(other, KnownOther(other, row.origin, row.said_by, row.said_at))
        return list(found.values())

    async def among(self, ids: Many[UUID]) -> frozenset[frozenset[UUID]]:
        """The pairs among these people."""
        if len(ids) < 2:
            return frozenset()
        mine = bearing(ids)
        both = col(KnownApartRow.one_id).in_(mine), col(KnownApartRow.two_id).in_(mine)
        rows = await self.session.exec(self._pairs().where(*both))
        return frozenset(frozenset((one, two)) for _, one, two in rows.all())

    def _pairs(self) -> Any:
        query: Any = select(KnownApartRow, current(ONE), current(TWO))
        return query.join(ONE, ONE.id == KnownApartRow.one_id).join(TWO, TWO.id == KnownApartRow.two_id)


def current(record: Any) -> ColumnElement[UUID]:
    """The person that a record stands for."""
    return func.coalesce(record.merged_into, record.id)


def bearing(ids: Many[UUID]) -> SelectOfScalar[UUID]:
    """The records that stand for these people, of whom there may be thousands: told as one list, not one by one."""
    told = any_(literal(list(ids), ARRAY(Uuid)))
    return select(PersonRow.id).where(or_(col(PersonRow.id) == told, col(PersonRow.merged_into) == told))
