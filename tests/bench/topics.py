"""P41, P42: a topic model of a hundred thousand made-up notes in the product's own process, its time and its memory."""

import os
import time
from itertools import islice
from pathlib import Path

from services.intake.domain.topic_corpus import LEAST
from services.intake.domain.topic_model import Fitted
from services.intake.domain.topic_work import Begin, Finish, Read, Shun
from services.intake.handlers.topics import Workshop
from tests.bench.rig import Rig
from tests.bench.table import Row, Table, say
from tests.intake.topics.notes import FAMILY, GIVEN, notes

NOTES = int(os.environ.get("TOPIC_NOTES", "100000"))
PAGE = 1_000
MOST_SECONDS, MOST_MEMORY = 600.0, 500.0


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """Once, however often the rest is repeated: a fit is minutes long, and the same each time."""
    spent = Row(
        "P41", f"topic model of {NOTES} notes", "s", f"<= {MOST_SECONDS:.0f}", lambda row: row.value <= MOST_SECONDS
    )
    held = Row("P42", "its process at its largest", "MB", f"<= {MOST_MEMORY:.0f}", lambda row: row.value <= MOST_MEMORY)
    table.add(spent, held)
    seconds, memory, fitted = await fit_once(NOTES)
    spent.add(seconds)
    held.add(memory)
    table.notes.append(
        f"P41: {len(fitted.themes)} topics, coherence {fitted.coherence}, words of {LEAST} people each at least;"
        " reading included, without the database"
    )


def at_most(row: Row, most: float) -> Row:
    """The row with its goal."""
    row.goal, row.met = f"<= {most:.0f}", lambda row: row.value <= most
    return row


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
