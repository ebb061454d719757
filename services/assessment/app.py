"""The assessment service as a value."""

from pathlib import Path

from services.assessment.api import router
from services.assessment.api.about import AboutNobody
from services.assessment.domain import (
    IncomparableSheets,
    InvalidInstrument,
    NotBinding,
    RefusedSheet,
    SheetOver,
    SupersededAdmission,
)
from services.assessment.events import PUBLISHED
from services.assessment.handlers import handlers
from services.assessment.settings import Settings
from services.assessment.store import Table, VersionFrozen
from shared.problems import INVALID, kind
from shared.service import Service

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
        InvalidInstrument: kind(
            422,
            "invalid-instrument",
            "Cette définition d'instrument se contredit",
            "Deze definitie van een instrument spreekt zichzelf tegen",
            "Diese Definition eines Instruments widerspricht sich",
            "This definition of an instrument contradicts itself",
        ),
        NotBinding: INVALID,
        SupersededAdmission: kind(
            409,
            "superseded",
            "Un avis plus récent remplace celui-ci",
            "Een recenter advies vervangt dit",
            "Eine neuere Empfehlung ersetzt diese",
            "A newer advice takes the place of this one",
        ),
        SheetOver: kind(
            409,
            "sheet-over",
            "Cette fiche a été corrigée ou retirée",
            "Deze fiche werd verbeterd of ingetrokken",
            "Dieser Bogen wurde berichtigt oder zurückgezogen",
            "This sheet was amended or entered in error",
        ),
        VersionFrozen: kind(
            409,
            "version-frozen",
            "Cette version est déjà publiée avec un autre contenu",
            "Deze versie is al gepubliceerd met een andere inhoud",
            "Diese Fassung ist bereits mit anderem Inhalt veröffentlicht",
            "This version is already published with other content",
        ),
        AboutNobody: INVALID,
        IncomparableSheets: kind(
            422,
            "incomparable-sheets",
            "Ces deux fiches ne peuvent pas être comparées",
            "Deze twee fiches kunnen niet vergeleken worden",
            "Diese zwei Bögen können nicht verglichen werden",
            "These two sheets cannot be compared",
        ),
    },
)
