"""One step on one case: the case as the caller saw it, and the record of what was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.cases.api.doors import CasesDep
from services.cases.api.views import CaseView
from services.cases.domain.purposes import CASE_MANAGEMENT
from services.cases.domain.share import Right
from services.cases.store import CaseRow, Cases, Plans, Shares, Tasks
from shared.agreements import Agreements
from shared.auth import Caller
from shared.clock import Clock, local_date
from shared.events import Event
from shared.requests import ClockDep, IfMatch, SeenVersion, Tag, Tagged
from shared.store import Transaction

Words = Mapping[str, str | None]
NOTHING: Words = {}


@dataclass(frozen=True)
class Step:
    """A step on the case of the path, in the version that the caller has seen."""

    case_id: UUID
    cases: Cases
    seen: SeenVersion
    clock: Clock
    tag: Tagged

    @property
    def transaction(self) -> Transaction:
        """The transaction that the step is part of."""
        return self.cases.transaction

    @property
    def now(self) -> datetime:
        """This moment."""
        return self.clock.now()

    @property
    def today(self) -> date:
        """This day in Belgium."""
        return local_date(self.clock)

    async def case(self, caller: Caller, right: Right | None = None) -> CaseRow:
        """The case; NotFound where this caller sees none, StaleVersion where it has changed since.

        Raises NotByThisShare where another organisation leads it, unless its share gives the caller's this right.
        """
        case = await self.cases.get(self.case_id, caller)
        await Shares(self.transaction).allow(case, caller, right)
        self.seen.check(case)
        return case

    async def refuse_unagreed(self, case: CaseRow) -> None:
        """Raise AgreementMissing or AgreementRefused unless the person agrees to case management."""
        await Agreements(self.transaction).refuse(case.person_id, CASE_MANAGEMENT)

    async def refuse_unwanted(self, case: CaseRow) -> None:
        """Raise AgreementRefused where the person said no to case management: nothing new is begun then."""
        await Agreements(self.transaction).refuse_denied(case.person_id, CASE_MANAGEMENT)

    async def keep(self, case: CaseRow, caller: Caller, *facts: Event, words: Words = NOTHING) -> None:
        """Record what was done, with the words written on it that are not empty; the new ETag goes on the answer."""
        said = {name: text for name, text in words.items() if text}
        await self.cases.keep(case, caller.subject, *facts, words=said)
        self.tag(case)

    async def done(self, case: CaseRow, caller: Caller, *facts: Event, words: Words = NOTHING) -> CaseView:
        """Record what was done, and answer with the case as it stands now."""
        await self.keep(case, caller, *facts, words=words)
        return await whole(case, self.transaction)


async def whole(case: CaseRow, transaction: Transaction) -> CaseView:
    """A case with its plan, the draft that waits, and its tasks."""
    plans, tasks = Plans(transaction), Tasks(transaction)
    agreed = await plans.find(case.id, case.agreed_version)
    newest = await plans.find(case.id, case.plan_version)
    draft = newest if case.plan_version != case.agreed_version else None
    return CaseView.whole(case, agreed, draft, await tasks.of(case.id))


async def current_step(case_id: UUID, cases: CasesDep, seen: IfMatch, clock: ClockDep, tag: Tag) -> Step:
    """The step that this request asks for."""
    return Step(case_id, cases, seen, clock, tag)


StepDep = Annotated[Step, Depends(current_step)]
