"""P26: candidates among 200,000 people with skewed names, by intake's own search, beside a read by primary key."""

import random
import time
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import inspect

from services.intake.app import service
from services.intake.domain import Identity, Terms
from services.intake.domain.marks import EDITION, all_marks
from services.intake.store import PersonRow, PersonSearch
from shared import migrate
from shared.access import Scope
from shared.auth import Caller
from shared.encryption.columns import Kept
from shared.ids import new_id
from shared.store import Database
from tests.bench.rig import KEYS, Rig, keyed, plain
from tests.bench.table import Row, Table, at_share, in_turn, say

PEOPLE, ASKED, SHOWN, GOAL = 200_000, 200, 50, 150
FAMILIES, GIVEN = 30_000, 4_000
SYLLABLES = (
    "an", "ber", "cor", "del", "e", "fa", "ga", "han", "i", "jan", "ka", "lam", "ma", "no", "o", "pee",
    "quin", "ra", "sa", "ter", "u", "van", "wil", "xa", "y", "zo", "bou", "khal", "moh",
)  # fmt: skip
COLUMNS = (
    *("id", "programme", "family_name", "given_names", "birth_date", "niss", "hospital_numbers", "phones"),
    *("registered_at", "contact_points", "marks", "marks_edition", "index_key", "version"),
)
TYPES = inspect(PersonRow).local_table.columns
CALLER = Caller("line-nurse", "line-nurse", "relais", frozenset({"line-nurse"}), "nurse", Scope.ORGANISATION)


class Crowd:
    """People whose names are as unevenly frequent as real ones (Zipf): one in twelve bears the first given name."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.families = [self._name(3) for _ in range(FAMILIES)]
        self.given = [self._name(2) for _ in range(GIVEN)]
        self.of_family = [1 / (place + 20) for place in range(FAMILIES)]
        self.of_given = [1 / (place + 2) for place in range(GIVEN)]

    def _name(self, syllables: int) -> str:
        return "".join(self.chance.choices(SYLLABLES, k=self.chance.randint(2, syllables))).capitalize()

    def people(self, number: int) -> list[Identity]:
        """Made-up people; one in twenty is born, as many registers write it, on the first of January."""
        families = self.chance.choices(self.families, self.of_family, k=number)
        given = self.chance.choices(self.given, self.of_given, k=number)
        return [self._somebody(*names) for names in zip(families, given, strict=True)]

    def _somebody(self, family: str, given: str) -> Identity:
        born = date(1930, 1, 1) + timedelta(days=self.chance.randrange(27_000))
        if self.chance.random() < 0.05:
            born = born.replace(month=1, day=1)
        phone = f"+324{self.chance.randrange(10**8):08}"
        return Identity.model_construct(family_name=family, given_names=given, birth_date=born, phones=(phone,))


def row(person: Identity) -> tuple[Any, ...]:
    """A person as the table holds it: encrypted."""
    names = (person.family_name, person.given_names, person.birth_date)
    marks = (all_marks(person), EDITION, KEYS.current, 1)
    values = (new_id(), "relais", *names, None, (), person.phones, datetime.now(UTC), (), *marks)
    return tuple(kept(name, value) for name, value in zip(COLUMNS, values, strict=True))


def kept(name: str, value: Any) -> Any:
    """A value as its column keeps it."""
    kind = TYPES[name].type
    return kind.sealed(KEYS, value) if isinstance(kind, Kept) and value is not None else value


def questions(people: list[Identity], chance: random.Random) -> list[Terms]:
    """What a nurse types: a whole name, a slip in it, a birth date with or without, and now and then one word alone."""
    asked: list[Terms] = []
    for person in chance.sample(people, ASKED):
        family, given = person.family_name, person.given_names
        slip = family[:2] + family[3:]
        asked.append(
            chance.choice(
                [
                    Terms(f"{given} {family}", person.birth_date),
                    Terms(f"{given} {slip}", person.birth_date, person.phones[0]),
                    Terms(f"{family} {given}"),
                    Terms(f"{slip} {given}"),
                    Terms(f"{family} {given[0]}."),
                    Terms(family),
                    Terms(given),
                    Terms(birth_date=person.birth_date),
                ]
            )
        )
    return asked


async def measure(rig: Rig, table: Table, repeat: int) -> None:
    """The slowest of twenty searches, among them those for the most frequent names there are."""
    found = Row(
        *("P26", f"{PEOPLE:,} persons, candidates, p95", "ms", f"<= {GOAL} ms"),
        lambda row: row.value <= GOAL,
        "ms the same person by primary key, p95",
    )
    hot = Row("P26", "the same, the two most frequent names", "ms", f"<= {GOAL} ms", lambda row: row.value <= GOAL)
    table.add(found, hot)
    made = await rig.postgres.create_database("bench_persons", owner="intake_owner", app="intake_app")
    await migrate.upgrade(service.migrations, made.owner_url)
    owner = await asyncpg.connect(plain(made.owner_url))
    database = keyed(made.app_url)
    try:
        crowd = Crowd(12)
        people = crowd.people(PEOPLE)
        say(f"persons: copying {PEOPLE} people")
        rows = [row(person) for person in people]
        await owner.copy_records_to_table("person", records=rows, columns=COLUMNS)
        await owner.execute("VACUUM ANALYZE person")
        asked, ids = questions(people, random.Random(5)), [each[0] for each in random.Random(6).sample(rows, ASKED)]
        frequent = [Terms(f"{crowd.given[0]} {crowd.families[0]}"), Terms(crowd.given[0]), Terms(crowd.families[0])]
        await searched(database, asked)
        for number in range(repeat):
            times, floor = await in_turn(number, lambda: searched(database, asked), lambda: read(database, ids))
            found.add(1000 * at_share(times, 0.95), 1000 * at_share(floor, 0.95))
            hot.add(1000 * max(await searched(database, frequent)))
        say(f"{found.what}: {found.value:.1f} ms; by primary key {median(found.floor):.2f} ms; hot {hot.value:.1f} ms")
    finally:
        await database.close()
        await owner.close()


async def searched(database: Database, asked: list[Terms]) -> list[float]:
    """How long each search takes, in seconds."""
    times: list[float] = []
    for terms in asked:
        began = time.perf_counter()
        async with database.transaction() as transaction:
            await PersonSearch(transaction).search(terms, CALLER, SHOWN)
        times.append(time.perf_counter() - began)
    return times


async def read(database: Database, ids: list[UUID]) -> list[float]:
    """How long each read takes, in seconds."""
    times: list[float] = []
    for person_id in ids:
        began = time.perf_counter()
        async with database.raw() as connection:
            assert await connection.fetchrow("SELECT * FROM person WHERE id = $1", person_id)
        times.append(time.perf_counter() - began)
    return times
