"""Contacts of the past: put on record as they were. Nobody is relayed, oriented or called back by them anew."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import insert, or_
from sqlmodel import col, select

from services.intake.domain import Agent, ImpossibleContact
from services.intake.domain.contact import Account
from services.intake.domain.imports import ColumnMapping, Entry, ImportKind, PastContact, RowState, fingerprint
from services.intake.domain.topics import told as told_topics
from services.intake.events import ContactImported
from services.intake.formats.table import cell_faults, contact_of
from services.intake.store.contacts import ContactRow, Contacts
from services.intake.store.imports import ReferenceRow, References
from services.intake.store.persons import PersonRow, has_niss, standing_id
from shared.clock import BRUSSELS
from shared.erasure.ended import Ended, EndState
from shared.ids import new_id
from shared.spreadsheets import CellFault
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's exec is not typed for statements that are no select.

REUSED = CellFault(column="reference", code="reference-reused")


Known = dict[str, tuple[str, UUID]]
"""The contacts that came in, by reference: what they said, and what they became."""
Named = Mapping[str, Mapping[str, UUID]]
"""The people whom rows name, by column and what stands in it."""


def named_by(told: PastContact, named: Named) -> tuple[UUID | None, CellFault | None]:
    """Whom a contact was about, or that nobody is known so."""
    for column, known in named.items():
        said = getattr(told, column)
        if said is not None:
            found = known.get(str(said))
            return found, None if found else CellFault(column=column, code="unknown")
    return None, None


class ContactImports(Collection):
    """The rows of imports that are contacts."""

    async def take(
        self, entries: Sequence[Entry], programme: str, mapping: ColumnMapping, known: Known, *, dry: bool
    ) -> None:
        """Let these rows enter, or only say what would become of them; `known` are the earlier rows."""
        told = self._read(entries, mapping)
        named = await self._named([contact for _, contact in told], programme)
        references = [contact.reference for _, contact in told]
        kept = await References(self.transaction).of(programme, ImportKind.CONTACTS, references)
        known |= {reference: (row.fingerprint, row.target_id) for reference, row in kept.items()}
        new: list[tuple[ContactRow, str, str]] = []
        for entry, contact in told:
            mark = fingerprint(contact)
            before, target_id = known.get(contact.reference, (None, None))
            if before == mark:
                entry.settle(RowState.KNOWN, target_id)
                continue
            row = self._row(entry, contact, named, programme)
            if row and before:
                entry.reject(REUSED)
            elif row:
                known[contact.reference] = mark, row.id
                entry.settle(RowState.ENTERED, row.id)
                new.append((row, contact.reference, mark))
        if new and not dry:
            await self._keep(new)

    async def _keep(self, new: Sequence[tuple[ContactRow, str, str]]) -> None:
        await Contacts(self.transaction).keep_past([(row, self._fact(row)) for row, _, _ in new])
        references = [
            {"programme": row.programme, "kind": ImportKind.CONTACTS, "target_id": row.id}
            | {"reference": reference, "fingerprint": mark}
            for row, reference, mark in new
        ]
        await (await self.session.connection()).execute(insert(ReferenceRow), references)

    def _read(self, entries: Sequence[Entry], mapping: ColumnMapping) -> list[tuple[Entry, PastContact]]:
        told: list[tuple[Entry, PastContact]] = []
        for entry in entries:
            contact, faults = contact_of(entry.row, mapping)
            if contact is None:
                entry.reject(*faults)
            else:
                told.append((entry, contact))
        return told

    def _row(self, entry: Entry, told: PastContact, named: Named, programme: str) -> ContactRow | None:
        """The contact that a row is, or None when it cannot be one: then the entry says why."""
        person_id, fault = named_by(told, named)
        if fault:
            entry.reject(fault)
        account = Account.model_construct(
            **{name: getattr(told, name) for name in Account.model_fields} | {"person_id": person_id}
        )
        agent = Agent(told.agent, told.discipline, programme)
        try:
            row = ContactRow.record(account, agent, self.transaction.clock.now(), new_id())
        except ImpossibleContact as error:
            entry.reject(*self._blamed(entry, cell_faults(error.faults, ImportKind.CONTACTS)))
            return None
        return None if fault else row

    def _blamed(self, entry: Entry, faults: list[CellFault]) -> list[CellFault]:
        """The faults on cells that are there: an end that was reckoned goes wrong by its beginning or its minutes."""
        if "ended_at" in entry.row.cells:
            return faults
        begins = any(fault.column == "started_at" for fault in faults)
        return [
            CellFault(column="minutes", code=fault.code) if fault.column == "ended_at" else fault
            for fault in faults
            if fault.column != "ended_at" or not begins
        ]

    def _fact(self, row: ContactRow) -> ContactImported:
        return ContactImported(
            contact_id=row.id,
            person_id=row.person_id,
            on=row.started_at.astimezone(BRUSSELS).date(),
            direction=row.direction,
            outcome=row.outcome,
            topics=told_topics(row.topics),
        )

    async def _named(self, told: Sequence[PastContact], programme: str) -> Named:
        """The people of the programme whom these contacts name."""
        references = [each.person_reference for each in told if each.person_reference]
        known = await References(self.transaction).of(programme, ImportKind.PERSONS, references)
        ids = [each.person_id for each in told if each.person_id]
        numbers = [each.person_niss for each in told if each.person_niss]
        query = select(PersonRow.id, PersonRow.niss, standing_id()).where(
            PersonRow.programme == programme, or_(col(PersonRow.id).in_(ids), has_niss(numbers))
        )
        people = (await self.session.exec(query)).all() if ids or numbers else []
        named = {
            "person_id": {str(person_id): current_id for person_id, _, current_id in people},
            "person_reference": {reference: row.target_id for reference, row in known.items()},
            "person_niss": {niss: current_id for _, niss, current_id in people if niss},
        }
        gone = await self._gone({person for found in named.values() for person in found.values()})
        return {
            column: {said: person for said, person in found.items() if person not in gone}
            for column, found in named.items()
        }

    async def _gone(self, people: set[UUID]) -> set[UUID]:
        """Those whose data came to an end: what a list calls them stays known, they take on no past any more."""
        ended = Ended(self.transaction)
        return await ended.among(people, EndState.ERASED) | await ended.among(people, EndState.PSEUDONYMISED)
