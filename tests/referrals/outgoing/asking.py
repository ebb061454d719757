"""What our staff asks of organisations in these tests, and what these answer. All people are made up."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared.inbox import Outcome
from shared.testing.harness import UnderTest
from tests.security.consent.saying import hear

PERSON = {
    "family_name": "Vandenkanarie",
    "given_names": "Serafine-Josse",
    "birth_date": "1950-02-03",
    "phones": ["+32 471 98 76 54"],
    "address": {"street": "Rue du Canari", "house_number": "7", "postal_code": "4000", "nis_code": "62063"},
}
CONSENT = {"given": True, "kind": "oral", "by": "the person", "on": "2026-11-20"}
WHO = UUID("01a20000-0000-7000-8000-00000000ca7e")
"""Whom a demand is about: somebody who agrees to each organisation that these tests know."""
DEMAND: Mapping[str, Any] = {
    "person_id": str(WHO),
    "organisation": "centre",
    "needs": ["housework", "food"],
    "reason_text": "vit seule avec douze canaris",
    "disclosed": PERSON,
    "consent": CONSENT,
}
ANONYMOUS: Mapping[str, Any] = {"organisation": "centre", "needs": ["housework"], "commune": "62063"}
HEARD = {"how": "phone", "on": "2026-11-20", "told_by": "accueil"}
REFUSAL = {"reason": "at-capacity", "onward_path": "the other centre in town"}
SECRETS = ("Vandenkanarie", "Serafine", "Canari", "471 98 76 54", "471987654", "canaris", "1950-02-03")
"""Words that no number of a referral can hold by chance."""


async def knows(referrals: UnderTest, code: str, **about: Any) -> None:
    """Register an organisation with what is known of it; `channel` is by which road it wants to be asked."""
    async with referrals.client("operator") as client:
        place = f"/referrals/directory/organisations/{code}"
        known = {"name": code.title(), "kind": "coordination-centre", "channel": "fhir-rest-hook", **about}
        read = await client.get(place)
        headers = {"if-match": read.headers["etag"]} if "etag" in read.headers else {}
        answer = await client.put(place, json=known, headers=headers)
        assert answer.status_code in (200, 201), answer.text
    await hear(referrals, WHO, "sharing", about=code)


async def ask(referrals: UnderTest, demand: Mapping[str, Any] = DEMAND, **changes: Any) -> str:
    """Ask an organisation as a case manager about somebody who agrees to it; the id of the referral."""
    asked = {**demand, **changes}
    if asked.get("disclosed") and asked.get("person_id") != str(WHO):
        await hear(referrals, asked["person_id"], "sharing", about=asked["organisation"])
    async with referrals.client("case-manager-nurse") as client:
        answer = await client.post("/referrals/outgoing", json=asked)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


async def view(referrals: UnderTest, outgoing: str) -> dict[str, Any]:
    """The referral as staff sees it."""
    async with referrals.client("coordinator") as client:
        answer = await client.get(f"/referrals/outgoing/{outgoing}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def etag_of(referrals: UnderTest, outgoing: str) -> str:
    """The version that is there now."""
    async with referrals.client("coordinator") as client:
        return (await client.get(f"/referrals/outgoing/{outgoing}")).headers["etag"]


async def work(
    referrals: UnderTest, outgoing: str, name: str, body: Any = None, persona: str = "case-manager-nurse"
) -> httpx.Response:
    """Take a step on our side."""
    headers = {"if-match": await etag_of(referrals, outgoing), "content-type": "application/json"}
    async with referrals.client(persona) as client:
        return await client.post(
            f"/referrals/outgoing/{outgoing}/{name}", content=json.dumps(body or {}), headers=headers
        )


async def answer(
    referrals: UnderTest, outgoing: str, name: str, body: Any = None, persona: str = "partner-centre"
) -> httpx.Response:
    """Take a step as the organisation that was asked."""
    headers = {"if-match": await etag_of(referrals, outgoing), "content-type": "application/json"}
    async with referrals.client(persona) as client:
        return await client.post(f"/referrals/inbox/{outgoing}/{name}", content=json.dumps(body or {}), headers=headers)


async def told(referrals: UnderTest, fact: str) -> list[dict[str, Any]]:
    """The facts of one type so far."""
    return [data for kind, data in await referrals.announced() if kind == f"referrals.{fact}.v1"]


async def oriented(
    referrals: UnderTest, contact: UUID, person: UUID | None, organisation: str = "centre", **changes: Any
) -> Outcome:
    """Tell that the line oriented somebody."""
    if person:
        await hear(referrals, person, "sharing", about=organisation)
        card = {**PERSON, "id": str(person), "gender": None, "language": "fr"}
        referrals.neighbours.answers[f"/intake/persons/{person}/card"] = card
    data = {"contact_id": contact, "person_id": person, "organisation": organisation, "topics": ["need.housework"]}
    return await referrals.deliver("intake.orientation-requested.v1", uuid4(), {**data, **changes})


async def listed(referrals: UnderTest, query: str = "", persona: str = "coordinator") -> list[dict[str, Any]]:
    """A list of outgoing referrals."""
    async with referrals.client(persona) as client:
        found = await client.get(f"/referrals/outgoing{query}")
        assert found.status_code == 200, found.text
        return list(found.json()["items"])
