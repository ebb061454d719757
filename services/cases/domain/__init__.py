"""The domain of cases: a case's life, its plan and tasks, its visits, and the lines of the weekly meeting."""

from services.cases.domain.agenda import ANSWERED_BY, RANK, Line, Reason, concerns
from services.cases.domain.case import Case
from services.cases.domain.origin import Origin
from services.cases.domain.pause import ContactChannel, FirstContact, Pause, Resumption
from services.cases.domain.plan import (
    Agreement,
    Completion,
    LifeDomain,
    MissionReason,
    NoAgreedPlan,
    NotTheNewestPlan,
    Plan,
    PlanContent,
    PlanTask,
    Resource,
    Statement,
    Task,
    TaskDescription,
    TaskNotOpen,
    TaskStatus,
    UnknownOrganisation,
    refuse_unknown,
)
from services.cases.domain.states import NEXT, IllegalStep, Phase, State
from services.cases.domain.steps import (
    Assignment,
    CaseloadFull,
    Closing,
    Load,
    NextStep,
    Reopening,
    StepKind,
    UrgentTasksOpen,
)
from services.cases.domain.visit import Visit, VisitReport
from services.cases.domain.words import Unfit

__all__ = [
    "ANSWERED_BY",
    "NEXT",
    "RANK",
    "Agreement",
    "Assignment",
    "Case",
    "CaseloadFull",
    "Closing",
    "Completion",
    "ContactChannel",
    "FirstContact",
    "IllegalStep",
    "LifeDomain",
    "Line",
    "Load",
    "MissionReason",
    "NextStep",
    "NoAgreedPlan",
    "NotTheNewestPlan",
    "Origin",
    "Pause",
    "Phase",
    "Plan",
    "PlanContent",
    "PlanTask",
    "Reason",
    "Reopening",
    "Resource",
    "Resumption",
    "State",
    "Statement",
    "StepKind",
    "Task",
    "TaskDescription",
    "TaskNotOpen",
    "TaskStatus",
    "Unfit",
    "UnknownOrganisation",
    "UrgentTasksOpen",
    "Visit",
    "VisitReport",
    "concerns",
    "refuse_unknown",
]
