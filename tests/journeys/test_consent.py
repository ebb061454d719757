"""A consent that is withdrawn is refused by all five services within seconds, over the real bus."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from shared.local import demo_people as people
from shared.local.road import Json, Road, today
from tests.journeys.pushes import a_push

LIMIT = 5.0
"""Seconds until every service refuses."""
REFUSED = {"consent-refused", "consent-over"}
PARTNER = {"recipient": "centre"}
DISCLOSED = {"family_name": "Vandenkanarie", "given_names": "Serafine"}
GIVEN = {"given": True, "kind": "oral", "by": "person", "on": today().isoformat()}

Try = Callable[[], Awaitable[httpx.Response]]


async def refused(attempts: dict[str, Try]) -> dict[str, float]:
    """After how many seconds each was refused first; asked again until then, at most for twice the limit."""
    began, found = time.monotonic(), dict[str, float]()
    while len(found) < len(attempts) and time.monotonic() - began < 2 * LIMIT:
        for name, attempt in attempts.items():
            if name not in found and (await attempt()).json().get("code") in REFUSED:
                found[name] = time.monotonic() - began
    return found


async def followed(road: Road) -> tuple[str, str, str]:
    """Somebody with a call that is due after one case, and another case that the line asked for."""
    referral = await road.push(a_push(people.HEAVY))
    person = await road.identified(referral)
    await road.decide(referral, "acceptance")
    before = await road.case_of(referral)
    await road.assign(before)
    await road.visit(before)
    await road.plan(before, people.plan_for(("relais", "centre"), today() + timedelta(days=7)))
    await road.close_case(before, today() - timedelta(days=62))
    [due] = await road.follow_ups(before, "due", count=1)
    case = await road.case_of((await road.call(person))["id"])
    await road.assign(case)
    return person, str(due["id"]), case


@dataclass
class Attempts:
    """What each service is asked to do of a person, again and again."""

    road: Road
    person: str
    follow_up: str
    case: str
    consent: str

    async def send(self) -> httpx.Response:
        """Ask an organisation for help."""
        demand = {"organisation": "centre", "needs": ["housework"], "person_id": self.person}
        manager = await self.road.client("case-manager-nurse")
        return await manager.post("/referrals/outgoing", json={**demand, "disclosed": DISCLOSED, "consent": GIVEN})

    async def share_profile(self) -> httpx.Response:
        """Let an organisation read the profile."""
        body = {"audience": "centre", "given_by": "person", "how": "oral", "until": "2099-12-31"}
        manager = await self.road.client("case-manager-nurse")
        return await manager.post(f"/assessment/persons/{self.person}/profile-consents", json=body)

    async def plan(self) -> httpx.Response:
        """Write a plan."""
        manager, path = await self.road.client("case-manager-nurse"), f"/cases/{self.case}"
        etag = (await (await self.road.client("coordinator")).get(path)).headers["etag"]
        content = people.plan_for(("relais", "centre"), today() + timedelta(days=7))
        return await manager.post(f"{path}/plan", json=content, headers={"if-match": etag})

    async def call(self) -> httpx.Response:
        """Call the person."""
        nurse, path = await self.road.client("line-nurse"), f"/scheduler/follow-ups/{self.follow_up}"
        etag = (await nurse.get(path)).headers["etag"]
        report = {"at": datetime.now(UTC).isoformat(), "channel": "call", "outcome": "no-answer"}
        return await nurse.post(f"{path}/attempts", json=report, headers={"if-match": etag})

    async def withdraw(self) -> httpx.Response:
        """Take the consent back once more."""
        return await (await self.road.client("line-nurse")).post(f"/intake/consents/{self.consent}/withdrawal", json={})

    def all(self) -> dict[str, Try]:
        """One for each service."""
        return {
            "referrals": self.send,
            "assessment": self.share_profile,
            "cases": self.plan,
            "scheduler": self.call,
            "intake": self.withdraw,
        }


async def done(attempt: Try) -> Json | None:
    """What an attempt makes, once it is let through."""
    answer = await attempt()
    return answer.json() if answer.status_code == 201 else None


async def test_a_withdrawal_is_effective_in_all_services_within_seconds(road: Road) -> None:
    person, follow_up, case = await followed(road)
    consents = [
        await road.agrees(person, "sharing", about=PARTNER),
        await road.agrees(person, "channel", about={"channel": "phone"}),
        (await road.consent(person, "case-management"))["history"][0],
    ]
    attempts = Attempts(road, person, follow_up, case, str(consents[0]["id"]))
    outgoing = await road.until("the consent to share in referrals", lambda: done(attempts.send))
    assert await road.until("the consent to share in assessment", lambda: done(attempts.share_profile))

    for consent in consents:
        await road.post("line-nurse", f"/intake/consents/{consent['id']}/withdrawal", {})
    measured = await refused(attempts.all())
    print(" ".join(f"{name} {seconds:.2f} s" for name, seconds in sorted(measured.items())))
    assert set(measured) == set(attempts.all())
    assert max(measured.values()) < LIMIT
    partner = await road.client("partner-centre")
    recalled = (await partner.get(f"/referrals/inbox/{outgoing['id']}")).json()
    assert recalled["recall_requested_at"]
    assert recalled["person"] is None
