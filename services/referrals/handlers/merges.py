"""Two records of one person are merged, and perhaps taken apart again: referrals follow; their documents never do."""

from typing import ClassVar
from uuid import UUID

from services.referrals.handlers.registry import handlers
from services.referrals.store import PERSON_COLUMNS, Links, Outgoings, Referrals
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
async def follow_merge(event: PersonsMerged, relinks: Relinks, referrals: Referrals, outgoings: Outgoings) -> None:
    """Whatever named the one names the other. A sender's open referrals that prove to be one person's are shown."""
    before = {row.id for row in await referrals.open_of(event.merged_id)}
    await relinks.apply(event.merge_id, event.merged_id, event.kept_id, PERSON_COLUMNS)
    await outgoings.realign(event.kept_id)
    together = await referrals.open_of(event.kept_id)
    for referral in together:
        others = {
            other.id
            for other in together
            if other.sender == referral.sender and (other.id in before) is not (referral.id in before)
        }
        if new := sorted(others - {*referral.possible_duplicates}):
            await referrals.record(referral, referral.suspect([*referral.possible_duplicates, *new]))


@handlers.on(MergeUndone)
async def follow_undo(
    event: MergeUndone, relinks: Relinks, links: Links, referrals: Referrals, outgoings: Outgoings
) -> None:
    """Each has its own again, and no referral is shown beside one of somebody else."""
    await relinks.undo(event.merge_id, PERSON_COLUMNS)
    kept, parted = await relinks.current(event.kept_id), await relinks.current(event.merged_id)
    if kept == parted:
        return
    await links.realign(kept, parted)
    for person_id in (kept, parted):
        await outgoings.realign(person_id)
    for referral, others in await referrals.wrongly_suspected({kept, parted}):
        await referrals.record(referral, referral.suspect(others))
