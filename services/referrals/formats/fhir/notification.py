"""Topic-based subscriptions on R4 (Subscriptions R5 Backport 1.1.0): topics, Subscriptions, notifications."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from services.referrals.domain.subscription import Notice, Payload, Subscription, Topic
from services.referrals.formats.fhir.codes import CANONICAL
from services.referrals.formats.fhir.elements import Extension, Meta, Reference
from services.referrals.formats.fhir.resources import Bundle, Parameters
from services.referrals.formats.fhir.resources import Subscription as SubscriptionResource
from services.referrals.formats.fhir.resources.conformance import SubscriptionChannel
from services.referrals.formats.fhir.resources.exchange import (
    BundleEntry,
    BundleType,
    EntryRequest,
    EntryResponse,
    EntrySearch,
    HttpVerb,
    Parameter,
)
from services.referrals.formats.webhook import Outbound

BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport"
SUBSCRIPTION_PROFILE = f"{BACKPORT}/StructureDefinition/backport-subscription"
NOTIFICATION_PROFILE = f"{BACKPORT}/StructureDefinition/backport-subscription-notification-r4"
STATUS_PROFILE = f"{BACKPORT}/StructureDefinition/backport-subscription-status-r4"
FILTER_CRITERIA = f"{BACKPORT}/StructureDefinition/backport-filter-criteria"
HEARTBEAT_PERIOD = f"{BACKPORT}/StructureDefinition/backport-heartbeat-period"
PAYLOAD_CONTENT = f"{BACKPORT}/StructureDefinition/backport-payload-content"
TOPIC_CANONICAL = f"{BACKPORT}/StructureDefinition/capabilitystatement-subscriptiontopic-canonical"
"""Extension of `CapabilityStatement.rest.resource` (Subscription) that names a topic we publish."""

TOPICS: Mapping[str, Topic] = {f"{CANONICAL}/SubscriptionTopic/{topic}": topic for topic in Topic}
"""The canonical urls of our topics."""
CANONICALS: Mapping[Topic, str] = {topic: url for url, topic in TOPICS.items()}
MEDIA_TYPE = "application/fhir+json"


class NotificationType(StrEnum):
    """http://hl7.org/fhir/subscription-notification-type"""

    HANDSHAKE = "handshake"
    HEARTBEAT = "heartbeat"
    EVENT = "event-notification"
    QUERY_STATUS = "query-status"
    QUERY_EVENT = "query-event"


def topic_extensions() -> list[Extension]:
    """What a CapabilityStatement says of our topics, at its Subscription resource."""
    return [Extension(url=TOPIC_CANONICAL, value_canonical=url) for url in TOPICS]


def resource_of(subscription: Subscription) -> dict[str, Any]:
    """The Subscription resource; the receiver's headers are never shown again."""
    heartbeat = subscription.heartbeat_seconds
    channel = SubscriptionChannel(
        type="rest-hook",
        endpoint=subscription.url,
        payload=MEDIA_TYPE,
        extension=[Extension(url=HEARTBEAT_PERIOD, value_unsigned_int=heartbeat)] if heartbeat else [],
    )
    written = SubscriptionResource(
        id=str(subscription.id),
        meta=Meta(version_id=str(subscription.version), profile=[SUBSCRIPTION_PROFILE]),
        status=subscription.state.value,
        end=instant(subscription.ends_at) if subscription.ends_at else None,
        reason=subscription.reason,
        criteria=CANONICALS[subscription.topic or Topic.TASK_STATUS],
        error=subscription.failure,
        channel=channel,
    ).wire()
    written["channel"]["_payload"] = {"extension": [{"url": PAYLOAD_CONTENT, "valueCode": subscription.payload.value}]}
    named = {"requester": subscription.requester, "owner": subscription.task_owner}
    asked = [f"Task?{name}=Organization/{code}" for name, code in named.items() if code]
    if asked:
        written["_criteria"] = {"extension": [{"url": FILTER_CRITERIA, "valueString": each} for each in asked]}
    return written


def notification(
    subscription: Subscription, kind: NotificationType, at: datetime, notices: Sequence[Notice] = ()
) -> dict[str, Any]:
    """A notification Bundle; the same notices make the same Bundle but for the time that it carries."""
    seed = f"{kind}/{','.join(str(notice.number) for notice in notices) or at.isoformat()}"
    own_id = uuid5(subscription.id, f"status/{seed}")
    entry = BundleEntry(
        full_url=own_id.urn,
        resource=status_of(subscription, kind, notices, own_id),
        request=EntryRequest(method=HttpVerb.GET, url=f"{address_of(subscription)}/$status"),
        response=EntryResponse(status="200"),
    )
    return Bundle(
        id=str(uuid5(subscription.id, seed)),
        meta=Meta(profile=[NOTIFICATION_PROFILE]),
        type=BundleType.HISTORY,
        timestamp=instant(at),
        entry=[entry],
    ).wire()


def status_bundle(subscriptions: Sequence[Subscription], at: datetime) -> dict[str, Any]:
    """What `$status` answers: how each subscription stands."""
    ids = {each.id: uuid5(each.id, f"query/{at.isoformat()}") for each in subscriptions}
    entries = [
        BundleEntry(
            full_url=ids[each.id].urn,
            resource=status_of(each, NotificationType.QUERY_STATUS, (), ids[each.id]),
            search=EntrySearch(mode="match"),
        )
        for each in subscriptions
    ]
    return Bundle(type=BundleType.SEARCHSET, timestamp=instant(at), total=len(entries), entry=entries).wire()


def status_of(
    subscription: Subscription, kind: NotificationType, notices: Sequence[Notice], own_id: UUID
) -> dict[str, Any]:
    """The SubscriptionStatus as R4 Parameters."""
    has_ids = subscription.payload is not Payload.EMPTY
    parameters = [
        Parameter(name="subscription", value_reference=Reference(reference=address_of(subscription))),
        Parameter(name="topic", value_canonical=CANONICALS[subscription.topic or Topic.TASK_STATUS]),
        Parameter(name="status", value_code=subscription.state.value),
        Parameter(name="type", value_code=kind.value),
        Parameter(name="events-since-subscription-start", value_string=str(subscription.last_number)),
        *(_event(subscription, notice, has_ids) for notice in notices),
    ]
    shown = [each for each in parameters if has_ids or each.name != "topic"]
    return Parameters(id=str(own_id), meta=Meta(profile=[STATUS_PROFILE]), parameter=shown).wire()


def _event(subscription: Subscription, notice: Notice, has_ids: bool) -> Parameter:
    parts = [
        Parameter(name="event-number", value_string=str(notice.number)),
        Parameter(name="timestamp", value_instant=instant(notice.at)),
    ]
    if has_ids:
        focus = f"{subscription.base}/{focus_of(notice)}"
        parts.append(Parameter(name="focus", value_reference=Reference(reference=focus)))
    return Parameter(name="notification-event", part=parts)


def focus_of(notice: Notice) -> str:
    """What a notice is about: the message where there is one, else the referral's Task."""
    if notice.message is not None:
        return f"Communication/{notice.subject_id}.{notice.message}"
    return f"Task/{notice.subject_id}"


def address_of(subscription: Subscription) -> str:
    """The Subscription's own url."""
    return f"{subscription.base}/Subscription/{subscription.id}"


def rest_hook(bundle: Mapping[str, Any], subscription: Subscription) -> Outbound:
    """A notification as it goes out, with the headers that the receiver asked for."""
    asked = dict(split_header(each) for each in subscription.headers)
    content = json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()
    return Outbound(content, {**asked, "content-type": f"{MEDIA_TYPE}; charset=utf-8"})


def split_header(written: str) -> tuple[str, str]:
    """Name and value of a `channel.header`."""
    name, _, value = written.partition(":")
    return name.strip().lower(), value.strip()


def instant(at: datetime) -> str:
    """A moment as a FHIR instant in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
