"""Who is related to a person by what intake knows: the programme that has them, the line that they spoke with."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, or_

from services.intake.domain import CallBack, Contact, Person
from services.intake.domain.draft import Draft, named_in
from shared.auth import Caller
from shared.permissions.reasons import RelationReason
from shared.relationships.asked import related
from shared.relationships.links import Holder, Relation, Relationships
from shared.store import Collection

MOST = 50
"""How many people one question may be about."""


class Ties(Collection):
    """The relationships that intake itself begins and ends."""

    @property
    def links(self) -> Relationships:
        """The kernel's links."""
        return Relationships(self.transaction)

    @property
    def duty(self) -> timedelta:
        """How long a call opens the record of whom it was about."""
        settings = self.transaction.settings
        return settings.line_duty if settings else timedelta(hours=72)

    async def hold(self, people: Iterable[Person]) -> None:
        """The programme has these people in its index: whoever coordinates it answers for them."""
        now = self.transaction.clock.now()
        each = [
            Relation(person.id, Holder(person.programme), RelationReason.COORDINATION, person.id, now)
            for person in people
        ]
        await self.links.begin(*each, at=now, is_latest=True)

    async def on_duty(self, source: UUID, people: Iterable[UUID | None], programme: str, *, ends: bool = True) -> None:
        """The line has to do with these people because of a record: for some hours, or until its end is told.

        The first of them is whom it is about; it may name others, such as a relative who called.
        """
        now = self.transaction.clock.now()
        until = now + self.duty if ends else None
        named = zip(("", "caller"), people, strict=False)
        each = [
            Relation(person, Holder(programme), RelationReason.LINE_DUTY, part_of(source, name), now, until)
            for name, person in named
            if person
        ]
        await self.links.begin(*each, at=now, is_latest=True)

    async def wrote_down(self, contact: Contact) -> None:
        """A contact was recorded, or is about somebody else than it was thought."""
        await self.on_duty(contact.id, (contact.person_id, contact.caller_person_id), contact.programme)

    async def writes(self, draft: Draft) -> None:
        """A contact is being written."""
        await self.on_duty(draft.id, named_in(draft.content), draft.programme)

    async def owes(self, call_back: CallBack) -> None:
        """A call is owed, or no longer."""
        await self.on_duty(call_back.id, (call_back.person_id,), call_back.programme, ends=not call_back.is_open)

    async def lapsed(self, outage_id: UUID, people: Iterable[UUID], programme: str) -> None:
        """The line lost sight of these people in an outage, and has to find them again."""
        now = self.transaction.clock.now()
        each = [
            Relation(person, Holder(programme), RelationReason.LINE_DUTY, part_of(outage_id, str(person)), now)
            for person in people
        ]
        await self.links.begin(*each, at=now, is_latest=True)

    async def found_again(self, outage_id: UUID, person_id: UUID, programme: str) -> None:
        """Somebody who was lost sight of in an outage was reached."""
        await self.on_duty(part_of(outage_id, str(person_id)), (person_id,), programme)

    async def asked_for(self, source: UUID, people: Iterable[UUID], programme: str) -> None:
        """A request or a referral is about somebody, or may be about one of several; it awaits its answer."""
        now = self.transaction.clock.now()
        each = [
            Relation(person, Holder(programme), RelationReason.REFERRAL, place_of(source, place), now)
            for place, person in enumerate(islice(people, MOST))
        ]
        await self.links.begin(*each, at=now, is_latest=True)

    async def answered(self, source: UUID, at: datetime) -> None:
        """A request or a referral has its answer, or is withdrawn."""
        await self.links.end([place_of(source, place) for place in range(MOST)], at, RelationReason.REFERRAL)


def part_of(source: UUID, name: str) -> UUID:
    """The id of a part of a record, which is about somebody else than the record itself."""
    return uuid5(source, name) if name else source


def place_of(source: UUID, place: int) -> UUID:
    """The same for one of several whom a record may be about."""
    return part_of(source, str(place) if place else "")


def open_to(subject: Any, caller: Caller, now: datetime) -> ColumnElement[bool]:
    """Whether a record is of nobody known, or of somebody whom the caller is related to."""
    condition: ColumnElement[bool] = or_(subject.is_(None), related(subject, caller, now))
    return condition
