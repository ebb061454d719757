"""The notices by e-mail that organisations are owed: that there is something for them, and nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col, select

from services.referrals.store.organisations import OrganisationRow
from services.referrals.store.table import Table
from shared.store import Collection

LEASE = timedelta(minutes=2)
MOST_TRIES = 20
LONGEST_WAIT = timedelta(hours=6)
"""Twenty tries, at first two minutes apart and later six hours: over three days in all."""


class NoticeRow(Table, table=True):
    """One notice that an organisation is owed. `wanted` counts what it is for, so that none is lost while it goes."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_due_at", "due_at"),)

    organisation: str = Field(primary_key=True)
    wanted: int
    tries: int = 0
    due_at: datetime


@dataclass(frozen=True)
class Claim:
    """A notice that this replica sends now. `email` null: the organisation has no address any more."""

    organisation: str
    wanted: int
    tries: int
    email: str | None
    languages: tuple[str, ...]


class Notices(Collection):
    """The notices that are owed, at most one per organisation."""

    async def owe(self, organisation: str) -> None:
        """Owe an organisation a notice; one that has not gone yet serves for both."""
        now = self.transaction.clock.now()
        owed = insert(NoticeRow).values(organisation=organisation, wanted=1, tries=0, due_at=now)
        more = {"wanted": col(NoticeRow.wanted) + 1, "tries": 0, "due_at": now}
        await self.session.exec(owed.on_conflict_do_update(index_elements=["organisation"], set_=more))

    async def claim(self) -> Claim | None:
        """The next one to send, for two minutes ours alone; longer where it failed before."""
        now = self.transaction.clock.now()
        query = select(NoticeRow).where(NoticeRow.due_at <= now, NoticeRow.tries < MOST_TRIES)
        query = query.order_by(col(NoticeRow.due_at)).limit(1).with_for_update(skip_locked=True)
        row = (await self.session.exec(query)).first()
        if row is None:
            return None
        row.tries += 1
        row.due_at = now + min(LEASE * 2 ** (row.tries - 1), LONGEST_WAIT)
        self.session.add(row)
        await self.session.flush()
        known = await self.session.exec(select(OrganisationRow).where(OrganisationRow.code == row.organisation))
        about = next((each.about for each in known.all()), None)
        email, languages = (about.email, about.languages) if about else (None, ())
        return Claim(row.organisation, row.wanted, row.tries, email, languages)

    async def settle(self, claim: Claim) -> None:
        """It went: nothing is owed, unless more came meanwhile, which then goes by itself."""
        mine = col(NoticeRow.organisation) == claim.organisation
        await self.session.exec(delete(NoticeRow).where(mine, col(NoticeRow.wanted) == claim.wanted))
        again = {"tries": 0, "due_at": self.transaction.clock.now()}
        await self.session.exec(update(NoticeRow).where(mine).values(again))
