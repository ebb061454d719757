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
from shared.problems import kind
from shared.service import Service

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
        IllegalStep: kind(
            409,
            "illegal-step",
            "L'état du dossier ne permet pas cette étape",
            "De staat van het dossier laat deze stap niet toe",
            "Der Stand des Falls erlaubt diesen Schritt nicht",
            "The case's state does not allow this step",
        ),
        CaseloadFull: kind(
            409,
            "caseload-full",
            "Charge maximale atteinte : un motif est requis",
            "Maximale werklast bereikt: een reden is vereist",
            "Höchste Fallzahl erreicht: ein Grund ist erforderlich",
            "Caseload full: a reason is required",
        ),
        UrgentTasksOpen: kind(
            409,
            "urgent-tasks-open",
            "Des tâches urgentes restent ouvertes : un motif est requis",
            "Dringende taken staan nog open: een reden is vereist",
            "Dringende Aufgaben sind noch offen: ein Grund ist erforderlich",
            "Urgent tasks are still open: a reason is required",
        ),
        NotTheNewestPlan: kind(
            409,
            "not-the-newest-plan",
            "Seule la dernière version du plan peut être convenue, une seule fois",
            "Enkel de nieuwste versie van het plan kan worden afgesproken, één keer",
            "Nur die neueste Fassung des Plans kann vereinbart werden, und nur einmal",
            "Only the newest version of the plan can be agreed, once",
        ),
        NoAgreedPlan: kind(
            409,
            "no-agreed-plan",
            "Aucun plan convenu",
            "Nog geen afgesproken plan",
            "Noch kein vereinbarter Plan",
            "No agreed plan yet",
        ),
        TaskNotOpen: kind(
            409,
            "task-not-open",
            "Cette tâche n'est pas ouverte",
            "Deze taak staat niet open",
            "Diese Aufgabe ist nicht offen",
            "This task is not open",
        ),
        UnknownOrganisation: kind(
            422,
            "unknown-organisation",
            "Organisation inconnue de l'annuaire",
            "Organisatie onbekend in de gids",
            "Organisation im Verzeichnis unbekannt",
            "Organisation unknown to the directory",
        ),
        Unfit: kind(
            422,
            "invalid-input",
            "Données refusées",
            "Gegevens geweigerd",
            "Daten abgelehnt",
            "Input refused",
        ),
    },
)
