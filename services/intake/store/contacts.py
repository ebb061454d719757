"""The contacts of the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, delete, insert, text, tuple_
from sqlmodel import Field, col, select

from services.intake.domain import Agent, Contact, Told, Why
from services.intake.domain.contact import CallerKind, Channel, HeardFrom, Speaker
from services.intake.domain.repeated_topic import LOOK_BACK
from services.intake.domain.topics import with_roots
from services.intake.events import ContactImported, Direction, NextOwner, Outcome, Urgency
from services.intake.store.call_backs import CallBackRow, CallBacks
from services.intake.store.gaps import Gaps
from services.intake.store.persons import Persons
from services.intake.store.relays import Relays
from services.intake.store.table import Table, visible
from services.intake.store.ties import Ties, open_to
from shared.access import Scope
from shared.auth import Caller
from shared.clock import BRUSSELS
from shared.encryption import EncryptedJson, EncryptedText
from shared.errors import NotFound
from shared.ids import new_id
from shared.relationships.links import Relationships
from shared.requests import SeenVersion
from shared.store import Collection, Json, text_enum

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.

_version = Column("version", Integer, nullable=False)


class ContactRow(Table, Contact, table=True):
    """A contact; its note never leaves this table but to those who may read it."""

    __tablename__ = "contact"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        Index("ix_contact_programme_started_at_id", "programme", "started_at", "id"),
        Index("ix_contact_programme_outcome_started_at_id", "programme", "outcome", "started_at", "id"),
        Index("ix_contact_programme_agent_started_at_id", "programme", "agent", "started_at", "id"),
        Index("ix_contact_programme_caller_kind_started_at_id", "programme", "caller_kind", "started_at", "id"),
        Index("ix_contact_programme_channel_started_at_id", "programme", "channel", "started_at", "id"),
        Index("ix_contact_person_id_started_at", "person_id", "started_at"),
        Index(
            "ix_contact_caller_person_id_started_at",
            "caller_person_id",
            "started_at",
            postgresql_where=text("caller_person_id IS NOT NULL"),
        ),
        Index("ix_contact_request_id", "request_id", postgresql_where=text("request_id IS NOT NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    direction: Direction = Field(sa_type=text_enum(Direction))
    channel: Channel = Field(sa_type=text_enum(Channel))
    caller: Speaker = Field(sa_type=EncryptedJson(Speaker))
    caller_kind: CallerKind = Field(sa_type=text_enum(CallerKind))
    caller_person_id: UUID | None = Field(default=None, sa_column_args=[ForeignKey("person.id")])
    person_id: UUID | None = Field(default=None, sa_column_args=[ForeignKey("person.id")])
    started_at: datetime
    ended_at: datetime
    language: str | None = None
    topics: tuple[str, ...] = Field(default=(), sa_type=Json(tuple[str, ...]))
    note: str | None = Field(default=None, sa_type=EncryptedText)
    outcome: Outcome = Field(sa_type=text_enum(Outcome))
    reason: Why = Field(sa_type=text_enum(Why))
    urgency: Urgency | None = Field(default=None, sa_type=text_enum(Urgency), nullable=True)
    next_owner: NextOwner | None = Field(default=None, sa_type=text_enum(NextOwner), nullable=True)
    organisation: str | None = None
    declined_by: str | None = None
    heard_from: HeardFrom | None = Field(default=None, sa_type=text_enum(HeardFrom), nullable=True)
    version: int = Field(default=0, sa_column=_version)


class ContactTopicRow(Table, table=True):
    """What a contact is found by when a topic is asked for: each of its topics, and their roots."""

    __tablename__ = "contact_topic"
    __table_args__ = (Index("ix_contact_topic_programme_topic", "programme", "topic", "started_at", "contact_id"),)

    contact_id: UUID = Field(primary_key=True, foreign_key="contact.id")
    topic: str = Field(primary_key=True)
    programme: str
    started_at: datetime


@dataclass(frozen=True)
class WantedContacts:
    """What the list of contacts is narrowed to; None leaves a filter out."""

    on: date | None = None
    person_id: UUID | None = None
    caller_person_id: UUID | None = None
    outcome: Outcome | None = None
    agent: str | None = None
    caller_kind: CallerKind | None = None
    channel: Channel | None = None
    topic: str | None = None
    open_call_back: bool = False

    def conditions(self) -> list[Any]:
        """The SQL conditions on the contact alone."""
        pairs = (
            (col(ContactRow.person_id), self.person_id),
            (col(ContactRow.caller_person_id), self.caller_person_id),
            (col(ContactRow.outcome), self.outcome),
            (col(ContactRow.agent), self.agent),
            (col(ContactRow.caller_kind), self.caller_kind),
            (col(ContactRow.channel), self.channel),
        )
        found = [column == value for column, value in pairs if value is not None]
        if self.open_call_back:
            owed = select(CallBackRow.contact_id).where(text("call_back.state IN ('planned', 'due', 'escalated')"))
            found.append(col(ContactRow.id).in_(owed))
        return found

    def day(self, started_at: Any) -> list[Any]:
        """The SQL conditions that keep to the local day asked for."""
        if self.on is None:
            return []
        begin, end = (datetime.combine(day, time(), BRUSSELS) for day in (self.on, self.on + timedelta(days=1)))
        return [started_at >= begin, started_at < end]


class Contacts(Collection):
    """The contacts of this service, inside the caller's transaction."""

    async def put_on_record(self, told: Told, agent: Agent, contact_id: UUID | None = None) -> ContactRow:
        """Record a contact with all that follows from it: a request, an orientation, a call-back, an unmet demand.

        Raises ImpossibleContact, UnknownPerson; then nothing of it is kept.
        """
        contact = ContactRow.record(told, agent, self.transaction.clock.now(), contact_id)
        commune = await self.refuse_unknown(contact)
        if contact.outcome is Outcome.RELAYED:
            contact.request_id = await Relays(self.transaction).ask(contact, contact.id)
        repeated = contact.topic_facts(await self.before(contact))
        await self.record(contact, *contact.facts(commune), *repeated)
        await self.index_topics(contact)
        await Gaps(self.transaction).note_contact(contact, commune)
        call_backs = CallBacks(self.transaction)
        if contact.answers_callback_id:
            await call_backs.answer(contact)
        await Ties(self.transaction).wrote_down(contact)
        wish = told.wish()
        if wish:
            await call_backs.plan(contact, wish)
        return contact

    async def refuse_unknown(self, contact: Contact, at: str = "") -> str | None:
        """Raise UnknownPerson for people who are not in the index; the NIS code of where the person lives.

        An id of a merged record is taken for the person that it stands for.
        """
        persons = Persons(self.transaction)
        if contact.caller_person_id:
            caller = await persons.in_programme(contact.caller_person_id, contact.programme, f"{at}/caller/person_id")
            contact.caller_person_id = caller.id
        if contact.person_id is None:
            return None
        person = await persons.in_programme(contact.person_id, contact.programme, f"{at}/person_id")
        contact.person_id = person.id
        return person.address.nis_code if person.address else None

    async def before(self, contact: Contact) -> list[tuple[tuple[str, ...], Outcome]]:
        """Topics and outcomes of the person's contacts of the year before this one, oldest first."""
        if contact.person_id is None:
            return []
        query = select(ContactRow.topics, ContactRow.outcome).where(
            ContactRow.person_id == contact.person_id,
            col(ContactRow.started_at).between(contact.started_at - LOOK_BACK, contact.started_at),
        )
        query = query.order_by(col(ContactRow.started_at), col(ContactRow.id))
        rows = (await self.session.exec(query)).all()
        return [(tuple(topics), Outcome(outcome)) for topics, outcome in rows]

    async def index_topics(self, contact: Contact) -> None:
        """Let a contact be found by its topics as they are now."""
        await self.session.exec(delete(ContactTopicRow).where(col(ContactTopicRow.contact_id) == contact.id))
        await self._add_topics([contact])

    async def keep_past(self, told: Sequence[tuple[ContactRow, ContactImported]]) -> None:
        """Put contacts of the past on record, all at once; nobody has to act on them, and figures count them."""
        await self.transaction.record_all([(contact, [fact]) for contact, fact in told])
        await self._add_topics([contact for contact, _ in told])
        await Gaps(self.transaction).note_past([contact for contact, _ in told])

    async def _add_topics(self, contacts: Sequence[Contact]) -> None:
        rows = [
            {"contact_id": contact.id, "topic": topic, "programme": contact.programme, "started_at": contact.started_at}
            for contact in contacts
            for topic in with_roots(contact.topics)
        ]
        if rows:
            await (await self.session.connection()).execute(insert(ContactTopicRow), rows)

    async def get(self, contact_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> ContactRow:
        """One contact; NotFound when there is none that this caller may see, StaleVersion by `seen`."""
        contact = await self.session.get(ContactRow, contact_id)
        if contact is None or not visible(contact, caller):
            raise NotFound
        await Relationships(self.transaction).demand(contact.person_id, caller)
        if seen:
            seen.check(contact)
        return contact

    async def page(
        self, caller: Caller, wanted: WantedContacts, limit: int, after: Sequence[str] | None
    ) -> list[ContactRow]:
        """At most `limit` + 1 contacts, the latest first; by topic the order is read from the topics' own index."""
        query, found_in = select(ContactRow).where(*wanted.conditions()), ContactRow.programme
        place = (col(ContactRow.started_at), col(ContactRow.id))
        if wanted.topic:
            query = query.join(ContactTopicRow, col(ContactTopicRow.contact_id) == col(ContactRow.id))
            query = query.where(ContactTopicRow.topic == wanted.topic)
            place, found_in = (
                (col(ContactTopicRow.started_at), col(ContactTopicRow.contact_id)),
                ContactTopicRow.programme,
            )
        if caller.scope != Scope.ALL:
            query = query.where(found_in == caller.organisation)
        query = query.where(*wanted.day(place[0]))
        query = query.where(open_to(col(ContactRow.person_id), caller, self.transaction.clock.now()))
        if after:
            query = query.where(tuple_(*place) < (datetime.fromisoformat(after[0]), UUID(after[1])))
        query = query.order_by(*(part.desc() for part in place))
        return list((await self.session.exec(query.limit(limit + 1))).all())
