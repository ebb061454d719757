"""Campaigns and their members as they are kept and counted."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, case, func, literal, or_, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select

from services.scheduler.domain import (
    WORKABLE,
    CallOrder,
    Campaign,
    CampaignStatus,
    CampaignStepRefused,
    LeftReason,
    Member,
    Standing,
    Status,
    Tally,
    Trigger,
    risk_of,
)
from services.scheduler.store.campaign_rows import CampaignRow, MemberRow, is_shown
from services.scheduler.store.follow_up_rows import FollowUpRow
from services.scheduler.store.related import open_to
from shared.access import Scope
from shared.auth import Caller
from shared.clock import BRUSSELS
from shared.errors import NotFound
from shared.relinks import Relinks
from shared.requests import SeenVersion
from shared.store import Collection

AT_ONCE = 500
"""Members written in one statement."""

_BY_STATUS = {
    Status.PLANNED: Standing.PLANNED,
    Status.DUE: Standing.DUE,
    Status.IN_PROGRESS: Standing.IN_PROGRESS,
    Status.COMPLETED: Standing.REACHED,
    Status.UNREACHABLE: Standing.UNREACHABLE,
    Status.REFUSED: Standing.REFUSED,
    Status.CANCELLED: Standing.CANCELLED,
}

ENDED = frozenset({CampaignStatus.COMPLETED, CampaignStatus.CLOSED})
_SERVES = col(FollowUpRow.id) == col(MemberRow.follow_up_id)
_STAYS = col(MemberRow.left).is_(None)

WITHOUT_CALL = and_(
    _STAYS,
    or_(
        col(FollowUpRow.id).is_(None),
        and_(col(FollowUpRow.status) == Status.CANCELLED, col(FollowUpRow.origin_id) != col(MemberRow.campaign_id)),
    ),
)
"""Nothing is planned for this member, or the other call that was to serve it was cancelled."""

UNFINISHED = or_(WITHOUT_CALL, and_(_STAYS, col(FollowUpRow.status).in_(WORKABLE)))
"""The campaign is not finished with this member."""

_STANDING: ColumnElement[str] = case(
    *((col(MemberRow.left) == reason, literal(Standing(reason.value).value)) for reason in LeftReason),
    (WITHOUT_CALL, literal(Standing.WAITING.value)),
    *((col(FollowUpRow.status) == status, literal(standing.value)) for status, standing in _BY_STATUS.items()),
)


class Place(NamedTuple):
    """A member, the call that serves it, and where the campaign stands with it."""

    member: MemberRow
    follow_up: FollowUpRow | None
    standing: Standing


class Campaigns(Collection):
    """The campaigns, as far as the caller may see them."""

    async def today(self) -> date:
        """The day in Belgium by the database's clock, which all timers go by."""
        now: datetime = (await self.session.exec(select(func.relais_now()))).one()
        return now.astimezone(BRUSSELS).date()

    async def draft(self, campaign: Campaign) -> CampaignRow:
        """Store a new campaign that somebody made by hand."""
        row = CampaignRow(**dict(campaign))
        await self.record(row, row.drafted())
        return row

    async def of_outage(self, outage_id: UUID, draft: Campaign) -> CampaignRow:
        """The campaign of an outage, which is this draft where there is none; locked until the transaction ends."""
        query = select(CampaignRow).where(CampaignRow.outage_id == outage_id).with_for_update()
        found = (await self.session.exec(query)).one_or_none()
        if found:
            return found
        await self.transaction.record_new(CampaignRow, dict(draft), draft.drafted())
        return (await self.session.exec(query)).one()

    async def get(self, campaign_id: UUID, caller: Caller, seen: SeenVersion | None = None) -> CampaignRow:
        """One campaign, locked where `seen` is given; NotFound when there is none that this caller may see."""
        row = await self.session.get(CampaignRow, campaign_id, with_for_update=seen is not None)
        if row is None or not (caller.scope == Scope.ALL or row.organisation == caller.organisation):
            raise NotFound
        if seen:
            seen.check(row)
        return row

    async def page(
        self, caller: Caller, status: CampaignStatus | None, limit: int, after: Sequence[str] | None
    ) -> Sequence[CampaignRow]:
        """At most `limit` + 1 campaigns, the latest first."""
        query = select(CampaignRow)
        if caller.scope != Scope.ALL:
            query = query.where(CampaignRow.organisation == caller.organisation)
        if status:
            query = query.where(CampaignRow.status == status)
        if after:
            query = query.where(col(CampaignRow.id) < UUID(after[0]))
        return (await self.session.exec(query.order_by(col(CampaignRow.id).desc()).limit(limit + 1))).all()

    async def with_work(self) -> Sequence[CampaignRow]:
        """Running campaigns in which somebody has no call yet or that may be finished; locked, skipping others'."""
        members = select(literal(1)).select_from(MemberRow).outerjoin(FollowUpRow, _SERVES)
        mine = members.where(col(MemberRow.campaign_id) == col(CampaignRow.id), is_shown()).correlate(CampaignRow)
        query = select(CampaignRow).where(
            CampaignRow.status == CampaignStatus.RUNNING,
            or_(mine.where(WITHOUT_CALL).exists(), ~mine.where(UNFINISHED).exists()),
        )
        query = query.order_by(col(CampaignRow.id)).with_for_update(of=CampaignRow, skip_locked=True)
        return (await self.session.exec(query)).all()

    async def drafts_told_whole(self) -> Sequence[CampaignRow]:
        """Drafts on which everybody is whom the outage announced; locked, skipping others'."""
        count = select(func.count()).where(col(MemberRow.campaign_id) == col(CampaignRow.id))
        query = select(CampaignRow).where(
            CampaignRow.status == CampaignStatus.DRAFT,
            col(CampaignRow.expected) <= count.correlate(CampaignRow).scalar_subquery(),
            col(CampaignRow.expected) > 0,
        )
        return (await self.session.exec(query.with_for_update(skip_locked=True))).all()

    async def add(self, members: Sequence[Member]) -> None:
        """Put people on a campaign, each once; what is known of the risk is completed, nobody is put back."""
        for start in range(0, len(members), AT_ONCE):
            rows = [{**dict(member), "current_id": member.person_id} for member in members[start : start + AT_ONCE]]
            new = insert(MemberRow).values(rows)
            known = {name: new.excluded[name] for name in ("rank", "risk", "reasons", "since")}
            await self.session.exec(new.on_conflict_do_update(index_elements=["campaign_id", "person_id"], set_=known))

    async def note_restored(self, campaign: CampaignRow, person_id: UUID, on: date) -> bool:
        """Keep that a link was restored of which nothing was told before; says whether that is so.

        Under no record of the person, that is: of a member by another record something was told.
        """
        same = await Relinks(self.transaction).standing_for(person_id) - {person_id}
        others = select(MemberRow).where(MemberRow.campaign_id == campaign.id, col(MemberRow.person_id).in_(same))
        is_known = (await self.session.exec(others.limit(1))).first() is not None
        known = {"campaign_id": campaign.id, "person_id": person_id, "current_id": person_id}
        told = {"rank": 0, "risk": risk_of(()), "reasons": (), "left": LeftReason.RESTORED, "left_on": on}
        return await self.transaction.insert_once(MemberRow, **known, **told) and not is_known

    async def put_back(self, campaign_id: UUID, person_id: UUID) -> None:
        """Somebody who was taken off as deceased lives, and waits for a call again.

        Raises CampaignStepRefused when the campaign is over: nobody would call.
        """
        campaign = await self.session.get_one(CampaignRow, campaign_id, with_for_update=True)
        if campaign.status in ENDED:
            raise CampaignStepRefused(facts={"state": campaign.status})
        same = await Relinks(self.transaction).standing_for(person_id)
        query = select(MemberRow).where(MemberRow.campaign_id == campaign_id, col(MemberRow.person_id).in_(same))
        member = (await self.session.exec(query.order_by(is_shown().desc()).limit(1))).one()
        member.left = member.left_on = member.follow_up_id = None
        await self.session.flush()

    async def tally(self, campaign_id: UUID) -> Tally:
        """How many people stand where."""
        query = (
            select(_STANDING, func.count())
            .select_from(MemberRow)
            .outerjoin(FollowUpRow, _SERVES)
            .where(col(MemberRow.campaign_id) == campaign_id, is_shown())
            .group_by(_STANDING)
        )
        return Tally(counts={Standing(standing): count for standing, count in (await self.session.exec(query)).all()})

    async def outcomes(self, campaign_id: UUID) -> Counter[tuple[Standing, str]]:
        """How many people stand where, by the reason that weighs most."""
        counted: Counter[tuple[Standing, str]] = Counter()
        query = select(MemberRow, _STANDING).outerjoin(FollowUpRow, _SERVES)
        query = query.where(MemberRow.campaign_id == campaign_id, is_shown())
        for member, standing in (await self.session.exec(query)).all():
            counted[Standing(standing), member.first_reason] += 1
        return counted

    async def batches(self, campaign_id: UUID) -> Sequence[tuple[date, int]]:
        """How many of a campaign's own calls are planned per day, as far as they are not cancelled."""
        day = col(FollowUpRow.planned_on)
        own = and_(col(FollowUpRow.trigger) == Trigger.LINE_OUTAGE, col(FollowUpRow.origin_id) == campaign_id)
        query = select(day, func.count()).where(own, col(FollowUpRow.status) != Status.CANCELLED)
        return [(on, count) for on, count in (await self.session.exec(query.group_by(day).order_by(day))).all()]

    async def people(
        self,
        campaign: CampaignRow,
        standing: Standing | None,
        caller: Caller,
        limit: int,
        after: Sequence[str] | None,
    ) -> Sequence[Place]:
        """At most `limit` + 1 members of a campaign, in the order of risk.

        Whom it still means to call is related to it by that.
        """
        place = (col(MemberRow.rank), col(MemberRow.person_id))
        query = select(MemberRow, FollowUpRow, _STANDING).outerjoin(FollowUpRow, _SERVES)
        wanted = standing == _STANDING if standing else true()
        query = query.where(MemberRow.campaign_id == campaign.id, is_shown(), wanted)
        is_owed = and_(_STAYS, literal(campaign.status not in ENDED))
        whom = func.coalesce(MemberRow.current_id, MemberRow.person_id)
        query = query.where(open_to(whom, caller, self.transaction.clock.now(), is_owed))
        if after:
            rank, person = int(after[0]), UUID(after[1])
            query = query.where(or_(place[0] > rank, and_(place[0] == rank, place[1] > person)))
        rows = (await self.session.exec(query.order_by(*place).limit(limit + 1))).all()
        return [Place(member, follow_up, Standing(standing)) for member, follow_up, standing in rows]

    async def without_call(self, campaign: CampaignRow, limit: int) -> Sequence[MemberRow]:
        """The first members for whom nothing is planned, in the campaign's order, locked."""
        since = (col(MemberRow.since).nulls_first(),) if campaign.order is CallOrder.LONGEST_SILENT else ()
        place = (col(MemberRow.risk) > 0, *since, col(MemberRow.rank), col(MemberRow.person_id))
        query = select(MemberRow).outerjoin(FollowUpRow, _SERVES)
        query = (
            query.where(MemberRow.campaign_id == campaign.id, is_shown(), WITHOUT_CALL).order_by(*place).limit(limit)
        )
        return (await self.session.exec(query.with_for_update(of=MemberRow))).all()
