"""The calls of a campaign: planned in batches, laid anew after a pause, dropped where somebody is in touch again."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from services.scheduler.domain import (
    SOON,
    SPOKE,
    WORKABLE,
    Calendar,
    FollowUp,
    LeftReason,
    Occasion,
    Owner,
    Policies,
    Policy,
    Status,
    StepKind,
    Stopped,
    Target,
    Trigger,
    has_spoken,
    is_movable,
    lay_out,
    placed_on,
    replan,
)
from services.scheduler.events import CancelReason, ContactRestored, MoveReason, StoppedKind
from services.scheduler.store.campaign_rows import CampaignRow, MemberRow, paused_campaigns
from services.scheduler.store.campaigns import Campaigns
from services.scheduler.store.follow_up_rows import FollowUpRow
from services.scheduler.store.follow_ups import FollowUps
from services.scheduler.store.followed import FollowedCases
from services.scheduler.store.last_contacts import LastContacts
from services.scheduler.store.leases import LeaseRow
from services.scheduler.store.stopped import StoppedOnes
from shared.events import Event
from shared.relinks import Relinks
from shared.store import Collection

AT_ONCE = 200
"""Members whose calls are planned in one transaction."""

_LIVE = WORKABLE | {Status.UNREACHABLE}

_LOST = frozenset({Trigger.LINE_OUTAGE, Trigger.NO_CONTACT})

_CANCELLED_AS = {
    LeftReason.RESTORED: CancelReason.RESTORED,
    LeftReason.DECEASED: CancelReason.DECEASED,
    LeftReason.CLOSED: CancelReason.CAMPAIGN_CLOSED,
}


class CampaignCalls(Collection):
    """The follow-ups that serve campaigns."""

    async def plan(self, campaign: CampaignRow, policy: Policy, calendar: Calendar, today: date) -> bool:
        """Give the next members without a call their day, in their order; says whether more may wait.

        Whoever is called in these days anyway is not called twice: that call serves the campaign too.
        """
        campaigns = Campaigns(self.transaction)
        members = await campaigns.without_call(campaign, AT_ONCE)
        taken = Counter(dict(await campaigns.batches(campaign.id)))
        days = lay_out(len(members), campaign.per_day, max(campaign.first_on or today, today), calendar, taken)
        others = await self._others([member.whom for member in members])
        number = await self._last_number(campaign)
        used = 0
        cases = FollowedCases(self.transaction)
        for member in members:
            if await cases.has_died(member.whom):
                await self._leave(member, None, LeftReason.DECEASED, today)
                continue
            day = days[used]
            other = others.get(member.whom)
            if other and other.due_on <= (day + SOON if member.risk else day):
                member.follow_up_id = other.id
                continue
            used, number = used + 1, number + 1
            member.number = number
            member.follow_up_id = await self._plan_own(campaign, member, policy, calendar, day)
        await self.session.flush()
        return len(members) == AT_ONCE

    async def lay_anew(self, campaign: CampaignRow, policies: Policies, calendar: Calendar) -> None:
        """After a pause, give what is planned its days again from the campaign's `first_on` on, in its order."""
        first = campaign.first_on or date.min
        rows = [(member, call) for member, call in await self._own(campaign.id) if is_movable(call, first)]
        rows.sort(key=lambda each: campaign.place(each[0]))
        movable = Counter(call.planned_on for _, call in rows)
        taken = Counter(dict(await Campaigns(self.transaction).batches(campaign.id))) - movable
        days = lay_out(len(rows), campaign.per_day, first, calendar, taken)
        now = self.transaction.clock.now()
        for (_, call), day in zip(rows, days, strict=True):
            policy = policies.version(call.policy, call.policy_version)
            fact = replan(call, policy, placed_on(call, day, policy), MoveReason.CAMPAIGN_RESUMED, now)
            if fact:
                await self.record(call, fact)

    async def close(self, campaign: CampaignRow, on: date) -> None:
        """Take everybody off a campaign with whom it is not finished; whoever is on the line just now stays."""
        query = select(MemberRow, FollowUpRow).outerjoin(
            FollowUpRow, col(FollowUpRow.id) == col(MemberRow.follow_up_id)
        )
        query = query.where(MemberRow.campaign_id == campaign.id, col(MemberRow.left).is_(None))
        for member, call in (await self.session.exec(query.with_for_update(of=MemberRow))).all():
            if call is None or call.status in WORKABLE - {Status.IN_PROGRESS}:
                await self._leave(member, call, LeftReason.CLOSED, on)
        await self.session.flush()

    async def leave(self, person_id: UUID, left: LeftReason, on: date) -> bool:
        """Take a person off every campaign, and drop the search for a lost contact; says whether contact was restored.

        Whoever is spoken with just now, or was, stays: that conversation is what the campaign is for.
        """
        told = False
        for member, call in await self._places_of(person_id):
            if call is not None and not await self._ends(call, left):
                continue
            told = await self._leave(member, call, left, on, told) or told
        told = await self.end_search(person_id, left, told) or told
        await self.session.flush()
        return told

    async def end_search(self, person_id: UUID, left: LeftReason = LeftReason.RESTORED, told: bool = False) -> bool:
        """Drop the search for somebody whose contact was lost; says whether it told that contact was restored."""
        found = False
        for call in await self._searches_for(person_id):
            if await self._ends(call, left):
                found = await self._drop(call, left, told or found) or found
        return found

    async def heard(self, call: FollowUpRow, on: date) -> list[Event]:
        """Keep that somebody spoke with the person of a call on a day.

        What is told of it besides: once, that contact is restored, where the call was made because it was lost.
        """
        if call.person_id is None:
            return []
        await LastContacts(self.transaction).note(call.person_id, on)
        spoken = sum(each.outcome in SPOKE and each.target is Target.PERSON for each in call.attempts)
        is_first = spoken == (0 if call.status is Status.COMPLETED else 1)
        is_told = any(noted.step is StepKind.RESTORED for noted in call.history)
        if not is_first or is_told or not (call.trigger in _LOST or await self._serves(call)):
            return []
        return [ContactRestored(person_id=call.person_id)]

    async def _serves(self, call: FollowUpRow) -> bool:
        query = select(MemberRow.campaign_id).where(MemberRow.follow_up_id == call.id, col(MemberRow.left).is_(None))
        return (await self.session.exec(query)).first() is not None

    async def _leave(
        self, member: MemberRow, call: FollowUpRow | None, left: LeftReason, on: date, told: bool = False
    ) -> bool:
        member.left, member.left_on = left, on
        if left is LeftReason.DECEASED:
            await self._remember(member)
        if call is None or call.origin_id != member.campaign_id:
            return False
        return await self._drop(call, left, told)

    async def _remember(self, member: MemberRow) -> None:
        campaign = await self.session.get_one(CampaignRow, member.campaign_id)
        place = Stopped(
            of=StoppedKind.CAMPAIGN,
            subject_id=campaign.id,
            person_id=member.person_id,
            organisation=campaign.organisation,
        )
        await StoppedOnes(self.transaction).keep(place)

    async def _drop(self, call: FollowUpRow, left: LeftReason, told: bool) -> bool:
        facts: list[Event] = []
        if call.status is Status.UNREACHABLE and left is LeftReason.RESTORED and call.person_id and not told:
            facts = [ContactRestored(person_id=call.person_id)]
        facts.append(call.cancel(_CANCELLED_AS[left], self.transaction.clock.now()))
        await self.record(call, *facts)
        return len(facts) > 1

    async def _ends(self, call: FollowUpRow, left: LeftReason) -> bool:
        if call.status not in _LIVE:
            return False
        if left is not LeftReason.RESTORED or call.status is Status.UNREACHABLE:
            return True
        return not (call.status is Status.IN_PROGRESS or has_spoken(call) or await self._is_claimed(call))

    async def _is_claimed(self, call: FollowUpRow) -> bool:
        query = select(LeaseRow.holder).where(LeaseRow.follow_up_id == call.id, col(LeaseRow.until) > func.relais_now())
        return (await self.session.exec(query)).first() is not None

    async def _places_of(self, person_id: UUID) -> Sequence[tuple[MemberRow, FollowUpRow | None]]:
        query = select(MemberRow, FollowUpRow).outerjoin(
            FollowUpRow, col(FollowUpRow.id) == col(MemberRow.follow_up_id)
        )
        same = await Relinks(self.transaction).standing_for(person_id)
        query = query.where(col(MemberRow.person_id).in_(same), col(MemberRow.left).is_(None))
        return list((await self.session.exec(query.with_for_update(of=MemberRow))).all())

    async def _searches_for(self, person_id: UUID) -> Sequence[FollowUpRow]:
        query = select(FollowUpRow).where(
            FollowUpRow.person_id == await Relinks(self.transaction).current(person_id),
            FollowUpRow.trigger == Trigger.NO_CONTACT,
            col(FollowUpRow.status).in_(_LIVE),
        )
        return (await self.session.exec(query.order_by(col(FollowUpRow.id)).with_for_update())).all()

    async def _own(self, campaign_id: UUID) -> Sequence[tuple[MemberRow, FollowUpRow]]:
        query = select(MemberRow, FollowUpRow).join(FollowUpRow, col(FollowUpRow.id) == col(MemberRow.follow_up_id))
        query = query.where(
            MemberRow.campaign_id == campaign_id,
            FollowUpRow.origin_id == campaign_id,
            FollowUpRow.status == Status.PLANNED,
        )
        return list((await self.session.exec(query.with_for_update())).all())

    async def _others(self, people: Sequence[UUID]) -> dict[UUID, FollowUpRow]:
        """The next call that is planned for each of these people anyway."""
        query = select(FollowUpRow).where(
            col(FollowUpRow.person_id).in_(people),
            col(FollowUpRow.status).in_(WORKABLE),
            col(FollowUpRow.origin_id).not_in(paused_campaigns()),
        )
        rows = (await self.session.exec(query.order_by(col(FollowUpRow.due_on).desc(), col(FollowUpRow.id)))).all()
        return {row.person_id: row for row in rows if row.person_id}

    async def _last_number(self, campaign: CampaignRow) -> int:
        query = select(func.max(MemberRow.number)).where(MemberRow.campaign_id == campaign.id)
        return (await self.session.exec(query)).one() or 0

    async def _plan_own(
        self, campaign: CampaignRow, member: MemberRow, policy: Policy, calendar: Calendar, day: date
    ) -> UUID:
        case = await FollowedCases(self.transaction).open_of(member.whom)
        occasion = Occasion(
            trigger=Trigger.LINE_OUTAGE,
            origin_id=campaign.id,
            number=member.number or 0,
            on=day,
            case_id=case.case_id if case else None,
            person_id=member.whom,
            organisation=campaign.organisation,
            programme=campaign.programme,
            worker=case.worker if case and policy.owner is Owner.CASE_MANAGER else None,
            risk=member.risk,
        )
        follow_up = FollowUp.plan(occasion, policy, policy.steps[0], calendar)
        await FollowUps(self.transaction).plan(follow_up)
        return follow_up.id
