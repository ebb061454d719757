"""The person index: finding, and deciding one at a time who is new."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    literal,
    or_,
    text,
)
from sqlmodel import Field, col, select

from services.intake.domain import (
    Address,
    AlreadyRegistered,
    Gender,
    HospitalNumber,
    Identity,
    Person,
    Resemblance,
    Terms,
    UnknownPerson,
)
from services.intake.domain.marks import all_marks, locks, shared_marks
from services.intake.domain.resemblance import Grade
from services.intake.events import PersonRegistered, PersonUpdated
from services.intake.store.table import Table, visible
from shared.access import Scope
from shared.auth import Caller
from shared.errors import Fault, NotFound
from shared.ids import new_id
from shared.store import Collection, Json, text_enum

LOOKED_AT = 200
"""How many people a search grades at most: those who share most marks with its terms."""

HOLD = text("SELECT pg_advisory_xact_lock(lock) FROM unnest(:locks) AS lock").bindparams(
    bindparam("locks", type_=ARRAY(BigInteger))
)

ORDER = list(Grade)


_version = Column("version", Integer, nullable=False)


class PersonRow(Table, Person, table=True):
    """A person of the index; `marks` are what candidates are found by."""

    __tablename__ = "person"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("programme", "niss"),
        Index("ix_person_marks", "marks", postgresql_using="gin"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    programme: str
    family_name: str
    given_names: str
    birth_date: date | None = None
    niss: str | None = None
    hospital_numbers: tuple[HospitalNumber, ...] = Field(default=(), sa_type=Json(tuple[HospitalNumber, ...]))
    phones: tuple[str, ...] = Field(default=(), sa_type=Json(tuple[str, ...]))
    email: str | None = None
    address: Address | None = Field(default=None, sa_type=Json(Address), nullable=True)
    gender: Gender | None = Field(default=None, sa_type=text_enum(Gender), nullable=True)
    language: str | None = None
    marks: list[str] = Field(default_factory=list, sa_type=ARRAY(Text))
    version: int = Field(default=0, sa_column=_version)


class Persons(Collection):
    """The people of the index, each in one programme's part of it."""

    async def get(self, person_id: UUID, caller: Caller) -> PersonRow:
        """One person; NotFound when there is none that this caller may see."""
        person = await self.session.get(PersonRow, person_id)
        if person is None or not visible(person, caller):
            raise NotFound
        return person

    async def in_programme(self, person_id: UUID, programme: str) -> PersonRow:
        """One person that an input names; raises UnknownPerson pointing at `person_id`."""
        person = await self.session.get(PersonRow, person_id)
        if person is None or person.programme != programme:
            raise UnknownPerson(faults=[Fault("/person_id", "unknown")])
        return person

    async def among(self, ids: Iterable[UUID], caller: Caller) -> list[PersonRow]:
        """Those of these people that the caller may see, by name."""
        query = select(PersonRow).where(col(PersonRow.id).in_(list(ids)))
        if caller.scope != Scope.ALL:
            query = query.where(PersonRow.programme == caller.organisation)
        query = query.order_by(col(PersonRow.family_name), col(PersonRow.given_names), col(PersonRow.id))
        return list((await self.session.exec(query)).all())

    async def hold(self, identity: Identity, programme: str) -> None:
        """Wait until nobody else is deciding about an identity that could be this one, then keep others waiting.

        Held to the end of the transaction; taken in one order, so that no two wait for each other.
        """
        numbers = sorted({lock_number(programme, lock) for lock in locks(identity)})
        await self.session.exec(HOLD, params={"locks": numbers})  # type: ignore[call-overload]

    async def resembling(self, identity: Identity, programme: str) -> list[PersonRow]:
        """Everybody in the programme who could be this one; `hold` it first when something is decided on them."""
        could_be = [bears_any(sorted(shared_marks(identity)))]
        if identity.niss:
            could_be.append(col(PersonRow.niss) == identity.niss)
        query = select(PersonRow).where(PersonRow.programme == programme, or_(*could_be)).order_by(col(PersonRow.id))
        return list((await self.session.exec(query)).all())

    async def search(self, terms: Terms, caller: Caller, limit: int) -> list[tuple[PersonRow, Resemblance]]:
        """The people that fit the terms best, with grade and reasons."""
        wanted = terms.marks()
        mark = func.unnest(col(PersonRow.marks)).column_valued("mark")
        common = select(func.count(mark)).where(mark.in_(wanted)).scalar_subquery()
        could_be = [bears_any(wanted)]
        if terms.niss:
            could_be.append(col(PersonRow.niss) == terms.niss)
        query = select(PersonRow).where(or_(*could_be))
        if caller.scope != Scope.ALL:
            query = query.where(PersonRow.programme == caller.organisation)
        if terms.niss:
            query = query.order_by((col(PersonRow.niss) == terms.niss).desc().nulls_last())
        query = query.order_by(common.desc(), col(PersonRow.id)).limit(LOOKED_AT)
        fits = [(person, terms.fit(person)) for person in (await self.session.exec(query)).all()]
        found = [(person, fit) for person, fit in fits if fit]
        found.sort(key=lambda each: (ORDER.index(each[1].grade), -len(each[1].reasons)))
        return found[:limit]

    async def keep(self, person: PersonRow, facts: Sequence[PersonRegistered | PersonUpdated]) -> None:
        """Write a person; raises AlreadyRegistered where the NISS is somebody else's. `hold` the person first."""
        with self.session.no_autoflush:
            await self._refuse_taken_niss(person)
        person.marks = all_marks(person)
        await self.record(person, *facts)

    async def _refuse_taken_niss(self, person: PersonRow) -> None:
        if person.niss is None:
            return
        query = select(PersonRow.id).where(
            PersonRow.programme == person.programme, PersonRow.niss == person.niss, PersonRow.id != person.id
        )
        holder = (await self.session.exec(query)).first()
        if holder:
            raise AlreadyRegistered(facts={"person_id": str(holder)})


def bears_any(marks: Sequence[str]) -> ColumnElement[bool]:
    """Whether a person bears at least one of these marks."""
    return col(PersonRow.marks).bool_op("&&")(literal(list(marks), ARRAY(Text)))


def lock_number(programme: str, lock: str) -> int:
    """The advisory lock of a mark: 64 bits, so that two marks meet by chance practically never."""
    digest = hashlib.blake2b(f"{programme}\0{lock}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
