"""The referrals service as a value."""

from pathlib import Path

from services.referrals.api import router
from services.referrals.api.fhir.doors import fhir_problem
from services.referrals.api.fhir.smart import IssuerAway
from services.referrals.api.hl7v2 import listen
from services.referrals.api.hl7v2.over_http import NoHl7Message, WrongMediaType
from services.referrals.domain import (
    AlreadyRegistered,
    DirectoryFaults,
    IdentifierReused,
    IllegalMove,
    MissingConsent,
    NotYourMove,
    NotYourOrganisation,
    SheetFaults,
    TooManyNotes,
)
from services.referrals.domain.capacity import AnsweredAlready
from services.referrals.domain.exchange import AlreadyReferred, OutgoingFaults
from services.referrals.domain.subscription import EndpointRefused, SubscriptionOff, TooManySubscriptions
from services.referrals.events import PUBLISHED
from services.referrals.formats.fhir.outcome import (
    BadRequest,
    RefusedResource,
    SeveralMatches,
    TooManyEntries,
    UnknownReference,
)
from services.referrals.formats.fhir.patches import PatchRefused, PatchTestFailed
from services.referrals.formats.fhir.search_parameters import NumberInAddress, SearchRefused
from services.referrals.formats.fhir.task_wish import WishRefused
from services.referrals.formats.table import UnknownMapping
from services.referrals.handlers import handlers
from services.referrals.settings import Settings
from services.referrals.store import Referrals, Table, UnknownOrganisation, UnknownProgramme
from services.referrals.store.subjects import HOLDINGS, SUBJECTS
from shared.agreements import AgreementMissing, AgreementRefused
from shared.problems import UNSUPPORTED, kinds
from shared.service import Service
from shared.spreadsheets import TableRefused, UnsupportedTable

kind = kinds(Path(__file__).with_name("problems.json"))

service = Service(
    name="referrals",
    title="Relais referrals",
    router=router,
    handlers=handlers,
    metadata=Table.metadata,
    publishes=PUBLISHED,
    settings=Settings,
    subjects=SUBJECTS,
    holdings=HOLDINGS,
    reindexing=(lambda transaction: Referrals(transaction).index_anew(),),
    folder=Path(__file__).parent,
    dialects={"/referrals/fhir": fhir_problem},
    companions=(listen,),
    errors={
        EndpointRefused: kind(422, "endpoint-refused"),
        SubscriptionOff: kind(409, "subscription-off"),
        TooManySubscriptions: kind(409, "too-many-subscriptions"),
        IllegalMove: kind(409, "illegal-move"),
        NotYourMove: kind(403, "not-your-move"),
        MissingConsent: kind(409, "consent-missing"),
        AgreementMissing: kind(409, "consent-missing"),
        AgreementRefused: kind(409, "consent-refused"),
        IdentifierReused: kind(409, "identifier-reused"),
        UnknownOrganisation: kind(422, "unknown-organisation"),
        UnknownProgramme: kind(422, "unknown-programme"),
        NotYourOrganisation: kind(403, "not-your-organisation"),
        AlreadyRegistered: kind(409, "already-registered"),
        TooManyNotes: kind(409, "too-many-notes"),
        DirectoryFaults: kind(422, "invalid-input"),
        NoHl7Message: kind(400, "not-er7"),
        WrongMediaType: kind(415, "unsupported-media-type"),
        TableRefused: kind(422, "table-refused"),
        UnsupportedTable: UNSUPPORTED,
        UnknownMapping: kind(422, "unknown-mapping"),
        AlreadyReferred: kind(409, "already-referred"),
        AnsweredAlready: kind(409, "answered-already"),
        OutgoingFaults: kind(422, "invalid-input"),
        SearchRefused: kind(400, "search-refused"),
        NumberInAddress: kind(400, "number-in-address"),
        PatchRefused: kind(422, "patch-refused"),
        PatchTestFailed: kind(412, "patch-test-failed"),
        WishRefused: kind(422, "task-refused"),
        IssuerAway: kind(503, "issuer-unavailable"),
        BadRequest: kind(400, "bad-request"),
        RefusedResource: kind(422, "resource-refused"),
        UnknownReference: kind(404, "unknown-reference"),
        TooManyEntries: kind(413, "too-many-entries"),
        SeveralMatches: kind(412, "several-matches"),
        SheetFaults: kind(422, "invalid-input"),
    },
)
