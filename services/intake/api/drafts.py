"""Routes of the contacts that are being written: saved as often as the screen likes, then made final."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from services.intake.api.contacts import ContactView
from services.intake.api.doors import ContactsDep, DraftsDep, MayDraftContact, SettingsDep, router
from services.intake.domain import Agent
from services.intake.domain.draft import acceptable, final, merged
from services.intake.store import DraftRow
from shared.cursors import Page, PagingDep
from shared.requests import ClockDep, IfMatch, IfMatchSaid, Tag


class Whose(StrEnum):
    """Whose drafts are listed."""

    MINE = "mine"
    ALL = "all"


class DraftSummary(BaseModel):
    """A draft in a list: nothing of what was typed."""

    id: UUID = Field(description="Becomes the contact's id")
    agent: str = Field(description="Subject of the token of the one who began it")
    discipline: str
    opened_at: datetime
    saved_at: datetime
    is_left_behind: bool = Field(description="Whether it has waited for longer than the programme thinks right")

    @classmethod
    def of(cls, draft: DraftRow, stale_at: datetime) -> "DraftSummary":
        told = {name: getattr(draft, name) for name in ("id", "agent", "discipline", "opened_at", "saved_at")}
        return cls(**told, is_left_behind=draft.opened_at <= stale_at)


class DraftView(BaseModel):
    """A draft with what was typed so far."""

    id: UUID = Field(description="Becomes the contact's id")
    agent: str
    discipline: str
    opened_at: datetime
    saved_at: datetime
    content: dict[str, Any]

    @classmethod
    def of(cls, draft: DraftRow) -> "DraftView":
        return cls.model_validate(draft, from_attributes=True)


@router.post("/contacts/drafts", status_code=201)
async def open_draft(
    drafts: DraftsDep,
    clock: ClockDep,
    caller: MayDraftContact,
    tag: Tag,
    response: Response,
    body: dict[str, Any] | None = None,
) -> DraftView:
    """Begin a contact with what is known so far, which may be nothing. Its values are judged when it is made final."""
    agent = Agent(caller.subject, caller.discipline, caller.organisation)
    draft = DraftRow.open(agent, body or {}, clock.now())
    await drafts.add(draft)
    response.headers["location"] = f"/intake/contacts/drafts/{draft.id}"
    return DraftView.of(tag(draft))


@router.get("/contacts/drafts")
async def list_drafts(
    drafts: DraftsDep,
    paging: PagingDep,
    settings: SettingsDep,
    clock: ClockDep,
    caller: MayDraftContact,
    of: Whose = Whose.MINE,
) -> Page[DraftSummary]:
    """Contacts that are not final yet, the longest open first: one's own, or all of the programme."""
    agent = caller.subject if of is Whose.MINE else None
    rows = await drafts.page(caller, agent, paging.limit, paging.after)
    stale_at = clock.now() - timedelta(hours=settings.draft_stale_hours)
    keys = [(row.opened_at.isoformat(), row.id) for row in rows]
    return paging.page([DraftSummary.of(row, stale_at) for row in rows], keys)


@router.get("/contacts/drafts/{draft_id:uuid}")
async def read_draft(draft_id: UUID, drafts: DraftsDep, caller: MayDraftContact, tag: Tag) -> DraftView:
    """One draft of the programme; a colleague may go on with it."""
    return DraftView.of(tag(await drafts.get(draft_id, caller)))


@router.patch("/contacts/drafts/{draft_id:uuid}")
async def save_draft(
    draft_id: UUID, body: dict[str, Any], drafts: DraftsDep, seen: IfMatch, caller: MayDraftContact, tag: Tag
) -> DraftView:
    """Save what was typed since (merge patch, RFC 7396)."""
    draft = await drafts.get(draft_id, caller, seen)
    return DraftView.of(tag(await drafts.save(draft, acceptable(merged(draft.content, body)))))


@router.delete("/contacts/drafts/{draft_id:uuid}", status_code=204)
async def drop_draft(draft_id: UUID, drafts: DraftsDep, seen: IfMatch, caller: MayDraftContact) -> None:
    """Give a draft up: nothing of it is kept."""
    await drafts.drop(await drafts.get(draft_id, caller, seen))


@router.post("/contacts/drafts/{draft_id:uuid}/finalisation", status_code=201)
async def finalise_draft(
    draft_id: UUID,
    drafts: DraftsDep,
    contacts: ContactsDep,
    seen: IfMatchSaid,
    caller: MayDraftContact,
    tag: Tag,
    response: Response,
) -> ContactView:
    """Make a draft final; 422 with all that is missing or wrong, and the draft stays. Repeated: the same contact."""
    response.headers["location"] = f"/intake/contacts/{draft_id}"
    draft = await drafts.find(draft_id, caller)
    if draft is None:
        return ContactView.of(tag(await contacts.get(draft_id, caller)))
    seen.check(draft)
    agent = Agent(draft.agent, draft.discipline, draft.programme)
    contact = await contacts.put_on_record(final(draft.content), agent, draft.id)
    await drafts.drop(draft)
    return ContactView.of(tag(contact))
