"""A silence of the line: seen by the calls or heartbeats that stay away, ended by the next, judged by a person."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.intake.domain.line import LineHours
from services.intake.events import LineSilenceDetected, LineSilenceEnded, SilenceEnding, SilenceSign
from shared.clock import BRUSSELS
from shared.errors import DomainError, Fault
from shared.ids import new_id


class AlreadyJudged(DomainError):
    """Somebody has said what this silence was."""


class ImpossibleHeartbeat(DomainError):
    """A heartbeat is told when it has been heard."""


class HeartbeatKind(StrEnum):
    """How the line was tried."""

    TEST_CALL = "test-call"
    PROBE = "probe"


class Dismissal(StrEnum):
    """Why a silence was none."""

    QUIET_PERIOD = "quiet-period"
    CLOSED_UNANNOUNCED = "closed-unannounced"
    CONTACTS_NOT_RECORDED = "contacts-not-recorded"
    PROBE_FAULT = "probe-fault"
    OTHER = "other"


class Heartbeat(BaseModel):
    """The line was tried, and answered."""

    at: AwareDatetime
    kind: HeartbeatKind

    def refuse_future(self, now: datetime) -> None:
        """Raise ImpossibleHeartbeat for one that has not been."""
        if self.at > now:
            raise ImpossibleHeartbeat(faults=[Fault("/at", "in-future")])


class Silence(BaseModel):
    """A silence; `since` is the last sign of life. `ended_at` is when life was seen again, or somebody judged."""

    id: UUID = Field(default_factory=new_id)
    programme: str
    sign: SilenceSign
    since: datetime
    raised_at: datetime
    probability: float | None
    ended_at: datetime | None = None
    ending: SilenceEnding | None = None
    dismissal: Dismissal | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None
    judged_by: str | None = None
    outage_id: UUID | None = None

    @classmethod
    def raised(
        cls, programme: str, sign: SilenceSign, since: datetime, at: datetime, probability: float | None = None
    ) -> tuple[Self, LineSilenceDetected]:
        """A silence is seen; `probability` is how likely chance alone explains it."""
        silence = cls(id=new_id(), programme=programme, sign=sign, since=since, raised_at=at, probability=probability)
        day = since.astimezone(BRUSSELS).date()
        return silence, LineSilenceDetected(silence_id=silence.id, sign=sign, since=day)

    def end(self, at: datetime) -> LineSilenceEnded:
        """Life was seen again."""
        self.ended_at = at
        self.ending = SilenceEnding.CONTACT if self.sign is SilenceSign.NO_CONTACTS else SilenceEnding.HEARTBEAT
        return LineSilenceEnded(silence_id=self.id, ending=self.ending)

    def dismiss(self, dismissal: Dismissal, note: str | None, subject: str, at: datetime) -> LineSilenceEnded:
        """Somebody says that it was no silence; raises AlreadyJudged."""
        self.dismissal, self.note = dismissal, note
        return self._judge(SilenceEnding.DISMISSED, subject, at)

    def confirm(self, outage_id: UUID, subject: str, at: datetime) -> LineSilenceEnded:
        """Somebody says that the line was out of order; raises AlreadyJudged."""
        fact = self._judge(SilenceEnding.OUTAGE, subject, at)
        self.outage_id = outage_id
        return fact

    def _judge(self, ending: SilenceEnding, subject: str, at: datetime) -> LineSilenceEnded:
        if self.judged_by:
            raise AlreadyJudged
        self.ended_at, self.ending, self.judged_by = self.ended_at or at, ending, subject
        return LineSilenceEnded(silence_id=self.id, ending=ending)


def heartbeat_missing(line: LineHours, last: datetime | None, now: datetime) -> datetime | None:
    """Since when heartbeats stay away, when the line was open longer than it is to be without one; else None."""
    hours = line.on(now.astimezone(BRUSSELS).date())
    if hours is None or hours.heartbeat_minutes is None:
        return None
    begun = datetime(hours.valid_from.year, hours.valid_from.month, hours.valid_from.day, tzinfo=BRUSSELS)
    since = max(last, begun) if last else begun
    return since if line.open_minutes(since, now) > hours.heartbeat_minutes else None
