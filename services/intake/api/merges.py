"""Routes of merges: two records of one person made one, and taken apart again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from services.intake.api.doors import ApartDep, Body, MayMerge, MayReadMerge, MergesDep, PersonsDep, router
from services.intake.domain.merge import SEVERAL, SINGLE, Contradiction, Ground
from services.intake.events import MergeReason, UndoReason
from services.intake.store import ApartOrigin, MergeRow
from shared.cursors import Page, PagingDep
from shared.requests import IfMatch, SeenVersion, Tag


class NewMerge(Body):
    """The record that turned out to be of the same person. Both records as they were seen: `If-Match` is the kept's."""

    merged_id: UUID
    merged_version: int = Field(ge=1, description="The number in the ETag of the record to be merged, as last seen")
    reason: MergeReason
    confirmed: Annotated[list[Contradiction], Field(max_length=len(Contradiction))] = Field(
        default=[], description="Contradictions between the two that were looked at: each must be confirmed"
    )


class Undoing(Body):
    """Why a merge is taken back."""

    reason: UndoReason
    known_apart: bool = Field(default=True, description="Remember that they are two people, never to be proposed again")


class MergeView(BaseModel):
    """A merge; what was taken over is named, not told."""

    id: UUID
    kept_id: UUID
    merged_id: UUID
    reason: MergeReason
    confirmed: list[Contradiction]
    completed: list[str] = Field(description="What the kept person got from the merged record", examples=[["phones"]])
    merged_by: str
    merged_at: datetime
    undo_reason: UndoReason | None
    undone_by: str | None
    undone_at: datetime | None = Field(description="Null while in force")

    @classmethod
    def of(cls, row: MergeRow) -> "MergeView":
        given = [name for name in (*SINGLE, *SEVERAL) if getattr(row.taken, name) not in (None, ())]
        return cls(**row.model_dump(include=set(cls.model_fields)), completed=given)


@router.post("/persons/{person_id:uuid}/merge", status_code=201)
async def merge_persons(
    person_id: UUID,
    body: NewMerge,
    persons: PersonsDep,
    merges: MergesDep,
    seen: IfMatch,
    caller: MayMerge,
    tag: Tag,
    response: Response,
) -> MergeView:
    """Let this person stand for another record too; everything that was known of the other is found here from now on.

    412 when either has changed since it was seen. 409 when the two contradict each other and not all is confirmed,
    when one is merged already, or when somebody has said that they are two people.
    """
    kept = await persons.get(person_id, caller)
    merged = await persons.exactly(body.merged_id, kept.programme, "/merged_id")
    await merges.hold(kept, merged)
    seen.check(kept)
    SeenVersion(body.merged_version).check(merged)
    merge = await merges.merge(kept, merged, Ground(body.reason, tuple(body.confirmed)), caller.subject)
    response.headers["location"] = f"/intake/merges/{merge.id}"
    return MergeView.of(tag(merge))


@router.get("/merges")
async def list_merges(
    merges: MergesDep, paging: PagingDep, caller: MayReadMerge, person_id: UUID | None = None
) -> Page[MergeView]:
    """The merges, in force or undone, the latest first; of one person: those it was kept in, and merged in."""
    rows = await merges.page(caller, person_id, paging.limit, paging.after)
    return paging.page([MergeView.of(row) for row in rows], [(row.merged_at.isoformat(), row.id) for row in rows])


@router.get("/merges/{merge_id:uuid}")
async def read_merge(merge_id: UUID, merges: MergesDep, caller: MayReadMerge, tag: Tag) -> MergeView:
    """One merge."""
    return MergeView.of(tag(await merges.get(merge_id, caller)))


@router.post("/merges/{merge_id:uuid}/undo", status_code=201)
async def undo_merge(
    merge_id: UUID,
    body: Undoing,
    persons: PersonsDep,
    merges: MergesDep,
    apart: ApartDep,
    seen: IfMatch,
    caller: MayMerge,
    tag: Tag,
) -> MergeView:
    """Take a merge back: both are what they were, and what came in since stays with whom it was said of.

    409 when it is undone already, or when a later merge rests on it.
    """
    merge = await merges.get(merge_id, caller)
    kept, merged = await persons.get(merge.kept_id, caller), await persons.get(merge.merged_id, caller)
    await merges.hold(kept, merged)
    seen.check(merge)
    await merges.undo(merge, kept, merged, body.reason, caller.subject)
    if body.known_apart:
        await apart.say(kept, [merged.id], ApartOrigin.MERGE_UNDONE, caller.subject)
    return MergeView.of(tag(merge))
