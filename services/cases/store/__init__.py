"""The tables of cases, and all SQL about them."""

from services.cases.store.cases import Cases, Plans, Tasks, Visits
from services.cases.store.lists import Agenda, Organisations, Origins, Work
from services.cases.store.tables import CaseRow, EntryRow, LineRow, PlanRow, Table, TaskRow, VisitRow

__all__ = [
    "Agenda",
    "CaseRow",
    "Cases",
    "EntryRow",
    "LineRow",
    "Organisations",
    "Origins",
    "PlanRow",
    "Plans",
    "Table",
    "TaskRow",
    "Tasks",
    "VisitRow",
    "Visits",
    "Work",
]
