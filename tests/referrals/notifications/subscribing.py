"""FHIR subscriptions as these tests ask for them, and the notifications that follow."""

from typing import Any

import httpx

from services.referrals.formats.fhir.elements import parse
from services.referrals.formats.fhir.resources import Bundle, Parameters
from shared.testing.harness import UnderTest
from tests.referrals.notifications.receivers import Receiver, act

FHIR = "/referrals/fhir"
TOPIC = "https://relais.example/fhir/SubscriptionTopic/"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
SECRET = "Bearer the-receivers-own-secret"


def wish(
    url: str, topic: str = "task-status", content: str = "id-only", heartbeat: int | None = None, **fields: Any
) -> dict[str, Any]:
    """A Subscription as the guide shows it."""
    channel: dict[str, Any] = {
        "type": "rest-hook",
        "endpoint": url,
        "payload": "application/fhir+json",
        "_payload": {"extension": [{"url": f"{BACKPORT}backport-payload-content", "valueCode": content}]},
        "header": [f"Authorization: {SECRET}"],
    }
    if heartbeat:
        channel["extension"] = [{"url": f"{BACKPORT}backport-heartbeat-period", "valueUnsignedInt": heartbeat}]
    asked = {
        "extension": [{"url": f"{BACKPORT}backport-filter-criteria", "valueString": "Task?requester=Organization/chu"}]
    }
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "to know",
        "criteria": f"{TOPIC}{topic}",
        "_criteria": asked,
        "channel": channel,
        **fields,
    }


async def create(referrals: UnderTest, body: Any, persona: str = "hospital-chu") -> httpx.Response:
    """Ask for a subscription."""
    return await act(referrals, persona, f"{FHIR}/Subscription", body)


async def get(referrals: UnderTest, path: str, persona: str = "hospital-chu") -> dict[str, Any]:
    """Read something that is there."""
    async with referrals.client(persona) as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def status_in(bundle: dict[str, Any]) -> dict[str, Any]:
    """The SubscriptionStatus that opens a notification, by name; checked against the resource models."""
    parse(Bundle, bundle)
    assert bundle["type"] == "history"
    assert {"request", "response"} <= set(bundle["entry"][0])
    parameters = parse(Parameters, bundle["entry"][0]["resource"]).wire()["parameter"]
    found: dict[str, Any] = {"events": [_event(each) for each in parameters if each["name"] == "notification-event"]}
    for each in parameters:
        if "part" not in each:
            found[each["name"]] = next(part for name, part in each.items() if name.startswith("value"))
    return found


def _event(parameter: dict[str, Any]) -> dict[str, Any]:
    parts = {each["name"]: each for each in parameter["part"]}
    focus = parts.get("focus", {}).get("valueReference", {}).get("reference")
    return {"number": parts["event-number"]["valueString"], "at": parts["timestamp"]["valueInstant"], "focus": focus}


def told(receiver: Receiver, kind: str = "event-notification") -> list[dict[str, Any]]:
    """The notifications of one type that arrived."""
    return [found for each in receiver.arrived if (found := status_in(each.json))["type"] == kind]
