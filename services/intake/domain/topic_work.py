"""The work of a process that fits topics: it knows what comes through a pipe, and answers through it."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from services.intake.domain.topic_corpus import Corpus, Note
from services.intake.domain.topic_model import SEED, Fitted, Placed, TooFewNotes, fit, place, vocabulary


@dataclass(frozen=True)
class Begin:
    """Read notes; `stored` is the model on which they are to be placed, None to fit a new one."""

    stored: bytes | None = None


@dataclass(frozen=True)
class Shun:
    """Names of people."""

    names: Sequence[str]


@dataclass(frozen=True)
class Read:
    """Notes."""

    notes: Sequence[Note]


@dataclass(frozen=True)
class Finish:
    """No more notes: fit or place them."""

    topics: int | None = None
    seed: int = SEED


@dataclass(frozen=True)
class TooFew:
    """There is not enough to fit."""


Order = Begin | Shun | Read | Finish
Answer = float | TooFew | Fitted | Placed | None
"""A number tells how far it is, and that the answer itself comes later."""


def work(pipe: Connection) -> None:
    """Do as told until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bench = Bench(pipe)
    try:
        while True:
            pipe.send(bench.do(pipe.recv()))
    except (EOFError, BrokenPipeError):
        return


class Bench:
    """What was read so far."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._begin(None)

    def _begin(self, stored: bytes | None) -> None:
        self._stored = stored
        self._corpus = Corpus(None if stored is None else vocabulary(stored))

    def do(self, order: Order) -> Answer:
        """Do one thing."""
        match order:
            case Begin(stored):
                self._begin(stored)
            case Shun(names):
                self._corpus.shun(names)
            case Read(notes):
                for note in notes:
                    self._corpus.add(note)
            case Finish(topics, seed):
                return self._finish(topics, seed)
        return None

    def _finish(self, topics: int | None, seed: int) -> Answer:
        bags = self._corpus.bags()
        self._corpus = Corpus()
        if self._stored is not None:
            return place(self._stored, bags)
        try:
            return fit(bags, topics, seed, self._pipe.send)
        except TooFewNotes:
            return TooFew()
