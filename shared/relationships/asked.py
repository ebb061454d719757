"""The one question: is whoever calls related to a subject today? As a predicate, for every list and single record."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, false, or_, select, true
from sqlalchemy.sql.functions import coalesce

from shared.access import published
from shared.auth import Caller
from shared.permissions.reasons import RelationReason
from shared.tables import exclusion, relationship


@lru_cache(1024)
def reasons_of(roles: frozenset[str]) -> frozenset[str] | None:
    """The reasons that open a record to one who may act by these roles; None where a role needs no reason at all."""
    serving = published().relationships
    if roles - {role for served in serving.values() for role in served}:
        return None
    return frozenset(reason for reason, served in serving.items() if not roles.isdisjoint(served))


def related(subject: Any, caller: Caller | None, now: datetime) -> ColumnElement[bool]:
    """Whether a caller may see the records of a subject (a column, or a value bound) at a moment.

    Our own handlers are no caller and see all. Roles that no reason serves need none.
    """
    return and_(linked(subject, caller, now), ~excluded(subject, caller, now))


def linked(subject: Any, caller: Caller | None, now: datetime) -> ColumnElement[bool]:
    """Whether a link of the caller, or of the caller's organisation, holds at a moment for a reason of their role."""
    reasons = reasons_of(caller.granted) if caller else None
    if caller is None or reasons is None or RelationReason.OWN_RECORDS in reasons:
        return true()
    link = relationship.alias()
    by_role = link.c.reason.in_(sorted(reasons - {RelationReason.BREAK_GLASS}))
    return exists(link, subject, caller, now, or_(by_role, _granted(link, caller)))


def excluded(subject: Any, caller: Caller | None, now: datetime) -> ColumnElement[bool]:
    """Whether the subject has excluded the caller, or the caller's organisation, by name.

    It goes before every link but emergency access for a threat to life.
    """
    if caller is None or reasons_of(caller.granted) is None:
        return false()
    named = exists(exclusion.alias(), subject, caller, now)
    if caller.break_glass is None:
        return named
    link = relationship.alias()
    return and_(named, ~exists(link, subject, caller, now, and_(_granted(link, caller), link.c.vital)))


def exists(table: Any, subject: Any, caller: Caller, now: datetime, *conditions: Any) -> ColumnElement[bool]:
    """Whether a row of links or exclusions stands that names the subject and the caller at a moment.

    Asked by the index for each row that is looked at: an EXISTS beside another condition is hashed with all its rows.
    """
    held = and_(table.c.organisation == caller.organisation, table.c.worker.in_(["", caller.subject]))
    lasts = and_(table.c.since <= now, or_(table.c.until.is_(None), table.c.until > now))
    whose = table.c.subject_id == first_known(subject)
    found = select(table.c.subject_id).where(whose, held, lasts, *conditions).limit(1)
    return found.scalar_subquery().is_not(None)


def first_known(subject: Any) -> Any:
    """The same subject, COALESCE written as CASE: under row-level security PostgreSQL holds COALESCE for leaky.

    What may leak is asked after the policies, and so by no index (`contain_leaked_vars` of its planner).
    """
    if not isinstance(subject, coalesce):
        return subject
    *first, last = subject.clauses
    return case(*((each.is_not(None), each) for each in first), else_=last) if first else last


def _granted(link: Any, caller: Caller) -> ColumnElement[bool]:
    """A link by emergency access opens only what is asked for under its name."""
    grant: UUID | None = caller.break_glass
    return and_(link.c.reason == RelationReason.BREAK_GLASS, link.c.source == grant) if grant else false()
