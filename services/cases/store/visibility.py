"""Which cases a caller may see: one rule for every list and every single case."""

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import col, select

from services.cases.store.case_row import CaseRow
from services.cases.store.share_row import ShareRow
from shared.access import Scope
from shared.auth import Caller


def held_by(caller: Caller | None) -> ColumnElement[bool]:
    """Whether the caller's organisation leads a case: the rule of counts, loads and reports, where no case is two."""
    if caller is None or caller.scope == Scope.ALL:
        return true()
    return col(CaseRow.organisation) == caller.organisation


def seen_by(caller: Caller | None) -> ColumnElement[bool]:
    """Whether a caller may see a case: one of its organisation, or one shared with it today.

    Our own handlers are no caller and see them all.
    """
    if caller is None or caller.scope == Scope.ALL:
        return true()
    shared = select(ShareRow.case_id).where(ShareRow.organisation == caller.organisation, ShareRow.is_live)
    return or_(held_by(caller), col(CaseRow.id).in_(shared))
