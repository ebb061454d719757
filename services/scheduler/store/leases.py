"""Who works with which person just now: one claim per person, ended by the database's clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, delete, func, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col, select

from services.scheduler.domain import ClaimedByAnother, ClaimExpired, FollowUp, Status
from services.scheduler.store.table import Table
from shared.auth import Caller
from shared.store import Collection

# mypy: disable-error-code="call-overload"
# SQLModel's Field is not typed for instances of column types.


class LeaseRow(Table, table=True):
    """The claim on a person: `subject_id` is the person, or the follow-up of somebody not identified yet."""

    __tablename__ = "lease"

    subject_id: UUID = Field(primary_key=True)
    follow_up_id: UUID
    holder: str = Field(index=True)
    organisation: str
    until: datetime = Field(sa_type=DateTime(timezone=True))


def subject_of(follow_up: FollowUp) -> UUID:
    """Whom a claim on this follow-up blocks for others: the person with all follow-ups, else this one alone."""
    return follow_up.person_id or follow_up.id


class Leases(Collection):
    """The claims."""

    async def take(self, follow_up: FollowUp, caller: Caller, length: timedelta) -> datetime:
        """Claim the person, or prolong one's own claim; until when it holds. Raises ClaimedByAnother.

        One statement, so that of any number who claim at once one wins; the others wait for it and are refused.
        """
        claim = insert(LeaseRow).values(
            subject_id=subject_of(follow_up),
            follow_up_id=follow_up.id,
            holder=caller.subject,
            organisation=follow_up.organisation,
            until=func.relais_now() + length,
        )
        free = or_(col(LeaseRow.holder) == claim.excluded.holder, col(LeaseRow.until) <= func.relais_now())
        fields = {name: claim.excluded[name] for name in ("follow_up_id", "holder", "organisation", "until")}
        claim = claim.on_conflict_do_update(index_elements=["subject_id"], set_=fields, where=free)
        until: datetime | None = (await self.session.exec(claim.returning(col(LeaseRow.until)))).scalar_one_or_none()
        if until is None:
            raise await self._refusal(follow_up)
        return until

    async def renew(self, follow_up: FollowUp, caller: Caller, length: timedelta) -> datetime:
        """Prolong one's own claim from now on; raises ClaimedByAnother, or ClaimExpired when it is over."""
        mine = (col(LeaseRow.subject_id) == subject_of(follow_up), col(LeaseRow.holder) == caller.subject)
        longer = update(LeaseRow).where(*mine, col(LeaseRow.until) > func.relais_now())
        renewed = longer.values(until=func.relais_now() + length).returning(col(LeaseRow.until))
        until: datetime | None = (await self.session.exec(renewed)).scalar_one_or_none()
        if until is None:
            raise await self._refusal(follow_up)
        return until

    async def release(self, follow_up: FollowUp, caller: Caller) -> None:
        """Give the person free; a claim that is over is no mistake. Raises ClaimedByAnother."""
        if not await self._drop(follow_up, caller) and await self._until(follow_up):
            raise await self._refusal(follow_up)

    @asynccontextmanager
    async def working(self, follow_up: FollowUp, caller: Caller, length: timedelta) -> AsyncIterator[None]:
        """A step on a follow-up: refused while somebody else holds the person, and the end of one's own claim.

        The step itself claims, so that nobody can claim between the look and the commit. Whoever has the person on
        the line keeps the claim until the result. Raises ClaimedByAnother.
        """
        await self.take(follow_up, caller, length)
        yield
        if follow_up.status is not Status.IN_PROGRESS:
            await self._drop(follow_up, caller)

    async def _drop(self, follow_up: FollowUp, caller: Caller) -> bool:
        mine = (col(LeaseRow.subject_id) == subject_of(follow_up), col(LeaseRow.holder) == caller.subject)
        return bool((await self.session.exec(delete(LeaseRow).where(*mine))).rowcount)

    async def _until(self, follow_up: FollowUp) -> datetime | None:
        live = (col(LeaseRow.subject_id) == subject_of(follow_up), col(LeaseRow.until) > func.relais_now())
        return (await self.session.exec(select(LeaseRow.until).where(*live))).one_or_none()

    async def _refusal(self, follow_up: FollowUp) -> ClaimedByAnother | ClaimExpired:
        until = await self._until(follow_up)
        return ClaimedByAnother(facts={"until": until.isoformat()}) if until else ClaimExpired()
