"""The end of people's data: the four other services answer, and on the clock those whose time is over are ended."""

from typing import ClassVar
from uuid import UUID

from services.intake.handlers.registry import handlers
from services.intake.settings import Settings
from services.intake.store.endings import ENDING, Endings
from shared.erasure.ended import EndState
from shared.erasure.ending import RecordEnded, keep_ended
from shared.events import Reading
from shared.handlers import Handle

HOURLY = 3600.0


class Answered(Reading):
    """A service has ended what it kept of a person."""

    erasure_id: UUID
    state: EndState
    records: tuple[RecordEnded, ...]
    ended: tuple[UUID, ...]


class AssessmentAnswered(Answered):
    """assessment's answer."""

    type: ClassVar[str] = "assessment.person-data-erased.v1"


class CasesAnswered(Answered):
    """cases' answer."""

    type: ClassVar[str] = "cases.person-data-erased.v1"


class ReferralsAnswered(Answered):
    """referrals' answer."""

    type: ClassVar[str] = "referrals.person-data-erased.v1"


class SchedulerAnswered(Answered):
    """scheduler's answer."""

    type: ClassVar[str] = "scheduler.person-data-erased.v1"


def noting(service: str) -> Handle:
    """The handler of one service's answer."""

    async def note_answer(event: Answered, endings: Endings) -> None:
        await endings.note(event.erasure_id, service, event)

    return note_answer


for kind in (AssessmentAnswered, CasesAnswered, ReferralsAnswered, SchedulerAnswered):
    handlers.on(kind, of_ended=True)(noting(kind.type.partition(".")[0]))

keep_ended(handlers, ENDING)


@handlers.every(HOURLY)
async def end_whose_time_is_over(endings: Endings, settings: Settings) -> bool:
    """Where the installation says so, end without asking what the policy says; true while more may wait."""
    if not settings.retention_automatic:
        return False
    return await endings.carry_out_all_due()
