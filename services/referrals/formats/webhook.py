"""Notices as signed webhooks (Standard Webhooks 1.0): what happened, by ids, under a number and a signature."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from standardwebhooks import Webhook

from services.referrals.domain.subscription import Notice, Subscription

TEST = "webhook.test"


@dataclass(frozen=True)
class Outbound:
    """A request as it goes out."""

    content: bytes
    headers: Mapping[str, str]


def webhook(subscription: Subscription, notice: Notice, at: datetime) -> Outbound:
    """A notice, signed now. The same notice has the same id and the same body at every attempt."""
    subject = notice.kind.split(".", 1)[0]
    data = {f"{subject}_id": str(notice.subject_id), "state": notice.state, "number": notice.number}
    if notice.message is not None:
        data["message"] = notice.message
    return signed(subscription, _body(notice.kind, notice.at, data), f"msg_{subscription.id.hex}_{notice.number}", at)


def trial(subscription: Subscription, test: UUID, at: datetime) -> Outbound:
    """A notice of nothing, to try an address by. It has no number."""
    return signed(subscription, _body(TEST, at, {"webhook_id": str(subscription.id)}), f"msg_test_{test.hex}", at)


def signed(subscription: Subscription, content: bytes, message_id: str, at: datetime) -> Outbound:
    """A body with its three headers; during a change of secrets it is signed with both."""
    now = at.astimezone(UTC)
    signatures = [Webhook(each).sign(message_id, now, content.decode()) for each in subscription.secrets_at(at)]
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Outbound(content, headers)


def _body(kind: str, at: datetime, data: Mapping[str, object]) -> bytes:
    timestamp = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": kind, "timestamp": timestamp, "data": data}, separators=(",", ":")).encode()
