"""People of another list: registered, recognised, or for somebody to decide, by the same rules as everywhere."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, column, insert, inspect, text
from sqlmodel import col, select

from services.intake.domain import AlreadyDecided, Identity, Person, identify, refuse_half_choice, refuse_known
from services.intake.domain.imports import (
    ColumnMapping,
    Entry,
    ImportedPerson,
    ImportKind,
    Nearby,
    RowState,
    fingerprint,
)
from services.intake.domain.marks import locks, shared_marks
from services.intake.events import Decision, PersonRegistered
from services.intake.formats.table import cell_faults, person_of
from services.intake.store.apart import Apart, ApartOrigin
from services.intake.store.imports import ImportedRow, ReferenceRow, References
from services.intake.store.persons import HOLD, PersonRow, Persons, lock_number
from shared.clock import local_date
from shared.encryption import Sought
from shared.spreadsheets import CellFault
from shared.store import Collection, Transaction

# mypy: disable-error-code="call-overload"
# SQLModel's exec is not typed for statements that are no select.

TABLE = inspect(PersonRow).local_table
NEAR = (
    text("""
        SELECT bearer.id FROM unnest(:marks) AS mark JOIN person AS bearer ON bearer.marks @> ARRAY[mark]
        UNION SELECT id FROM person WHERE programme = :programme AND niss_mark = ANY(:numbers)
    """)
    .bindparams(
        bindparam("marks", type_=Sought.in_column(TABLE.c.marks)),
        bindparam("numbers", type_=Sought.in_column(TABLE.c.niss_mark)),
    )
    .columns(column("id", Uuid))
)
"""Who bears any of many marks or numbers, each looked up by itself: `&&` with hundreds of marks takes a second for ten
thousand people, and the planner, who thinks it cheap, would read them all."""

REUSED = CellFault(column="reference", code="reference-reused")

Told = list[tuple[Entry, ImportedPerson]]


class Arrivals(Collection):
    """The people of some rows: known ones, and new ones that are written together."""

    def __init__(self, transaction: Transaction, by: str) -> None:
        super().__init__(transaction)
        self.by = by
        self.met = Nearby()
        self._people: dict[UUID, PersonRow] = {}
        self._fresh: list[tuple[PersonRow, PersonRegistered]] = []

    def know(self, people: Sequence[PersonRow], apart: Iterable[frozenset[UUID]] = ()) -> None:
        """These people could be met; of some pairs it is known that they are two."""
        self.met.add(people, apart)
        self._people |= {person.id: person for person in people}

    def register(self, told: ImportedPerson, programme: str) -> UUID:
        """Somebody new, to be written."""
        person, registered = PersonRow.register(told, programme, self.transaction.clock.now())
        self._fresh.append((person, registered))
        self.know([person])
        return person.id

    async def complete(self, person_id: UUID, told: ImportedPerson) -> None:
        """Add what was missing; who is new so far is written first, as her history begins there."""
        await self.write()
        person = self._people[person_id]
        if updated := person.complete(told):
            await Persons(self.transaction).keep(person, updated, self.by)

    async def write(self) -> None:
        """Write those who are new so far."""
        await Persons(self.transaction).keep_new(self._fresh)
        self._fresh.clear()


class PeopleImports(Collection):
    """The rows of imports that are people."""

    async def check(self, entries: Sequence[Entry], programme: str, mapping: ColumnMapping, met: Nearby) -> None:
        """Say what would become of these rows and store nothing; `met` are the people of earlier rows."""
        told, known = await self._read(entries, programme, mapping)
        people = await self._near([person for _, person in told], programme)
        met.add(people, await self._apart(people))
        for entry, person in told:
            if self._is_settled(entry, person, known):
                continue
            verdict = identify(person, met.of(person), met.apart)
            entry.candidates = verdict.candidates
            if verdict.known:
                entry.settle(RowState.KNOWN, verdict.known.person_id)
            elif verdict.candidates:
                entry.settle(RowState.REVIEW)
            else:
                fresh, _ = Person.register(person, programme, self.transaction.clock.now())
                met.add([fresh])
                entry.settle(RowState.ENTERED, fresh.id)
            self._note(person, entry, known)

    async def take(self, entries: Sequence[Entry], programme: str, mapping: ColumnMapping, by: str) -> None:
        """Let these rows enter; nobody else decides meanwhile on any of the people they could be."""
        told, known = await self._read(entries, programme, mapping)
        await self._hold([person for _, person in told], programme)
        arrivals = Arrivals(self.transaction, by)
        people = await self._near([person for _, person in told], programme)
        arrivals.know(people, await self._apart(people))
        new: list[dict[str, object]] = []
        for entry, person in told:
            if not self._is_settled(entry, person, known):
                await self._settle(entry, person, programme, arrivals)
                new += self._note(person, entry, known)
        await arrivals.write()
        if new:
            connection = await self.session.connection()
            await connection.execute(insert(ReferenceRow), [{**each, "programme": programme} for each in new])

    async def _settle(self, entry: Entry, told: ImportedPerson, programme: str, arrivals: "Arrivals") -> None:
        verdict = identify(told, arrivals.met.of(told), arrivals.met.apart)
        entry.candidates = () if verdict.known else verdict.candidates
        if verdict.known:
            await arrivals.complete(verdict.known.person_id, told)
            entry.settle(RowState.KNOWN, verdict.known.person_id)
        elif verdict.candidates:
            entry.settle(RowState.REVIEW)
        else:
            entry.settle(RowState.ENTERED, arrivals.register(told, programme))

    async def decide(
        self, row: ImportedRow, choice: tuple[Decision, PersonRow | None], mapping: ColumnMapping, who: tuple[str, str]
    ) -> PersonRow:
        """Say once who a row in review is; `who` is the programme and the subject that decides.

        Raises AlreadyDecided, AlreadyRegistered, UnknownPerson.
        """
        decision, person = choice
        programme, by = who
        if row.state is not RowState.REVIEW or row.content is None:
            raise AlreadyDecided(facts={"state": row.state, "allowed": []})
        refuse_half_choice(decision, person.id if person else None)
        told, _ = person_of(row.content, mapping)
        if told is None:
            raise AlreadyDecided(facts={"state": row.state, "allowed": []})
        await self._hold([told], programme)
        entry = Entry(row.content)
        if person:
            await self._complete(person, told, by)
            entry.settle(RowState.KNOWN, person.id)
        else:
            seen = await Persons(self.transaction).current_ids(each.person_id for each in row.candidates)
            refuse_known(told, await self._near([told], programme), seen)
            person = await self._register(told, programme, by)
            await Apart(self.transaction).say(person, seen, ApartOrigin.REVIEW, by)
            entry.settle(RowState.ENTERED, person.id)
        for each in self._note(told, entry, {}):
            await self.transaction.insert_once(ReferenceRow, **each, programme=programme)
        row.end(entry)
        row.decided_by, row.decided_at = by, self.transaction.clock.now()
        self.session.add(row)
        return person

    async def _read(
        self, entries: Sequence[Entry], programme: str, mapping: ColumnMapping
    ) -> tuple[Told, dict[str, ReferenceRow]]:
        today = local_date(self.transaction.clock)
        told: Told = []
        for entry in entries:
            person, faults = person_of(entry.row, mapping)
            if person:
                faults += cell_faults(list(person.faults_on(today)), mapping.kind)
            if person is None or faults:
                entry.reject(*faults)
            else:
                told.append((entry, person))
        named = [person.reference for _, person in told if person.reference]
        return told, await References(self.transaction).of(programme, ImportKind.PERSONS, named)

    def _is_settled(self, entry: Entry, person: ImportedPerson, known: Mapping[str, ReferenceRow]) -> bool:
        """Whether its reference says it all: the same again, or reused for other content."""
        before = known.get(person.reference or "")
        if before is None:
            return False
        if before.fingerprint == fingerprint(person):
            entry.settle(RowState.KNOWN, before.target_id)
        else:
            entry.reject(REUSED)
        return True

    def _note(self, person: ImportedPerson, entry: Entry, known: dict[str, ReferenceRow]) -> list[dict[str, object]]:
        """What is to be kept of its reference, known from now on."""
        if person.reference is None or entry.target_id is None:
            return []
        named, target_id, mark = person.reference, entry.target_id, fingerprint(person)
        known[named] = ReferenceRow(
            programme="", kind=ImportKind.PERSONS, reference=named, target_id=target_id, fingerprint=mark
        )
        return [{"kind": ImportKind.PERSONS, "reference": named, "target_id": target_id, "fingerprint": mark}]

    async def _hold(self, people: Sequence[Identity], programme: str) -> None:
        """`Persons.hold` for many at once: in one order too, so that no two wait for each other."""
        numbers = sorted({lock_number(programme, lock) for person in people for lock in locks(person)})
        await self.session.exec(HOLD, params={"locks": numbers})

    async def _near(self, people: Sequence[Identity], programme: str) -> list[PersonRow]:
        """Everybody in the index who could be one of them."""
        if not people:
            return []
        marks = sorted({mark for person in people for mark in shared_marks(person)})
        numbers = [person.niss for person in people if person.niss]
        could_be = NEAR.bindparams(marks=marks, numbers=numbers, programme=programme)
        query = select(PersonRow).where(PersonRow.programme == programme, col(PersonRow.id).in_(could_be))
        return await Persons(self.transaction).with_kept(list((await self.session.exec(query)).all()))

    async def _apart(self, people: Sequence[PersonRow]) -> frozenset[frozenset[UUID]]:
        return await Apart(self.transaction).among({person.current_id for person in people})

    async def _register(self, told: ImportedPerson, programme: str, by: str) -> PersonRow:
        at: datetime = self.transaction.clock.now()
        person, registered = PersonRow.register(told, programme, at)
        await Persons(self.transaction).keep(person, [registered], by)
        return person

    async def _complete(self, person: PersonRow, told: ImportedPerson, by: str) -> None:
        if updated := person.complete(told):
            await Persons(self.transaction).keep(person, updated, by)
