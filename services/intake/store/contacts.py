"""The contacts of the line."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, select

from services.intake.events import Outcome
from services.intake.store.tables import ContactRow, visible
from shared.access import Scope
from shared.auth import Caller
from shared.errors import NotFound
from shared.store import Collection


class Contacts(Collection):
    """The contacts of this service, inside the caller's transaction."""

    async def get(self, contact_id: UUID, caller: Caller) -> ContactRow:
        """One contact; NotFound when there is none that this caller may see."""
        contact = await self.session.get(ContactRow, contact_id)
        if contact is None or not visible(contact, caller):
            raise NotFound
        return contact

    async def page(
        self,
        caller: Caller,
        person_id: UUID | None,
        outcome: Outcome | None,
        limit: int,
        after: Sequence[str] | None,
    ) -> list[ContactRow]:
        """At most `limit` + 1 contacts, the latest first."""
        query = select(ContactRow)
        if caller.scope != Scope.ALL:
            query = query.where(ContactRow.programme == caller.organisation)
        if person_id:
            query = query.where(ContactRow.person_id == person_id)
        if outcome:
            query = query.where(ContactRow.outcome == outcome)
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(ContactRow.started_at), col(ContactRow.id)) < place)
        query = query.order_by(col(ContactRow.started_at).desc(), col(ContactRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())
