"""The corrections of contacts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, col, select

from services.intake.domain.amendment import Amendment, AmendmentReason, Changes, Explanation, amend
from services.intake.domain.contact import Agent
from services.intake.events import Outcome
from services.intake.store.contacts import ContactRow, Contacts
from services.intake.store.gaps import Gaps
from services.intake.store.relays import Relays
from services.intake.store.table import Table
from services.intake.store.ties import Ties
from shared.encryption import EncryptedJson, EncryptedText
from shared.events import Event
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class AmendmentRow(Table, Amendment, table=True):
    """One correction of a contact: never changed, never deleted."""

    __tablename__ = "contact_amendment"

    contact_id: UUID = Field(primary_key=True, foreign_key="contact.id")
    number: int = Field(primary_key=True)
    reason: AmendmentReason = Field(sa_type=text_enum(AmendmentReason))
    before: dict[str, Any] = Field(sa_type=EncryptedJson(dict[str, Any]))
    after: dict[str, Any] = Field(sa_type=EncryptedJson(dict[str, Any]))
    amended_at: datetime
    explanation: str | None = Field(default=None, sa_type=EncryptedText)


class Amendments(Collection):
    """The corrections of contacts."""

    async def add(self, contact: ContactRow, changes: Changes, why: Explanation, by: Agent) -> AmendmentRow:
        """Correct a contact; raises ImpossibleContact, UnknownPerson, NothingAmended."""
        contacts, now = Contacts(self.transaction), self.transaction.clock.now()
        with self.session.no_autoflush:
            before, fact = amend(contact, changes, now)
            commune = await contacts.refuse_unknown(contact, "/changes")
            facts: list[Event] = [fact]
            if before.get("person_id") and contact.outcome is Outcome.RELAYED:
                facts += await Relays(self.transaction).correct(contact, before["person_id"])
        await contacts.record(contact, *facts)
        await Ties(self.transaction).wrote_down(contact)
        if {"topics", "started_at"} & before.keys():
            await contacts.index_topics(contact)
        await Gaps(self.transaction).note_contact(contact, commune)
        row = AmendmentRow.of(contact, before, why, by, now)
        self.session.add(row)
        await self.session.flush()
        return row

    async def of(self, contact_id: UUID) -> Sequence[AmendmentRow]:
        """The corrections of a contact in order."""
        query = select(AmendmentRow).where(AmendmentRow.contact_id == contact_id).order_by(col(AmendmentRow.number))
        return (await self.session.exec(query)).all()
