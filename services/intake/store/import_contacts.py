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
from services.intake.store.persons import PersonRow
from shared.clock import BRUSSELS
from shared.ids import new_id
from shared.spreadsheets import CellFault
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's exec is not typed for statements that are no select.

REUSED = CellFault(column="reference", code="reference-reused")


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
        self, entries: Sequence[Entry], programme: str, mapping: ColumnMapping, known: dict[str, str], *, dry: bool
    ) -> None:
        """Let these rows enter, or only say what would become of them; `known` are the earlier rows' references."""
        told = self._read(entries, mapping)
        named = await self._named([contact for _, contact in told], programme)
        before = await References(self.transaction).of(
            programme, ImportKind.CONTACTS, [contact.reference for _, contact in told]
        )
        known |= {reference: row.fingerprint for reference, row in before.items()}
        new: list[dict[str, object]] = []
        for entry, contact in told:
            mark = fingerprint(contact)
            if contact.reference in known:
                self._again(entry, known[contact.reference] == mark, before.get(contact.reference))
                continue
            row = self._row(entry, contact, named, programme)
            if row is None:
                continue
            known[contact.reference] = mark
            entry.settle(RowState.ENTERED, row.id)
            new.append({"reference": contact.reference, "target_id": row.id, "fingerprint": mark})
            if not dry:
                await self._keep(row)
        if new and not dry:
            common = {"programme": programme, "kind": ImportKind.CONTACTS}
            await self.session.exec(insert(ReferenceRow).values([{**each, **common} for each in new]))

    def _read(self, entries: Sequence[Entry], mapping: ColumnMapping) -> list[tuple[Entry, PastContact]]:
        told: list[tuple[Entry, PastContact]] = []
        for entry in entries:
            contact, faults = contact_of(entry.row, mapping)
            if contact is None:
                entry.reject(*faults)
            else:
                told.append((entry, contact))
        return told

    def _again(self, entry: Entry, is_same: bool, before: ReferenceRow | None) -> None:
        if is_same:
            entry.settle(RowState.KNOWN, before.target_id if before else None)
        else:
            entry.reject(REUSED)

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

    async def _keep(self, row: ContactRow) -> None:
        contacts = Contacts(self.transaction)
        fact = ContactImported(
            contact_id=row.id,
            person_id=row.person_id,
            on=row.started_at.astimezone(BRUSSELS).date(),
            direction=row.direction,
            outcome=row.outcome,
            topics=told_topics(row.topics),
        )
        await contacts.record(row, fact)
        await contacts.index_topics(row)

    async def _named(self, told: Sequence[PastContact], programme: str) -> Named:
        """The people of the programme whom these contacts name."""
        references = [each.person_reference for each in told if each.person_reference]
        known = await References(self.transaction).of(programme, ImportKind.PERSONS, references)
        ids = [each.person_id for each in told if each.person_id]
        numbers = [each.person_niss for each in told if each.person_niss]
        query = select(PersonRow.id, PersonRow.niss).where(
            PersonRow.programme == programme, or_(col(PersonRow.id).in_(ids), col(PersonRow.niss).in_(numbers))
        )
        people = (await self.session.exec(query)).all() if ids or numbers else []
        return {
            "person_id": {str(person_id): person_id for person_id, _ in people},
            "person_reference": {reference: row.target_id for reference, row in known.items()},
            "person_niss": {niss: person_id for person_id, niss in people if niss},
        }
