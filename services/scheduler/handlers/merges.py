"""Two records of one person are merged, and perhaps taken apart again: what is planned follows; all of it stays."""

from typing import ClassVar
from uuid import UUID

from services.scheduler.handlers.deaths import cancel_all_of
from services.scheduler.handlers.registry import handlers
from services.scheduler.store import PERSON_COLUMNS, FollowedCases, FollowUps, Links, StoppedOnes
from shared.clock import local_date
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
async def follow_merge(
    event: PersonsMerged, relinks: Relinks, links: Links, follow_ups: FollowUps, cases: FollowedCases
) -> None:
    """Whatever named the one names the other; nobody calls a person who has died under either record."""
    await links.complete({event.kept_id, event.merged_id})
    await relinks.apply(event.merge_id, event.merged_id, event.kept_id, PERSON_COLUMNS)
    await links.move_claims({await relinks.current(event.kept_id)})
    await cancel_all_of(event.kept_id, follow_ups, cases)


@handlers.on(MergeUndone)
async def follow_undo(
    event: MergeUndone, relinks: Relinks, links: Links, cases: FollowedCases, stopped: StoppedOnes
) -> None:
    """Each has its own again; what only the other one's death had stopped waits for a decision."""
    await relinks.undo(event.merge_id, PERSON_COLUMNS)
    kept, parted = await relinks.current(event.kept_id), await relinks.current(event.merged_id)
    if kept == parted:
        return
    await links.realign(kept, parted)
    await links.move_claims({kept, parted})
    if not await cases.has_died(parted):
        await stopped.put_on_list(parted, local_date(stopped.transaction.clock))
