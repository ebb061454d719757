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
from services.intake.domain.line import ImpossibleHours
from services.intake.domain.silence import AlreadyJudged, ImpossibleHeartbeat
from services.intake.events import PUBLISHED
from services.intake.handlers import handlers
from services.intake.settings import Settings
from services.intake.store import Table
from shared.problems import INVALID, kinds
from shared.service import Service

kind = kinds(Path(__file__).with_name("problems.json"))

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
        ImpossibleHeartbeat: INVALID,
        AlreadyJudged: kind(409, "already-judged"),
        OutageOverlaps: kind(409, "outage-overlaps"),
        UnknownPerson: INVALID,
        AlreadyRegistered: kind(409, "already-registered"),
        AlreadyDecided: kind(409, "already-decided"),
    },
)
