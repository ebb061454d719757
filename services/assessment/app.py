"""The assessment service as a value."""

from pathlib import Path

from services.assessment.api import router
from services.assessment.api.about import AboutNobody
from services.assessment.api.exports import NoPseudonymKey, UnknownColumn
from services.assessment.api.indicators import NoCohort
from services.assessment.api.outcomes import NoCase
from services.assessment.domain import (
    IncomparableSheets,
    InvalidInstrument,
    NotBinding,
    RefusedSheet,
    SheetOver,
    SupersededAdmission,
)
from services.assessment.domain.anonymity import NothingToExport, TooFewAlike
from services.assessment.domain.outcome import OutcomeOver, OutcomeRecordedAlready, RefusedOutcome
from services.assessment.domain.profile_consent import ConsentOver, EndsInThePast
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
        EndsInThePast: INVALID,
        ConsentOver: kind(
            409,
            "consent-over",
            "Cet accord a déjà été retiré",
            "Dit akkoord werd al ingetrokken",
            "Diese Zustimmung wurde bereits zurückgezogen",
            "This agreement was taken back before",
        ),
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
        NoCase: INVALID,
        NoCohort: INVALID,
        UnknownColumn: INVALID,
        NoPseudonymKey: kind(
            409,
            "no-pseudonym-key",
            "Les exports ne sont pas configurés ici",
            "Exports zijn hier niet ingesteld",
            "Exporte sind hier nicht eingerichtet",
            "Exports are not set up here",
        ),
        TooFewAlike: kind(
            409,
            "too-few-alike",
            "Trop peu de personnes partagent ces caractéristiques",
            "Te weinig personen delen deze kenmerken",
            "Zu wenige Personen teilen diese Merkmale",
            "Too few people share these characteristics",
        ),
        NothingToExport: kind(
            409,
            "too-few-people",
            "Trop peu de personnes pour un export",
            "Te weinig personen voor een export",
            "Zu wenige Personen für einen Export",
            "Too few people for an export",
        ),
        RefusedOutcome: INVALID,
        OutcomeRecordedAlready: kind(
            409,
            "outcome-recorded-already",
            "Ce moment du suivi est déjà enregistré",
            "Dit moment van de opvolging is al vastgelegd",
            "Dieser Zeitpunkt ist bereits erfasst",
            "This point is recorded already",
        ),
        OutcomeOver: kind(
            409,
            "outcome-over",
            "Cet enregistrement a été corrigé ou retiré",
            "Deze vastlegging werd verbeterd of ingetrokken",
            "Dieser Eintrag wurde berichtigt oder zurückgezogen",
            "This record was amended or withdrawn",
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
