"""Two records of one person are merged, and perhaps taken apart again: cases follow, and the meeting hears of it."""

from typing import ClassVar
from uuid import UUID, uuid5

from services.cases.domain import Reason
from services.cases.handlers.consents import align
from services.cases.handlers.deaths import ask_for_end, ask_for_life
from services.cases.handlers.registry import handlers
from services.cases.store import PERSON_COLUMNS, Agenda, Cases, Deaths
from shared.events import Reading
from shared.relinks import Relinks


class PersonsMerged(Reading):
    """intake has found that two records are of one person: one stands for the other from now on."""

    type: ClassVar[str] = "intake.persons-merged.v1"
    merge_id: UUID
    kept_id: UUID
    merged_id: UUID


class MergeUndone(Reading):
    """They are of two people after all."""

    type: ClassVar[str] = "intake.merge-undone.v1"
    merge_id: UUID
    kept_id: UUID
    merged_id: UUID


@handlers.on(PersonsMerged)
async def follow_merge(event: PersonsMerged, relinks: Relinks, cases: Cases, agenda: Agenda, deaths: Deaths) -> None:
    """Whatever named the one names the other; of cases that turn out to be one person's the meeting decides."""
    theirs = {case.id for case in await cases.open_of(event.merged_id)}
    was_dead = await has_died(event.merged_id, relinks, deaths)
    await relinks.apply(event.merge_id, event.merged_id, event.kept_id, PERSON_COLUMNS)
    together = await cases.open_of(event.kept_id)
    moved = [case for case in together if case.id in theirs]
    for case in together:
        await align(case, cases)
    for case in moved:
        for other in together:
            if other.id not in theirs:
                await agenda.raise_same_person(case.id, other.id, event.merge_id)
    if not was_dead and await has_died(event.kept_id, relinks, deaths):
        for case in moved:
            await ask_for_end(case, event.merge_id, cases)


@handlers.on(MergeUndone)
async def follow_undo(event: MergeUndone, relinks: Relinks, cases: Cases, agenda: Agenda, deaths: Deaths) -> None:
    """Each has its own again, and its own life: cases of two people are no matter for the meeting."""
    was_one = await are_one(event, relinks)
    await relinks.undo(event.merge_id, PERSON_COLUMNS)
    await agenda.settle_parted()
    for person_id in (event.kept_id, event.merged_id):
        for case in await cases.open_of(person_id):
            await align(case, cases)
    if not was_one or await are_one(event, relinks):
        return
    if await has_died(event.merged_id, relinks, deaths):
        # The death that the kept one had from the merged may have been taken back before.
        await agenda.settle_person(event.merged_id, [Reason.DEATH_WITHDRAWN])
        for case in await cases.open_of(event.merged_id):
            await ask_for_end(case, uuid5(event.merge_id, "undone"), cases)
    elif await has_died(event.kept_id, relinks, deaths):
        await ask_for_life(event.merged_id, event.merge_id, cases, agenda)


async def are_one(event: MergeUndone, relinks: Relinks) -> bool:
    """Whether both records stand for the same person today."""
    return await relinks.current(event.kept_id) == await relinks.current(event.merged_id)


async def has_died(person_id: UUID, relinks: Relinks, deaths: Deaths) -> bool:
    """Whether a death was told of whom a record stands for today."""
    return await deaths.standing(await relinks.current(person_id)) is not None
