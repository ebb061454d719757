"""Subscriptions with their notices, and all SQL about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    ForeignKey,
    Index,
    Integer,
    Text,
    func,
    tuple_,
    update,
)
from sqlmodel import Field, col, select

from services.referrals.domain.subscription import (
    Notice,
    Payload,
    Subscription,
    SubscriptionState,
    TooManySubscriptions,
    Topic,
    Wire,
)
from services.referrals.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.encryption import EncryptedJson, EncryptedText
from shared.errors import Fault, NotFound
from shared.ids import new_id
from shared.requests import SeenVersion
from shared.store import Collection, text_enum

MAX_SUBSCRIPTIONS = 20

_version = Column("version", Integer, nullable=False)


class SubscriptionRow(Table, Subscription, table=True):
    """A subscription, and how far telling has come.

    `version` counts what its owner and its state did; the columns of delivery move without it. `lease` is whoever
    delivers now: one at a time, until `leased_until`.
    """

    __tablename__ = "subscription"
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _version, "version_id_generator": False}
    __table_args__ = (Index("ix_subscription_owner", "owner"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner: str
    url: str
    sees_all: bool = False
    base: str = ""
    secret: str = Field(default="", sa_type=EncryptedText)
    created_at: datetime
    wire: Wire = Field(sa_type=text_enum(Wire))
    kinds: tuple[str, ...] = Field(default=(), sa_type=ARRAY(Text))
    topic: Topic | None = Field(default=None, sa_type=text_enum(Topic))
    payload: Payload = Field(default=Payload.ID_ONLY, sa_type=text_enum(Payload))
    state: SubscriptionState = Field(default=SubscriptionState.ACTIVE, sa_type=text_enum(SubscriptionState))
    headers: tuple[str, ...] = Field(default=(), sa_type=EncryptedJson(tuple[str, ...]))
    lease: UUID | None = None
    leased_until: datetime | None = None
    served_at: datetime | None = None
    heartbeat_at: datetime | None = None
    test_asked_at: datetime | None = None
    tested_at: datetime | None = None
    test_answer: str | None = None
    previous_secret: str | None = Field(default=None, sa_type=EncryptedText)
    version: int = Field(default=0, sa_column=_version)


class SubscriptionNoticeRow(Table, Notice, table=True):
    """A notice. What it was sent with is made anew each time, and is the same each time."""

    __tablename__ = "subscription_notice"
    __table_args__ = (Index("ix_subscription_notice_at", "at"),)

    subscription_id: UUID = Field(primary_key=True, sa_column_args=[ForeignKey("subscription.id")])
    number: int = Field(primary_key=True)


Row = SubscriptionRow.__table__.c  # type: ignore[attr-defined]


class Subscriptions(Collection):
    """The subscriptions, as far as the caller may see them."""

    async def make(self, subscription: SubscriptionRow) -> None:
        """Keep a new one; raises TooManySubscriptions."""
        mine = select(func.count()).where(Row.owner == subscription.owner, Row.deleted_at.is_(None))
        if (await self.session.exec(mine)).one() >= MAX_SUBSCRIPTIONS:
            raise TooManySubscriptions
        await self.record(subscription, subscription.changed())

    async def get(
        self,
        subscription_id: UUID,
        caller: Caller | None = None,
        wire: Wire | None = None,
        seen: SeenVersion | None = None,
    ) -> SubscriptionRow:
        """One subscription; NotFound when there is none that this caller may see; StaleVersion by `seen`."""
        found = await self.session.get(SubscriptionRow, subscription_id, populate_existing=True)
        if found is None or found.deleted_at or not visible(found, caller) or (wire and found.wire is not wire):
            raise NotFound
        if seen:
            seen.check(found)
        return found

    async def page(self, caller: Caller, wire: Wire, limit: int, after: Sequence[str] | None) -> list[SubscriptionRow]:
        """At most `limit` + 1 of them, oldest first."""
        query = select(SubscriptionRow).where(Row.wire == wire, Row.deleted_at.is_(None))
        if caller.scope != Scope.ALL:
            query = query.where(Row.owner == caller.organisation)
        if after:
            query = query.where(tuple_(Row.created_at, Row.id) > (datetime.fromisoformat(after[0]), UUID(after[1])))
        return list((await self.session.exec(query.order_by(Row.created_at, Row.id).limit(limit + 1))).all())

    async def resend(self, subscription: SubscriptionRow, number: int) -> None:
        """Send again from a number on, and go on where it had stopped; raises SubscriptionOff, NotFound."""
        subscription.check_not_off()
        kept = select(func.min(SubscriptionNoticeRow.number)).where(
            SubscriptionNoticeRow.subscription_id == subscription.id
        )
        first = (await self.session.exec(kept)).one() or subscription.last_number + 1
        if not first <= number <= subscription.last_number:
            raise NotFound(faults=[Fault("/from", "out-of-range")])
        if subscription.state is SubscriptionState.ERROR:
            await self.record(subscription, subscription.activate())
        await self._set(subscription.id, sent_number=number - 1, **NO_FAILURE)

    async def begin_again(self, subscription: SubscriptionRow) -> None:
        """Let a changed subscription be tried at once."""
        await self._set(subscription.id, heartbeat_at=None, **NO_FAILURE)

    async def ask_test(self, subscription: SubscriptionRow) -> None:
        """Have a test notice sent at the next round; raises SubscriptionOff."""
        subscription.check_not_off()
        await self._set(subscription.id, test_asked_at=self.transaction.clock.now(), retry_at=None)

    async def notices(
        self, subscription_id: UUID, first: int, limit: int, last: int | None = None
    ) -> list[SubscriptionNoticeRow]:
        """At most `limit` notices from a number on, in order."""
        query = select(SubscriptionNoticeRow).where(
            SubscriptionNoticeRow.subscription_id == subscription_id, col(SubscriptionNoticeRow.number) >= first
        )
        if last is not None:
            query = query.where(col(SubscriptionNoticeRow.number) <= last)
        return list((await self.session.exec(query.order_by(col(SubscriptionNoticeRow.number)).limit(limit))).all())

    async def _set(self, subscription_id: UUID, **values: Any) -> None:
        await self.session.exec(update(SubscriptionRow).where(Row.id == subscription_id).values(**values))


NO_FAILURE: dict[str, Any] = {"failures": 0, "first_failed_at": None, "retry_at": None}


def visible(subscription: Subscription, caller: Caller | None) -> bool:
    """Whether a caller may see a subscription; our own handlers are no caller."""
    return caller is None or caller.scope == Scope.ALL or subscription.owner == caller.organisation
