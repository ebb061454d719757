"""Follow-ups that are planned, followed through changes of what they were planned by."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field
from sqlmodel import col, select

from services.scheduler.domain import (
    COUNTED,
    Calendar,
    FollowUp,
    Occasion,
    Owner,
    Policies,
    Policy,
    Status,
    Today,
    Trigger,
    is_untouched,
    place_of,
    replan,
)
from services.scheduler.events import CancelReason, FollowUpLinked, FollowUpMoved, MoveReason
from services.scheduler.store.calendars import Calendars
from services.scheduler.store.follow_up_rows import FollowUpRow
from services.scheduler.store.follow_ups import FollowUps
from services.scheduler.store.followed import FollowedCaseRow
from shared.store import Collection

OVER = (Status.COMPLETED, Status.REFUSED, Status.CANCELLED)


class Changes(BaseModel):
    """What a change did to planned follow-ups, counted."""

    moved: int = Field(description="Have another day or another hour")
    replanned: int = Field(description="Keep their time under the new version")
    cancelled: int = Field(description="Are no longer asked for")
    added: int = Field(description="Are asked for now")

    @classmethod
    def of(cls, counted: Counter[str]) -> "Changes":
        """The four counts."""
        return cls(**{name: counted[name] for name in cls.model_fields})


class Plans(Collection):
    """Planned follow-ups as a whole, each locked until the transaction ends."""

    async def follow_policy(self, policies: Policies, policy: Policy, today: date, initial: Calendar) -> Changes:
        """Put what a changed policy holds for, or held for, under the policies as they are now.

        Only what nobody has begun follows; `initial` are the working days of an organisation that has set none.
        """
        counted: Counter[str] = Counter()
        calendars: dict[str, Calendar] = {}
        led: dict[tuple[UUID, int], FollowUpRow] = {}
        for row in await self._planned(policy.trigger):
            ruling = policies.in_force(row.trigger, row.organisation, row.programme)
            if not is_untouched(row) or policy.code not in {row.policy, ruling and ruling.code}:
                continue
            if row.organisation not in calendars:
                calendars[row.organisation] = await Calendars(self.transaction).of(row.organisation, initial)
            counted[await self._follow(row, ruling, Today(calendars[row.organisation], today))] += 1
            if ruling == policy:
                led[row.origin_id, row.occasion] = row
        if policy.trigger in COUNTED:
            for row in led.values():
                counted["added"] += await self._add_missing(row, policy, Today(calendars[row.organisation], today))
        return Changes.of(counted)

    async def follow_calendar(self, organisation: str, policies: Policies, today: Today) -> Changes:
        """Move an organisation's planned follow-ups off days that are closed now, or back where days are open again."""
        counted: Counter[str] = Counter()
        for row in await self._planned(organisation=organisation):
            policy = policies.version(row.policy, row.policy_version)
            fact = replan(row, policy, place_of(row, policy, today), MoveReason.CALENDAR_CHANGED, self._now)
            if fact:
                await self.record(row, fact)
                counted["moved"] += 1
        return Changes.of(counted)

    async def follow_day(self, row: FollowUpRow, on: date, policy: Policy, today: Today) -> None:
        """Count an untouched follow-up from another day: the one it was counted from was wrong."""
        place = place_of(row, policy, today, counted_from=on)
        row.counted_from = on
        fact = replan(row, policy, place, MoveReason.DAY_CORRECTED, self._now)
        if fact:
            await self.record(row, fact)

    async def link(self, row: FollowUpRow, case: FollowedCaseRow) -> None:
        """Give a follow-up what is known of its case by now; told where that is new."""
        known = {
            "case_id": case.case_id,
            "person_id": case.person_id or row.person_id,
            "organisation": case.organisation or row.organisation,
            "worker": case.worker if row.owner is Owner.CASE_MANAGER else row.worker,
        }
        if all(getattr(row, name) == value for name, value in known.items()):
            return
        for name, value in known.items():
            setattr(row, name, value)
        await self.record(row, FollowUpLinked.model_validate({"follow_up_id": row.id, **known}))

    async def open_of_case(self, case_id: UUID, triggers: frozenset[Trigger] | None = None) -> Sequence[FollowUpRow]:
        """The follow-ups of a case that are not over; all, or those of these triggers."""
        query = select(FollowUpRow).where(FollowUpRow.case_id == case_id, col(FollowUpRow.status).not_in(OVER))
        if triggers:
            query = query.where(col(FollowUpRow.trigger).in_(triggers))
        return (await self.session.exec(query.order_by(col(FollowUpRow.id)))).all()

    async def open_of_origin(self, trigger: Trigger, origin_id: UUID) -> Sequence[FollowUpRow]:
        """The follow-ups that one referral (case, campaign) called for and that are not over."""
        query = select(FollowUpRow).where(
            FollowUpRow.trigger == trigger,
            FollowUpRow.origin_id == origin_id,
            col(FollowUpRow.status).not_in(OVER),
        )
        return (await self.session.exec(query.order_by(col(FollowUpRow.id)))).all()

    @property
    def _now(self) -> datetime:
        return self.transaction.clock.now()

    async def _planned(self, trigger: Trigger | None = None, organisation: str | None = None) -> Sequence[FollowUpRow]:
        query = select(FollowUpRow).where(FollowUpRow.status == Status.PLANNED)
        if trigger:
            query = query.where(FollowUpRow.trigger == trigger)
        if organisation:
            query = query.where(FollowUpRow.organisation == organisation)
        return (await self.session.exec(query.order_by(col(FollowUpRow.id)).with_for_update())).all()

    async def _follow(self, row: FollowUpRow, policy: Policy | None, today: Today) -> str:
        if policy is None or policy.step(row.kind) is None:
            await self.record(row, row.cancel(CancelReason.POLICY_CHANGED, self._now))
            return "cancelled"
        fact = replan(row, policy, place_of(row, policy, today), MoveReason.POLICY_CHANGED, self._now)
        if fact is None:
            return "unchanged"
        await self.record(row, fact)
        return "moved" if isinstance(fact, FollowUpMoved) else "replanned"

    async def _add_missing(self, row: FollowUpRow, policy: Policy, today: Today) -> int:
        """Plan the steps that a follow-up's occasion does not have yet, as far as their day is not over."""
        occasion = Occasion.model_validate(
            {**dict(row), "number": row.occasion, "on": row.counted_from, "trigger": row.trigger}
        )
        wanted = [FollowUp.plan(occasion, policy, step, today.calendar) for step in policy.steps]
        new = [each for each in wanted if each.due_on >= today.on]
        return sum([await FollowUps(self.transaction).plan(each) for each in new])
