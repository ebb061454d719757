"""The referrals, and all SQL about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, UniqueConstraint, or_, text, tuple_
from sqlmodel import Field, col, select

from services.referrals.domain import (
    NEXT,
    Care,
    Document,
    Door,
    IdentifierReused,
    Message,
    Move,
    Referral,
    Rejection,
    ResponseTimes,
    State,
    deadline,
)
from services.referrals.domain.states import UNDECIDED
from services.referrals.events import InformationGiven, PersonLinked, ReferralCorrected, Urgency
from services.referrals.settings import Settings
from services.referrals.store.organisations import UnknownOrganisation
from services.referrals.store.outgoing import follow_up
from services.referrals.store.related import INCOMING, Related, open_to, with_case
from services.referrals.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.database_errors import BROKEN, broken_constraint
from shared.encryption import BlindList, EncryptedJson
from shared.erasure.ended import SubjectErased
from shared.errors import NotFound
from shared.events import Event
from shared.ids import new_id
from shared.relinks import Relinks
from shared.requests import SeenVersion
from shared.store import Aggregate, Collection, Json, text_enum

_version = Column("version", Integer, nullable=False)


BRINGS = (PersonLinked, InformationGiven, ReferralCorrected)
"""Facts after which a referral may say for the first time that a known person agreed."""


AT_ONCE = 200
"""How many referrals are indexed anew in one transaction."""


class ReferralRow(Table, Referral, table=True):
    """A referral with the document as received.

    `person_numbers` are the numbers of whom it is about that it is found by: blind, by the key `index_key`.
    """

    __tablename__ = "referral"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        UniqueConstraint("sender", "identifier_system", "identifier_value"),
        Index("ix_referral_received_at_id", "received_at", "id"),
        Index("ix_referral_updated_at_id", "updated_at", "id"),
        Index("ix_referral_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_referral_person_numbers", "person_numbers", postgresql_using="gin"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    sender: str = Field(sa_column_args=[ForeignKey("organisation.code")])
    door: Door = Field(default=Door.JSON, sa_type=text_enum(Door))
    state: State = Field(default=State.RECEIVED, sa_type=text_enum(State))
    urgency: Urgency = Field(sa_type=text_enum(Urgency))
    document: Document = Field(sa_type=EncryptedJson(Document, open=("stay.discharge_on",)))
    person_numbers: list[str] = Field(
        default_factory=list, sa_type=BlindList, sa_column_kwargs={"server_default": text("'{}'")}
    )
    index_key: str = Field(default="", index=True, sa_column_kwargs={"server_default": text("''")})
    moves: tuple[Move, ...] = Field(sa_type=EncryptedJson(tuple[Move, ...], open=("reason", "at")))
    messages: tuple[Message, ...] = Field(default=(), sa_type=EncryptedJson(tuple[Message, ...], open=("kind",)))
    possible_duplicates: tuple[UUID, ...] = Field(default=(), sa_type=Json(tuple[UUID, ...]))
    totals: tuple[dict[str, Any], ...] = Field(default=(), sa_type=Json(tuple[dict[str, Any], ...]))
    rejections: tuple[Rejection, ...] = Field(default=(), sa_type=Json(tuple[Rejection, ...]))
    care: Care = Field(default=Care(), sa_type=Json(Care))
    person_id: UUID | None = Field(default=None, index=True)
    case_id: UUID | None = Field(default=None, index=True)
    version: int = Field(default=0, sa_column=_version)


class Referrals(Collection):
    """The referrals, as far as the caller may see them."""

    async def receive(
        self, document: Document, sender: str, checked: bool, door: Door = Door.JSON
    ) -> tuple[UUID, datetime, bool]:
        """Store a push once: the same content again gives the first one's id and time, and False for "is new".

        Raises IdentifierReused for other content under the same identifier, SubjectErased for what was erased,
        UnknownOrganisation for a sender that the directory does not know.
        """
        now = self.transaction.clock.now()
        values = Referral.facts_of(document, sender, now, checked, door)
        values |= {"person_numbers": document.person.numbers, "index_key": self.transaction.keyring.current}
        values["due_at"] = deadline(State.RECEIVED, document.urgency, now, self.response_times)
        referral = Referral.model_construct(**values)
        try:
            new = await self.transaction.record_new(ReferralRow, values, referral.received())
        except BROKEN as error:
            if broken_constraint(error) == "fk_referral_sender":
                raise UnknownOrganisation from None
            raise
        if new:
            return referral.id, referral.received_at, True
        query = select(
            ReferralRow.id, ReferralRow.received_at, ReferralRow.fingerprint, ReferralRow.corrected_fingerprint
        ).where(
            ReferralRow.sender == sender,
            ReferralRow.identifier_system == document.identifier.system,
            ReferralRow.identifier_value == document.identifier.value,
        )
        found = (await self.session.exec(query)).first()
        if found is None:
            raise SubjectErased
        known, received_at, first, corrected = found
        if referral.fingerprint not in (first, corrected):
            raise IdentifierReused
        return known, received_at, False

    async def record(self, aggregate: Aggregate, *events: Event) -> None:
        """Write a change with its facts; a move starts the response clock of its new state."""
        if isinstance(aggregate, ReferralRow) and any(isinstance(event, BRINGS) for event in events):
            events = (*events, *aggregate.brought())
        if isinstance(aggregate, ReferralRow):
            aggregate.updated_at = self.transaction.clock.now()
            if aggregate.moves[-1].version > aggregate.version:
                aggregate.due_at = deadline(
                    aggregate.state, aggregate.urgency, aggregate.updated_at, self.response_times
                )
                aggregate.reminders = 0
            if any(isinstance(event, ReferralCorrected) for event in events):
                self._index(aggregate)
        await super().record(aggregate, *events)
        if isinstance(aggregate, ReferralRow):
            await follow_up(self.transaction, aggregate, events)

    async def index_anew(self) -> bool:
        """Index referrals whose index another key made, or that stand in clear; whether more may be waiting."""
        key = self.transaction.keyring.current
        query = select(ReferralRow).where(or_(col(ReferralRow.index_key) < key, col(ReferralRow.index_key) > key))
        rows = (await self.session.exec(query.limit(AT_ONCE).with_for_update(skip_locked=True))).all()
        for referral in rows:
            self._index(referral)
        return len(rows) == AT_ONCE

    def _index(self, referral: ReferralRow) -> None:
        referral.person_numbers = referral.document.person.numbers
        referral.index_key = self.transaction.keyring.current
        self.session.add(referral)

    @property
    def response_times(self) -> ResponseTimes:
        """How long each side may take, as the operator set it."""
        settings = self.transaction.settings
        return settings.response_times if isinstance(settings, Settings) else ResponseTimes()

    async def get(
        self, referral_id: UUID, caller: Caller | None = None, seen: SeenVersion | None = None
    ) -> ReferralRow:
        """One referral; NotFound when there is none, or none that this caller may see; StaleVersion by `seen`."""
        referral = await self.session.get(ReferralRow, referral_id)
        if referral is None or not visible(referral, caller):
            raise NotFound
        await Related(self.transaction).demand(INCOMING, referral_id, caller)
        if seen:
            seen.check(referral)
        return referral

    async def overdue(self, at: datetime, limit: int) -> list[ReferralRow]:
        """Referrals whose answer is late and has not been asked for since; locked, so that one replica reminds."""
        query = select(ReferralRow).where(col(ReferralRow.due_at) <= at).order_by(col(ReferralRow.due_at))
        return list((await self.session.exec(query.limit(limit).with_for_update(skip_locked=True))).all())

    async def undecided_of_person(self, person_id: UUID) -> list[ReferralRow]:
        """The referrals about a person that nobody has decided on yet."""
        today = await Relinks(self.transaction).current(person_id)
        query = select(ReferralRow).where(ReferralRow.person_id == today, col(ReferralRow.state).in_(sorted(UNDECIDED)))
        return list((await self.session.exec(query.order_by(col(ReferralRow.id)))).all())

    async def open_of_person(self, person_id: UUID, sender: str) -> list[ReferralRow]:
        """A sender's referrals about a person that have not ended."""
        return [referral for referral in await self.open_of(person_id) if referral.sender == sender]

    async def open_of(self, person_id: UUID) -> list[ReferralRow]:
        """The referrals about a person that have not ended, of all senders."""
        today = await Relinks(self.transaction).current(person_id)
        is_open = col(ReferralRow.state).in_(sorted(state for state in State if NEXT[state]))
        query = select(ReferralRow).where(ReferralRow.person_id == today, is_open)
        return list((await self.session.exec(query.order_by(col(ReferralRow.id)))).all())

    async def wrongly_suspected(self, people: set[UUID]) -> list[tuple[ReferralRow, list[UUID]]]:
        """The referrals about these people that are shown beside one of somebody else, and who is left beside them."""
        query = select(ReferralRow).where(col(ReferralRow.person_id).in_(people)).order_by(col(ReferralRow.id))
        rows = (await self.session.exec(query)).all()
        whose = {row.id: row.person_id for row in rows}
        found = []
        for referral in rows:
            left = [each for each in referral.possible_duplicates if whose.get(each) == referral.person_id]
            if len(left) < len(referral.possible_duplicates):
                found.append((referral, left))
        return found

    async def of_case(self, case_id: UUID) -> ReferralRow | None:
        """The referral that led to a case."""
        return (await self.session.exec(select(ReferralRow).where(ReferralRow.case_id == case_id))).first()

    async def page(
        self, caller: Caller, state: State | None, limit: int, after: Sequence[str] | None
    ) -> list[ReferralRow]:
        """At most `limit` + 1 referrals, newest first."""
        query = with_case(INCOMING, select(ReferralRow)).where(open_to(INCOMING, caller, self.transaction))
        if caller.scope != Scope.ALL:
            query = query.where(ReferralRow.sender == caller.organisation)
        if state:
            query = query.where(ReferralRow.state == state)
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(ReferralRow.received_at), col(ReferralRow.id)) < place)
        query = query.order_by(col(ReferralRow.received_at).desc(), col(ReferralRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())


def visible(referral: Referral, caller: Caller | None) -> bool:
    """Whether a caller is party to a referral; our own handlers are no caller."""
    return caller is None or caller.scope == Scope.ALL or referral.sender == caller.organisation
