"""A Subscription as clients write it (Subscriptions R5 Backport 1.1.0 on R4), read into what we can promise."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.referrals.domain.subscription import Payload, Topic
from services.referrals.formats.fhir.notification import (
    BACKPORT,
    FILTER_CRITERIA,
    HEARTBEAT_PERIOD,
    MEDIA_TYPE,
    PAYLOAD_CONTENT,
    TOPICS,
    split_header,
)
from services.referrals.formats.fhir.primitives import moment_of
from services.referrals.formats.fhir.reading import raise_for, read_as
from services.referrals.formats.fhir.resources import Subscription as SubscriptionResource
from shared.errors import Fault

TIMEOUT = f"{BACKPORT}/StructureDefinition/backport-timeout"
MAX_COUNT = f"{BACKPORT}/StructureDefinition/backport-max-count"
HEARTBEAT = range(60, 7 * 86400 + 1)
"""Seconds between heartbeats that we keep up."""
ATTEMPT_SECONDS = 10
MAX_HEADERS = 10

_FILTER = re.compile(r"Task\?(requester|owner)=(?:\S*/)?Organization/([A-Za-z0-9.-]{1,64})")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{1,4096}")
OURS = frozenset(
    {
        *("host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "te"),
        *("upgrade", "trailer", "expect", "keep-alive", "proxy-authorization", "user-agent", "accept-encoding"),
    }
)
"""Headers that belong to the connection or to us."""


@dataclass
class Wish:
    """What somebody wants to be told of, and where."""

    topic: Topic
    url: str
    payload: Payload
    is_off: bool
    requester: str | None = None
    task_owner: str | None = None
    headers: tuple[str, ...] = ()
    heartbeat_seconds: int | None = None
    ends_at: datetime | None = None
    reason: str = ""
    faults: list[Fault] = field(default_factory=list)


def read_subscription(value: Any, now: datetime) -> Wish:
    """The wish in a Subscription; raises one error with every fault at its full path."""
    faults: list[Fault] = []
    resource = read_as(SubscriptionResource, value, "Subscription", faults)
    raise_for(faults)
    assert resource
    faults += [*_faults_of_channel(resource), *_faults_of_rest(resource, now)]
    asked, found = _asked(resource)
    faults += found
    raise_for(faults)
    content = _valued(resource.channel.siblings.get("_payload"), PAYLOAD_CONTENT, "valueCode") or Payload.ID_ONLY
    heartbeat = [each.value_unsigned_int for each in resource.channel.extension if each.url == HEARTBEAT_PERIOD]
    return Wish(
        TOPICS[resource.criteria],
        resource.channel.endpoint or "",
        Payload(content),
        resource.status == "off",
        asked.get("requester"),
        asked.get("owner"),
        tuple(resource.channel.header),
        heartbeat[0] if heartbeat else None,
        moment_of(resource.end) if resource.end else None,
        resource.reason,
    )


def _faults_of_rest(resource: SubscriptionResource, now: datetime) -> Iterator[Fault]:
    if resource.status == "error":
        yield Fault("Subscription.status", "wrong-status")
    if resource.criteria not in TOPICS:
        yield Fault("Subscription.criteria", "unknown-topic")
    if resource.end and moment_of(resource.end) <= now:
        yield Fault("Subscription.end", "in-past")


def _faults_of_channel(resource: SubscriptionResource) -> Iterator[Fault]:
    channel, place = resource.channel, "Subscription.channel"
    if channel.type != "rest-hook":
        yield Fault(f"{place}.type", "channel-not-offered")
    if not channel.endpoint:
        yield Fault(f"{place}.endpoint", "required")
    if channel.payload != MEDIA_TYPE:
        yield Fault(f"{place}.payload", "wrong-code" if channel.payload else "required")
    content = _valued(channel.siblings.get("_payload"), PAYLOAD_CONTENT, "valueCode")
    if content is not None and content not in list(Payload):
        yield Fault(f"{place}.payload.extension[0].value", "payload-not-offered")
    yield from _faults_of_extensions(resource)
    if len(channel.header) > MAX_HEADERS:
        yield Fault(f"{place}.header", "too-long")
    for number, written in enumerate(channel.header):
        name, value = split_header(written)
        if name in OURS or not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            yield Fault(f"{place}.header[{number}]", "header-refused")


def _faults_of_extensions(resource: SubscriptionResource) -> Iterator[Fault]:
    for number, each in enumerate(resource.channel.extension):
        place = f"Subscription.channel.extension[{number}]"
        if each.url == HEARTBEAT_PERIOD and each.value_unsigned_int not in HEARTBEAT:
            yield Fault(f"{place}.value", "out-of-range")
        if each.url == TIMEOUT and (each.value_unsigned_int or 0) < ATTEMPT_SECONDS:
            yield Fault(f"{place}.value", "out-of-range")
        if each.url not in (HEARTBEAT_PERIOD, TIMEOUT, MAX_COUNT):
            yield Fault(f"{place}.url", "unknown-extension")


def _asked(resource: SubscriptionResource) -> tuple[dict[str, str], list[Fault]]:
    """The requester or the owner that the filter names; another filter would be ignored and is refused."""
    filters = list(_extensions(resource.siblings.get("_criteria")))
    found: set[tuple[str, str]] = set()
    faults: list[Fault] = []
    for number, each in enumerate(filters):
        written = each.get("valueString")
        match = _FILTER.fullmatch(written) if isinstance(written, str) else None
        if each.get("url") != FILTER_CRITERIA or match is None:
            faults.append(Fault(f"Subscription.criteria.extension[{number}]", "filter-not-offered"))
        else:
            found.add((match[1], match[2]))
    if len(found) > 1:
        faults.append(Fault("Subscription.criteria", "filter-not-offered"))
    return dict(found), faults


def _extensions(sibling: Any) -> Iterator[Mapping[str, Any]]:
    listed = sibling.get("extension") if isinstance(sibling, dict) else None
    yield from (each for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()


def _valued(sibling: Any, url: str, name: str) -> Any:
    return next((each.get(name) for each in _extensions(sibling) if each.get("url") == url), None)
