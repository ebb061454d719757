"""People of another list: registered, recognised, or for somebody to decide, by the same rules as everywhere."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert, or_
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
from services.intake.events import Decision
from services.intake.formats.table import cell_faults, person_of
from services.intake.store.imports import ImportedRow, ReferenceRow, References
from services.intake.store.persons import HOLD, PersonRow, Persons, bears_any, lock_number
from shared.clock import local_date
from shared.spreadsheets import CellFault
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's exec is not typed for statements that are no select.

REUSED = CellFault(column="reference", code="reference-reused")

Told = list[tuple[Entry, ImportedPerson]]


class PeopleImports(Collection):
    """The rows of imports that are people."""

    async def check(self, entries: Sequence[Entry], programme: str, mapping: ColumnMapping, met: Nearby) -> None:
        """Say what would become of these rows and store nothing; `met` are the people of earlier rows."""
        told, known = await self._read(entries, programme, mapping)
        met.add(await self._near([person for _, person in told], programme))
        for entry, person in told:
            if self._is_settled(entry, person, known):
                continue
            verdict = identify(person, met.of(person))
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
        near: dict[object, PersonRow] = {
            row.id: row for row in await self._near([person for _, person in told], programme)
        }
        met = Nearby()
        met.add(near.values())
        new: list[dict[str, object]] = []
        for entry, person in told:
            if self._is_settled(entry, person, known):
                continue
            verdict = identify(person, met.of(person))
            entry.candidates = () if verdict.known else verdict.candidates
            if verdict.known:
                found = near[verdict.known.person_id]
                await self._complete(found, person, by)
                entry.settle(RowState.KNOWN, found.id)
            elif verdict.candidates:
                entry.settle(RowState.REVIEW)
            else:
                found = await self._register(person, programme, by)
                near[found.id] = found
                met.add([found])
                entry.settle(RowState.ENTERED, found.id)
            new += self._note(person, entry, known)
        if new:
            await self.session.exec(insert(ReferenceRow).values([{**each, "programme": programme} for each in new]))

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
            seen = [each.person_id for each in row.candidates]
            refuse_known(told, await self._near([told], programme), seen)
            person = await self._register(told, programme, by)
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
        could_be = or_(bears_any(marks), col(PersonRow.niss).in_(numbers))
        query = select(PersonRow).where(PersonRow.programme == programme, could_be)
        return list((await self.session.exec(query)).all())

    async def _register(self, told: ImportedPerson, programme: str, by: str) -> PersonRow:
        at: datetime = self.transaction.clock.now()
        person, registered = PersonRow.register(told, programme, at)
        await Persons(self.transaction).keep(person, [registered], by)
        return person

    async def _complete(self, person: PersonRow, told: ImportedPerson, by: str) -> None:
        if updated := person.complete(told):
            await Persons(self.transaction).keep(person, updated, by)
