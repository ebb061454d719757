"""The cases service as a value."""

from pathlib import Path

from services.cases.api import router
from services.cases.domain import (
    ActivityNotCurrent,
    AlreadyAmended,
    CaseloadFull,
    DisciplineMismatch,
    IllegalStep,
    NoAgreedPlan,
    NotTheNewestPlan,
    NotWaiting,
    NotYourOwn,
    PeriodIsClosed,
    TaskNotOpen,
    Unfit,
    UnknownOrganisation,
    UrgentTasksOpen,
    VisitNotPlanned,
    WorkerAbsent,
    WorkerElsewhere,
)
from services.cases.domain.circle import AlreadyMember, CircleFull, MembershipEnded
from services.cases.domain.durability import FollowUpDecidedAlready, NothingLost
from services.cases.domain.help_request import HelpNotOpen
from services.cases.domain.informing import ConsentRefused
from services.cases.domain.meeting import MeetingNotThere, MeetingStillOpen, MeetingTooEarly
from services.cases.domain.meeting_line import LineDecidedAlready
from services.cases.domain.reassignment import ReassignmentRefused
from services.cases.domain.share import NotByThisShare, SharedAlready, ShareOver
from services.cases.domain.staffing import WorkerExcluded
from services.cases.domain.transfer import HandOverMissing, NotYourTransfer, TransferEnded, TransferPending
from services.cases.events import PUBLISHED
from services.cases.handlers import handlers
from services.cases.settings import Settings
from services.cases.store import Table
from services.cases.store.subjects import HOLDINGS, SUBJECTS
from shared.agreements import AgreementMissing, AgreementRefused
from shared.problems import kinds
from shared.service import Service

kind = kinds(Path(__file__).with_name("problems.json"))

service = Service(
    name="cases",
    title="Relais cases",
    router=router,
    handlers=handlers,
    metadata=Table.metadata,
    publishes=PUBLISHED,
    settings=Settings,
    subjects=SUBJECTS,
    holdings=HOLDINGS,
    folder=Path(__file__).parent,
    errors={
        IllegalStep: kind(409, "illegal-step"),
        CaseloadFull: kind(409, "caseload-full"),
        DisciplineMismatch: kind(409, "discipline-mismatch"),
        WorkerAbsent: kind(409, "worker-absent"),
        WorkerExcluded: kind(409, "worker-excluded"),
        WorkerElsewhere: kind(409, "worker-elsewhere"),
        UrgentTasksOpen: kind(409, "urgent-tasks-open"),
        NotTheNewestPlan: kind(409, "not-the-newest-plan"),
        NoAgreedPlan: kind(409, "no-agreed-plan"),
        NotWaiting: kind(409, "decision-not-waiting"),
        AlreadyAmended: kind(409, "decision-amended"),
        TaskNotOpen: kind(409, "task-not-open"),
        NotByThisShare: kind(403, "not-by-this-share"),
        SharedAlready: kind(409, "shared-already"),
        ShareOver: kind(409, "share-over"),
        UnknownOrganisation: kind(422, "unknown-organisation"),
        ReassignmentRefused: kind(409, "reassignment-refused"),
        TransferEnded: kind(409, "transfer-ended"),
        TransferPending: kind(409, "transfer-pending"),
        HandOverMissing: kind(409, "hand-over-missing"),
        NotYourTransfer: kind(403, "not-your-transfer"),
        AlreadyMember: kind(409, "already-member"),
        MembershipEnded: kind(409, "membership-ended"),
        CircleFull: kind(409, "circle-full"),
        ConsentRefused: kind(409, "consent-refused"),
        AgreementMissing: kind(409, "consent-missing"),
        AgreementRefused: kind(409, "consent-refused"),
        VisitNotPlanned: kind(409, "visit-not-planned"),
        ActivityNotCurrent: kind(409, "activity-not-current"),
        PeriodIsClosed: kind(409, "period-closed"),
        NotYourOwn: kind(403, "not-your-own"),
        MeetingNotThere: kind(409, "meeting-step"),
        MeetingTooEarly: kind(409, "meeting-too-early"),
        MeetingStillOpen: kind(409, "meeting-still-open"),
        LineDecidedAlready: kind(409, "line-decided"),
        HelpNotOpen: kind(409, "help-not-open"),
        FollowUpDecidedAlready: kind(409, "follow-up-decided"),
        NothingLost: kind(409, "nothing-lost"),
        Unfit: kind(422, "invalid-input"),
    },
)
