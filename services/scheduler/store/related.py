"""Who may see what is planned for whom: those whom a link relates to the person, and those who owe them a call.

A follow-up that is not over is a link of itself (reason `follow-up`), of the team of its organisation: no copy of it
could be late.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, func, literal, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.scheduler.store.follow_up_rows import LIVE, FollowUpRow
from services.scheduler.store.followed import FollowedCaseRow
from shared.auth import Caller
from shared.permissions.reasons import RelationReason
from shared.relationships.asked import excluded, first_known, linked, reasons_of
from shared.relationships.links import Relationships
from shared.relinks import Relinks
from shared.store import Collection


def open_to(whom: Any, caller: Caller, now: datetime, is_owed: Any = None) -> ColumnElement[bool]:
    """Whether the rows about these are open to a caller; those that are a promise of themselves, and about nobody, too.

    An exclusion by name goes before all of it.
    """
    ties = [whom.is_(None), tied(whom, caller, now)]
    return and_(or_(*([is_owed] if is_owed is not None else []), *ties), ~excluded(whom, caller, now))


def tied(whom: Any, caller: Caller, now: datetime) -> ColumnElement[bool]:
    """Whether a link relates a caller to a person, or a follow-up of the caller's team that is not over."""
    reasons = reasons_of(caller.granted)
    by_link = linked(whom, caller, now)
    if reasons is None or RelationReason.FOLLOW_UP not in reasons:
        return by_link
    owed = aliased(FollowUpRow)
    mine = (col(owed.organisation) == caller.organisation, col(owed.status).in_(LIVE))
    places, person = (col(owed.person_id), col(owed.case_id)), first_known(whom)
    by_index = (select(col(owed.id)).where(each == person, *mine) for each in places)
    return or_(by_link, *(each.limit(1).scalar_subquery().is_not(None) for each in by_index))


def whom_of(kind: Any, case: Any = FollowedCaseRow) -> ColumnElement[UUID]:
    """Whom something is about: its person, else the person of its case, which the query has joined, else the case."""
    persons = [kind.person_id] if hasattr(kind, "person_id") else []
    return func.coalesce(*persons, case.person_id, kind.case_id)


class Related(Collection):
    """The same question of one record, and of people who are named."""

    async def whom(self, person_id: UUID | None, case_id: UUID | None) -> UUID | None:
        """Whom something is about: its person, else the person of its case, else the case itself; None for nobody."""
        case = await self.session.get(FollowedCaseRow, case_id) if case_id and not person_id else None
        return person_id or (case and case.person_id) or case_id

    async def demand(self, whom: UUID | None, caller: Caller, *, is_owed: bool = False) -> None:
        """Raise NotFound unless the records of a person are open to a caller; the audit keeps why."""
        if whom is None:
            return
        now, person = self.transaction.clock.now(), literal(whom, Uuid)
        ties = literal(True) if is_owed else tied(person, caller, now)
        is_tied, is_excluded = (await self._run(select(ties, excluded(person, caller, now)))).one()
        Relationships(self.transaction).refuse(is_tied, is_excluded, whom)

    async def demand_named(self, people: Iterable[UUID], caller: Caller) -> None:
        """The same of people whom a request names, by whatever record of theirs: of each of them, or of nobody."""
        now, today = self.transaction.clock.now(), await Relinks(self.transaction).current_of(people)
        named = select(func.unnest(literal(list(today.values()), ARRAY(Uuid))).label("id")).subquery()
        ties = tied(named.c.id, caller, now), excluded(named.c.id, caller, now)
        refused = select(*ties, named.c.id).where(or_(~ties[0], ties[1])).limit(1)
        for is_tied, is_excluded, whom in await self._run(refused):
            Relationships(self.transaction).refuse(is_tied, is_excluded, whom)

    async def _run(self, statement: Any) -> Any:
        return await (await self.session.connection()).execute(statement)
