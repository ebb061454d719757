"""Cases as they are kept, in the caller's transaction."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select

from services.cases.domain import ENDED, OWNED, Case, answered_by
from services.cases.domain.agenda import subjects_answered_by
from services.cases.domain.death import ended_by_death
from services.cases.events import CaseAssigned, CaseClosed, CaseDeclined, CaseOpened, OriginKind
from services.cases.store.agenda import Agenda
from services.cases.store.case_row import CaseRow
from services.cases.store.circle import Circles
from services.cases.store.ties import Ties
from services.cases.store.timeline import Timeline
from services.cases.store.transfers import Transfers
from services.cases.store.visibility import SUBJECT, held_by, within_reach
from shared.auth import Caller
from shared.errors import NotFound
from shared.events import Event
from shared.relationships.asked import excluded, linked
from shared.relationships.links import Relationships
from shared.relinks import Relinks
from shared.requests import SeenVersion
from shared.store import Collection


class Cases(Collection):
    """The cases, as far as the caller may see them."""

    async def get(self, case_id: UUID, caller: Caller | None = None, seen: SeenVersion | None = None) -> CaseRow:
        """One case; NotFound when there is none, or none that this caller may see; StaleVersion by `seen`."""
        now = self.transaction.clock.now()
        query = select(CaseRow, linked(SUBJECT, caller, now), excluded(SUBJECT, caller, now))
        found = (await self.session.exec(query.where(CaseRow.id == case_id, within_reach(caller)))).first()
        if found is None:
            raise NotFound
        case, is_linked, is_excluded = found
        Relationships(self.transaction).refuse(is_linked, is_excluded, case.person_id)
        if seen:
            seen.check(case)
        return case

    async def of_origin(self, kind: OriginKind, origin_id: UUID) -> CaseRow | None:
        """The case of an origin, locked, so that its state does not change while something is hung on it."""
        query = select(CaseRow).where(CaseRow.origin_kind == kind, CaseRow.origin_id == origin_id)
        return (await self.session.exec(query.with_for_update())).first()

    async def open_of(self, person_id: UUID) -> list[CaseRow]:
        """The cases of a person that have not ended."""
        today = await Relinks(self.transaction).current(person_id)
        query = select(CaseRow).where(CaseRow.person_id == today, col(CaseRow.state).not_in(ENDED))
        return list((await self.session.exec(query.order_by(col(CaseRow.id)))).all())

    async def ended_by_death_of(self, person_id: UUID) -> list[CaseRow]:
        """The cases of a person that were closed, or declined, because the person had died."""
        query = select(CaseRow).where(CaseRow.person_id == person_id, col(CaseRow.state).in_(ENDED))
        rows = (await self.session.exec(query.order_by(col(CaseRow.id)))).all()
        return [row for row in rows if ended_by_death(row)]

    async def open(self, case: Case, fact: CaseOpened) -> bool:
        """Store a new case once per origin; says whether it is new."""
        new = await self.transaction.record_new(CaseRow, dict(case), fact)
        if new:
            await Ties(self.transaction).follow(case, [fact])
            Timeline(self.transaction).tell(case.id, [fact], None)
        return new

    async def keep(self, case: CaseRow, by: str | None, *facts: Event, words: Mapping[str, str] | None = None) -> None:
        """Record a step: the case, its circle, the facts on the timeline, and the lines of the agenda that they answer.

        `words` is what the worker wrote with the step; it stays on the timeline and is never published.
        """
        await self.record(case, *facts)
        await Ties(self.transaction).follow(case, facts)
        told = await Circles(self.transaction).follow(case, facts)
        if told:
            await self.record(case, *told)
        Timeline(self.transaction).tell(case.id, [*facts, *told], by, words)
        agenda = Agenda(self.transaction)
        await agenda.settle(case.id, answered_by(facts))
        for subject_id, reasons in subjects_answered_by(facts):
            await agenda.settle_subject(subject_id, reasons)
        if any(isinstance(fact, (CaseAssigned, CaseClosed, CaseDeclined)) for fact in facts):
            await Transfers(self.transaction).lapse(case.id)

    async def hold_of(self, worker: str, caller: Caller) -> list[CaseRow]:
        """The cases that a worker owns or helps with, as far as the caller's organisation leads them; all locked."""
        theirs = or_(col(CaseRow.worker) == worker, col(CaseRow.second_worker) == worker)
        query = select(CaseRow).where(held_by(caller), theirs, col(CaseRow.state).in_(OWNED))
        locked = query.order_by(col(CaseRow.id)).with_for_update().execution_options(populate_existing=True)
        return list((await self.session.exec(locked)).all())

    def forget(self, cases: Iterable[CaseRow]) -> None:
        """Let what was only tried on these cases go: it is not written."""
        for case in cases:
            self.session.expunge(case)
