"""The requests to the case managers: one per person while one is open."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text, update
from sqlmodel import Field, col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.intake.domain import Contact
from services.intake.events import CaseManagementRequested, RelayRepeated, RelayWithdrawn, Urgency
from services.intake.store.persons import records_of
from services.intake.store.table import Table
from services.intake.store.ties import Ties
from shared.events import Event
from shared.ids import new_id
from shared.store import Collection, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_OPEN = text("NOT over")


class RelayRow(Table, table=True):
    """A request to the case managers; its id is what they know it by. Over once its case is closed or declined."""

    __tablename__ = "relay"
    __table_args__ = (
        Index("uq_relay_programme_person_id_open", "programme", "person_id", unique=True, postgresql_where=_OPEN),
    )

    id: UUID = Field(primary_key=True)
    programme: str
    person_id: UUID = Field(sa_column_args=[ForeignKey("person.id")])
    urgency: Urgency = Field(sa_type=text_enum(Urgency))
    requested_at: datetime
    case_id: UUID | None = Field(default=None, index=True)
    over: bool = False


class Relays(Collection):
    """The requests to the case managers."""

    async def ask(self, contact: Contact, request_id: UUID) -> UUID:
        """The one open request for a contact's person: a new one by this id, or the one that is there already."""
        values: dict[str, Any] = {
            "id": request_id,
            "programme": contact.programme,
            "person_id": contact.person_id,
            "urgency": contact.urgency,
            "requested_at": self.transaction.clock.now(),
            "over": False,
        }
        known = (await self.session.exec(self._open(contact))).first()
        if known:
            return known
        if await self.transaction.insert_once(RelayRow, **values):
            if contact.person_id:
                await Ties(self.transaction).asked_for(request_id, [contact.person_id], contact.programme)
            return request_id
        return (await self.session.exec(self._open(contact))).one()

    def _open(self, contact: Contact) -> SelectOfScalar[UUID]:
        """The open request of a person, by whichever record; where a merge brought two together, the first asked."""
        mine = col(RelayRow.person_id).in_(records_of(contact.person_id))
        query = select(RelayRow.id).where(RelayRow.programme == contact.programme, mine, _OPEN)
        return query.order_by(col(RelayRow.requested_at), col(RelayRow.id)).limit(1)

    async def correct(self, contact: Contact, named: UUID) -> list[Event]:
        """Ask for the person whom a relay was meant for; the request for the one named by mistake is withdrawn."""
        facts: list[Event] = []
        if contact.person_id is None or contact.urgency is None or contact.request_id is None:
            return facts
        relay = await self.session.get(RelayRow, contact.request_id)
        if relay and await self._is_of(relay, named) and await self._has_no_other(relay.id, contact.id):
            relay.over = True
            self.session.add(relay)
            await self.session.flush()
            await Ties(self.transaction).answered(relay.id, self.transaction.clock.now())
            facts.append(RelayWithdrawn(request_id=relay.id, person_id=named))
        fresh = new_id()
        contact.request_id = await self.ask(contact, fresh)
        told: dict[str, Any] = {
            "request_id": contact.request_id,
            "person_id": contact.person_id,
            "urgency": contact.urgency,
        }
        if contact.request_id == fresh:
            return [*facts, CaseManagementRequested(**told)]
        return [*facts, RelayRepeated(**told, contact_id=contact.id)]

    async def _is_of(self, relay: RelayRow, person_id: UUID) -> bool:
        return relay.person_id in (await self.session.exec(records_of(person_id))).all()

    async def _has_no_other(self, request_id: UUID, contact_id: UUID) -> bool:
        query = text("SELECT EXISTS (SELECT FROM contact WHERE request_id = :request AND id <> :contact)")
        found = await self.session.exec(query, params={"request": request_id, "contact": contact_id})
        return not found.scalar()

    async def note_case(self, request_id: UUID, case_id: UUID) -> None:
        """A case was opened for a request."""
        await self.session.exec(update(RelayRow).where(col(RelayRow.id) == request_id).values(case_id=case_id))

    async def end(self, case_id: UUID) -> None:
        """The case of a request is closed or declined: the next relay of the person is a new request."""
        await self.session.exec(update(RelayRow).where(col(RelayRow.case_id) == case_id).values(over=True))
