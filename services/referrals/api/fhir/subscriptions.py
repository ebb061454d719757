"""Topic-based subscriptions (R5 Backport 1.1.0): made, read, changed and ended; how they stand; what was told."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from services.referrals.api.fhir.doors import base_url, fhir_answer, fhir_body, refuse_parameters, router
from services.referrals.api.fhir.partner import PARTNER, Partner
from services.referrals.api.webhooks import SubscriptionsDep, check_endpoint
from services.referrals.domain.subscription import Payload, Side, Subscription, SubscriptionState, Wire, kinds_of
from services.referrals.formats.fhir.notification import NotificationType, notification, resource_of, status_bundle
from services.referrals.formats.fhir.outcome import BadRequest, RefusedResource
from services.referrals.formats.fhir.subscription import Wish, read_subscription
from services.referrals.store.subscriptions import SubscriptionRow
from shared.access import May, Scope
from shared.auth import Caller
from shared.errors import Fault
from shared.requests import ClockDep, IfMatch

MayManage = Annotated[Caller, Depends(May("subscription:manage"))]

AT_MOST = 200
"""Subscriptions in one answer, and events in one."""
OPERATION_PARAMETERS = ("eventsSinceNumber", "eventsUntilNumber", "content")


@router.post("/Subscription", name="fhir_create_subscription")
async def create_subscription(
    request: Request, subscriptions: SubscriptionsDep, clock: ClockDep, caller: MayManage
) -> Response:
    """Be told of referrals by FHIR notifications; the endpoint must answer a handshake before it is told of any."""
    refuse_parameters(request)
    wish = read_subscription(await fhir_body(request), clock.now())
    if wish.is_off:
        raise RefusedResource(faults=[Fault("Subscription.status", "wrong-status")])
    row = SubscriptionRow(
        owner=caller.organisation,
        wire=Wire.FHIR,
        url=wish.url,
        sees_all=caller.scope == Scope.ALL,
        base=base_url(request),
        created_at=clock.now(),
    )
    await wanted(request, row, wish, caller)
    await subscriptions.make(row)
    place = f"{row.base}/Subscription/{row.id}"
    return answer(row, 201, {"location": place})


@router.get("/Subscription", name="fhir_search_subscriptions")
async def search_subscriptions(request: Request, subscriptions: SubscriptionsDep, caller: MayManage) -> Response:
    """Your organisation's subscriptions; all of them for the programme. `status` and `criteria` narrow it."""
    refuse_parameters(request, "status", "criteria")
    base = base_url(request)
    rows = await subscriptions.page(caller, Wire.FHIR, AT_MOST, None)
    found = [resource_of(row) for row in rows]
    for name in ("status", "criteria"):
        asked = request.query_params.get(name)
        found = [each for each in found if asked in (None, each[name])]
    entries = [
        {"fullUrl": f"{base}/Subscription/{each['id']}", "resource": each, "search": {"mode": "match"}}
        for each in found
    ]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return fhir_answer(bundle | ({"entry": entries} if entries else {}))


@router.get("/Subscription/$status", name="fhir_status_of_subscriptions")
async def status_of_subscriptions(
    request: Request, subscriptions: SubscriptionsDep, clock: ClockDep, caller: MayManage
) -> Response:
    """How your organisation's subscriptions stand; `id` (repeated) and `status` narrow it."""
    refuse_parameters(request, "id", "status")
    ids, states = request.query_params.getlist("id"), request.query_params.getlist("status")
    rows = await subscriptions.page(caller, Wire.FHIR, AT_MOST, None)
    chosen = [row for row in rows if (not ids or str(row.id) in ids) and (not states or row.state in states)]
    return fhir_answer(status_bundle(chosen, clock.now()))


@router.get("/Subscription/{subscription_id:uuid}", name="fhir_read_subscription")
async def read_one_subscription(
    subscription_id: UUID, request: Request, subscriptions: SubscriptionsDep, caller: MayManage
) -> Response:
    """One subscription, without the headers that authenticate us at the receiver."""
    refuse_parameters(request)
    return answer(await subscriptions.get(subscription_id, caller, Wire.FHIR))


@router.put("/Subscription/{subscription_id:uuid}", name="fhir_update_subscription")
async def update_subscription(
    subscription_id: UUID,
    request: Request,
    subscriptions: SubscriptionsDep,
    seen: IfMatch,
    clock: ClockDep,
    caller: MayManage,
) -> Response:
    """Change it, which begins with a handshake again and goes on behind what was told; `off` ends it."""
    refuse_parameters(request)
    row = await subscriptions.get(subscription_id, caller, Wire.FHIR, seen)
    wish = read_subscription(await fhir_body(request), clock.now())
    row.check_not_off()
    if wish.is_off:
        await subscriptions.record(row, row.end("by-owner"))
        return answer(row)
    if wish.topic is not row.topic:
        raise RefusedResource(faults=[Fault("Subscription.criteria", "unknown-topic")])
    await wanted(request, row, wish, caller)
    await subscriptions.record(row, row.changed())
    await subscriptions.begin_again(row)
    return answer(row)


@router.delete("/Subscription/{subscription_id:uuid}", status_code=204, name="fhir_delete_subscription")
async def delete_subscription(
    subscription_id: UUID, request: Request, subscriptions: SubscriptionsDep, clock: ClockDep, caller: MayManage
) -> Response:
    """Be told no more; its headers are forgotten."""
    refuse_parameters(request)
    row = await subscriptions.get(subscription_id, caller, Wire.FHIR)
    await subscriptions.record(row, row.delete(clock.now()))
    return fhir_answer(None, 204)


@router.get("/Subscription/{subscription_id:uuid}/$status", name="fhir_status_of_subscription")
async def status_of_subscription(
    subscription_id: UUID, request: Request, subscriptions: SubscriptionsDep, clock: ClockDep, caller: MayManage
) -> Response:
    """How one subscription stands."""
    refuse_parameters(request)
    row = await subscriptions.get(subscription_id, caller, Wire.FHIR)
    return fhir_answer(status_bundle([row], clock.now()))


@router.get("/Subscription/{subscription_id:uuid}/$events", name="fhir_events_of_subscription")
async def events_of_subscription(
    subscription_id: UUID, request: Request, subscriptions: SubscriptionsDep, clock: ClockDep, caller: MayManage
) -> Response:
    """What was told, or waits to be, between two numbers (both inside): at most 200 events, ask on from the last."""
    refuse_parameters(request, *OPERATION_PARAMETERS)
    row = await subscriptions.get(subscription_id, caller, Wire.FHIR)
    first, last = (number_in(request, name) for name in OPERATION_PARAMETERS[:2])
    shown = Subscription.model_validate(row, from_attributes=True)
    shown.payload = content_in(request, row.payload)
    notices = await subscriptions.notices(row.id, first or 1, AT_MOST, last)
    return fhir_answer(notification(shown, NotificationType.QUERY_EVENT, clock.now(), notices))


def number_in(request: Request, name: str) -> int | None:
    """A number of an event in the query; 400 where it is none."""
    given = request.query_params.get(name)
    if given is not None and not (given.isascii() and given.isdigit() and len(given) < 10):
        raise BadRequest(faults=[Fault(f"/query/{name}", "wrong-format")])
    return None if given is None else int(given)


def content_in(request: Request, usual: Payload) -> Payload:
    """How much of each event is asked for; 400 for more than we give."""
    given = request.query_params.get("content", usual.value)
    if given not in list(Payload):
        raise BadRequest(faults=[Fault("/query/content", "payload-not-offered")])
    return Payload(given)


async def wanted(request: Request, row: SubscriptionRow, wish: Wish, caller: Caller) -> None:
    """Write a wish into a subscription that then asks for its handshake; a filter to others' referrals is refused."""
    sides = sides_of(wish, caller)
    await check_endpoint(request, wish.url, "Subscription.channel.endpoint")
    row.topic, row.kinds = wish.topic, kinds_of(wish.topic, sides)
    row.requester, row.task_owner = wish.requester, wish.task_owner
    row.url, row.payload, row.reason = wish.url, wish.payload, wish.reason
    row.headers, row.heartbeat_seconds, row.ends_at = wish.headers, wish.heartbeat_seconds, wish.ends_at
    row.state, row.failure = SubscriptionState.REQUESTED, None


def sides_of(wish: Wish, caller: Caller) -> tuple[Side, ...]:
    """Which Tasks are told of: those that the caller can read, narrowed by the filter; RefusedResource for others'."""
    is_partner = PARTNER in caller.roles
    requester_is_foreign = wish.requester not in (None, caller.organisation) and caller.scope != Scope.ALL
    owner_is_foreign = wish.task_owner is not None and not (is_partner and wish.task_owner == caller.organisation)
    if requester_is_foreign or owner_is_foreign:
        raise RefusedResource(faults=[Fault("Subscription.criteria.extension[0]", "filter-not-offered")])
    if wish.task_owner or (Partner.is_one(caller) and not wish.requester):
        return (Side.OUTGOING,)
    reads_both = is_partner and not wish.requester and caller.scope != Scope.ALL
    return tuple(Side) if reads_both else (Side.INCOMING,)


def answer(row: SubscriptionRow, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A Subscription with its version."""
    return fhir_answer(resource_of(row), status, {**(headers or {}), "etag": f'W/"{row.version}"'})
