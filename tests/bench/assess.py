"""P21 to P25: scoring ten thousand sheets beside a bare loop over their numbers; the needs profile beside its SQL."""

import asyncio
import json
import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast
from uuid import UUID

import asyncpg
import httpx

from services.assessment.domain import CardAnswer, load_instrument, parse_answers, score
from shared.ids import new_id
from tests.bench.load import SLOWEST, Measured, drive, request
from tests.bench.rig import Rig, plain
from tests.bench.table import Row, Table, at_share, in_turn, say

SHEETS, SLICE = 10_000, 1_000
LINES, SECONDS = 4, 0.8
INSTRUMENT = load_instrument()
CORE = [card.code for card in INSTRUMENT.cards if not card.optional]
GROUP = {card.code: card.group for card in INSTRUMENT.cards}

Compact = dict[str, dict[str, int]]
Numbers = list[tuple[str, int, int]]

_SHEETS = """
    SELECT sheet.* FROM sheet JOIN (
        SELECT id, dense_rank() OVER (PARTITION BY instrument, rater ORDER BY filled_on DESC) AS day FROM sheet
        WHERE person_id = $1 AND organisation = 'relais' AND status IN ('completed', 'stopped')
    ) ranked ON sheet.id = ranked.id WHERE ranked.day <= 2
"""


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """The sums first, in this process; then the pages, from one process of the service."""
    await scoring(table, repeat)
    await pages(rig, table, repeat)


def sheet(chance: random.Random) -> Compact:
    """A full sheet on both scales."""
    return {code: {"difficulty": chance.randrange(4), "need": chance.randrange(4)} for code in CORE}


async def scoring(table: Table, repeat: int) -> None:
    """Sheets of twenty cards on two scales, a thousand at a time; the figures are for ten thousand."""
    stored = Row("P21", "score 10 000 stored sheets", "s", "<= 50x", lambda row: row.ratio <= 50, "s bare loop, ints")
    sent = Row("P22", "read and score 10 000 sheets", "s", "<= 100x", lambda row: row.ratio <= 100, "s bare loop, ints")
    table.add(stored, sent)
    chance = random.Random(7)
    maps = [sheet(chance) for _ in range(SLICE)]
    answers = [parse_answers(INSTRUMENT, cast("Any", each)) for each in maps]
    numbers = [[(GROUP[code], card["difficulty"], card["need"]) for code, card in each.items()] for each in maps]
    for number in range(repeat):
        floor = partial(timed, bare_loop, numbers)
        stored.add(*await in_turn(number, partial(timed, score_stored, answers), floor))
        sent.add(*await in_turn(number, partial(timed, score_sent, maps), floor))
        say(f"scoring {number + 1}/{repeat}: {stored.product[-1]:.2f} s, bare {stored.floor[-1]:.2f} s")


async def timed(work: Callable[[Any], object], given: Any) -> float:
    """Seconds of this process's own time for ten thousand, from a slice of them; the floor is the best of three."""
    taken = []
    for _ in range(3 if work is bare_loop else 1):
        began = time.process_time()
        work(given)
        taken.append(time.process_time() - began)
    return min(taken) * SHEETS / SLICE


def score_stored(answers: Sequence[Sequence[CardAnswer]]) -> None:
    """The product's rule over parsed answers."""
    for each in answers:
        score(INSTRUMENT, each)


def score_sent(maps: Sequence[Compact]) -> None:
    """Reading included, as at the door."""
    for each in maps:
        score(INSTRUMENT, parse_answers(INSTRUMENT, cast("Any", each)))


def bare_loop(sheets: Sequence[Numbers]) -> None:
    """The least: sums, counts and group sums over plain numbers, nothing checked and nothing explained."""
    for numbers in sheets:
        totals, flagged, groups = [0, 0], [0, 0], [dict.fromkeys(GROUP.values(), 0) for _ in range(2)]
        for group, *levels in numbers:
            for scale, level in enumerate(levels):
                totals[scale] += level
                flagged[scale] += level > 0
                groups[scale][group] += level


async def pages(rig: Rig, table: Table, repeat: int) -> None:
    """The profile in its three forms, four at a time."""
    goals = {"json": ("P23", 150.0), "html": ("P24", 200.0), "pdf": ("P25", 2500.0)}
    rows = {
        form: Row(
            id,
            f"profile as {form}, 4 at once, p95",
            "ms",
            f"<= {most:.0f} ms",
            partial(within, most),
            "ms asyncpg, its sheets",
        )
        for form, (id, most) in goals.items()
    }
    table.add(*rows.values())
    rig.town.start("assessment", ASSESSMENT_ROLE="api")
    await rig.town.ready(["assessment"])
    token, port = await rig.token("case-manager-nurse"), rig.town.ports["assessment"]
    person = await somebody(f"http://127.0.0.1:{port}", token)
    asked = {form: request("GET", f"/assessment/persons/{person}/profile?format={form}", token) for form in rows}
    async with asyncpg.create_pool(plain(rig.stack.databases["assessment"].app_url), min_size=LINES) as pool:
        for form in rows:
            await drive(port, partial(bytes, asked[form]), 200, LINES, 0.3)
        for number in range(repeat):
            for form, row in rows.items():
                ours, floor = await in_turn(
                    number,
                    partial(drive, port, partial(bytes, asked[form]), 200, LINES, SECONDS),
                    partial(fetch, pool, person, SECONDS / 2),
                )
                row.add(at_share(ours.each, 0.95) * 1000, at_share(floor.each, 0.95) * 1000)
            told = ", ".join(f"{form} {row.product[-1]:.0f} ms" for form, row in rows.items())
            say(f"profile {number + 1}/{repeat}: p95 {told}")
    await asyncio.to_thread(rig.town.stop, "assessment")


def within(most: float, row: Row) -> bool:
    """Whether it took no longer."""
    return row.value <= most


async def somebody(origin: str, token: str) -> UUID:
    """A person with two own sheets, one of a professional, and one of resources."""
    person, chance = new_id(), random.Random(7)
    given = [
        {"rater": "self", "filled_on": "2026-01-05"},
        {"rater": "self", "filled_on": "2026-06-05", "main_problem": "Le loyer.", "single_wish": "Un logement."},
        {"rater": "professional", "filled_on": "2026-06-06"},
    ]
    bodies: list[dict[str, Any]] = [
        {"instrument": "eladeb-r", "edition": "2011", "answers": sheet(chance), **each} for each in given
    ]
    strengths = {"own_home": 1, "family_support": 2, "trusted_doctor": 2}
    bodies.append(
        {"instrument": "resources", "edition": "1", "answers": strengths, "rater": "self", "filled_on": "2026-06-05"}
    )
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=origin, headers=headers, trust_env=False) as client:
        for body in bodies:
            answer = await client.post("/assessment/sheets", json={**body, "person_id": str(person)})
            answer.raise_for_status()
    return person


async def fetch(pool: "asyncpg.Pool[Any]", person: UUID, seconds: float) -> Measured:
    """The rows that a profile is made of, read and parsed, and nothing made of them."""
    taken: list[float] = []
    began = time.perf_counter()

    async def read() -> None:
        while (started := time.perf_counter()) < began + seconds:
            for row in await pool.fetch(_SHEETS, person):
                json.loads(row["answers"])
            taken.append(time.perf_counter() - started)

    async with asyncio.timeout(seconds + SLOWEST):
        await asyncio.gather(*(read() for _ in range(LINES)))
    return Measured(taken, time.perf_counter() - began)
