"""How a service ends a subject's data when it is told to, answers, and keeps what is ended ended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.dialects.postgresql import insert

from shared.audit.subjects import Subjects
from shared.erasure.ended import Ended, EndState
from shared.erasure.leftovers import clean
from shared.erasure.plan import Count, Plan
from shared.errors import StaleVersion
from shared.events import Event, Reading
from shared.handlers import Handlers
from shared.outbox import outbox_rows
from shared.relinks import Relinks
from shared.store import Transaction
from shared.tables import outbox

RECENT = timedelta(minutes=10)
"""Longer than any transaction lasts that may have written of a subject while it was being ended."""
AGAIN_EVERY = 60.0


class NotYet(StaleVersion):
    """What is known of a subject's records here is not what it is where they are kept: that is on its way."""


class RecordEnded(BaseModel):
    """What became of the records of one kind."""

    model_config = ConfigDict(frozen=True)

    record: str
    deleted: int
    changed: int
    kept_because: str | None = Field(default=None, description="Why what is left of them stays")


class DataEnded(Event):
    """A service has ended what it kept of a subject. Ids, codes and counts only.

    `ended` are the ids of all that was about it alone: nobody takes in anything that names one of them.
    """

    type: ClassVar[str] = ""
    erasure_id: UUID
    state: EndState
    records: tuple[RecordEnded, ...]
    ended: tuple[UUID, ...]


class SubjectEnding(Reading):
    """A subject is to be ended, under all the ids that stand for it."""

    erasure_id: UUID
    subjects: tuple[UUID, ...]


class SubjectRestricted(Reading):
    """What is kept of a subject is not to be seen or used until the restriction is lifted."""

    restriction_id: UUID
    subjects: tuple[UUID, ...]


class RestrictionLifted(Reading):
    """All is as before."""

    restriction_id: UUID


class EndedElsewhere(Reading):
    """Another service has ended what it kept, and says under which ids."""

    erasure_id: UUID
    state: EndState
    ended: tuple[UUID, ...]


@dataclass(frozen=True)
class Told:
    """The types of the facts that a service ends by."""

    restricted: str
    lifted: str
    pseudonymised: str
    erased: str
    elsewhere: str
    """The fact that gathers what each service has ended."""


@dataclass(frozen=True)
class Ending:
    """What a service does of it: its subjects, its plan, and the fact that it answers with."""

    subjects: Subjects
    plan: Plan
    answer: type[DataEnded]

    async def end(self, erasure_id: UUID, ids: Iterable[UUID], state: EndState, transaction: Transaction) -> DataEnded:
        """End all that hangs on these ids of one subject; what is to be told of it."""
        named = await self.subjects.within(ids, transaction)
        keys = await self.plan.keys(named, transaction) if state is EndState.ERASED else set()
        await Ended(transaction).mark(named | keys, erasure_id, state)
        counts = await self.plan.carry_out(named, state, transaction)
        counts += [Count(record, changed=n) for record, n in (await clean(named, transaction)).items() if n]
        records = tuple(
            RecordEnded(
                record=each.record, deleted=each.deleted, changed=each.changed, kept_because=each.kept_because or None
            )
            for each in counts
        )
        return self.answer(erasure_id=erasure_id, state=state, records=records, ended=tuple(sorted(named)))

    async def end_and_tell(self, told: SubjectEnding, state: EndState, transaction: Transaction) -> None:
        """End a subject once its records stand here for what they stand for there, and answer once."""
        for each in told.subjects:
            if not await Relinks(transaction).standing_for(each) <= set(told.subjects):
                raise NotYet
        answer = await self.end(told.erasure_id, told.subjects, state, transaction)
        [row] = outbox_rows(told.erasure_id, 1, [answer], transaction.clock.now())
        connection = await transaction.session.connection()
        await connection.execute(insert(outbox).values(row).on_conflict_do_nothing())
        transaction.has_events = True

    async def restrict(self, restriction_id: UUID, ids: Iterable[UUID], transaction: Transaction) -> None:
        """Hide all that hangs on these ids."""
        named = await self.subjects.within(ids, transaction)
        await Ended(transaction).mark(named, restriction_id, EndState.RESTRICTED)

    async def again(self, transaction: Transaction) -> None:
        """End what was written by transactions that had not seen it, and hide what came in since for the restricted."""
        ended = Ended(transaction)
        for state in (EndState.PSEUDONYMISED, EndState.ERASED):
            for cause, ids in (await ended.causes(state, RECENT)).items():
                await self.end(cause, ids, state, transaction)
        for cause, ids in (await ended.causes(EndState.RESTRICTED)).items():
            await self.restrict(cause, ids, transaction)


def follow(handlers: Handlers, ending: Ending, told: Told) -> None:
    """Let a service end what it is told to, whatever else has come or not, and look again for a while."""

    @handlers.on(_reading(SubjectRestricted, told.restricted), of_ended=True)
    async def restrict(event: SubjectRestricted, transaction: Transaction) -> None:
        await ending.restrict(event.restriction_id, event.subjects, transaction)

    @handlers.on(_reading(RestrictionLifted, told.lifted), of_ended=True)
    async def lift(event: RestrictionLifted, ended: Ended) -> None:
        await ended.lift(event.restriction_id)

    @handlers.on(_reading(SubjectEnding, told.pseudonymised), of_ended=True)
    async def pseudonymise(event: SubjectEnding, transaction: Transaction) -> None:
        await ending.end_and_tell(event, EndState.PSEUDONYMISED, transaction)

    @handlers.on(_reading(SubjectEnding, told.erased), of_ended=True)
    async def erase(event: SubjectEnding, transaction: Transaction) -> None:
        await ending.end_and_tell(event, EndState.ERASED, transaction)

    @handlers.on(_reading(EndedElsewhere, told.elsewhere), of_ended=True)
    async def follow_suit(event: EndedElsewhere, transaction: Transaction) -> None:
        await ending.end(event.erasure_id, event.ended, event.state, transaction)

    keep_ended(handlers, ending)


def keep_ended(handlers: Handlers, ending: Ending) -> None:
    """Look again for a while at what was ended, and at who is restricted."""

    @handlers.every(AGAIN_EVERY)
    async def end_again(transaction: Transaction) -> bool:
        await ending.again(transaction)
        return False


def _reading(kind: type[Reading], event_type: str) -> Any:
    names: Mapping[str, Any] = {"type": event_type, "__module__": kind.__module__, "__doc__": kind.__doc__}
    return type(kind.__name__, (kind,), dict(names))
