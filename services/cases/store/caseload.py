"""The caseload: what each worker carries, weighed and counted under a lock where a case is about to be given."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, union
from sqlmodel import col, select

from services.cases.domain import OWNED, Case, Load, State
from services.cases.domain.caseload import Effort, total, travel_of
from services.cases.domain.complexity import level_of
from services.cases.domain.transfer import TransferState
from services.cases.domain.weights import Weights
from services.cases.domain.worker import Worker, WorkerElsewhere
from services.cases.domain.worker_load import Carried
from services.cases.events import VisitStatus
from services.cases.settings import Settings
from services.cases.store.case_row import CaseRow
from services.cases.store.complexity import AssessedRow, Complexities
from services.cases.store.transfers import TransferRow
from services.cases.store.visibility import held_by, led_by
from services.cases.store.visits import VisitRow
from services.cases.store.workers import WorkerRow, Workers, may_see, of_organisation
from shared.acting import SERVICE
from shared.auth import Caller
from shared.clock import local_date
from shared.store import Collection


class Caseload(Collection):
    """What each worker carries."""

    @property
    def weights(self) -> Weights:
        """The weights in force."""
        return self.knobs.weights

    @property
    def knobs(self) -> Settings:
        """The settings of this service."""
        settings = self.transaction.settings
        if not isinstance(settings, Settings):
            raise TypeError("the caseload is read with the settings of cases")
        return settings

    async def lock(self, subjects: Iterable[str]) -> None:
        """Let whoever gives cases to these workers wait for the end of this transaction; always in the same order."""
        await self.serialise(*(f"worker:{subject}" for subject in subjects))

    async def room_for(self, subject: str, case: Case, *, is_second: bool = False) -> Load:
        """What a worker carries besides this case, and what this case adds: under a lock held to the end.

        Two assignments to the same worker wait for each other, so that both see what the other has taken. Whoever gives
        cases to several workers at once calls `lock` with all of them first.
        """
        await self.lock([subject])
        worker = await Workers(self.transaction).find(subject)
        weighed = await self.weighed(or_(carried_by([subject]), col(CaseRow.id) == case.id))
        others = [effort.of(row.worker != subject) for row, effort in weighed if row.id != case.id]
        added = next(effort.of(is_second) for row, effort in weighed if row.id == case.id)
        weighted = total(others, self.weights)
        return Load(open=len(others), cap=self.cap_of(worker), weighted=weighted, added=added.weight(self.weights))

    def cap_of(self, worker: Worker | None) -> int:
        """The points that a worker carries at most: their own, or the programme's."""
        return self.knobs.caseload_cap if worker is None or worker.cap is None else worker.cap

    async def efforts(self, cases: Iterable[Case]) -> dict[UUID, Effort]:
        """What decides the weight of each of some cases, as owners carry them."""
        weighed = await self.weighed(col(CaseRow.id).in_({each.id for each in cases}))
        return {row.id: effort for row, effort in weighed}

    async def weighed(self, condition: ColumnElement[bool]) -> list[tuple[CaseRow, Effort]]:
        """The cases that meet a condition, with what decides the weight of each as it stands now."""
        rows = (await self.session.exec(select(CaseRow).where(condition).order_by(col(CaseRow.id)))).all()
        assessed = await Complexities(self.transaction).newest(condition)
        travel = await self.travel(condition)
        return [(row, self.effort(row, assessed.get(row.id), travel.get(row.id, []))) for row in rows]

    def effort(self, case: CaseRow, assessed: AssessedRow | None, travel: Sequence[int]) -> Effort:
        """What decides the weight of one case."""
        level, points = level_of(assessed.findings if assessed else None, self.weights)
        minutes, source = travel_of(case.travel_minutes, travel, self.weights)
        return Effort(
            level=level,
            points=points,
            travel_minutes=minutes,
            travel_source=source,
            phase=case.phase,
            is_paused=case.state is State.PAUSED,
        )

    async def travel(self, condition: ColumnElement[bool]) -> dict[UUID, list[int]]:
        """Minutes on the way of the visits made, per case, the newest first."""
        query = (
            select(VisitRow.case_id, VisitRow.travel_minutes)
            .join(CaseRow, col(CaseRow.id) == col(VisitRow.case_id))
            .where(condition, VisitRow.status == VisitStatus.DONE, col(VisitRow.travel_minutes).is_not(None))
            .order_by(col(VisitRow.on).desc(), col(VisitRow.id).desc())
        )
        found: dict[UUID, list[int]] = {}
        for case_id, minutes in (await self.session.exec(query)).all():
            found.setdefault(case_id, []).append(minutes or 0)
        return found

    async def carried(self, subjects: Sequence[str], caller: Caller) -> dict[str, list[Carried]]:
        """What each worker carries of the caller's cases, with the days and the offers that will change it."""
        offers = await self.offers(subjects)
        offered = [case_id for case_id, _, _ in offers]
        theirs = or_(carried_by(subjects), col(CaseRow.id).in_(offered))
        weighed = await self.weighed(and_(theirs, held_by(caller)))
        leaving = {(case_id, giver) for case_id, giver, _ in offers}
        found: dict[str, list[Carried]] = {subject: [] for subject in subjects}
        for row, effort in weighed:
            for subject in found.keys() & {row.worker, row.second_worker}:
                found[subject].append(
                    Carried(
                        case_id=row.id,
                        effort=effort.of(row.worker != subject),
                        resumes_on=row.paused_until,
                        ends_on=row.expected_close_on,
                        is_leaving=(row.id, subject) in leaving,
                    )
                )
            for case_id, _, taker in offers:
                if case_id == row.id and taker in found:
                    found[taker].append(Carried(case_id=row.id, effort=effort, is_arriving=True))
        return found

    async def offers(self, subjects: Sequence[str]) -> list[tuple[UUID, str, str]]:
        """Cases offered from or to these workers that wait for an answer: case, giver, taker."""
        waiting = select(TransferRow.case_id, TransferRow.from_worker, TransferRow.to_worker).where(
            TransferRow.state == TransferState.OFFERED,
            col(TransferRow.to_worker).is_not(None),
            or_(col(TransferRow.from_worker).in_(subjects), col(TransferRow.to_worker).in_(subjects)),
        )
        rows = (await self.session.exec(waiting.order_by(col(TransferRow.case_id)))).all()
        return [(case_id, giver, taker or "") for case_id, giver, taker in rows]

    async def seen_of(self, subject: str, caller: Caller) -> set[UUID]:
        """The worker's open cases that the caller may see."""
        query = select(CaseRow.id).where(carried_by([subject]), led_by(caller, self.transaction.clock.now()))
        return set((await self.session.exec(query)).all())

    async def knows(self, subject: str, caller: Caller) -> bool:
        """Whether a worker is registered at the caller's organisation, or works on a case that the caller may see."""
        worker = await Workers(self.transaction).find(subject)
        return bool((worker and may_see(caller, worker.organisation)) or await self.seen_of(subject, caller))

    async def refuse_elsewhere(self, subject: str, organisation: str) -> None:
        """Raise WorkerElsewhere where this worker has open cases that another organisation leads."""
        others = select(CaseRow.id).where(carried_by([subject]), CaseRow.organisation != organisation).limit(1)
        async with self.transaction.in_name_of(SERVICE):
            is_elsewhere = (await self.session.exec(others)).first() is not None
        if is_elsewhere:
            raise WorkerElsewhere

    async def page(self, caller: Caller, limit: int, after: Sequence[str] | None) -> list[str]:
        """At most `limit` + 1 workers, by subject: those registered and employed, and whoever owns an open case."""
        today = local_date(self.transaction.clock)
        employed = or_(col(WorkerRow.employed_until).is_(None), col(WorkerRow.employed_until) >= today)
        registered = select(WorkerRow.subject).where(employed, of_organisation(caller))
        seen = (held_by(caller), col(CaseRow.state).in_(OWNED))
        owners = select(CaseRow.worker).where(*seen, col(CaseRow.worker).is_not(None))
        seconds = select(CaseRow.second_worker).where(*seen, col(CaseRow.second_worker).is_not(None))
        everybody = union(registered, owners, seconds).subquery()
        [subject] = everybody.columns
        query = select(subject).where(subject > after[0]) if after else select(subject)
        return list((await self.session.exec(query.order_by(subject).limit(limit + 1))).all())


def carried_by(subjects: Sequence[str]) -> ColumnElement[bool]:
    """Whether one of these workers owns an open case, or helps with it."""
    theirs = or_(col(CaseRow.worker).in_(subjects), col(CaseRow.second_worker).in_(subjects))
    return and_(theirs, col(CaseRow.state).in_(OWNED))
