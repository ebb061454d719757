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
    literal,
    or_,
    text,
)
from sqlmodel import Field, col, select

from services.intake.domain import (
    Address,
    AlreadyRegistered,
    ContactPoint,
    DeathSource,
    Gender,
    HospitalNumber,
    Identity,
    Person,
    PreferredChannel,
    UnknownPerson,
)
from services.intake.domain.marks import EDITION, all_marks, locks, shared_marks
from services.intake.events import DeathWithdrawn, PersonDied, PersonRegistered, PersonUpdated
from services.intake.store.person_history import change_of
from services.intake.store.table import Table, visible
from shared.access import Scope
from shared.auth import Caller
from shared.errors import Fault, NotFound
from shared.ids import new_id
from shared.store import Collection, Json, text_enum

AT_ONCE = 500
"""How many people are marked anew in one transaction."""

HOLD = text("SELECT pg_advisory_xact_lock(lock) FROM unnest(:locks) AS lock").bindparams(
    bindparam("locks", type_=ARRAY(BigInteger))
)

PersonFact = PersonRegistered | PersonUpdated | PersonDied | DeathWithdrawn

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
    contact_points: tuple[ContactPoint, ...] = Field(default=(), sa_type=Json(tuple[ContactPoint, ...]))
    preferred_channel: PreferredChannel | None = Field(default=None, sa_type=text_enum(PreferredChannel), nullable=True)
    death_source: DeathSource | None = Field(default=None, sa_type=text_enum(DeathSource), nullable=True)
    marks_edition: int = Field(default=0, index=True)
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

    async def in_programme(self, person_id: UUID, programme: str, pointer: str = "/person_id") -> PersonRow:
        """One person that an input names; raises UnknownPerson pointing at where it does."""
        person = await self.session.get(PersonRow, person_id)
        if person is None or person.programme != programme:
            raise UnknownPerson(faults=[Fault(pointer, "unknown")])
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

    async def keep(self, person: PersonRow, facts: Sequence[PersonFact], by: str = "intake") -> None:
        """Write a person and what it was before; `by` is the subject of who changed it.

        Raises AlreadyRegistered where the NISS is somebody else's. `hold` the person first.
        """
        with self.session.no_autoflush:
            await self._refuse_taken_niss(person)
        if change := change_of(person, person.id, by, self.transaction.clock.now()):
            self.session.add(change)
        person.marks, person.marks_edition = all_marks(person), EDITION
        await self.record(person, *facts)

    async def mark_anew(self) -> bool:
        """Mark people whose marks were made by older rules; whether more may be waiting."""
        query = select(PersonRow).where(col(PersonRow.marks_edition) < EDITION).limit(AT_ONCE)
        rows = (await self.session.exec(query.with_for_update(skip_locked=True))).all()
        for person in rows:
            person.marks, person.marks_edition = all_marks(person), EDITION
            self.session.add(person)
        return len(rows) == AT_ONCE

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


def bears_all(marks: Sequence[str]) -> ColumnElement[bool]:
    """Whether a person bears each of these marks."""
    return col(PersonRow.marks).bool_op("@>")(literal(list(marks), ARRAY(Text)))


def lock_number(programme: str, lock: str) -> int:
    """The advisory lock of a mark: 64 bits, so that two marks meet by chance practically never."""
    digest = hashlib.blake2b(f"{programme}\0{lock}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
