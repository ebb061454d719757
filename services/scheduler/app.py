"""The scheduler service as a value."""

from pathlib import Path

from services.scheduler.api import router
from services.scheduler.domain import IllegalStep, WrongInput
from services.scheduler.events import PUBLISHED
from services.scheduler.handlers import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import Table
from shared.problems import kinds
from shared.service import Service

kind = kinds(Path(__file__).with_name("problems.json"))

service = Service(
    name="scheduler",
    title="Relais scheduler",
    router=router,
    handlers=handlers,
    metadata=Table.metadata,
    publishes=PUBLISHED,
    settings=Settings,
    folder=Path(__file__).parent,
    errors={
        IllegalStep: kind(409, "illegal-step"),
        WrongInput: kind(422, "invalid-input"),
    },
)
