"""The scheduler service as a value."""

from pathlib import Path

from services.scheduler.api import router
from services.scheduler.domain import (
    AppointmentClash,
    CampaignStepRefused,
    ClaimedByAnother,
    ClaimExpired,
    IllegalStep,
    NobodyToCall,
    NoCampaignPolicy,
    OverlappingAbsence,
    OverlappingTriggers,
    StoppedStepRefused,
    SubstitutionCircle,
    TooManyFeeds,
    WrongInput,
)
from services.scheduler.events import PUBLISHED
from services.scheduler.handlers import handlers
from services.scheduler.settings import Settings
from services.scheduler.store import Table
from services.scheduler.store.subjects import HOLDINGS, SUBJECTS
from shared.agreements import AgreementRefused
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
    subjects=SUBJECTS,
    holdings=HOLDINGS,
    folder=Path(__file__).parent,
    errors={
        AppointmentClash: kind(409, "appointment-clash"),
        CampaignStepRefused: kind(409, "campaign-step"),
        NobodyToCall: kind(409, "nobody-to-call"),
        NoCampaignPolicy: kind(409, "no-campaign-policy"),
        TooManyFeeds: kind(409, "too-many-feeds"),
        ClaimExpired: kind(409, "claim-expired"),
        ClaimedByAnother: kind(409, "claimed-by-another"),
        IllegalStep: kind(409, "illegal-step"),
        OverlappingAbsence: kind(409, "overlapping-absence"),
        OverlappingTriggers: kind(409, "overlapping-triggers"),
        AgreementRefused: kind(409, "consent-refused"),
        StoppedStepRefused: kind(409, "decided-already"),
        SubstitutionCircle: kind(409, "substitution-circle"),
        WrongInput: kind(422, "invalid-input"),
    },
)
