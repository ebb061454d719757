"""The notes that a topic model reads, the names that it must not, and where each note stands."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, delete, func, insert, tuple_
from sqlmodel import Field, col, select

from services.intake.domain.topic_corpus import Note
from services.intake.domain.topic_fit import Period
from services.intake.events import Purpose
from services.intake.store.contacts import ContactRow
from services.intake.store.person_history import PersonChangeRow, RelationRow
from services.intake.store.persons import PersonRow
from services.intake.store.table import Table
from shared.agreements import Agreements
from shared.clock import BRUSSELS
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for what a foreign key does on deletion, nor its select for many columns.

STATISTICS = Purpose.STATISTICS.value
AT_ONCE = 1_000
"""Notes that are read in one statement."""
NAMES_AT_ONCE = 5_000


class PlacedNoteRow(Table, table=True):
    """Where a note stands in a model; `number` is null for a note without a word that counts."""

    __tablename__ = "placed_note"
    __table_args__ = (Index("ix_placed_note_fit_id_started_on", "fit_id", "started_on", "number"),)

    fit_id: UUID = Field(primary_key=True, foreign_key="topic_fit.id")
    contact_id: UUID = Field(primary_key=True, foreign_key="contact.id", ondelete="CASCADE")
    started_on: date
    number: int | None = None


class TopicNotes(Collection):
    """The notes that a model reads, and the names that it must not."""

    async def count(self, programme: str, most: int) -> int:
        """How many notes there are, counted up to `most`."""
        some = select(ContactRow.id).where(ContactRow.programme == programme, col(ContactRow.note).is_not(None))
        return (await self.session.exec(select(func.count()).select_from(some.limit(most).subquery()))).one()

    async def names(self, after: UUID | None) -> tuple[list[str], UUID | None]:
        """Names of people of the whole index, from an id on, and the last id read; None at the end."""
        query = select(PersonRow.id, PersonRow.family_name, PersonRow.given_names).order_by(col(PersonRow.id))
        if after:
            query = query.where(col(PersonRow.id) > after)
        rows = (await self.session.exec(query.limit(NAMES_AT_ONCE))).all()
        return [name for _, *names in rows for name in names], rows[-1][0] if rows else None

    async def other_names(self) -> list[str]:
        """Names of relatives that have no entry of their own, and names that people had before."""
        relatives = select(RelationRow.name).where(col(RelationRow.name).is_not(None))
        found = [name for name in (await self.session.exec(relatives)).all() if name]
        for before in (await self.session.exec(select(PersonChangeRow.before))).all():
            found += [str(before[part]) for part in ("family_name", "given_names") if before.get(part)]
        return found

    async def page(
        self, programme: str, after: tuple[datetime, UUID] | None, unplaced_in: UUID | None
    ) -> tuple[list[Note], dict[UUID, date], tuple[datetime, UUID] | None]:
        """Notes from a place on with the days of their contacts, and the place after them; None at the end.

        None of people who refuse statistics. `unplaced_in` keeps to those that have no place yet in this fit's model.
        """
        about = func.coalesce(ContactRow.person_id, ContactRow.caller_person_id, ContactRow.id)
        place = (col(ContactRow.started_at), col(ContactRow.id))
        query = select(*place, about, ContactRow.note).where(
            ContactRow.programme == programme, col(ContactRow.note).is_not(None)
        )
        if after:
            query = query.where(tuple_(*place) > after)
        if unplaced_in:
            placed = select(PlacedNoteRow.contact_id).where(
                PlacedNoteRow.fit_id == unplaced_in, PlacedNoteRow.contact_id == ContactRow.id
            )
            query = query.where(~placed.exists())
        if unwilling := await Agreements(self.transaction).denying(STATISTICS):
            query = query.where(about.not_in(unwilling))
        rows = (await self.session.exec(query.order_by(*place).limit(AT_ONCE))).all()
        notes = [Note(contact_id, person, note or "") for _, contact_id, person, note in rows]
        days = {contact_id: at.astimezone(BRUSSELS).date() for at, contact_id, *_ in rows}
        return notes, days, (rows[-1][0], rows[-1][1]) if rows else None


class Places(Collection):
    """Where notes stand in the models."""

    async def forget(self, fit_id: UUID) -> None:
        """Take back the places of a fit that did not come to its end."""
        await self.session.exec(delete(PlacedNoteRow).where(col(PlacedNoteRow.fit_id) == fit_id))

    async def put(self, fit_id: UUID, placed: Sequence[tuple[UUID, int | None]], days: Mapping[UUID, date]) -> None:
        """Keep where notes stand; of contacts that are gone meanwhile, nothing."""
        kept = set(
            (
                await self.session.exec(
                    select(ContactRow.id).where(col(ContactRow.id).in_([each for each, _ in placed]))
                )
            ).all()
        )
        rows = [
            {"fit_id": fit_id, "contact_id": contact_id, "started_on": days[contact_id], "number": number}
            for contact_id, number in placed
            if contact_id in kept
        ]
        if rows:
            await self.session.exec(insert(PlacedNoteRow), params=rows)

    async def counted(self, fit_id: UUID, period: Period | None = None) -> dict[int | None, int]:
        """How many notes stand in each topic, by its number."""
        query = select(PlacedNoteRow.number, func.count()).where(PlacedNoteRow.fit_id == fit_id)
        if period:
            query = query.where(PlacedNoteRow.started_on >= period.first, PlacedNoteRow.started_on < period.after)
        return dict((await self.session.exec(query.group_by(col(PlacedNoteRow.number)))).all())

    async def span(self, fit_id: UUID) -> tuple[date, date]:
        """The days of the first and the last note."""
        query = select(func.min(PlacedNoteRow.started_on), func.max(PlacedNoteRow.started_on))
        first, last = (await self.session.exec(query.where(PlacedNoteRow.fit_id == fit_id))).one()
        return first, last
