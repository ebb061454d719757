"""The outgoing referrals, and all SQL about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Integer, or_, text, tuple_
from sqlmodel import Field, col, select

from services.referrals.domain.care_service import Channel
from services.referrals.domain.deadline import ResponseTimes, deadline
from services.referrals.domain.document import Consent
from services.referrals.domain.exchange import AlreadyReferred, Confirmation, Disclosed, OutgoingMove, Party
from services.referrals.domain.gap import NO_ANSWER, Unmet, needs_of
from services.referrals.domain.history import Message
from services.referrals.domain.outgoing import SETTLED, TAKEN_ON, OutgoingReferral
from services.referrals.domain.outgoing_from import Addressee, of_redirection
from services.referrals.domain.referral import Referral
from services.referrals.domain.states import OPEN_CASE, Actor, State
from services.referrals.events import (
    GapSource,
    Origin,
    OutgoingAnswered,
    OutgoingCancellationRequested,
    OutgoingCancelled,
    OutgoingDisclosed,
    OutgoingExpired,
    OutgoingMessageSent,
    OutgoingOverdue,
    OutgoingRecallRequested,
    OutgoingSent,
    ReferralRedirected,
    ReferralRefused,
    ServiceStatus,
    Urgency,
)
from services.referrals.settings import Settings
from services.referrals.store.care_services import CareServiceRow
from services.referrals.store.gaps import Gaps
from services.referrals.store.notices import Notices
from services.referrals.store.organisations import Organisations, UnknownOrganisation
from services.referrals.store.related import OUTGOING, Related, open_to, with_case
from services.referrals.store.table import Table
from shared.access import Scope
from shared.agreements import Agreements
from shared.auth import Caller
from shared.clock import BRUSSELS
from shared.encryption import EncryptedJson, EncryptedText
from shared.errors import Fault, NotFound
from shared.events import Event
from shared.ids import new_id
from shared.relinks import Relinks
from shared.requests import SeenVersion
from shared.store import Aggregate, Collection, Json, Transaction, text_enum
from shared.working_days import after_working_days

_version = Column("version", Integer, nullable=False)
CLOSING_TIME = time(17)
SHARING = "sharing"
"""The purpose of consent that an organisation needs to know of a person."""
NEWS = (
    OutgoingSent,
    OutgoingMessageSent,
    OutgoingDisclosed,
    OutgoingRecallRequested,
    OutgoingOverdue,
    OutgoingCancelled,
    OutgoingCancellationRequested,
)
"""What an organisation is to know of; the rest is its own doing."""


class OutgoingRow(Table, OutgoingReferral, table=True):
    """A referral of ours to an organisation."""

    __tablename__ = "outgoing_referral"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (
        Index(
            "uq_outgoing_referral_contact_organisation",
            "contact_id",
            "organisation",
            unique=True,
            postgresql_where=text("contact_id IS NOT NULL"),
        ),
        Index("ix_outgoing_referral_organisation", "organisation", "prepared_at", "id"),
        Index("ix_outgoing_referral_prepared_at_id", "prepared_at", "id"),
        Index("ix_outgoing_referral_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index(
            "ix_outgoing_referral_status_due_at", "status_due_at", postgresql_where=text("status_due_at IS NOT NULL")
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    channel: Channel = Field(sa_type=text_enum(Channel))
    origin: Origin = Field(sa_type=text_enum(Origin))
    chain_id: UUID = Field(index=True)
    based_on: UUID | None = Field(default=None, index=True)
    person_id: UUID | None = Field(default=None, index=True)
    needs: tuple[str, ...] = Field(sa_type=Json(tuple[str, ...]))
    urgency: Urgency = Field(sa_type=text_enum(Urgency))
    disclosed: Disclosed | None = Field(default=None, sa_type=EncryptedJson(Disclosed))
    consent: Consent | None = Field(default=None, sa_type=EncryptedJson(Consent))
    state: State = Field(default=State.RECEIVED, sa_type=text_enum(State))
    moves: tuple[OutgoingMove, ...] = Field(sa_type=EncryptedJson(tuple[OutgoingMove, ...], open=("reason", "at")))
    messages: tuple[Message, ...] = Field(default=(), sa_type=EncryptedJson(tuple[Message, ...], open=("kind",)))
    service_status: ServiceStatus | None = Field(default=None, sa_type=text_enum(ServiceStatus))
    confirmations: tuple[Confirmation, ...] = Field(default=(), sa_type=EncryptedJson(tuple[Confirmation, ...]))
    reason_text: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_version)


@dataclass(frozen=True)
class Wanted:
    """What a list of outgoing referrals is narrowed to; None leaves a filter out."""

    state: State | None = None
    service_status: ServiceStatus | None = None
    unused: bool = False
    expired: bool = False
    contact_id: UUID | None = None
    person_id: UUID | None = None
    based_on: UUID | None = None
    chain_id: UUID | None = None


class Outgoings(Collection):
    """The outgoing referrals, as far as the caller may see them: an organisation those addressed to it."""

    async def addressee(self, organisation: str, service_id: UUID | None = None) -> Addressee:
        """Whom to ask and by which road; raises UnknownOrganisation, also for a service that is not its own."""
        known = await Organisations(self.transaction).known(organisation)
        channel = known.about.channel
        if service_id:
            service = await self.session.get(CareServiceRow, service_id)
            if service is None or service.organisation != organisation:
                raise UnknownOrganisation(faults=[Fault("/service_id", "unknown-service")])
            channel = service.channel or channel
        return Addressee(organisation, channel, service_id)

    async def open(self, referral: OutgoingReferral) -> OutgoingRow:
        """Store a new one. Raises AlreadyReferred where its contact was oriented there before."""
        row, is_new = await self.open_once(referral)
        if not is_new:
            raise AlreadyReferred(facts={"outgoing_id": str(row.id)})
        return row

    async def open_once(self, referral: OutgoingReferral) -> tuple[OutgoingRow, bool]:
        """Store a new one, once per contact and organisation: (what is stored now, whether it is new)."""
        fact = referral.begin(self.transaction.clock.now())
        self._set_clocks(referral)
        new = await self.transaction.record_new(OutgoingRow, dict(referral), fact)
        if new:
            await self._tell(referral, fact)
        query = select(OutgoingRow).where(OutgoingRow.id == referral.id)
        if not new:
            query = select(OutgoingRow).where(
                OutgoingRow.contact_id == referral.contact_id, OutgoingRow.organisation == referral.organisation
            )
        return (await self.session.exec(query)).one(), new

    async def redirect(self, referral: Referral, organisation: str) -> OutgoingRow:
        """Continue an incoming referral elsewhere; withheld where its known person has not agreed to that one."""
        to = await self.addressee(organisation)
        made = of_redirection(referral, to, self.transaction.clock.now())
        if not await Agreements(self.transaction).allows(made.person_id, SHARING, organisation):
            made.consent, made.reason_text = None, None
        row, _ = await self.open_once(made)
        return row

    async def refuse_unagreed(self, person_id: UUID | None, organisation: str) -> None:
        """Raise AgreementMissing or AgreementRefused unless a person agrees that this organisation knows.

        Of somebody who is not known yet the consent that came along is all there is.
        """
        await Agreements(self.transaction).refuse(person_id, SHARING, organisation)

    async def realign(self, person_id: UUID) -> None:
        """Recall, or give again, what organisations were disclosed of a person, by the words that count now."""
        agreements = Agreements(self.transaction)
        ids = await Relinks(self.transaction).standing_for(person_id)
        query = select(OutgoingRow).where(col(OutgoingRow.person_id).in_(ids)).order_by(col(OutgoingRow.id))
        for row in (await self.session.exec(query.with_for_update())).all():
            if not row.was_disclosed:
                continue
            no = await agreements.denied(person_id, SHARING, row.organisation)
            if no and row.recall_requested_at is None:
                await self.record(row, row.recall(no.since))
            elif no is None and row.recall_requested_at:
                await self.record(row, row.give_again())

    async def record(self, aggregate: Aggregate, *events: Event) -> None:
        """Write a change with its facts; a move or the sending starts the clock, a failure is also a gap."""
        if isinstance(aggregate, OutgoingRow):
            aggregate.updated_at = self.transaction.clock.now()
            sent = any(isinstance(event, OutgoingSent) for event in events)
            if sent or aggregate.moves[-1].version > aggregate.version:
                self._set_clocks(aggregate)
            if aggregate.service_status in SETTLED:
                aggregate.status_due_at = None
        await super().record(aggregate, *events)
        if isinstance(aggregate, OutgoingRow):
            for event in events:
                await self._note_gap(aggregate, event)
                await self._tell(aggregate, event)

    async def _note_gap(self, referral: OutgoingRow, event: Event) -> None:
        reason = NO_ANSWER if isinstance(event, OutgoingExpired) else None
        if isinstance(event, OutgoingAnswered) and event.state == State.REFUSED:
            reason = event.reason
        if reason:
            unmet = Unmet(GapSource.OUTGOING, referral.id, referral.needs, referral.commune, reason)
            await Gaps(self.transaction).note(unmet)

    async def _tell(self, referral: OutgoingReferral, event: Event) -> None:
        """Owe an organisation that wants them a notice by e-mail of what is new for it."""
        is_own = isinstance(event, OutgoingMessageSent) and event.by == Party.FULFILLER
        is_ours_to_do = isinstance(event, OutgoingOverdue) and event.waits_for == Party.PLACER
        is_news = isinstance(event, NEWS) and not is_own and not is_ours_to_do
        if referral.channel is Channel.EMAIL_NOTICE and is_news:
            await Notices(self.transaction).owe(referral.organisation)

    def _set_clocks(self, referral: OutgoingReferral) -> None:
        """When the next answer is due, and when to ask whether the person uses the service."""
        now, settings = self.transaction.clock.now(), self.transaction.settings
        times = settings.outgoing_times if isinstance(settings, Settings) else ResponseTimes()
        referral.reminders = 0
        referral.due_at = deadline(referral.state, referral.urgency, now, times) if referral.sent_at else None
        if referral.state is State.RECEIVED and referral.due_at and referral.answer_by:
            referral.due_at = datetime.combine(referral.answer_by, CLOSING_TIME, BRUSSELS)
        asks = referral.state in TAKEN_ON and referral.service_status not in SETTLED
        if not asks:
            referral.status_due_at = None
        elif referral.status_due_at is None:
            referral.status_due_at = self.status_due(now)

    def status_due(self, at: datetime) -> datetime:
        """When to ask the next time whether a service is used."""
        settings = self.transaction.settings
        return after_working_days(at, settings.service_status_days if isinstance(settings, Settings) else 10)

    async def get(
        self, outgoing_id: UUID, caller: Caller | None = None, seen: SeenVersion | None = None
    ) -> OutgoingRow:
        """One; NotFound when there is none, or none that this caller may see; StaleVersion by `seen`."""
        referral = await self.session.get(OutgoingRow, outgoing_id)
        if referral is None or not is_party(referral, caller):
            raise NotFound
        await Related(self.transaction).demand(OUTGOING, outgoing_id, caller)
        if seen:
            seen.check(referral)
        return referral

    async def addressed(self, outgoing_id: str, organisation: str) -> OutgoingRow | None:
        """One that is addressed to this organisation, locked; None for any other."""
        query = select(OutgoingRow).where(OutgoingRow.id == UUID(outgoing_id), OutgoingRow.organisation == organisation)
        return (await self.session.exec(query.with_for_update())).first()

    async def changed(
        self, organisation: str, after: tuple[datetime, UUID, bool] | None, limit: int, newest_first: bool
    ) -> list[OutgoingRow]:
        """At most `limit` of those addressed to an organisation by when they changed, behind a place or from it on."""
        order = (col(OutgoingRow.updated_at), col(OutgoingRow.id))
        query = select(OutgoingRow).where(OutgoingRow.organisation == organisation)
        if after:
            here, place = tuple_(*order), after[:2]
            behind = here < place if newest_first else here > place
            query = query.where(or_(behind, here == place) if after[2] else behind)
        ordered = [column.desc() for column in order] if newest_first else list(order)
        return list((await self.session.exec(query.order_by(*ordered).limit(limit))).all())

    async def page(self, caller: Caller, wanted: Wanted, limit: int, after: Sequence[str] | None) -> list[OutgoingRow]:
        """At most `limit` + 1, newest first."""
        query = with_case(OUTGOING, select(OutgoingRow)).where(open_to(OUTGOING, caller, self.transaction))
        if caller.scope != Scope.ALL:
            query = query.where(OutgoingRow.organisation == addressee(caller))
        equal = ("state", "service_status", "contact_id", "person_id", "based_on", "chain_id")
        for name in equal:
            if (value := getattr(wanted, name)) is not None:
                query = query.where(getattr(OutgoingRow, name) == value)
        if wanted.expired:
            query = query.where(col(OutgoingRow.expired_at).is_not(None))
        if wanted.unused:
            status = col(OutgoingRow.service_status)
            query = query.where(OutgoingRow.state == State.CLOSED, or_(status.is_(None), status != ServiceStatus.USED))
        if after:
            place = (datetime.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(OutgoingRow.prepared_at), col(OutgoingRow.id)) < place)
        query = query.order_by(col(OutgoingRow.prepared_at).desc(), col(OutgoingRow.id).desc())
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def overdue(self, at: datetime, limit: int) -> list[OutgoingRow]:
        """Those whose answer is late; locked, so that one replica reminds."""
        query = select(OutgoingRow).where(col(OutgoingRow.due_at) <= at).order_by(col(OutgoingRow.due_at))
        return list((await self.session.exec(query.limit(limit).with_for_update(skip_locked=True))).all())

    async def status_overdue(self, at: datetime, limit: int) -> list[OutgoingRow]:
        """Those of which nobody has said for long whether the service is used; locked."""
        due = col(OutgoingRow.status_due_at)
        query = select(OutgoingRow).where(due <= at).order_by(due)
        return list((await self.session.exec(query.limit(limit).with_for_update(skip_locked=True))).all())

    async def serving(self, person_id: UUID) -> list[OutgoingRow]:
        """Those by which an organisation helps a person now, or a service is in use."""
        in_use = (col(OutgoingRow.state) == State.CLOSED) & col(OutgoingRow.service_status).in_(
            [ServiceStatus.ACCESSED, ServiceStatus.USED]
        )
        taken_on = col(OutgoingRow.state).in_(sorted({State.ACCEPTED, *OPEN_CASE}))
        query = select(OutgoingRow).where(OutgoingRow.person_id == person_id, taken_on | in_use)
        return list((await self.session.exec(query.order_by(col(OutgoingRow.prepared_at)))).all())

    async def link(self, incoming_id: UUID, person_id: UUID) -> None:
        """Note whom a redirected referral is about, where that was not known yet."""
        query = select(OutgoingRow).where(OutgoingRow.based_on == incoming_id, col(OutgoingRow.person_id).is_(None))
        for row in (await self.session.exec(query)).all():
            await self.record(row, row.link(person_id), *row.brought(person_id))
        await self.realign(person_id)


def is_party(referral: OutgoingReferral, caller: Caller | None) -> bool:
    """Whether a caller may see a referral: our staff, or whom it is addressed to; our own handlers are no caller."""
    return caller is None or caller.scope == Scope.ALL or referral.organisation == addressee(caller)


def addressee(caller: Caller) -> str | None:
    """The organisation that a caller answers for as a partner; staff of another programme is no addressee."""
    return caller.organisation if PARTNER in caller.granted else None


PARTNER = "partner"


async def follow_up(transaction: Transaction, referral: Referral, events: Sequence[Event]) -> None:
    """What a step on an incoming referral brings about by itself: a refusal is also a gap, a redirection goes out."""
    for event in events:
        if isinstance(event, ReferralRedirected):
            await Outgoings(transaction).redirect(referral, event.organisation)
        if isinstance(event, ReferralRefused) and referral.moves[-1].actor is not Actor.SYSTEM:
            address, needs = referral.document.person.address, needs_of(referral.document)
            commune = address.nis_code if address else None
            await Gaps(transaction).note(Unmet(GapSource.INCOMING, referral.id, needs, commune, event.reason))
