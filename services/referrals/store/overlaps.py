"""Who already serves a person: our own cases as far as events tell, other referrals, organisations that help."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col, select

from services.referrals.domain.referral import Referral
from services.referrals.domain.states import NEXT, State
from services.referrals.store.organisations import OrganisationRow
from services.referrals.store.outgoing import Outgoings
from services.referrals.store.referrals import ReferralRow
from services.referrals.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.store import Collection


class FollowedPersonRow(Table, table=True):
    """A case of the programme, as far as we need to know it: whom it follows, and since when."""

    __tablename__ = "followed_person"

    case_id: UUID = Field(primary_key=True)
    person_id: UUID | None = Field(default=None, index=True)
    organisation: str | None = None
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Serving:
    """Somebody who serves the person already, or is asked to: `kind` says how, `id` is the case or referral."""

    kind: str
    id: UUID
    organisation: str | None
    state: str
    since: datetime
    needs: tuple[str, ...] = ()
    mission: str | None = None


class Overlaps(Collection):
    """Who already serves whom."""

    async def learn(self, case_id: UUID, **known: object) -> None:
        """Note what an event told of a case; what it did not tell stays."""
        values = {"case_id": case_id, "opened_at": self.transaction.clock.now(), **known}
        copy = insert(FollowedPersonRow).values(values)
        changed = known or {"case_id": case_id}
        await self.session.exec(copy.on_conflict_do_update(index_elements=["case_id"], set_=changed))

    async def of(self, referral: Referral) -> list[Serving]:
        """All who serve the person of an incoming referral besides what it led to itself; by kind, oldest first."""
        if referral.person_id is None:
            return []
        return [
            *await self._cases(referral.person_id, referral.case_id),
            *await self._incoming(referral.person_id, referral.id),
            *await self._outgoing(referral.person_id),
        ]

    async def flag(self, referral: Referral, caller: Caller) -> bool | None:
        """Whether somebody serves the person already; None for a sender, whom this does not concern."""
        return bool(await self.of(referral)) if caller.scope == Scope.ALL else None

    async def _cases(self, person_id: UUID, besides: UUID | None) -> list[Serving]:
        row = FollowedPersonRow
        query = select(row).where(row.person_id == person_id, col(row.closed_at).is_(None)).order_by(col(row.opened_at))
        cases = [case for case in (await self.session.exec(query)).all() if case.case_id != besides]
        return [Serving("case", case.case_id, case.organisation, "open", case.opened_at) for case in cases]

    async def _incoming(self, person_id: UUID, besides: UUID) -> list[Serving]:
        is_open = col(ReferralRow.state).in_(sorted(state for state in State if NEXT[state]))
        query = select(ReferralRow).where(ReferralRow.person_id == person_id, is_open, ReferralRow.id != besides)
        rows = (await self.session.exec(query.order_by(col(ReferralRow.received_at)))).all()
        return [Serving("incoming", row.id, row.sender, row.state, row.received_at) for row in rows]

    async def _outgoing(self, person_id: UUID) -> list[Serving]:
        rows = await Outgoings(self.transaction).serving(person_id)
        query = select(OrganisationRow).where(col(OrganisationRow.code).in_({row.organisation for row in rows}))
        missions = {each.code: each.about.mission for each in (await self.session.exec(query)).all()} if rows else {}
        return [
            Serving(
                "outgoing",
                row.id,
                row.organisation,
                row.state,
                row.prepared_at,
                row.needs,
                missions.get(row.organisation),
            )
            for row in rows
        ]
