"""The worklists: cases and tasks by what is asked of them, and how much of each kind there is."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, literal, not_, or_, tuple_, union_all
from sqlalchemy import select as chosen
from sqlalchemy.orm import Mapped
from sqlmodel import col, select

from services.cases.domain import ENDED, OWNED, Phase, State
from services.cases.domain.search import CaseSearch, CaseTerms, Sort, WorkTerms
from services.cases.domain.states import UNOWNED
from services.cases.domain.task import TaskOrigin
from services.cases.store.case_row import CaseRow
from services.cases.store.plans import TaskRow
from services.cases.store.share_row import ShareRow
from services.cases.store.visibility import SUBJECT, held_by, seen_by
from shared.access import Scope
from shared.auth import Caller
from shared.relationships.asked import related
from shared.relinks import Relinks
from shared.store import Collection

Rule = ColumnElement[bool]
RUNNING = tuple(state for state in State if state not in ENDED)

PHASES: dict[Phase, Rule] = {
    Phase.EVALUATE: col(CaseRow.state) == State.CLOSED,
    Phase.PLAN: and_(col(CaseRow.state) != State.CLOSED, col(CaseRow.agreed_version).is_(None)),
    Phase.COORDINATE: and_(
        col(CaseRow.state) != State.CLOSED, col(CaseRow.agreed_version).is_not(None), col(CaseRow.open_tasks) > 0
    ),
    Phase.FOLLOW: and_(
        col(CaseRow.state) != State.CLOSED, col(CaseRow.agreed_version).is_not(None), col(CaseRow.open_tasks) == 0
    ),
}
"""The phase of a case as the table can tell it; the same as `Case.phase`."""


class Ordering(NamedTuple):
    """How a list of cases is ordered: the key before the id, its way, and which cases have such a key."""

    key: ColumnElement[Any] | Mapped[Any]
    falling: bool
    read: Callable[[str], Any]
    among: Rule


ORDERINGS: dict[Sort, Ordering] = {
    Sort.OPENED: Ordering(col(CaseRow.opened_at), True, datetime.fromisoformat, literal(True)),
    Sort.NEXT: Ordering(col(CaseRow.next_step_on), False, date.fromisoformat, col(CaseRow.next_step_on).is_not(None)),
    Sort.WAITING: Ordering(
        col(CaseRow.opened_at), False, datetime.fromisoformat, col(CaseRow.state).in_(sorted(UNOWNED))
    ),
}


def sort_key(row: CaseRow, sort: Sort) -> tuple[str, UUID]:
    """Where a case stands in a list of this order."""
    moment = row.next_step_on if sort is Sort.NEXT else row.opened_at
    return (moment.isoformat() if moment else "", row.id)


class Standing(NamedTuple):
    """How many running cases stand alike."""

    mine: bool
    state: State
    phase: Phase
    number: int
    overdue: int
    soon: int


class WorkLists(Collection):
    """Cases and tasks by what is asked of them."""

    async def cases(
        self, caller: Caller, terms: CaseTerms, today: date, limit: int, after: Sequence[str] | None
    ) -> list[CaseRow]:
        """At most `limit` + 1 cases, in the order that is asked for.

        What the caller's organisation leads and what is shared with it are looked up apart, each by its own index.
        """
        ordering = ORDERINGS[terms.sort]
        rules = [ordering.among, *asked(caller, await self._as_today(terms), today)]
        rules.append(related(SUBJECT, caller, self.transaction.clock.now()))
        key = tuple_(ordering.key, col(CaseRow.id))
        if after:
            place = (ordering.read(after[0]), UUID(after[1]))
            rules.append(key < place if ordering.falling else key > place)
        keys = [ordering.key, col(CaseRow.id)]
        order = [each.desc() if ordering.falling else each.asc() for each in keys]
        found = [
            select(CaseRow.id).where(branch, *rules).order_by(*order).limit(limit + 1).subquery().select()
            for branch in reach(caller, terms.team)
        ]
        query = select(CaseRow).where(col(CaseRow.id).in_(union_all(*found))).order_by(*order).limit(limit + 1)
        return list((await self.session.exec(query)).all())

    async def _as_today(self, terms: CaseTerms) -> CaseTerms:
        """The same terms, where somebody whose record was merged is asked for by the old one."""
        several = terms.person_ids if isinstance(terms, CaseSearch) else ()
        named = [*several, *([terms.person_id] if terms.person_id else [])]
        today = await Relinks(self.transaction).current_of(named)
        if all(today[each] == each for each in named):
            return terms
        changed: dict[str, object] = {"person_id": today[terms.person_id] if terms.person_id else None}
        if several:
            changed["person_ids"] = tuple(today[each] for each in several)
        return terms.model_copy(update=changed)

    async def tasks(
        self, caller: Caller, terms: WorkTerms, limit: int, after: Sequence[str] | None
    ) -> list[tuple[TaskRow, CaseRow]]:
        """At most `limit` + 1 tasks with their cases, the next due first.

        A task of a case that has ended is on the list of that case only, unless it comes from the meeting.
        """
        query = select(TaskRow, CaseRow).join(CaseRow, col(CaseRow.id) == col(TaskRow.case_id))
        query = query.where(seen_by(caller, self.transaction.clock.now()), *tasks_asked(caller, terms))
        if after:
            place = (date.fromisoformat(after[0]), UUID(after[1]))
            query = query.where(tuple_(col(TaskRow.due_on), col(TaskRow.id)) > place)
        query = query.order_by(col(TaskRow.due_on), col(TaskRow.id))
        return list((await self.session.exec(query.limit(limit + 1))).all())

    async def standings(self, caller: Caller, today: date, soon: date) -> list[Standing]:
        """The running cases that the caller's organisation leads, counted by owner (the caller or not) and stage.

        `overdue` counts next steps due before `today`, `soon` those from today to that day.
        """
        mine = func.coalesce(col(CaseRow.worker) == caller.subject, False)
        phase = case(*[(rule, literal(phase.value)) for phase, rule in PHASES.items()])
        overdue = func.count().filter(col(CaseRow.next_step_on) < today)
        coming = func.count().filter(col(CaseRow.next_step_on).between(today, soon))
        query = (
            chosen(mine, col(CaseRow.state), phase, func.count(), overdue, coming)
            .where(held_by(caller), col(CaseRow.state).in_(RUNNING))
            .group_by(mine, col(CaseRow.state), phase)
        )
        rows = (await (await self.session.connection()).execute(query)).all()
        return [Standing(row[0], State(row[1]), Phase(row[2]), row[3], row[4], row[5]) for row in rows]


def reach(caller: Caller, team: bool) -> list[Rule]:
    """Whose cases a list covers: those of the organisation, and those shared with it."""
    if caller.scope == Scope.ALL:
        return [literal(True)]
    own = held_by(caller)
    shared = select(ShareRow.case_id).where(ShareRow.organisation == caller.organisation, ShareRow.is_live)
    return [own] if team else [own, and_(col(CaseRow.id).in_(shared), not_(own))]


def asked(caller: Caller, terms: CaseTerms, today: date) -> list[Rule]:
    """The rules that a case must fulfil to be on the list."""
    rules: list[Rule] = []
    owner = caller.subject if terms.mine else terms.worker
    equal = {
        CaseRow.worker: owner,
        CaseRow.urgency: terms.urgency,
        CaseRow.wanted_discipline: terms.wanted_discipline,
        CaseRow.discipline: terms.discipline,
        CaseRow.person_id: terms.person_id,
        CaseRow.origin_kind: terms.origin_kind,
        CaseRow.origin_id: terms.origin_id,
        CaseRow.protocol_version: terms.protocol_version,
    }
    rules += [col(field) == value for field, value in equal.items() if value is not None]
    if terms.state:
        rules.append(col(CaseRow.state).in_(terms.state))
    if terms.phase:
        rules.append(PHASES[terms.phase])
    if terms.on_hold is not None:
        rules.append((col(CaseRow.state) == State.PAUSED) == terms.on_hold)
    if terms.overdue:
        rules += [col(CaseRow.next_step_on) < today, col(CaseRow.state).in_(sorted(OWNED))]
    if isinstance(terms, CaseSearch) and terms.person_ids:
        rules.append(col(CaseRow.person_id).in_(terms.person_ids))
    return [*rules, *between(terms)]


def between(terms: CaseTerms) -> list[Rule]:
    """The rules about days, both ends included."""
    ranges = (
        (CaseRow.next_step_on, terms.next_after, terms.next_before),
        (CaseRow.opened_on, terms.opened_from, terms.opened_until),
        (CaseRow.closed_on, terms.closed_from, terms.closed_until),
    )
    rules: list[Rule] = []
    for field, first, last in ranges:
        rules += [col(field) >= first] if first else []
        rules += [col(field) <= last] if last else []
    return rules


def tasks_asked(caller: Caller, terms: WorkTerms) -> list[Rule]:
    """The rules that a task must fulfil to be on the list."""
    rules: list[Rule] = [col(TaskRow.status).in_(terms.status)]
    if terms.case_id:
        rules.append(col(TaskRow.case_id) == terms.case_id)
    else:
        rules.append(or_(col(CaseRow.state).not_in(ENDED), col(TaskRow.origin) == TaskOrigin.MEETING))
    if terms.assignee:
        rules.append(col(TaskRow.assignee) == terms.assignee)
    if terms.organisation:
        rules.append(col(TaskRow.organisation) == terms.organisation)
    if terms.mine:
        rules.append(col(CaseRow.worker) == caller.subject)
    if terms.due_before:
        rules.append(col(TaskRow.due_on) <= terms.due_before)
    if terms.urgent is not None:
        rules.append(col(TaskRow.urgent) == terms.urgent)
    return rules
