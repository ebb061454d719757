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
from shared.problems import INVALID, kind
from shared.service import Service

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
        AlreadyRegistered: kind(
            409,
            "already-registered",
            "Cette personne est déjà dans l'index",
            "Deze persoon staat al in de index",
            "Diese Person ist bereits im Index",
            "This person is in the index already",
        ),
        AlreadyDecided: kind(
            409,
            "already-decided",
            "Cette vérification d'identité est déjà tranchée",
            "Over deze identiteitscontrole is al beslist",
            "Über diese Identitätsprüfung ist bereits entschieden",
            "This identity review is decided already",
        ),
    },
)
