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
    RefusedThreshold,
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
from services.assessment.store.subjects import HOLDINGS, SUBJECTS
from shared.agreements import AgreementMissing, AgreementRefused
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
    subjects=SUBJECTS,
    holdings=HOLDINGS,
    folder=Path(__file__).parent,
    errors={
        RefusedSheet: INVALID,
        RefusedThreshold: INVALID,
        EndsInThePast: INVALID,
        AgreementMissing: kind(409, "consent-missing"),
        AgreementRefused: kind(409, "consent-refused"),
        ConsentOver: kind(409, "consent-over"),
        InvalidInstrument: kind(422, "invalid-instrument"),
        NotBinding: INVALID,
        SupersededAdmission: kind(409, "superseded"),
        SheetOver: kind(409, "sheet-over"),
        NoCase: INVALID,
        NoCohort: INVALID,
        UnknownColumn: INVALID,
        NoPseudonymKey: kind(409, "no-pseudonym-key"),
        TooFewAlike: kind(409, "too-few-alike"),
        NothingToExport: kind(409, "too-few-people"),
        RefusedOutcome: INVALID,
        OutcomeRecordedAlready: kind(409, "outcome-recorded-already"),
        OutcomeOver: kind(409, "outcome-over"),
        VersionFrozen: kind(409, "version-frozen"),
        AboutNobody: INVALID,
        IncomparableSheets: kind(422, "incomparable-sheets"),
    },
)
