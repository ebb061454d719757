"""Who may see a referral: whom it waits for, whom a link relates to its person, and either party of it.

A referral to us that awaits its decision or its case, and one of ours that an organisation has still to end, is a link
of itself (reason `referral`): no copy of it could be late. What failed stays one while nobody follows the person.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, false, func, literal, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from services.referrals.domain.states import BEFORE_CARE, OPEN_CASE, State
from services.referrals.events import RefusalReason
from services.referrals.settings import Settings
from services.referrals.store.table import Table
from shared.access import Scope
from shared.auth import Caller
from shared.permissions.reasons import RelationReason
from shared.relationships.asked import excluded, first_known, linked, reasons_of
from shared.relationships.links import Relationships
from shared.store import Collection, Transaction

Q = TypeVar("Q", bound=Any)
INCOMING, OUTGOING = "referral", "outgoing_referral"
OTHER_REASONS = (RefusalReason.DUPLICATE, RefusalReason.EXISTING_CASE_MANAGER, RefusalReason.PATIENT_REFUSED)
"""Refusals after which nobody is left without: the demand is served, or was not the person's."""
OVER = frozenset({State.REFUSED, State.REDIRECTED, State.CANCELLED, State.VOIDED})
"""Ended before any care."""
PARTY: Mapping[str, str] = {INCOMING: "sender", OUTGOING: "organisation"}


def columns(name: str) -> Any:
    """The columns of a table of ours by its name."""
    return Table.metadata.tables[name].c


def whom(name: str) -> ColumnElement[UUID]:
    """Whom a referral is about: its person, else the person of its case, else the case or the demand itself."""
    row, case = columns(name), columns("followed_person")
    return func.coalesce(row.person_id, case.person_id, row.case_id, row.chain_id if name == OUTGOING else row.id)


def with_case(name: str, query: Q) -> Q:
    """The same query with the case of each referral beside it, which `whom` reads."""
    joined: Q = query.outerjoin(
        Table.metadata.tables["followed_person"], columns("followed_person").case_id == columns(name).case_id
    )
    return joined


def waiting(row: Any) -> ColumnElement[bool]:
    """Whether a referral has still to be decided or to lead to a case; one of ours, to be ended and confirmed."""
    undecided: ColumnElement[bool] = row.state.in_(sorted(BEFORE_CARE))
    if "sender" in row:
        return undecided
    return or_(row.state.in_(sorted(BEFORE_CARE | OPEN_CASE)), row.status_due_at.is_not(None))


def tied(subject: Any, caller: Caller, now: datetime) -> ColumnElement[bool]:
    """Whether a link relates a caller to a person, or any referral about the person that waits for our staff."""
    by_link = linked(subject, caller, now)
    if not is_staff(caller):
        return by_link
    rows = [Table.metadata.tables[name].alias() for name in (INCOMING, OUTGOING)]
    person = first_known(subject)
    asked = [select(row.c.id).where(row.c.person_id == person, waiting(row.c)).limit(1) for row in rows]
    return or_(by_link, *(each.scalar_subquery().is_not(None) for each in asked))


def is_staff(caller: Caller) -> bool:
    """Whether a caller works on referrals for the programme that they are sent to."""
    reasons = reasons_of(caller.granted)
    return caller.scope == Scope.ALL and reasons is not None and RelationReason.REFERRAL in reasons


def by_itself(name: str, caller: Caller, transaction: Transaction) -> ColumnElement[bool]:
    """Whether a referral relates its reader: it waits, ended lately or failed; or the reader is its other party.

    A demand about nobody in particular is open to all our staff.
    """
    row = columns(name)
    is_party = row[PARTY[name]] == caller.organisation if caller.scope != Scope.ALL else false()
    if not is_staff(caller):
        return is_party
    settings = transaction.settings
    days = settings.relationship_days if isinstance(settings, Settings) else 30
    ended = row.updated_at > transaction.clock.now() - timedelta(days=days)
    case = Table.metadata.tables["followed_person"].alias()
    open_case = select(case.c.case_id).where(case.c.person_id == row.person_id, case.c.closed_at.is_(None)).limit(1)
    follows = open_case.scalar_subquery().is_not(None)
    why = func.coalesce(type_coerce(row.moves, JSONB)[-1]["reason"].astext, "")
    failed = and_(row.state == State.REFUSED, ~why.in_(OTHER_REASONS))
    over = row.state.in_(sorted(OVER))
    if name == OUTGOING:
        failed = or_(failed, row.expired_at.is_not(None))
        over = ~row.state.in_(sorted(BEFORE_CARE | OPEN_CASE))
        is_party = and_(row.person_id.is_(None), row.case_id.is_(None), row.disclosed.is_(None))
    return or_(is_party, waiting(row), and_(over, ended), and_(failed, ~follows))


def open_to(name: str, caller: Caller, transaction: Transaction) -> ColumnElement[bool]:
    """Whether the referrals of a direction are open to a caller. An exclusion by name goes before all else."""
    now, subject = transaction.clock.now(), whom(name)
    ties = or_(by_itself(name, caller, transaction), tied(subject, caller, now))
    return and_(ties, ~excluded(subject, caller, now))


class Related(Collection):
    """The same question of one record, and of people who are named."""

    async def demand(self, name: str, referral_id: UUID, caller: Caller | None) -> None:
        """Raise NotFound unless a referral is open to a caller; the audit keeps why."""
        if caller is None:
            return
        now, subject = self.transaction.clock.now(), whom(name)
        ties = or_(by_itself(name, caller, self.transaction), tied(subject, caller, now))
        asked = select(ties, excluded(subject, caller, now), subject).select_from(Table.metadata.tables[name])
        self._refuse((await self._run(with_case(name, asked).where(columns(name).id == referral_id))).one())

    async def demand_person(self, person_id: UUID | None, case_id: UUID | None, caller: Caller) -> None:
        """Raise NotFound unless a caller is related to the people whom a demand names; nobody is named by none."""
        case = columns("followed_person")
        known = select(case.person_id).where(case.case_id == case_id)
        of_case = ((await self._run(known)).scalar() or case_id) if case_id else None
        now = self.transaction.clock.now()
        for each in {person_id, of_case} - {None}:
            person = literal(each, Uuid)
            asked = select(tied(person, caller, now), excluded(person, caller, now), person)
            self._refuse((await self._run(asked)).one())

    def _refuse(self, found: Any) -> None:
        is_tied, is_excluded, subject = found
        Relationships(self.transaction).refuse(is_tied, is_excluded, subject)

    async def _run(self, statement: Any) -> Any:
        return await (await self.session.connection()).execute(statement)
