"""Which cases a caller may see: one rule for every list and every single case."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, true
from sqlmodel import col, select

from services.cases.store.case_row import CaseRow
from services.cases.store.share_row import ShareRow
from shared.access import Scope
from shared.auth import Caller
from shared.relationships.asked import related

SUBJECT = func.coalesce(col(CaseRow.person_id), col(CaseRow.id))
"""Whom a case is about; as long as that is not known, the case stands for the person."""


def held_by(caller: Caller | None) -> ColumnElement[bool]:
    """Whether the caller's organisation leads a case: the rule of counts, loads and reports, where no case is two."""
    if caller is None or caller.scope == Scope.ALL:
        return true()
    return col(CaseRow.organisation) == caller.organisation


def led_by(caller: Caller, now: datetime) -> ColumnElement[bool]:
    """The same for lists that show the cases themselves: the caller must be related to whom they are about."""
    return and_(held_by(caller), related(SUBJECT, caller, now))


def within_reach(caller: Caller | None) -> ColumnElement[bool]:
    """Whether a case is one of the caller's organisation, or shared with it today."""
    if caller is None or caller.scope == Scope.ALL:
        return true()
    shared = select(ShareRow.case_id).where(ShareRow.organisation == caller.organisation, ShareRow.is_live)
    return or_(held_by(caller), col(CaseRow.id).in_(shared))


def seen_by(caller: Caller | None, now: datetime) -> ColumnElement[bool]:
    """Whether a caller may see a case: one within reach, of somebody to whom the caller is related at this moment.

    Our own handlers are no caller and see them all.
    """
    return and_(within_reach(caller), related(SUBJECT, caller, now))
