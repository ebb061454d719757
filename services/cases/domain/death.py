"""What a death asks of an open case, and one that was told by mistake: people decide, nothing ends by itself."""

from datetime import date, timedelta

from services.cases.domain.case import Case
from services.cases.domain.states import OWNED
from services.cases.domain.steps import NextStep, StepKind
from services.cases.events import ClosingReason, DeclineReason, NextStepSet

AFTER_DEATH = timedelta(days=7)
"""The next weekly meeting lies before this."""


def close_next(case: Case, today: date) -> list[NextStepSet]:
    """The person died: what comes next is the closing, with the reason `deceased`. A request without owner has none."""
    if case.state not in OWNED or case.next_step is StepKind.CLOSURE:
        return []
    return [_plan(case, StepKind.CLOSURE, today + AFTER_DEATH)]


def call_next(case: Case, today: date) -> list[NextStepSet]:
    """The person lives: where the closing was to come next, somebody calls first."""
    if case.state not in OWNED or case.next_step is not StepKind.CLOSURE:
        return []
    return [_plan(case, StepKind.PHONE_CALL, today + AFTER_DEATH)]


def ended_by_death(case: Case) -> bool:
    """Whether the case was closed, or the request declined, because the person had died."""
    return case.closing_reason is ClosingReason.DECEASED or case.declined_reason is DeclineReason.DECEASED


def _plan(case: Case, kind: StepKind, on: date) -> NextStepSet:
    case.plan_next(NextStep(kind=kind, due_on=on), on)
    return NextStepSet(case_id=case.id, kind=kind, due_on=on)
