"""The assessment service as a value."""

from pathlib import Path

from services.assessment.api import router
from services.assessment.api.about import AboutNobody
from services.assessment.domain import IncomparableSheets, RefusedSheet
from services.assessment.events import PUBLISHED
from services.assessment.handlers import handlers
from services.assessment.settings import Settings
from services.assessment.store import Table
from shared.problems import INVALID, kinds
from shared.service import Service

kind = kinds(Path(__file__).with_name("problems.json"))

service = Service(
    name="assessment",
    title="Relais assessment",
    router=router,
    handlers=handlers,
    metadata=Table.metadata,
    publishes=PUBLISHED,
    settings=Settings,
    folder=Path(__file__).parent,
    errors={
        RefusedSheet: INVALID,
        AboutNobody: INVALID,
        IncomparableSheets: kind(422, "incomparable-sheets"),
    },
)
