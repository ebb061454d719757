"""The cases service as a value."""

from pathlib import Path

from services.cases.api import router
from services.cases.domain import (
    CaseloadFull,
    IllegalStep,
    NoAgreedPlan,
    NotTheNewestPlan,
    TaskNotOpen,
    Unfit,
    UnknownOrganisation,
    UrgentTasksOpen,
)
from services.cases.events import PUBLISHED
from services.cases.handlers import handlers
from services.cases.settings import Settings
from services.cases.store import Table
from shared.problems import kinds
from shared.service import Service

kind = kinds(Path(__file__).with_name("problems.json"))

service = Service(
    name="cases",
    title="Relais cases",
    router=router,
    handlers=handlers,
    metadata=Table.metadata,
    publishes=PUBLISHED,
    settings=Settings,
    folder=Path(__file__).parent,
    errors={
        IllegalStep: kind(409, "illegal-step"),
        CaseloadFull: kind(409, "caseload-full"),
        UrgentTasksOpen: kind(409, "urgent-tasks-open"),
        NotTheNewestPlan: kind(409, "not-the-newest-plan"),
        NoAgreedPlan: kind(409, "no-agreed-plan"),
        TaskNotOpen: kind(409, "task-not-open"),
        UnknownOrganisation: kind(422, "unknown-organisation"),
        Unfit: kind(422, "invalid-input"),
    },
)
