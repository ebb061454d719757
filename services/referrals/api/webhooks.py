"""Signed webhooks: who is told of referrals at which address, and what became of each notice."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import AfterValidator, BaseModel, Field, StrictInt

from services.referrals.api.doors import Body, router
from services.referrals.domain.subscription import (
    KIND_NAMES,
    EndpointRefused,
    NoticeStatus,
    SubscriptionState,
    Wire,
    new_secret,
)
from services.referrals.store.subscriptions import SubscriptionNoticeRow, SubscriptionRow, Subscriptions
from shared.access import May, Scope
from shared.auth import Caller
from shared.callbacks import CallbackFailed, Callbacks
from shared.cursors import Page, PagingDep
from shared.errors import Fault
from shared.requests import ClockDep, Tag, opened

SubscriptionsDep = Annotated[Subscriptions, Depends(opened(Subscriptions))]
MayManage = Annotated[Caller, Depends(May("webhook:manage"))]
MayResend = Annotated[Caller, Depends(May("webhook:resend"))]


def _known(kind: str) -> str:
    if kind not in KIND_NAMES:
        raise ValueError("unknown kind")
    return kind


class NewWebhook(Body):
    """Where notices are to go, and of what; no events means all of them."""

    url: Annotated[str, Field(min_length=1, max_length=2048, examples=["https://hospital.example.org/relais"])]
    events: Annotated[
        list[Annotated[str, AfterValidator(_known), Field(max_length=64, examples=["referral.accepted"])]],
        Field(max_length=len(KIND_NAMES)),
    ] = []


class Trial(BaseModel):
    """How the last test ended: a status, or a word where none came."""

    at: datetime
    answer: str | None


class WebhookView(BaseModel):
    """A webhook and how telling goes. What lies between `delivered_number` and `last_number` waits."""

    id: UUID
    organisation: str
    url: str
    events: list[str]
    sees_all: bool = Field(description="Whether it is told of every referral, not of its organisation's alone")
    state: SubscriptionState
    failure: str | None = Field(description="Why it stopped: the last status, or a word where none came")
    created_at: datetime
    last_number: int
    delivered_number: int
    failing_since: datetime | None
    next_attempt_at: datetime | None
    old_secret_until: datetime | None = Field(description="Until when notices are signed with the secret before, too")
    last_test: Trial | None

    @classmethod
    def of(cls, row: SubscriptionRow) -> "WebhookView":
        """The view of a row."""
        return cls(**_shown(row))


class WebhookWithSecret(WebhookView):
    """A webhook with its new secret: shown here and never again."""

    secret: str

    @classmethod
    def of(cls, row: SubscriptionRow) -> "WebhookWithSecret":
        """The view of a row whose secret is new."""
        return cls(**_shown(row), secret=row.secret)


def _shown(row: SubscriptionRow) -> dict[str, object]:
    same = ("id", "url", "sees_all", "state", "failure", "created_at", "last_number")
    return {
        **{name: getattr(row, name) for name in same},
        "organisation": row.owner,
        "events": list(row.kinds),
        "delivered_number": row.sent_number,
        "failing_since": row.first_failed_at,
        "next_attempt_at": row.retry_at,
        "old_secret_until": row.previous_until,
        "last_test": Trial(at=row.tested_at, answer=row.test_answer) if row.tested_at else None,
    }


class NoticeView(BaseModel):
    """One notice of a subscription's log: never its content."""

    number: int
    kind: str
    at: datetime
    status: NoticeStatus
    attempts: int
    answer: str | None = Field(description="The last attempt's status, or a word where none came", examples=["204"])
    delivered_at: datetime | None

    @classmethod
    def of(cls, row: SubscriptionNoticeRow, subscription: SubscriptionRow) -> "NoticeView":
        """The view of a row."""
        same = ("number", "kind", "at", "attempts", "answer", "delivered_at")
        return cls(**{name: getattr(row, name) for name in same}, status=row.status_in(subscription))


class Resending(Body):
    """From which number on notices are sent again."""

    number: Annotated[StrictInt, Field(alias="from", ge=1)]


async def check_endpoint(request: Request, url: str, pointer: str) -> None:
    """Raise EndpointRefused, at that place of the request, unless this is an address that we call."""
    callbacks: Callbacks = request.app.state.callbacks
    try:
        await callbacks.check(url)
    except CallbackFailed as refused:
        raise EndpointRefused(faults=[Fault(pointer, refused.code)]) from None


@router.post("/webhooks", status_code=201)
async def make_webhook(
    body: NewWebhook,
    request: Request,
    response: Response,
    subscriptions: SubscriptionsDep,
    clock: ClockDep,
    caller: MayManage,
    tag: Tag,
) -> WebhookWithSecret:
    """Be told of referrals by signed webhooks (Standard Webhooks 1.0). The secret is shown once, here."""
    await check_endpoint(request, body.url, "/url")
    made = SubscriptionRow(
        owner=caller.organisation,
        wire=Wire.WEBHOOK,
        url=body.url,
        kinds=tuple(dict.fromkeys(body.events)),
        sees_all=caller.scope == Scope.ALL,
        secret=new_secret(),
        created_at=clock.now(),
    )
    await subscriptions.make(made)
    response.headers["location"] = f"/referrals/webhooks/{made.id}"
    return WebhookWithSecret.of(tag(made))


@router.get("/webhooks")
async def list_webhooks(subscriptions: SubscriptionsDep, paging: PagingDep, caller: MayManage) -> Page[WebhookView]:
    """Your organisation's webhooks; all of them for the programme."""
    after = [str(part) for part in paging.after] if paging.after else None
    rows = await subscriptions.page(caller, Wire.WEBHOOK, paging.limit, after)
    return paging.page([WebhookView.of(row) for row in rows], [[row.created_at.isoformat(), row.id] for row in rows])


@router.get("/webhooks/{webhook_id:uuid}")
async def read_webhook(webhook_id: UUID, subscriptions: SubscriptionsDep, caller: MayManage, tag: Tag) -> WebhookView:
    """One webhook."""
    return WebhookView.of(tag(await subscriptions.get(webhook_id, caller, Wire.WEBHOOK)))


@router.delete("/webhooks/{webhook_id:uuid}", status_code=204)
async def delete_webhook(webhook_id: UUID, subscriptions: SubscriptionsDep, clock: ClockDep, caller: MayManage) -> None:
    """Be told no more; its secrets are forgotten."""
    row = await subscriptions.get(webhook_id, caller, Wire.WEBHOOK)
    await subscriptions.record(row, row.delete(clock.now()))


@router.post("/webhooks/{webhook_id:uuid}/test", status_code=202)
async def try_webhook(webhook_id: UUID, subscriptions: SubscriptionsDep, caller: MayManage) -> WebhookView:
    """Have a `webhook.test` sent within seconds; how it ended shows as `last_test`. It has no number."""
    row = await subscriptions.get(webhook_id, caller, Wire.WEBHOOK)
    await subscriptions.ask_test(row)
    return WebhookView.of(row)


@router.post("/webhooks/{webhook_id:uuid}/secret-rotation", status_code=201)
async def rotate_webhook_secret(
    webhook_id: UUID, subscriptions: SubscriptionsDep, clock: ClockDep, caller: MayManage, tag: Tag
) -> WebhookWithSecret:
    """Take a new secret, shown once, here. For 24 hours notices carry a signature by each of the two."""
    row = await subscriptions.get(webhook_id, caller, Wire.WEBHOOK)
    await subscriptions.record(row, row.rotate_secret(clock.now()))
    return WebhookWithSecret.of(tag(row))


@router.post("/webhooks/{webhook_id:uuid}/resend", status_code=202)
async def resend_notices(
    webhook_id: UUID, body: Resending, subscriptions: SubscriptionsDep, caller: MayResend
) -> WebhookView:
    """Send every notice again from a number on, under the same ids; a subscription that had stopped goes on.

    It takes the id of a FHIR Subscription too.
    """
    row = await subscriptions.get(webhook_id, caller)
    await subscriptions.resend(row, body.number)
    return WebhookView.of(await subscriptions.get(webhook_id, caller))


@router.get("/webhooks/{webhook_id:uuid}/notices")
async def list_notices(
    webhook_id: UUID,
    subscriptions: SubscriptionsDep,
    paging: PagingDep,
    caller: MayManage,
) -> Page[NoticeView]:
    """The log of a subscription in order of its numbers: what was tried, and how it ended."""
    row = await subscriptions.get(webhook_id, caller)
    first = int(paging.after[0]) + 1 if paging.after else 1
    found = await subscriptions.notices(row.id, first, paging.limit + 1)
    return paging.page([NoticeView.of(each, row) for each in found], [[each.number] for each in found])
