"""The intake service as a value."""

from pathlib import Path

from services.intake.api import router
from services.intake.domain import (
    AlreadyDecided,
    AlreadyRegistered,
    ImpossibleContact,
    ImpossibleIdentity,
    UnknownPerson,
)
from services.intake.events import PUBLISHED
from services.intake.handlers import handlers
from services.intake.settings import Settings
from services.intake.store import Table
from shared.problems import INVALID, kinds
from shared.service import Service

kind = kinds(Path(__file__).with_name("problems.json"))

service = Service(
    name="intake",
    title="Relais intake",
    router=router,
    handlers=handlers,
    metadata=Table.metadata,
    publishes=PUBLISHED,
    settings=Settings,
    folder=Path(__file__).parent,
    errors={
        ImpossibleContact: INVALID,
        ImpossibleIdentity: INVALID,
        UnknownPerson: INVALID,
        AlreadyRegistered: kind(409, "already-registered"),
        AlreadyDecided: kind(409, "already-decided"),
    },
)
