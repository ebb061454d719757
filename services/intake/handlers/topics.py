"""The topic model is fitted in a process of its own: the library keeps the interpreter to itself while it samples."""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from services.intake.domain.topic_fit import FitState
from services.intake.domain.topic_model import Fitted, Placed
from services.intake.domain.topic_work import Answer, Begin, Finish, Order, Read, Shun, TooFew, work
from services.intake.events.topics import FitFailure, FitKind
from services.intake.handlers.registry import handlers
from services.intake.store import Places, TopicFitRow, TopicFits, TopicModels, TopicNotes
from shared.handlers import Errand

AT_ONCE = 2_000
"""Places that are kept in one transaction."""
READ, FITTED = 0.3, 0.6
"""How much of the way reading is, and fitting."""

Told = Callable[[float], Awaitable[None]]


class Workshop:
    """The process, for the time of a block; it ends with the block, whatever it is doing."""

    async def __aenter__(self) -> Self:
        spawning = multiprocessing.get_context("spawn")
        self._pipe, other = spawning.Pipe()
        self._process = spawning.Process(target=work, args=(other,), daemon=True)
        await asyncio.to_thread(self._process.start)
        other.close()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._process.kill()
        await asyncio.to_thread(self._process.join)
        self._pipe.close()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid or 0

    async def do(self, order: Order, told: Told | None = None) -> Answer:
        """Have one thing done; raises EOFError when the process is gone."""
        await asyncio.to_thread(self._pipe.send, order)
        answer: Answer = await asyncio.to_thread(self._pipe.recv)
        while isinstance(answer, float):
            if told:
                await told(answer)
            answer = await asyncio.to_thread(self._pipe.recv)
        return answer


@handlers.errand(5)
async def fit_topics(errand: Errand) -> bool:
    """Do the next fit that was asked for; whether there was one. A fit whose process went away is begun again."""
    async with errand.transaction() as transaction:
        fit = await TopicFits(transaction).claim()
    if fit is None:
        return False
    if fit.state is FitState.RUNNING:
        async with Workshop() as workshop:
            await Fitting(errand, fit, workshop).run()
    return True


class Fitting:
    """One fit under way: notes go to the process page by page, and no transaction is open while it samples."""

    def __init__(self, errand: Errand, fit: TopicFitRow, workshop: Workshop) -> None:
        self._errand, self._fit, self._workshop = errand, fit, workshop
        self._days: dict[UUID, date] = {}
        self._model_id = fit.id

    async def run(self) -> None:
        """Read, fit or place, and keep what came of it."""
        await self._begin()
        await self._shun()
        await self._read()

        async def told(share: float) -> None:
            await self._go_on(READ + FITTED * share)

        result = await self._workshop.do(Finish(self._fit.wanted, self._fit.seed), told)
        if isinstance(result, (Fitted, Placed)):
            await self._keep(result)
        elif isinstance(result, TooFew):
            async with self._errand.transaction() as transaction:
                fits = TopicFits(transaction)
                if mine := await fits.mine(self._fit):
                    await fits.record(mine, mine.fail(FitFailure.TOO_FEW_NOTES, transaction.clock.now()))

    async def _begin(self) -> None:
        stored = None
        async with self._errand.transaction() as transaction:
            if self._fit.kind is FitKind.FULL:
                await Places(transaction).forget(self._fit.id)
            elif model := await TopicModels(transaction).of(self._fit.programme):
                stored, self._model_id = model.stored, model.fit_id
        await self._workshop.do(Begin(stored))

    async def _shun(self) -> None:
        async with self._errand.transaction() as transaction:
            names = await TopicNotes(transaction).other_names()
        await self._workshop.do(Shun(names))
        after: UUID | None = None
        while True:
            async with self._errand.transaction() as transaction:
                names, after = await TopicNotes(transaction).names(after)
            if after is None:
                return
            await self._workshop.do(Shun(names))

    async def _read(self) -> None:
        known = None if self._fit.kind is FitKind.FULL else self._model_id
        after: tuple[datetime, UUID] | None = None
        while True:
            async with self._errand.transaction() as transaction:
                notes, days, after = await TopicNotes(transaction).page(self._fit.programme, after, known)
            if after is None:
                return
            self._days.update(days)
            await self._workshop.do(Read(notes))
            await self._go_on(READ * len(self._days) / (len(self._days) + 10_000))

    async def _go_on(self, progress: float) -> None:
        async with self._errand.transaction() as transaction:
            await TopicFits(transaction).go_on(self._fit, round(progress, 3))

    async def _keep(self, result: Fitted | Placed) -> None:
        placed = (result.placed if isinstance(result, Fitted) else result).notes
        for begin in range(0, len(placed), AT_ONCE):
            async with self._errand.transaction() as transaction:
                await Places(transaction).put(self._model_id, placed[begin : begin + AT_ONCE], self._days)
            await self._go_on(READ + FITTED)
        async with self._errand.transaction() as transaction:
            fits, models = TopicFits(transaction), TopicModels(transaction)
            mine = await fits.mine(self._fit)
            if mine is None:
                return
            if isinstance(result, Fitted):
                await models.replace(mine, result)
            elif model := await models.of(mine.programme):
                await models.recount(model, sum(number is not None for _, number in placed))
            topics = await models.topics(mine.programme)
            await fits.record(mine, mine.complete(len(placed), len(topics), transaction.clock.now()))
