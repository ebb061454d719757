"""Two records of one person are merged, and perhaps taken apart again: what was assessed follows."""

from typing import ClassVar
from uuid import UUID

from services.assessment.handlers.registry import handlers
from services.assessment.store import PERSON_COLUMNS, Links
from shared.events import Reading
from shared.relinks import Relinks


class PersonsMerged(Reading):
    """Two records are of one person: one stands for the other from now on."""

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
async def follow_merge(event: PersonsMerged, relinks: Relinks) -> None:
    """Whatever named the one names the other: sheets of both can be compared, and make one profile."""
    await relinks.apply(event.merge_id, event.merged_id, event.kept_id, PERSON_COLUMNS)


@handlers.on(MergeUndone)
async def follow_undo(event: MergeUndone, relinks: Relinks, links: Links) -> None:
    """Each has its own again."""
    await relinks.undo(event.merge_id, PERSON_COLUMNS)
    kept, parted = await relinks.current(event.kept_id), await relinks.current(event.merged_id)
    if kept != parted:
        await links.realign(kept, parted)
