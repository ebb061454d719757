"""The scheduler service as a value."""

from pathlib import Path

from services.scheduler.api import router
from services.scheduler.domain import IllegalStep, WrongInput
from services.scheduler.events import PUBLISHED
from services.scheduler.handlers import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import Table
from shared.problems import kind
from shared.service import Service

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
        IllegalStep: kind(
            409,
            "illegal-step",
            "L'état du suivi ne permet pas cette étape",
            "De staat van de opvolging laat deze stap niet toe",
            "Der Stand der Nachsorge erlaubt diesen Schritt nicht",
            "The follow-up's state does not allow this step",
        ),
        WrongInput: kind(
            422,
            "invalid-input",
            "Données refusées",
            "Gegevens geweigerd",
            "Daten abgelehnt",
            "Input refused",
        ),
    },
)
