"""The intake service as a value."""

from pathlib import Path

from services.intake.api import router
from services.intake.domain import (
    AlreadyDecided,
    AlreadyRegistered,
    CallBackOver,
    CallBackTaken,
    ImpossibleCallBack,
    ImpossibleContact,
    ImpossibleDeath,
    ImpossibleDraft,
    ImpossibleIdentity,
    ImpossibleOutage,
    ImpossibleRelation,
    NothingAmended,
    OutageOverlaps,
    UnknownPerson,
)
from services.intake.domain.consent import ConsentOver, ImpossibleConsent
from services.intake.domain.elsewhere import (
    ConsentMissing,
    NoSharedKeys,
    NotFollowedElsewhere,
    QuestionOver,
    TooManyChecks,
)
from services.intake.domain.ending import EndingOver, HeldByLaw, ImpossibleReview, SamePerson
from services.intake.domain.exclusion import ExclusionOver, OwnOrganisation
from services.intake.domain.export import (
    ExportDelivered,
    ExportExpired,
    ExportIncomplete,
    ExtensionOver,
    ImpossibleExport,
)
from services.intake.domain.gap import ImpossiblePopulation, UntoldTable
from services.intake.domain.imports import MappingExists, UnknownMapping
from services.intake.domain.line import ImpossibleHours
from services.intake.domain.merge import (
    ImpossibleMerge,
    KnownApart,
    MergeContradicted,
    MergeCovered,
    MergeOver,
    PersonMerged,
)
from services.intake.domain.retention import ImpossiblePolicy, LawBinds
from services.intake.domain.silence import AlreadyJudged, ImpossibleHeartbeat
from services.intake.domain.topic_fit import FitUnderWay, ImpossiblePeriod, NoTopicModel
from services.intake.domain.topic_model import TooFewNotes
from services.intake.events import PUBLISHED
from services.intake.formats.table import UnknownColumns
from services.intake.handlers import handlers
from services.intake.settings import Settings
from services.intake.store import Persons, Table
from services.intake.store.subjects import HOLDINGS, SUBJECTS
from shared.agreements import AgreementMissing, AgreementRefused
from shared.problems import INVALID, UNSUPPORTED, kinds
from shared.service import Service
from shared.spreadsheets import TableRefused, UnsupportedTable

kind = kinds(Path(__file__).with_name("problems.json"))

service = Service(
    name="intake",
    title="Relais intake",
    router=router,
    handlers=handlers,
    metadata=Table.metadata,
    publishes=PUBLISHED,
    settings=Settings,
    subjects=SUBJECTS,
    holdings=HOLDINGS,
    reindexing=(lambda transaction: Persons(transaction).index_anew(),),
    folder=Path(__file__).parent,
    errors={
        HeldByLaw: kind(409, "legal-hold"),
        LawBinds: kind(409, "law-binds"),
        SamePerson: kind(409, "two-person-rule"),
        EndingOver: kind(409, "ending-settled"),
        ImpossibleReview: INVALID,
        ImpossiblePolicy: INVALID,
        FitUnderWay: kind(409, "fit-under-way"),
        ImpossibleExport: INVALID,
        ExtensionOver: kind(409, "extension-over"),
        ExportIncomplete: kind(409, "export-incomplete"),
        ExportDelivered: kind(409, "export-delivered"),
        ExportExpired: kind(410, "export-expired"),
        ImpossiblePeriod: INVALID,
        NoTopicModel: kind(409, "no-topic-model"),
        TooFewNotes: kind(409, "too-few-notes"),
        ImpossibleCallBack: INVALID,
        ImpossibleDraft: INVALID,
        NothingAmended: kind(409, "nothing-amended"),
        CallBackOver: kind(409, "call-back-over"),
        CallBackTaken: kind(409, "call-back-taken"),
        ImpossibleContact: INVALID,
        ImpossibleIdentity: INVALID,
        ImpossibleDeath: INVALID,
        ImpossibleRelation: INVALID,
        ImpossibleOutage: INVALID,
        ImpossibleHours: INVALID,
        ImpossiblePopulation: INVALID,
        UntoldTable: INVALID,
        ImpossibleHeartbeat: INVALID,
        AlreadyJudged: kind(409, "already-judged"),
        OutageOverlaps: kind(409, "outage-overlaps"),
        UnknownPerson: INVALID,
        TableRefused: kind(422, "table-refused"),
        UnsupportedTable: UNSUPPORTED,
        UnknownMapping: kind(422, "unknown-mapping"),
        UnknownColumns: INVALID,
        AgreementMissing: kind(409, "consent-missing"),
        AgreementRefused: kind(409, "consent-refused"),
        ConsentMissing: INVALID,
        ConsentOver: kind(409, "consent-over"),
        ImpossibleConsent: INVALID,
        NoSharedKeys: kind(409, "no-shared-keys"),
        NotFollowedElsewhere: kind(409, "not-followed-elsewhere"),
        QuestionOver: kind(409, "question-over"),
        TooManyChecks: kind(429, "too-many-checks"),
        OwnOrganisation: kind(422, "own-organisation"),
        ExclusionOver: kind(409, "exclusion-over"),
        ImpossibleMerge: INVALID,
        KnownApart: kind(409, "known-apart"),
        MergeContradicted: kind(409, "merge-contradicted"),
        MergeCovered: kind(409, "merge-covered"),
        MergeOver: kind(409, "merge-undone"),
        PersonMerged: kind(409, "person-merged"),
        MappingExists: kind(409, "mapping-exists"),
        AlreadyRegistered: kind(409, "already-registered"),
        AlreadyDecided: kind(409, "already-decided"),
    },
)
