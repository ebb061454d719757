"""The tables of cases, and all SQL about them."""

from services.cases.store.activities import Activities, ActivityRow, Wanted
from services.cases.store.agenda import Agenda, LineRow
from services.cases.store.case_row import CaseRow
from services.cases.store.caseload import Caseload
from services.cases.store.cases import Cases
from services.cases.store.circle import Circles, GpRow, InformationRow, MemberRow
from services.cases.store.complexity import AssessedRow, Complexities
from services.cases.store.deaths import DeathRow, Deaths
from services.cases.store.decisions import (
    DecisionRow,
    Decisions,
)
from services.cases.store.follow_ups import FollowUpResultRow, FollowUpResults
from services.cases.store.handovers import HandOvers, SheetRow, TickRow
from services.cases.store.heard import Heard, HeardRow, TieRow
from services.cases.store.mission import Comparisons
from services.cases.store.organisations import OrganisationRow, Organisations
from services.cases.store.origins import OriginRow, Origins
from services.cases.store.overlap import AskedRow, OtherCase, Overlaps
from services.cases.store.pathways import DeviationRow, PathwayRow, Pathways, PathwayVersionRow
from services.cases.store.periods import PeriodRow, Periods
from services.cases.store.plans import PlanRow, Plans, TaskRow, Tasks
from services.cases.store.rates import Rates, RatesRow
from services.cases.store.relinks import PERSON_COLUMNS
from services.cases.store.reports import Reports
from services.cases.store.risks import Risks
from services.cases.store.routing import Routes, RoutingRow
from services.cases.store.share_row import ShareRow
from services.cases.store.shares import Shares
from services.cases.store.table import Table
from services.cases.store.templates import (
    TemplateRow,
    Templates,
)
from services.cases.store.timeline import Timeline, TimelineRow
from services.cases.store.transfers import TransferRow, Transfers
from services.cases.store.visits import VisitRow, Visits
from services.cases.store.waiting_list import WaitingList
from services.cases.store.work_lists import Standing, WorkLists, sort_key
from services.cases.store.workers import WorkerRow, Workers

__all__ = [
    "PERSON_COLUMNS",
    "Activities",
    "ActivityRow",
    "Agenda",
    "AskedRow",
    "AssessedRow",
    "CaseRow",
    "Caseload",
    "Cases",
    "Circles",
    "Comparisons",
    "Complexities",
    "DeathRow",
    "Deaths",
    "DecisionRow",
    "Decisions",
    "DeviationRow",
    "FollowUpResultRow",
    "FollowUpResults",
    "GpRow",
    "HandOvers",
    "Heard",
    "HeardRow",
    "InformationRow",
    "LineRow",
    "MemberRow",
    "OrganisationRow",
    "Organisations",
    "OriginRow",
    "Origins",
    "OtherCase",
    "Overlaps",
    "PathwayRow",
    "PathwayVersionRow",
    "Pathways",
    "PeriodRow",
    "Periods",
    "PlanRow",
    "Plans",
    "Rates",
    "RatesRow",
    "Reports",
    "Risks",
    "Routes",
    "RoutingRow",
    "ShareRow",
    "Shares",
    "SheetRow",
    "Standing",
    "Table",
    "TaskRow",
    "Tasks",
    "TemplateRow",
    "Templates",
    "TickRow",
    "TieRow",
    "Timeline",
    "TimelineRow",
    "TransferRow",
    "Transfers",
    "VisitRow",
    "Visits",
    "WaitingList",
    "Wanted",
    "WorkLists",
    "WorkerRow",
    "Workers",
    "sort_key",
]
