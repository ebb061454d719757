"""The routes of emergency access, the same in every service: take it, end it, and judge that of others."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.access import May
from shared.audit.entry import entry_of
from shared.auth import Caller
from shared.cursors import Page, PagingDep
from shared.errors import NotFound
from shared.ids import new_id
from shared.permissions.reasons import BreakGlassReason
from shared.relationships.break_glass import BreakGlass, Emergencies, Verdict, until
from shared.relinks import Relinks
from shared.requests import ClockDep, opened
from shared.service import Service
from shared.service import router as service_router

MayBreak = Annotated[Caller, Depends(May("break-glass:open"))]
MayClose = Annotated[Caller, Depends(May("break-glass:close"))]
MayReview = Annotated[Caller, Depends(May("break-glass:review"))]
EmergenciesDep = Annotated[Emergencies, Depends(opened(Emergencies))]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=2000)]


class NewBreakGlass(BaseModel):
    """Whose records somebody needs without being related to them, and why."""

    model_config = ConfigDict(extra="forbid")

    subject_id: UUID = Field(description="The subject, or any record about it, such as a file")
    reason: BreakGlassReason
    text: Text = Field(description="What is going on, for those who review it; kept here, never told on")


class BreakGlassView(BaseModel):
    """An emergency access, as the one who took it sees it."""

    id: UUID = Field(description="Goes into the header `Break-Glass` of each request that needs it")
    subject_id: UUID
    reason: str
    opened_at: datetime
    until: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, grant: BreakGlass) -> "BreakGlassView":
        return cls.model_validate(grant, from_attributes=True)


class ReviewView(BreakGlassView):
    """An emergency access, as those see it who judge it: that is their notice of it."""

    organisation: str
    worker: str = Field(description="Subject of the token of whoever took it")
    text: str
    verdict: Verdict | None
    reviewed_at: datetime | None = Field(description="When its review was closed; null while it is open")
    reviewer: str | None
    note: str | None

    @classmethod
    def of(cls, grant: BreakGlass) -> "ReviewView":
        return cls.model_validate(grant, from_attributes=True)


class Review(BaseModel):
    """What somebody else thinks of an emergency access."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict = Field(description="`inquiry` leaves the review open")
    note: Text


def break_glass_routes(service: Service) -> APIRouter:
    """The router of a service's emergency access."""
    router = service_router(f"{service.name}/break-glass", tags=["break-glass"])
    add_access(router, service)
    add_reviews(router, service)
    return router


def add_access(router: APIRouter, service: Service) -> None:
    """Taking emergency access, and ending it."""

    @router.post("", name="break_glass", status_code=201)
    async def open_access(
        body: NewBreakGlass,
        request: Request,
        emergencies: EmergenciesDep,
        caller: MayBreak,
        response: Response,
    ) -> BreakGlassView:
        """Take emergency access to one subject's records within the own organisation, for an hour at most.

        It opens them to requests with the header `Break-Glass`. Coordinator and data-protection officer are told.
        """
        transaction, now = emergencies.transaction, emergencies.transaction.clock.now()
        found = await service.subjects.among([body.subject_id], transaction)
        if body.subject_id not in found and len(found) != 1:
            raise NotFound
        named = body.subject_id if body.subject_id in found else found.pop()
        entry_of(request).reason = body.reason
        minutes = request.app.state.settings.break_glass_minutes
        whose = (await Relinks(transaction).current(named), caller.organisation, caller.subject, body.reason, body.text)
        grant = BreakGlass(new_id(), *whose, opened_at=now, until=until(now, minutes))
        await emergencies.open(service.name, grant)
        response.headers["location"] = f"/{service.name}/break-glass/{grant.id}"
        return BreakGlassView.of(grant)

    @router.get("/{grant_id:uuid}", name="read_break_glass")
    async def read_access(grant_id: UUID, emergencies: EmergenciesDep, caller: MayClose) -> BreakGlassView:
        """One's own emergency access."""
        return BreakGlassView.of(await emergencies.get(grant_id, caller.subject))

    @router.post("/{grant_id:uuid}/end", name="end_break_glass")
    async def end_access(
        grant_id: UUID, emergencies: EmergenciesDep, clock: ClockDep, caller: MayClose
    ) -> BreakGlassView:
        """End one's own emergency access before its time; repeated: the same."""
        grant = await emergencies.get(grant_id, caller.subject)
        await emergencies.close(service.name, grant, clock.now())
        return BreakGlassView.of(grant)


def add_reviews(router: APIRouter, service: Service) -> None:
    """The review that every emergency access must have."""

    @router.get("/reviews", name="list_break_glass_reviews")
    async def list_reviews(
        emergencies: EmergenciesDep, paging: PagingDep, caller: MayReview, reviewed: bool = False
    ) -> Page[ReviewView]:
        """Emergency accesses that nobody has judged yet, the oldest first; with `reviewed=true` those that are."""
        rows = await emergencies.page(paging.limit, paging.after, reviewed=reviewed)
        return paging.page([ReviewView.of(row) for row in rows], [[row.id] for row in rows])

    @router.post("/{grant_id:uuid}/review", name="review_break_glass")
    async def review(grant_id: UUID, body: Review, emergencies: EmergenciesDep, caller: MayReview) -> ReviewView:
        """Judge an emergency access of somebody else; an inquiry leaves it open."""
        grant = await emergencies.get(grant_id)
        await emergencies.review(service.name, grant, caller, body.verdict, body.note)
        return ReviewView.of(grant)
