"""A person's death comes before the meeting, and so does one that was told by mistake; no case ends by itself."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from services.cases.domain import Reason
from services.cases.domain.death import call_next, close_next
from services.cases.handlers.registry import handlers
from services.cases.store import Agenda, CaseRow, Cases, Deaths
from shared.clock import local_date
from shared.events import Reading
from shared.relinks import Relinks


class PersonDied(Reading):
    """intake knows that a person has died; told again with another day when the day is corrected."""

    type: ClassVar[str] = "intake.person-died.v1"
    person_id: UUID
    on: date


class DeathWithdrawn(Reading):
    """A death was told by mistake."""

    type: ClassVar[str] = "intake.death-withdrawn.v1"
    person_id: UUID


@handlers.on(PersonDied)
async def person_died(event: PersonDied, deaths: Deaths, cases: Cases) -> None:
    """Put the person's open cases before the meeting, with the closing as what comes next."""
    death = await deaths.note(event.person_id, event.on)
    for case in await cases.open_of(event.person_id):
        await ask_for_end(case, death.id, cases)


@handlers.on(DeathWithdrawn)
async def death_withdrawn(event: DeathWithdrawn, deaths: Deaths, cases: Cases, agenda: Agenda) -> None:
    """Take that off, and let the meeting see what was done because of it: open cases, and those that were ended."""
    death = await deaths.withdraw(event.person_id, local_date(deaths.transaction.clock))
    if death is None:
        await agenda.settle_person(event.person_id, [Reason.PERSON_DECEASED])
    else:
        await ask_for_life(event.person_id, death.id, cases, agenda)


async def ask_if_dead(case: CaseRow, cases: Cases) -> None:
    """The same for a case that was opened, or whose person was known, only after the death was told."""
    if case.person_id is None:
        return
    today = await Relinks(cases.transaction).current(case.person_id)
    death = await Deaths(cases.transaction).standing(today)
    if death:
        await ask_for_end(case, death.id, cases)


async def ask_for_end(case: CaseRow, source_id: UUID, cases: Cases) -> None:
    """The meeting sees the case, and its owner has to close it."""
    facts = close_next(case, local_date(cases.transaction.clock))
    if facts:
        await cases.keep(case, None, *facts)
    await Agenda(cases.transaction).raise_line(case.id, Reason.PERSON_DECEASED, case.id, source_id)


async def ask_for_life(person_id: UUID, source_id: UUID, cases: Cases, agenda: Agenda) -> None:
    """The meeting sees what was done because of a death that was not this person's: open cases, and ended ones."""
    await agenda.settle_person(person_id, [Reason.PERSON_DECEASED])
    today = local_date(cases.transaction.clock)
    for case in [*await cases.open_of(person_id), *await cases.ended_by_death_of(person_id)]:
        facts = call_next(case, today)
        if facts:
            await cases.keep(case, None, *facts)
        await agenda.raise_line(case.id, Reason.DEATH_WITHDRAWN, case.id, source_id)
