"""What subscribers are to be told, and how far telling has come: all SQL about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import any_, delete, insert, literal, or_, tuple_, update
from sqlmodel import col, select

from services.referrals.domain.subscription import Notice, NoticeKind, Subscription, SubscriptionState
from services.referrals.store.organisations import OrganisationRow
from services.referrals.store.referrals import ReferralRow
from services.referrals.store.subscriptions import Row, SubscriptionNoticeRow, SubscriptionRow
from shared.ids import new_id
from shared.store import Collection

FORGET_AT_ONCE = 5000
TOLD = (SubscriptionState.ACTIVE, SubscriptionState.ERROR)
"""States in which notices are noted; also while one that was served before shakes hands again."""


@dataclass(frozen=True)
class Happening:
    """What subscribers are to be told of: who is party to it beside the programme, and about what."""

    kind: NoticeKind
    party: str
    subject_id: UUID
    state: str | None
    message: int | None = None


class Deliveries(Collection):
    """What is to be told, and the telling."""

    async def sender_of(self, referral_id: UUID) -> tuple[str, str]:
        """Who sent a referral, and its state now."""
        query = select(ReferralRow.sender, ReferralRow.state).where(ReferralRow.id == referral_id)
        sender, state = (await self.session.exec(query)).one()
        return sender, str(state)

    async def note(self, happening: Happening) -> int:
        """Note this for everybody who wants to be told, each under the next number of theirs; how many they are.

        The rows of the subscriptions stay locked until the transaction ends: numbers have no gap and no double.
        """
        known = select(OrganisationRow.code).where(col(OrganisationRow.active))
        wanted = (
            select(SubscriptionRow.id)
            .where(
                or_(Row.state.in_(TOLD), (Row.state == SubscriptionState.REQUESTED) & Row.served_at.is_not(None)),
                or_(Row.sees_all, (Row.owner == happening.party) & Row.owner.in_(known)),
                or_(Row.kinds == [], literal(happening.kind.name) == any_(Row.kinds)),
                or_(Row.requester.is_(None), Row.requester == happening.party),
                or_(Row.task_owner.is_(None), Row.task_owner == happening.party),
            )
            .order_by(Row.id)
            .with_for_update()
        )
        ids = (await self.session.exec(wanted)).all()
        if not ids:
            return 0
        counted = (
            update(SubscriptionRow)
            .where(Row.id.in_(ids))
            .values(last_number=Row.last_number + 1)
            .returning(Row.id, Row.last_number)
            .execution_options(synchronize_session=False)
        )
        fields = {
            "kind": happening.kind.name,
            "subject_id": happening.subject_id,
            "state": happening.state,
            "message": happening.message,
            "at": self.transaction.clock.now(),
            "attempts": 0,
        }
        numbers = (await self.session.exec(counted)).all()
        rows = [{"subscription_id": subscription, "number": number, **fields} for subscription, number in numbers]
        await self.session.exec(insert(SubscriptionNoticeRow).values(rows))
        return len(rows)

    async def claim(self, keep: timedelta) -> SubscriptionRow | None:
        """Take one subscription that has something to be sent, for this long; nobody else gets it meanwhile."""
        now = self.transaction.clock.now()
        has_work = (Row.sent_number < Row.last_number) | Row.test_asked_at.is_not(None)
        is_due = (Row.heartbeat_at <= now) | (Row.ends_at <= now)
        due = (
            select(SubscriptionRow.id)
            .where(
                or_(Row.leased_until.is_(None), Row.leased_until <= now),
                or_(Row.retry_at.is_(None), Row.retry_at <= now),
                or_(
                    Row.state == SubscriptionState.REQUESTED,
                    (Row.state == SubscriptionState.ACTIVE) & (has_work | is_due),
                ),
            )
            .order_by(Row.served_at.asc().nulls_first())
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        taken = {"lease": new_id(), "leased_until": now + keep, "served_at": now}
        claimed = (
            update(SubscriptionRow)
            .where(Row.id.in_(due.scalar_subquery()))
            .values(**taken)
            .returning(SubscriptionRow)
            .execution_options(synchronize_session=False)
        )
        return (await self.session.exec(claimed)).scalars().first()

    async def next_of(self, claimed: Subscription, after: int, limit: int) -> list[SubscriptionNoticeRow]:
        """The notices behind a number, in order."""
        query = select(SubscriptionNoticeRow).where(
            SubscriptionNoticeRow.subscription_id == claimed.id, col(SubscriptionNoticeRow.number) > after
        )
        return list((await self.session.exec(query.order_by(col(SubscriptionNoticeRow.number)).limit(limit))).all())

    async def keep(self, claimed: SubscriptionRow, **values: Any) -> bool:
        """Write how delivery stands, if the lease is still ours; says whether it was."""
        ours = update(SubscriptionRow).where(Row.id == claimed.id, Row.lease == claimed.lease).values(**values)
        return bool((await self.session.exec(ours.execution_options(synchronize_session=False))).rowcount)

    async def arrived(self, claimed: SubscriptionRow, number: int, **values: Any) -> bool:
        """Write that a notice arrived; says whether to go on.

        Not when the lease was lost, the subscription ended, or somebody meanwhile asked to send from before again.
        """
        ours = update(SubscriptionRow).where(
            Row.id == claimed.id,
            Row.lease == claimed.lease,
            Row.sent_number == claimed.sent_number,
            Row.state == SubscriptionState.ACTIVE,
        )
        done = ours.values(sent_number=number, **values).execution_options(synchronize_session=False)
        claimed.sent_number, claimed.failures, claimed.first_failed_at = number, 0, None
        return bool((await self.session.exec(done)).rowcount)

    async def attempted(self, notice: Notice, answer: str, delivered_at: datetime | None) -> None:
        """Write what became of an attempt."""
        row = SubscriptionNoticeRow.__table__.c  # type: ignore[attr-defined]
        values = {"attempts": row.attempts + 1, "answer": answer}
        if delivered_at:
            values["delivered_at"] = delivered_at
        this = (row.subscription_id == notice.subscription_id) & (row.number == notice.number)
        await self.session.exec(
            update(SubscriptionNoticeRow).where(this).values(**values).execution_options(synchronize_session=False)
        )

    async def forget(self, before: datetime) -> bool:
        """Delete notices of before; says whether there are more."""
        old = select(SubscriptionNoticeRow.subscription_id, SubscriptionNoticeRow.number).where(
            col(SubscriptionNoticeRow.at) < before
        )
        key = tuple_(col(SubscriptionNoticeRow.subscription_id), col(SubscriptionNoticeRow.number))
        gone = await self.session.exec(delete(SubscriptionNoticeRow).where(key.in_(old.limit(FORGET_AT_ONCE))))
        return bool(gone.rowcount == FORGET_AT_ONCE)
