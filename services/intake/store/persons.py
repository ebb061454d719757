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
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    or_,
    text,
)
from sqlmodel import Field, col, select
from sqlmodel.sql.expression import SelectOfScalar

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
from services.intake.domain.merge import refuse_merged
from services.intake.events import DeathWithdrawn, PersonDied, PersonRegistered, PersonUpdated
from services.intake.store.person_history import change_of
from services.intake.store.table import Table, visible
from services.intake.store.ties import Ties
from shared.access import Scope
from shared.auth import Caller
from shared.encryption import Blind, BlindList, EncryptedJson, EncryptedText, borne
from shared.errors import Fault, NotFound
from shared.ids import new_id
from shared.relationships.asked import related
from shared.relationships.links import Relationships
from shared.store import Collection, text_enum

AT_ONCE = 500
"""How many people are marked anew in one transaction."""

HOLD = text("SELECT pg_advisory_xact_lock(lock) FROM unnest(:locks) AS lock").bindparams(
    bindparam("locks", type_=ARRAY(BigInteger))
)

PersonFact = PersonRegistered | PersonUpdated | PersonDied | DeathWithdrawn

_version = Column("version", Integer, nullable=False)


class PersonRow(Table, Person, table=True):
    """A person of the index; `marks` and `niss_mark` are what candidates are found by: blind, by the key `index_key`.

    `compared_version` is the version in which the person was last held against the others, to find duplicates.
    """

    __tablename__ = "person"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("programme", "niss_mark"),
        Index("ix_person_marks", "marks", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("ix_person_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index("ix_person_uncompared", "id", postgresql_where=text("compared_version IS DISTINCT FROM version")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    programme: str
    family_name: str = Field(sa_type=EncryptedText)
    given_names: str = Field(sa_type=EncryptedText)
    birth_date: date | None = None
    niss: str | None = Field(default=None, sa_type=EncryptedText)
    hospital_numbers: tuple[HospitalNumber, ...] = Field(default=(), sa_type=EncryptedJson(tuple[HospitalNumber, ...]))
    phones: tuple[str, ...] = Field(default=(), sa_type=EncryptedJson(tuple[str, ...]))
    email: str | None = Field(default=None, sa_type=EncryptedText)
    address: Address | None = Field(default=None, sa_type=EncryptedJson(Address, open=("nis_code",)), nullable=True)
    gender: Gender | None = Field(default=None, sa_type=text_enum(Gender), nullable=True)
    language: str | None = None
    contact_points: tuple[ContactPoint, ...] = Field(default=(), sa_type=EncryptedJson(tuple[ContactPoint, ...]))
    preferred_channel: PreferredChannel | None = Field(default=None, sa_type=text_enum(PreferredChannel), nullable=True)
    death_source: DeathSource | None = Field(default=None, sa_type=text_enum(DeathSource), nullable=True)
    merged_into: UUID | None = Field(default=None, sa_column_args=[ForeignKey("person.id")])
    compared_version: int | None = None
    marks_edition: int = Field(default=0, index=True)
    niss_mark: str | None = Field(default=None, sa_type=Blind)
    marks: list[str] = Field(default_factory=list, sa_type=BlindList)
    index_key: str = Field(default="", index=True)
    version: int = Field(default=0, sa_column=_version)


class Persons(Collection):
    """The people of the index, each in one programme's part of it."""

    async def get(self, person_id: UUID, caller: Caller) -> PersonRow:
        """One person, or a record that is merged; NotFound when there is none that this caller is related to today."""
        person = await self.session.get(PersonRow, person_id)
        if person is None or not visible(person, caller):
            raise NotFound
        await Relationships(self.transaction).demand(person.current_id, caller)
        return person

    async def find(self, person_id: UUID) -> PersonRow | None:
        """One person, or a record that is merged, that a fact names; None where there is none any more."""
        return await self.session.get(PersonRow, person_id)

    async def current(self, person_id: UUID, caller: Caller) -> PersonRow:
        """The person that this id stands for, by a merge perhaps another; NotFound."""
        return await self._followed(await self.get(person_id, caller))

    async def changeable(self, person_id: UUID, caller: Caller) -> PersonRow:
        """One person to be changed; NotFound, PersonMerged for a record that stands for another."""
        person = await self.get(person_id, caller)
        refuse_merged(person)
        return person

    async def in_programme(self, person_id: UUID, programme: str, pointer: str = "/person_id") -> PersonRow:
        """The person that an input names, by a merge perhaps under another id.

        Raises UnknownPerson pointing at where it does.
        """
        return await self._followed(await self.exactly(person_id, programme, pointer))

    async def exactly(self, person_id: UUID, programme: str, pointer: str) -> PersonRow:
        """One person, or a record that is merged, that an input names; raises UnknownPerson pointing at where."""
        person = await self.session.get(PersonRow, person_id)
        if person is None or person.programme != programme:
            raise UnknownPerson(faults=[Fault(pointer, "unknown")])
        return person

    async def stands_for(self, person_id: UUID | None) -> UUID | None:
        """Under which id a person is found who is asked for by this one; an unknown one is its own."""
        found = await self.current_ids([person_id]) if person_id else []
        return found[0] if found else person_id

    async def records(self, person_id: UUID) -> list[UUID]:
        """The ids that stand for a person, the own one among them."""
        return list((await self.session.exec(records_of(person_id))).all())

    async def current_ids(self, ids: Iterable[UUID]) -> list[UUID]:
        """What these ids stand for today, each once."""
        query = select(standing_id()).where(col(PersonRow.id).in_(list(ids))).distinct()
        return list((await self.session.exec(query)).all())

    async def currents(self, ids: Iterable[UUID], caller: Caller) -> dict[UUID, PersonRow]:
        """By each of these ids the person that it stands for, as far as the caller may see them."""
        rows = {person.id: person for person in await self.among(ids, caller)}
        kept = {person.id: person for person in await self.with_kept(list(rows.values()))}
        return {person_id: kept[person.current_id] for person_id, person in rows.items()}

    async def among(self, ids: Iterable[UUID], caller: Caller) -> list[PersonRow]:
        """Those of these people and merged records that the caller may see, by name."""
        query = select(PersonRow).where(col(PersonRow.id).in_(list(ids)))
        if caller.scope != Scope.ALL:
            query = query.where(PersonRow.programme == caller.organisation)
        query = query.where(related(standing_id(), caller, self.transaction.clock.now()))
        return sorted((await self.session.exec(query)).all(), key=by_name)

    async def hold(self, identity: Identity, programme: str) -> None:
        """Wait until nobody else is deciding about an identity that could be this one, then keep others waiting.

        Held to the end of the transaction; taken in one order, so that no two wait for each other.
        """
        numbers = sorted({lock_number(programme, lock) for lock in locks(identity)})
        await self.session.exec(HOLD, params={"locks": numbers})  # type: ignore[call-overload]

    async def resembling(self, identity: Identity, programme: str) -> list[PersonRow]:
        """Everybody in the programme who could be this one; `hold` it first when something is decided on them.

        With merged records, which may resemble where the person they stand for does not, and with that person.
        """
        could_be = [bears_any(sorted(shared_marks(identity)))]
        if identity.niss:
            could_be.append(has_niss([identity.niss]))
        query = select(PersonRow).where(PersonRow.programme == programme, or_(*could_be)).order_by(col(PersonRow.id))
        return await self.with_kept(list((await self.session.exec(query)).all()))

    async def with_kept(self, people: list[PersonRow]) -> list[PersonRow]:
        """These people and merged records, with those whom the records stand for."""
        absent = {person.current_id for person in people} - {person.id for person in people}
        if not absent:
            return people
        query = select(PersonRow).where(col(PersonRow.id).in_(absent)).order_by(col(PersonRow.id))
        return people + list((await self.session.exec(query)).all())

    async def keep(self, person: PersonRow, facts: Sequence[PersonFact], by: str = "intake") -> None:
        """Write a person and what it was before; `by` is the subject of who changed it.

        Raises AlreadyRegistered where the NISS is somebody else's. `hold` the person first.
        """
        with self.session.no_autoflush:
            await self._refuse_taken_niss(person)
        if change := change_of(person, person.id, by, self.transaction.clock.now()):
            self.session.add(change)
        self._mark(person)
        is_new = not person.version
        await self.record(person, *facts)
        if is_new:
            await Ties(self.transaction).hold([person])

    async def keep_new(self, people: Sequence[tuple[PersonRow, PersonRegistered]]) -> None:
        """Write people of whom it is decided that they are new, all at once. `hold` them first."""
        for person, _ in people:
            self._mark(person)
        await self.transaction.record_all([(person, [registered]) for person, registered in people])
        await Ties(self.transaction).hold([person for person, _ in people])

    async def mark_anew(self) -> bool:
        """Mark people whose marks were made by older rules; whether more may be waiting."""
        return await self._mark_all(col(PersonRow.marks_edition) < EDITION)

    async def index_anew(self) -> bool:
        """Mark people whose marks another key made, or who were marked in clear; whether more may be waiting."""
        key = self.transaction.keyring.current
        return await self._mark_all(or_(col(PersonRow.index_key) < key, col(PersonRow.index_key) > key))

    async def _mark_all(self, these: ColumnElement[bool]) -> bool:
        query = select(PersonRow).where(these).limit(AT_ONCE)
        rows = (await self.session.exec(query.with_for_update(skip_locked=True))).all()
        for person in rows:
            self._mark(person)
            self.session.add(person)
        return len(rows) == AT_ONCE

    def _mark(self, person: PersonRow) -> None:
        person.marks, person.marks_edition = all_marks(person), EDITION
        person.niss_mark, person.index_key = person.niss, self.transaction.keyring.current

    async def _followed(self, person: PersonRow) -> PersonRow:
        return await self.session.get_one(PersonRow, person.merged_into) if person.merged_into else person

    async def _refuse_taken_niss(self, person: PersonRow) -> None:
        if person.niss is None:
            return
        query = select(PersonRow.id).where(
            PersonRow.programme == person.programme, has_niss([person.niss]), PersonRow.id != person.id
        )
        holder = (await self.session.exec(query)).first()
        if holder:
            raise AlreadyRegistered(facts={"person_id": str(holder)})


def standing_id() -> ColumnElement[UUID]:
    """The person that a record stands for."""
    return func.coalesce(PersonRow.merged_into, PersonRow.id)


def records_of(person_id: Any) -> SelectOfScalar[UUID]:
    """The ids that stand for a person: the own one, and those of the records merged into it."""
    return select(PersonRow.id).where(or_(col(PersonRow.id) == person_id, col(PersonRow.merged_into) == person_id))


def by_name(person: PersonRow) -> tuple[str, str, UUID]:
    """The order of people in a list; the database cannot tell, as it does not know their names."""
    return person.family_name.casefold(), person.given_names.casefold(), person.id


def bears_any(marks: Sequence[str]) -> ColumnElement[bool]:
    """Whether a person bears at least one of these marks."""
    return borne(col(PersonRow.marks), marks)


def bears_all(marks: Sequence[str]) -> ColumnElement[bool]:
    """Whether a person bears each of these marks."""
    return and_(*(borne(col(PersonRow.marks), [mark]) for mark in marks))


def has_niss(numbers: Sequence[str]) -> ColumnElement[bool]:
    """Whether a person has one of these NISS."""
    return borne(col(PersonRow.niss_mark), numbers)


def lock_number(programme: str, lock: str) -> int:
    """The advisory lock of a mark: 64 bits, so that two marks meet by chance practically never."""
    digest = hashlib.blake2b(f"{programme}\0{lock}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
