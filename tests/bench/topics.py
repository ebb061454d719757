"""P41, P42, P46: a model of 100,000 made-up notes, its time and memory; planted topics found again, seed by seed."""

import os
import time
from itertools import islice
from pathlib import Path

from services.intake.domain.topic_corpus import LEAST
from services.intake.domain.topic_model import Fitted, fit
from services.intake.domain.topic_work import Begin, Finish, Read, Shun
from services.intake.handlers.topics import Workshop
from tests.bench.rig import Rig
from tests.bench.table import Row, Table, say
from tests.intake.topics.notes import FAMILY, GIVEN, notes
from tests.intake.topics.test_topic_model import read, themes_of

NOTES = int(os.environ.get("TOPIC_NOTES", "100000"))
PAGE = 1_000
SEEDS = range(1, 6)
MOST_SECONDS, MOST_MEMORY = 600.0, 500.0


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """Once, however often the rest is repeated: a fit is minutes long, and the same each time."""
    spent = Row(
        "P41", f"topic model of {NOTES} notes", "s", f"<= {MOST_SECONDS:.0f}", lambda row: row.value <= MOST_SECONDS
    )
    held = Row("P42", "its process at its largest", "MB", f"<= {MOST_MEMORY:.0f}", lambda row: row.value <= MOST_MEMORY)
    again = Row(
        "P46", "corpora of 5,000 notes with the planted topics first", "of 5 seeds", "5", lambda row: row.value == 5
    )
    table.add(spent, held, again)
    again.add(sum(planted_first(seed) for seed in SEEDS))
    say(f"   planted topics first in {again.value:.0f} of {len(SEEDS)} corpora")
    seconds, memory, fitted = await fit_once(NOTES)
    spent.add(seconds)
    held.add(memory)
    table.notes.append(
        f"P41: {len(fitted.themes)} topics, coherence {fitted.coherence}, words of {LEAST} people each at least;"
        " reading included, without the database"
    )


def planted_first(seed: int) -> bool:
    """Whether housing, money and transport are the first three topics, in this order."""
    return themes_of(fit(read(notes(5_000, seed)), seed=seed))[:3] == ["housing", "money", "transport"]


async def fit_once(number: int) -> tuple[float, float, Fitted]:
    """Seconds, megabytes at most, and the model. The time to make the notes up is left out."""
    made, spent = notes(number), 0.0
    async with Workshop() as workshop:
        await workshop.do(Begin())
        await workshop.do(Shun([*FAMILY, *GIVEN]))
        while page := list(islice(made, PAGE)):
            began = time.monotonic()
            await workshop.do(Read(page))
            spent += time.monotonic() - began
        say(f"   {number} notes read in {spent:.0f} s")
        began = time.monotonic()
        fitted = await workshop.do(Finish())
        spent += time.monotonic() - began
        assert isinstance(fitted, Fitted)
        return spent, peak_of(workshop.pid), fitted


def peak_of(pid: int) -> float:
    """The most memory that a process ever held, in megabytes (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
