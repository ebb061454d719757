"""Who is related to whom a case is about, by what cases knows: the case is the source of all its links."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import text

from services.cases.domain import ENDED, Case
from services.cases.domain.staffing import WorkerExcluded
from services.cases.domain.states import UNOWNED
from services.cases.events import (
    Assignee,
    CaseAssigned,
    CaseClosed,
    CaseDeclined,
    CaseHandedOver,
    CaseOpened,
    CaseReopened,
    CaseShared,
    CaseShareEnded,
    CaseTransferEnded,
    CaseTransferOffered,
    CaseWaitlisted,
    PersonLinked,
    SecondWorkerAssigned,
    TaskAssigned,
)
from services.cases.store.case_row import CaseRow
from shared.clock import BRUSSELS
from shared.events import Event
from shared.permissions.reasons import RelationReason
from shared.relationships.exclusions import Exclusions
from shared.relationships.links import Holder, Relation, Relationships
from shared.settings import ServiceSettings
from shared.store import Collection

LIFE = (CaseOpened, CaseWaitlisted, CaseDeclined, CaseAssigned, CaseClosed, CaseReopened, CaseHandedOver)
"""The steps after which another reason holds than before."""
STAFFS = (CaseAssigned, CaseHandedOver, SecondWorkerAssigned)
DAY = timedelta(days=1)

_ON_AGENDA = """
    INSERT INTO relationship (source, reason, organisation, worker, subject_id, since, told_at)
    SELECT DISTINCT c.id, 'meeting', c.organisation, '', coalesce(c.person_id, c.id), m.now, m.now
    FROM (SELECT CAST(:now AS timestamptz) AS now) m, agenda_line l JOIN "case" c ON c.id = l.case_id
    WHERE l.settled_at IS NULL
    ON CONFLICT (source, reason, organisation, worker)
    DO UPDATE SET until = NULL, ended = false, told_at = excluded.told_at WHERE relationship.until IS NOT NULL
"""
_OFF_AGENDA = """
    UPDATE relationship SET until = m.until, told_at = m.now
    FROM (SELECT CAST(:now AS timestamptz) AS now, CAST(:until AS timestamptz) AS until) m
    WHERE reason = 'meeting' AND relationship.until IS NULL
    AND NOT EXISTS (SELECT FROM agenda_line l WHERE l.case_id = source AND l.settled_at IS NULL)
"""


class Ties(Collection):
    """The relationships that cases itself begins and ends; the case is the source of all of them."""

    @property
    def links(self) -> Relationships:
        """The kernel's links."""
        return Relationships(self.transaction)

    @property
    def settings(self) -> ServiceSettings:
        """How long they last beyond their end."""
        return self.transaction.settings or ServiceSettings.model_construct()

    async def follow(self, case: Case, facts: Sequence[Event]) -> None:
        """What recorded steps of a case mean for who may see it. Raises WorkerExcluded."""
        await self.refuse_excluded(case, facts)
        now = self.transaction.clock.now()
        for fact in facts:
            await self._end(case, fact, now)
            await self._open(case, fact, now)
        if any(isinstance(fact, LIFE) for fact in facts):
            await self._live(case, now)

    async def _end(self, case: Case, fact: Event, now: datetime) -> None:
        """End what a step ends: what it came from has its answer, another organisation has it, a share is over."""
        match fact:
            case CaseOpened():
                await self.links.end_of(Holder(case.organisation), RelationReason.REFERRAL, fact.origin_id, now)
            case CaseHandedOver():
                await self.links.end(case.id, now, held_by=fact.from_organisation)
            case CaseShareEnded():
                await self.links.end_of(Holder(fact.organisation), RelationReason.CARE_TEAM, case.id, now)

    async def _open(self, case: Case, fact: Event, now: datetime) -> None:
        """Begin what a step begins: for whom the case turns out to be about, who shares it, the line that helps."""
        match fact:
            case PersonLinked():
                await self.links.about(case.id, fact.person_id)
            case CaseShared():
                await self._share(case, fact, now)
            case TaskAssigned() if fact.assignee is Assignee.LINE:
                until = midnight(fact.due_on) + DAY + self.settings.tail
                await self._begin(case, RelationReason.FOLLOW_UP, now, until)

    async def offered(self, case: Case, fact: Event) -> None:
        """A transfer of the case waits for an answer, or no longer: meanwhile both sides see the case."""
        now = self.transaction.clock.now()
        match fact:
            case CaseTransferOffered() if fact.organisation != case.organisation:
                link = Relation(subject_of(case), Holder(fact.organisation), RelationReason.REFERRAL, case.id, now)
                await self.links.begin(link, at=now, is_latest=True)
            case CaseTransferEnded():
                for holder in await self._guests(case):
                    await self.links.end_of(Holder(holder), RelationReason.REFERRAL, case.id, now)

    async def refuse_excluded(self, case: Case, facts: Sequence[Event]) -> None:
        """Raise WorkerExcluded where the person does not want the worker who is given the case, or helps with it."""
        if case.person_id is None or not any(isinstance(fact, STAFFS) for fact in facts):
            return
        for worker in filter(None, (case.worker, case.second_worker)):
            if await Exclusions(self.transaction).excludes(case.person_id, Holder(case.organisation, worker)):
                raise WorkerExcluded

    async def raised(self, case_id: UUID) -> None:
        """A case was put on the agenda: whoever is at the meeting sees it."""
        case = await self.session.get(CaseRow, case_id)
        if case:
            await self._begin(case, RelationReason.MEETING, self.transaction.clock.now(), None)

    async def keep_to_agenda(self) -> None:
        """Whatever stands on an agenda is seen there; what was settled, for some days more."""
        now = self.transaction.clock.now()
        connection = await self.session.connection()
        await connection.execute(text(_ON_AGENDA), {"now": now})
        await connection.execute(text(_OFF_AGENDA), {"now": now, "until": now + self.settings.tail})

    async def _live(self, case: Case, now: datetime) -> None:
        """The reasons of the organisation that leads the case, by its state."""
        tail = now + (self.settings.assignment_tail if case.closed_on else self.settings.tail)
        waits, ended = case.state in UNOWNED, case.state in ENDED
        if waits:
            await self._begin(case, RelationReason.REFERRAL, now, None)
        else:
            await self.links.end_of(Holder(case.organisation), RelationReason.REFERRAL, case.id, now)
            await self._begin(case, RelationReason.ASSIGNMENT, now, tail if ended else None)
        await self._begin(case, RelationReason.COORDINATION, now, None)

    async def _begin(self, case: Case, reason: RelationReason, at: datetime, until: datetime | None) -> None:
        link = Relation(subject_of(case), Holder(case.organisation), reason, case.id, at, until)
        await self.links.begin(link, at=at, is_latest=True)

    async def _share(self, case: Case, fact: CaseShared, now: datetime) -> None:
        until = midnight(fact.until) + DAY if fact.until else None
        link = Relation(
            subject_of(case),
            Holder(fact.organisation),
            RelationReason.CARE_TEAM,
            case.id,
            midnight(fact.begins_on),
            until,
        )
        await self.links.begin(link, at=now, is_latest=True)

    async def _guests(self, case: Case) -> list[str]:
        """The other organisations to which the person's record is open because of this case."""
        rows = await self.links.from_source(case.id)
        return sorted({row.organisation for row in rows} - {case.organisation})


def subject_of(case: Case) -> UUID:
    """Whom a case is about; as long as that is not known, the case stands for the person."""
    return case.person_id or case.id


def midnight(day: date) -> datetime:
    """When a day begins in Belgium."""
    return datetime.combine(day, time(), BRUSSELS)
